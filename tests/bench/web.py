"""How well pages become articles: 91 pages with their gold bodies, and the facts of the English ones among them.

The bodies are scored as the article extraction benchmark of Scrapinghub (Zyte) does: shingles of four words, counted
with their repetitions; precision and recall are means over pages (a page without a prediction has no precision), F1
is that of the two means. A page that is refused has an empty body.

    python tests/bench/web.py [--worst N]     N: the pages with the lowest scores, and which paragraphs are at fault
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from data import Absent, shared
from measure import Figure, limits, note, seconds

from ingest.article.page import Page, read_page
from retrieval.errors import SourceError

_WORD = re.compile(r"\w+")
_N = 4

_UNWANTED = re.compile(
    r"(?im)^\W*(?:related (?:articles?|stories|posts?|content|topics)|you (?:may|might) also like|read (?:more|next)\b"
    r"|see also\b|share (?:this|on)\b|sign up (?:for|to) (?:our|the)|subscribe to|leave a (?:comment|reply)"
    r"|\d+ comments?$|follow us\b|most (?:read|popular)$|recommended(?: for you)?$|don[’']t miss\W*$)"
)
"""How a paragraph begins that is no story's, for the count of such in the bodies; the cleaning does not use it."""

Shingles = Counter[tuple[str, ...]]


def shingles(text: str) -> Shingles:
    """Runs of four words with their counts; a shorter text is one run."""
    words = _WORD.findall(text)
    return Counter(run for at in range(max(1, len(words) - _N + 1)) if (run := tuple(words[at : at + _N])))


def agreement(gold: str, body: str) -> tuple[float | None, float | None]:
    """(precision, recall) of a body; None for that of an empty text."""
    true, found = shingles(gold), shingles(body)
    shared_ones = sum((true & found).values())
    return (
        shared_ones / sum(found.values()) if found else None,
        shared_ones / sum(true.values()) if true else None,
    )


def f1(precision: float, recall: float) -> float:
    """Their harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main() -> None:
    """Read the pages and print the figures."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worst", type=int, default=0)
    worst = options.parse_args().worst
    try:
        gold: dict[str, dict[str, str]] = json.loads(shared("data/web-dev/ground-truth.json").read_text("utf-8"))
        lines = shared("data/web-dev/pages.jsonl").read_text("utf-8").splitlines()
    except Absent as absent:
        note(f"skipped: {absent}")
        return
    facts = [json.loads(line) for line in lines]
    pages: dict[str, Page] = {}
    taken = seconds(lambda: pages.update(_read(gold)))
    news = {row["id"] for row in facts if row["is_news"]}
    print(limits([*_bodies(gold, pages, news), *_facts(facts, pages), Figure("seconds a page", taken / len(gold))]))
    if worst:
        _show_worst(gold, pages, worst)


def _read(gold: Mapping[str, Mapping[str, str]]) -> dict[str, Page]:
    out = {}
    for key, one in gold.items():
        data = gzip.decompress(shared(f"data/web-dev/html/{key}.html.gz").read_bytes())
        try:
            out[key] = read_page(data, one["url"])
        except SourceError as error:
            note(f"refused: {one['url']}: {error}")
    return out


def _bodies(gold: Mapping[str, Mapping[str, str]], pages: Mapping[str, Page], news: set[str]) -> list[Figure]:
    scores = {key: agreement(one["articleBody"], pages[key].text if key in pages else "") for key, one in gold.items()}
    precision, recall = _means(list(scores.values()))
    of_news = _means([scores[key] for key in gold if key in news])
    unwanted = [
        paragraph
        for key, page in pages.items()
        for paragraph in page.text.split("\n\n")
        if _UNWANTED.match(paragraph) and len(paragraph.split()) < 30 and paragraph not in gold[key]["articleBody"]
    ]
    return [
        Figure("pages", len(gold)),
        Figure("refused", len(gold) - len(pages)),
        Figure("body F1", round(f1(precision, recall), 4), 0.965, floor=True),
        Figure("body precision", round(precision, 4)),
        Figure("body recall", round(recall, 4)),
        Figure(f"body F1, {len(news)} news pages", round(f1(*of_news), 4), 0.965, floor=True),
        Figure("asides left in bodies", len(unwanted), 0),
    ]


def _means(scores: list[tuple[float | None, float | None]]) -> tuple[float, float]:
    return (
        statistics.mean(precision for precision, _ in scores if precision is not None),
        statistics.mean(recall for _, recall in scores if recall is not None),
    )


def _facts(rows: list[dict[str, Any]], pages: Mapping[str, Page]) -> list[Figure]:
    def share(right: Callable[[dict[str, Any], Page], bool], among: Callable[[dict[str, Any]], bool]) -> float:
        asked = [row for row in rows if among(row) and row["id"] in pages]
        wrong = [row["url"] for row in asked if not right(row, pages[row["id"]])]
        return 1 - len(wrong) / len(asked)

    return [
        Figure("dates right", share(_right_day, lambda row: bool(row["published"])), 0.95, floor=True),
        Figure("titles right", share(lambda row, page: _same(row["title"], page.title), lambda _: True)),
        Figure("authors right", share(_right_authors, lambda _: True)),
        Figure("authors right, where stated", share(_right_authors, lambda row: bool(row["authors"]))),
        Figure("site right", share(lambda row, page: _same_site(row["site"], page.site), lambda _: True)),
    ]


def _right_day(row: Mapping[str, Any], page: Page) -> bool:
    allowed = {date.fromisoformat(row[key]) for key in ("published", "published_alt") if row[key]}
    return page.published is not None and page.published.date() in allowed


def _right_authors(row: Mapping[str, Any], page: Page) -> bool:
    return sorted(map(_letters, row["authors"])) == sorted(map(_letters, page.authors))


def _same(one: str, other: str | None) -> bool:
    return _letters(one) == _letters(other or "")


def _same_site(gold: str, site: str | None) -> bool:
    """Whether the names are the same, an article, an ending such as .com and what stands in brackets aside."""
    bare = re.sub(r"\s*\(.*?\)", "", gold)
    return any(_bare_site(name) == _bare_site(site or "") for name in (gold, bare))


def _bare_site(name: str) -> str:
    return _letters(re.sub(r"(?i)^the\s+|\.(?:com|org|net|ca|co\.uk)\b", "", name))


def _letters(text: str) -> str:
    return "".join(_WORD.findall(text)).casefold()


def _show_worst(gold: Mapping[str, Mapping[str, str]], pages: Mapping[str, Page], number: int) -> None:
    scored = []
    for key, one in gold.items():
        precision, recall = agreement(one["articleBody"], pages[key].text if key in pages else "")
        scored.append((f1(precision or 0.0, recall or 0.0), key))
    for score, key in sorted(scored)[:number]:
        print(f"\n{score:.3f} {gold[key]['url']}")
        body = pages[key].text if key in pages else ""
        _show_difference("+", body, gold[key]["articleBody"])
        _show_difference("-", gold[key]["articleBody"], body)


def _show_difference(sign: str, one: str, other: str) -> None:
    known = shingles(other)
    for line in one.split("\n"):
        its = shingles(line)
        if its and sum((its & known).values()) * 2 < sum(its.values()):
            print(f"  {sign} {line[:110]}")


if __name__ == "__main__":
    sys.exit(main())
