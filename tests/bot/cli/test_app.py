import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
STORY = """Crane falls at the quay

A harbour crane fell on two trucks on Tuesday, and four dock workers were hurt.

“It was checked in May,” Mara Wendt, the harbour spokeswoman, told reporters. She said the quay would stay shut.
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


def holdings(onrecord: Run) -> Any:
    """What the library holds, as `articles list` and `doctor` tell it."""
    return onrecord("articles", "list", "--json").json, onrecord("doctor", "--json").json


def test_ingest_then_ask_then_prove(onrecord: Run, story: Path) -> None:
    """Every excerpt of an answer is the slice of the article that `articles show` prints."""
    taken = onrecord("ingest", story, "--published", "2026-03-04", "--source-name", "Courier", "--json")
    assert taken.code == 0
    (item,) = taken.json["items"]
    assert (item["status"], item["published"], item["statements"]) == ("added", "2026-03-04", 2)
    assert taken.json["totals"] == {"added": 1, "chunks": 1, "statements": 2}
    asked = onrecord("ask", "What did Wendt say?", "--json")
    assert asked.code == 0
    answer = asked.json
    assert set(answer) == {
        "question", "status", "answer", "claims", "citations", "nearest", "notices", "answerer", "timings_ms",
    }  # fmt: skip
    assert (answer["status"], answer["answerer"]) == ("answered", "quote")
    assert [claim["citations"] for claim in answer["claims"]] == [[1], [2]]
    for citation in answer["citations"]:
        text = onrecord("articles", "show", citation["article_id"], "--json").json["text"]
        assert text[citation["start"] : citation["end"]] == citation["excerpt"]
        assert (citation["source"], citation["speaker"]) == ("Courier", "Mara Wendt")


def test_what_was_left_out_of_an_article_is_shown(onrecord: Run, tmp_path: Path) -> None:
    """`articles show --removed` puts it in its place, with the rule that took it."""
    path = tmp_path / "aside.txt"
    path.write_text(STORY.replace("\n\n“It", "\n\nSee also: Storms on the way\n\n“It"))
    (item,) = onrecord("ingest", path, "--json").json["items"]
    shown = onrecord("articles", "show", item["article_id"], "--removed", "--json").json
    (part,) = [one for one in shown["removed"] if one["rule"] == "link to another story"]
    assert part["text"] == "See also: Storms on the way"
    assert shown["text"][: part["at"]].endswith("were hurt.")
    told = onrecord("articles", "show", item["article_id"], "--removed").out
    assert "[-See also: Storms on the way-] (link to another story)" in told


def test_said_lists_statements(onrecord: Run, story: Path) -> None:
    """The contract of `said`: the quote verbatim, its context at start and end, role, addressee and cue."""
    onrecord("ingest", story)
    found = onrecord("said", "wendt", "--json").json
    assert found["candidates"] == ["Mara Wendt"]
    first = found["statements"][0]
    assert (first["speaker"], first["role"], first["addressee"]) == ("Mara Wendt", "harbour spokeswoman", "reporters")
    assert (first["kind"], first["cue"], first["quote"]) == ("direct", "told", "“It was checked in May,”")
    text = onrecord("articles", "show", first["article_id"], "--json").json["text"]
    assert text[first["start"] : first["end"]] == first["context"]


def test_twice_is_once(onrecord: Run, story: Path) -> None:
    """The same file again adds nothing."""
    onrecord("ingest", story)
    before = holdings(onrecord)
    again = onrecord("ingest", story, story.parent / "story.txt", "--json")
    assert [item["status"] for item in again.json["items"]] == ["unchanged", "unchanged"]
    assert holdings(onrecord) == before


def test_search_list_remove(onrecord: Run, story: Path) -> None:
    """A passage is found, its article is listed, and after its removal neither is."""
    onrecord("ingest", story)
    (passage,) = onrecord("search", "dock workers hurt", "--json").json["passages"]
    assert passage["text"].startswith("A harbour crane fell")
    (listed,) = onrecord("articles", "list", "--json").json["articles"]
    assert listed["id"] == passage["article_id"]
    assert onrecord("articles", "remove", listed["id"]).code == 0
    assert onrecord("search", "dock workers hurt", "--json").json == {"passages": []}
    gone = onrecord("articles", "show", listed["id"])
    assert gone.code == 2
    assert "articles list" in gone.err


def test_a_batch_is_answered_in_order(onrecord: Run, story: Path, tmp_path: Path) -> None:
    """One answer a line; a bad line is an error in its place and exit 1."""
    onrecord("ingest", story)
    questions = tmp_path / "questions.jsonl"
    history = [{"question": "What did Wendt say?", "answer": "Mara Wendt: “It was checked in May” [1]"}]
    lines: list[object] = [
        {"question": "How many dock workers were hurt?"},
        {"question": "What did she say?", "history": history},
        {"question": ""},
        {"question": "Who won the cup?", "since": "2020-01-01"},
        {"question": "When?", "since": "soon"},
        3,
    ]
    questions.write_text("\n".join(map(json.dumps, lines)) + "\nnot json\n\n")
    ran = onrecord("ask", "--batch", questions, "--json")
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer["status"] for answer in answers] == [
        "answered", "answered", "failed", "abstained", "failed", "failed", "failed",
    ]  # fmt: skip
    assert answers[1]["citations"][0]["speaker"] == "Mara Wendt"
    assert ran.code == 1


def test_attribute_without_a_library(onrecord: Run, tmp_path: Path) -> None:
    """Offsets of `--raw` are offsets into the file's own text, and a batch gives a line for a line."""
    text = "Headline\n\n\n“It is safe,” said Mara Wendt.  \n"
    path = tmp_path / "a.txt"
    path.write_text(text)
    (only,) = onrecord("attribute", path, "--raw").json["statements"]
    for span in (only["mention"], only["cue"], *only["content"]):
        assert text[span["start"] : span["end"]] == span["text"]
    batch = tmp_path / "b.jsonl"
    batch.write_text(json.dumps({"text": text}) + "\n{}\n" + json.dumps({"text": ""}) + "\n")
    ran = onrecord("attribute", "--batch", batch)
    made = [json.loads(line) for line in ran.out.splitlines()]
    assert made[0]["statements"] == [only]
    assert "error" in made[1]
    assert made[2] == {"statements": []}
    assert ran.code == 1
    assert not (tmp_path / "data").exists()


