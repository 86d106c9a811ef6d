"""Furniture goes and story lines stay, whichever door an article comes in by: pasted text, page, Markdown or feed.

`furniture_lines.txt` and `story_lines.txt` were written before the rules that they test, in sections named after kinds
of furniture; the story lines of a section are sentences that begin or sound like its furniture, and headings. Every
other line of a section was held back while its rules were first written. The lines under "later" were written in
turns, after the rules: each time the new ones were counted first, then the rules made more general by what they missed.
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice, zip_longest
from pathlib import Path

import pytest

from ingest.article.build import ArticleMetadata
from ingest.readers.sandbox import run_here
from ingest.sources.local import jobs_of
from retrieval.types import Article

_HERE = Path(__file__).parent
_MIN_REMOVED = 0.95
"""Share of the furniture that has to go; of the story lines none may."""

_TITLE = "Lighthouse keepers to be replaced by a machine from the spring"
_PARAGRAPHS = (
    "The last four keepers of the Kestrel Point lighthouse will leave in April, the pilotage board said on Monday.",
    "A lamp that runs without hands was fitted in the winter at a cost of two million crowns, and tried for a month.",
    "“We had no quarrel with the machine until it failed in the fog,” Sorrel Vane, the oldest of them, told the board.",
    "Ships of eleven countries pass the point on their way to the grain ports, and three have run aground there.",
    "The board's engineers blame a cable that the storm of January had loosened, and say that it has been laid anew.",
    "Vane and the others were offered work on the pilot boats, which two of them have taken up since the new year.",
    "The lighthouse was lit for the first time in 1871 and has stood dark on nine nights, six of them during the war.",
)
_AT_THE_FOOT = ("credit", "bio")
"""Last words of the names of sections whose lines are furniture below a story alone."""

_BATCH = 5
"""Lines of a section that stand in one article."""


@cache
def _lines(name: str) -> tuple[tuple[str, str, bool], ...]:
    """(section, line, whether it was held back)."""
    out, section, number = [], "", 0
    for line in (_HERE / name).read_text("utf-8").splitlines():
        if line.startswith("["):
            section, number = line.strip("[]"), 0
        else:
            out.append((section, line, number % 2 == 1))
            number += 1
    return tuple(out)


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


def _among(lines: Sequence[str]) -> list[str]:
    """The story with a line after its first, second, … paragraph."""
    return [part for pair in zip_longest(_PARAGRAPHS, lines) for part in pair if part is not None]


def _batches(lines: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    waiting = iter(lines)
    while batch := tuple(islice(waiting, size)):
        yield batch


def _furniture(held_back: bool) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """(lines of furniture, a story with them), batch by batch."""
    rows = _lines("furniture_lines.txt")
    for section in dict.fromkeys(name for name, _, _ in rows):
        lines = [line for name, line, held in rows if (name, held) == (section, held_back)]
        if section.split()[-1] in _AT_THE_FOOT:
            yield from (((line,), [*_PARAGRAPHS, line]) for line in lines)
        else:
            yield from ((batch, _among(batch)) for batch in _batches(lines, _BATCH))


@pytest.mark.parametrize("held_back", [False, True], ids=["seen", "held back"])
@pytest.mark.parametrize("form", FORMS)
def test_furniture_goes_and_the_story_stays(tmp_path: Path, form: str, held_back: bool) -> None:
    """Nineteen of twenty lines of furniture go by every door, and the paragraphs around them stay as they are."""
    count, left = 0, []
    for lines, paragraphs in _furniture(held_back):
        kept = _read(tmp_path, form, paragraphs).text.split("\n\n")
        assert [paragraph for paragraph in kept if paragraph not in lines] == list(_PARAGRAPHS), lines
        count += len(lines)
        left += [line for line in lines if line in kept]
    assert len(left) <= (1 - _MIN_REMOVED) * count, left


@pytest.mark.parametrize("held_back", [False, True], ids=["seen", "held back"])
@pytest.mark.parametrize("form", FORMS)
def test_no_line_of_a_story_is_lost(tmp_path: Path, form: str, held_back: bool) -> None:
    """Sentences and headings that begin or sound like furniture stay, among the paragraphs, first and last."""
    lines = [line for _, line, held in _lines("story_lines.txt") if held == held_back]
    lost = set()
    for batch in _batches(lines, _BATCH):
        for paragraphs in (_among(batch), [*batch[:1], *_PARAGRAPHS, *batch[1:]]):
            lost |= set(batch).difference(_read(tmp_path, form, paragraphs).text.split("\n\n"))
    assert not lost


@pytest.mark.parametrize("form", [".txt", ".md", ".xml"])
def test_what_was_removed_can_be_put_back(tmp_path: Path, form: str) -> None:
    """Each line that went is on record with its rule and the place where it stood."""
    for lines, paragraphs in islice(_furniture(held_back=False), 0, None, 7):
        article = _read(tmp_path, form, paragraphs)
        found = [(part.text, article.text[: part.at].split("\n\n")[-1]) for part in article.removed if part.rule]
        for line in set(lines) - set(article.text.split("\n\n")):
            before = [paragraph for paragraph in paragraphs[: paragraphs.index(line)] if paragraph in _PARAGRAPHS][-1]
            assert (line, before) in found


def test_answers_share_the_rules() -> None:
    """A sentence within a paragraph is furniture where it is a notice or a call; a label has to stand alone."""
    from retrieval.text.furniture import furniture

    assert furniture("Sign up for our newsletter.", alone=False)
    assert furniture("Read more here.", alone=False)
    assert not furniture("Share", alone=False)
    assert not furniture("“Sign up for our newsletter,” she said.", alone=False)


def test_headlines_under_a_label_go_with_it(tmp_path: Path) -> None:
    """In a text two headlines or more below "Related articles" are other stories; a single one may be a heading."""
    linked = ["Storms to follow one another this week", "Grain port to get a second pier"]
    for label in ("Related articles", "Most read"):
        text = _read(tmp_path, ".txt", [*_PARAGRAPHS[:3], label, *linked, *_PARAGRAPHS[3:]]).text
        assert text.split("\n\n") == list(_PARAGRAPHS)
        single = [*_PARAGRAPHS[:3], label, linked[0], *_PARAGRAPHS[3:]]
        assert linked[0] in _read(tmp_path, ".txt", single).text
        foot = [*_PARAGRAPHS, label, linked[0]]
        assert _read(tmp_path, ".txt", foot).text.split("\n\n") == list(_PARAGRAPHS)


def test_a_line_about_somebody_in_the_story_is_no_note_on_its_author(tmp_path: Path) -> None:
    """What stands about the author below a story names somebody of whom the story does not speak."""
    for line, stays in (
        ("Sorrel Vane is the author of two books on the tides.", True),
        ("Joan Reyes is the author of two books on the tides.", False),
    ):
        assert (line in _read(tmp_path, ".txt", [*_PARAGRAPHS, line]).text) is stays


@pytest.mark.parametrize(
    "line",
    [
        "An earlier version of this article gave the wrong date for the storm.",
        "This story has been corrected to say that the lamp was fitted in the winter.",
        "Correction: the lamp was lit in 1871, not in 1817.",
        "Q: What do you think of the machine? Tell us.",
        "@sorrelvane",
        "No comment.",
        "From the logbook:",
    ],
)
def test_corrections_interviews_and_lead_ins_stay(tmp_path: Path, line: str) -> None:
    """They are part of what the publisher says, wherever they stand."""
    for paragraphs in ([line, *_PARAGRAPHS], _among([line]), [*_PARAGRAPHS, line]):
        assert line in _read(tmp_path, ".txt", paragraphs).text


@pytest.mark.parametrize(
    "unit", ["a ", "Read more ", ". ", "”", "(", "x@", "Home > ", "#a ", "[", "said ", "\u200b", ",\n"]
)
def test_the_time_that_cleaning_takes_grows_with_the_text(unit: str) -> None:
    """No run of the same marks takes more than a moment, on one line or on many."""
    from ingest.article.clean_text import clean_pasted

    for raw in (unit * (200_000 // len(unit)), (unit * 20 + "\n") * (200_000 // (20 * len(unit)))):
        clean_pasted(raw)
