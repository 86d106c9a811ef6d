"""Furniture goes and story lines stay, whichever door an article comes in by: pasted text, page, Markdown or feed.

`furniture_lines.txt` and `story_lines.txt` were written before the rules, in sections named after kinds of furniture;
the story lines of a section are sentences that begin or sound like its furniture. Of each section every other line was
looked at while the rules were written (`seen`); the rest is only counted (`held back`).
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path

from ingest.article.build import ArticleMetadata
from ingest.readers.sandbox import run_here
from ingest.sources.local import jobs_of
from retrieval.types import Article

_HERE = Path(__file__).parent
_TITLE = "Lighthouse keepers to be replaced by a machine from the spring"
_PARAGRAPHS = (
    "The last four keepers of the Kestrel Point lighthouse will leave in April, the pilotage board said on Monday.",
    "A lamp that runs without hands was fitted in the winter at a cost of two million crowns, and tried since.",
    "“We had no quarrel with the machine until it failed in the fog,” Sorrel Vane, the oldest of them, told the board.",
    "Ships of eleven countries pass the point on their way to the grain ports, and three have run aground there.",
    "The board's engineers blame a cable that the storm of January had loosened, and say that it has been laid anew.",
    "Vane and the others were offered work on the pilot boats, which two of them have taken up since the new year.",
    "The lighthouse was lit for the first time in 1871 and has stood dark on nine nights, six of them during the war.",
)
_AT_THE_FOOT = ("credit", "bio")
"""Sections whose lines are furniture below a story alone."""


def _lines(name: str) -> Iterator[tuple[str, str, bool]]:
    """(section, line, whether it was held back while the rules were written)."""
    section, number = "", 0
    for line in (_HERE / name).read_text("utf-8").splitlines():
        if line.startswith("["):
            section, number = line.strip("[]"), 0
        else:
            yield section, line, number % 2 == 1
            number += 1


def _text(paragraphs: Sequence[str]) -> str:
    return "\n\n".join([_TITLE, *paragraphs])


def _markdown(paragraphs: Sequence[str]) -> str:
    return "\n\n".join([f"# {_TITLE}", *paragraphs])


def _marked_up(paragraphs: Sequence[str]) -> str:
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs)


def _page(paragraphs: Sequence[str]) -> str:
    return (
        f"<!doctype html><html><head><title>{_TITLE}</title></head><body><article><h1>{_TITLE}</h1>"
        f"<div>{_marked_up(paragraphs)}</div></article></body></html>"
    )


def _feed(paragraphs: Sequence[str]) -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>The Point</title><item>'
        f"<title>{_TITLE}</title><link>https://point.example/lamp</link>"
        f"<description>{html.escape(_marked_up(paragraphs))}</description></item></channel></rss>"
    )


FORMS: dict[str, Callable[[Sequence[str]], str]] = {".txt": _text, ".html": _page, ".md": _markdown, ".xml": _feed}


def _read(folder: Path, form: str, paragraphs: Sequence[str]) -> Article:
    path = folder / f"article{form}"
    path.write_text(FORMS[form](paragraphs), "utf-8")
    (job,) = jobs_of(str(path), ArticleMetadata(), io.BytesIO(), run_here)
    article = job.run_job().article
    assert article is not None
    return article


def _among(lines: Sequence[str], *, at_the_foot: bool = False) -> list[str]:
    """The story with lines after its first, second, … paragraphs, or one line at its foot."""
    if at_the_foot:
        return [*_PARAGRAPHS, *lines]
    return [part for pair in zip_longest(_PARAGRAPHS, lines) for part in pair if part is not None]


def _batches(lines: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    waiting = iter(lines)
    while batch := tuple(islice(waiting, size)):
        yield batch


def _kept_furniture(folder: Path, form: str, held_back: bool) -> list[str]:
    kept = []
    for section in dict.fromkeys(section for section, _, _ in _lines("furniture_lines.txt")):
        lines = [line for name, line, held in _lines("furniture_lines.txt") if (name, held) == (section, held_back)]
        foot = section in _AT_THE_FOOT
        for batch in _batches(lines, 1 if foot else 5):
            paragraphs = _read(folder, form, _among(batch, at_the_foot=foot)).text.split("\n\n")
            kept += [line for line in batch if any(line in paragraph for paragraph in paragraphs)]
            assert [part for part in paragraphs if part not in batch] == list(_PARAGRAPHS), batch
    return kept


def _lost_story_lines(folder: Path, form: str, held_back: bool) -> list[str]:
    lost = []
    for batch in _batches([line for _, line, held in _lines("story_lines.txt") if held == held_back], 5):
        for lines in (_among(batch), [*batch[:1], *_PARAGRAPHS, *batch[1:]]):
            paragraphs = _read(folder, form, lines).text.split("\n\n")
            lost += [line for line in lines if line not in paragraphs]
    return sorted(set(lost))