def test_a_scope_is_closed(onrecord: Run, story: Path) -> None:
    """What a guild ingests, only that guild is told."""
    onrecord("ingest", story, "--scope", "42")
    assert onrecord("ask", "What did Wendt say?", "--json").json["status"] == "abstained"
    assert onrecord("ask", "What did Wendt say?", "--scope", "42", "--json").json["status"] == "answered"


def test_an_article_is_read_again_from_its_file(onrecord: Run, story: Path) -> None:
    """`articles refresh` notices a correction; `reindex --reread` changes no answer; both say what they did."""
    onrecord("ingest", story)
    (listed,) = onrecord("articles", "list", "--json").json["articles"]
    story.write_text(STORY.replace("four dock workers", "six dock workers"))
    assert onrecord("articles", "refresh", listed["id"], "--json").json["status"] == "updated"
    before = onrecord("ask", "What did Wendt say?", "--json").json["citations"]
    assert onrecord("reindex", "--reread", "--json").json["articles"] == 1
    assert onrecord("ask", "What did Wendt say?", "--json").json["citations"] == before
    story.unlink()
    gone = onrecord("articles", "refresh", listed["id"])
    assert (gone.code, gone.err.count("\n")) == (1, 1)


def test_a_guild_is_removed_whole(onrecord: Run, story: Path) -> None:
    """`articles remove --all` takes a guild's articles, never the public ones."""
    onrecord("ingest", story)
    onrecord("ingest", story, "--scope", "7")
    assert onrecord("articles", "remove", "--all").code == 2
    assert onrecord("articles", "remove", "--all", "--scope", "7", "--json").json == {"scope": "7", "articles": 1}
    assert len(onrecord("articles", "list", "--scope", "7", "--json").json["articles"]) == 1


def test_text_of_articles_is_never_markup(onrecord: Run) -> None:
    """Console markup, control characters and hyperlinks of an article are printed as they are or not at all."""
    text = (
        "A [red]headline[/red]\n\nMara Wendt said: “The [link=https://bad.example]crane[/link] \x1b[31mfell\x07 [/].”"
        + " It rained." * 20
    )
    assert onrecord("ingest", "-", "--title", "A [red]headline[/red]", stdin=text).code == 0
    shown = onrecord("ask", "What did Wendt say?", env={"FORCE_COLOR": "1"})
    assert shown.code == 0
    assert "[red]headline[/red]" in shown.out
    assert "[link=https://bad.example]crane[/link]" in shown.out
    assert "\x1b[31m" not in shown.out
    assert "\x07" not in shown.out


def test_every_command_has_help(onrecord: Run) -> None:
    """`--help` works without a library."""
    commands = "ingest ask said check search articles speakers feeds attribute reindex backup restore doctor demo"
    for command in commands.split():
        assert onrecord(command, "--help").code == 0


def test_doctor_of_a_fresh_machine(onrecord: Run) -> None:
    """With nothing configured everything works."""
    ran = onrecord("doctor", "--json")
    assert ran.code == 0
    assert all(check["ok"] for check in ran.json["checks"])
    assert {check["name"] for check in ran.json["checks"]} >= {"data folder", "embeddings", "library"}


def test_the_demonstration(onrecord: Run) -> None:
    """With no terminal it answers three questions; a second run adds nothing."""
    first = onrecord("demo")
    assert first.code == 0
    assert first.out.count("\n> ") == 3
    assert "8 sample articles, 8 of them new" in first.out
    second = onrecord("demo")
    assert second.code == 0
    assert "8 sample articles, 0 of them new" in second.out
    assert first.out.split("\n", 1)[1] == second.out.split("\n", 1)[1]


def test_check_tells_real_from_altered(onrecord: Run, story: Path) -> None:
    """The contract of `check`: verdict and matches that slice true; a quotation without words is wrong usage."""
    onrecord("ingest", story)
    real = onrecord("check", "it was CHECKED in May", "--speaker", "Wendt", "--json")
    assert (real.code, real.json["verdict"]) == (0, "verbatim")
    (match,) = real.json["matches"]
    assert (match["speaker"], match["difference"]) == ("Mara Wendt", None)
    text = onrecord("articles", "show", match["article_id"], "--json").json["text"]
    assert text[match["start"] : match["end"]] == match["quote"] == "It was checked in May"
    altered = onrecord("check", "It was not checked in May")
    assert altered.code == 0
    assert "Altered" in altered.out
    assert "It was {+not+} checked in May" in altered.out
    assert onrecord("check", "It was sold in June", "--json").json == {
        "verdict": "not_found", "speaker": None, "matches": [],
    }  # fmt: skip
    assert onrecord("check", "…").code == 2


def test_speakers_are_listed_merged_and_split(onrecord: Run, story: Path) -> None:
    """An admin's word on who is who, through the command line; a name nobody has is wrong usage with what is near."""
    onrecord("ingest", story, "-", stdin="The crane\n\nOle Lindqvist said the crane was old.")
    listed = onrecord("speakers", "list", "--json").json["speakers"]
    assert {one["speaker"] for one in listed} == {"Mara Wendt", "Ole Lindqvist"}
    shown = onrecord("speakers", "show", "wendt", "--json").json
    assert [role["role"] for role in shown["roles"]] == ["harbour spokeswoman"]
    merged = onrecord("speakers", "merge", "Ole Lindqvist", "Mara Wendt", "--json").json
    assert (merged["speaker"], merged["statements"]) == ("Mara Wendt", 3)
    assert len(onrecord("said", "Wendt", "--json").json["statements"]) == 3
    assert onrecord("speakers", "split", "Ole Lindqvist", "--json").json["statements"] == 1
    unknown = onrecord("speakers", "show", "Wend")
    assert unknown.code == 2
    assert "did you mean Mara Wendt?" in unknown.err
