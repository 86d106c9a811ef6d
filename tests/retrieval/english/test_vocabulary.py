"""Each fact about English has one place: other modules take their words from `retrieval.english`."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.english import calendar, name_words, number_words, verb_sets
from retrieval.english.verbs import verbs
from retrieval.library import Library
from retrieval.search.query import understand
from retrieval.types import Intent, Query

ROOT = Path(__file__).parents[3]
ROOM = ROOT / "retrieval" / "english"

MAX_SHARED = {"verbs": 8, "calendar": 4, "numbers": 6, "honorifics": 5}
"""How many words of a list another module may write: fewer than that is chance, or a few words for a purpose."""

LISTS = {
    "verbs": frozenset("say says said tell told claim claimed argue argued warn warned insist insisted deny denied add "
                       "added admit admitted announce announced promise promised".split()),
    "calendar": calendar.CALENDAR,
    "numbers": frozenset(number_words.CARDINALS),
    "honorifics": frozenset(word for word in name_words.HONORIFICS if word.isalpha()),
}  # fmt: skip


def literals() -> Iterator[tuple[Path, str]]:
    """The string literals of the packages outside the vocabulary, docstrings and prompts left out."""
    for package in ("bot", "ingest", "retrieval"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if ROOM in path.parents or path.name == "prompts.py":
                continue
            tree = ast.parse(path.read_text("utf-8"))
            statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
                    yield path.relative_to(ROOT), node.value


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_written_once(name: str) -> None:
    """No module outside the vocabulary writes a list of reporting verbs, months, numbers or honorifics of its own."""
    written = []
    for path, literal in literals():
        shared = LISTS[name].intersection(re.findall(r"[a-z]+", literal.lower()))
        if len(shared) >= MAX_SHARED[name]:
            written.append(f"{path}: {sorted(shared)}")
    assert written == []


@pytest.mark.parametrize(
    "subset", [verb_sets.QUESTION_VERBS, verb_sets.BESIDE_A_QUOTATION, verb_sets.CLAIM_REPORTS, verb_sets.TELLING]
)
def test_a_use_of_verbs_is_a_subset_of_the_lexicon(subset: frozenset[str]) -> None:
    """All but the plainest everyday words by which members ask are verbs of the lexicon."""
    assert subset - verbs().keys() <= {"react", "reacted", "want", "asked", "ask"}


@pytest.fixture
def inquiry(tmp_path: Path, take_in: Callable[..., object], library: Library) -> Library:
    story = tmp_path / "inquiry.txt"
    story.write_text(
        "Harbour inquiry opens\n\nMara Caldera said on Monday that the inquiry would be short. “The inquiry has what "
        "it needs,” Caldera said.\n\nOle Wendt told reporters: “The inquiry is a farce.” The council said it "
        "would pay.\n"
    )
    take_in(story)
    return library


def test_a_question_may_use_every_verb_of_the_lexicon(inquiry: Library) -> None:
    """Whatever the verb, the speaker and the topic are found."""
    lost = []
    with inquiry.open_reader(("public",)) as db:
        for base in sorted({entry.base for entries in verbs().values() for entry in entries}):
            query = understand(Query(f"What did Caldera {base} about the inquiry?", ("public",)), (), db)
            if (query.intent, query.speakers, query.topic) != (Intent.SAID, ("Mara Caldera",), "the inquiry"):
                lost.append(base)
    assert lost == []


@pytest.mark.parametrize(
    "question",
    [
        "What did Caldera order?",
        "What did the council find in the drawer?",
        "How many ships did the council order?",
        "What did the council decide?",
        "Who found the key?",
    ],
)
def test_an_everyday_action_is_no_question_for_words(inquiry: Library, question: str) -> None:
    """Many verbs of the lexicon are actions as well."""
    with inquiry.open_reader(("public",)) as db:
        assert understand(Query(question, ("public",)), (), db).intent is Intent.GENERAL


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("What has Caldera been stressing about the inquiry?", Intent.SAID),
        ("Caldera's warning about the inquiry", Intent.SAID),
        ("What did Caldera underline?", Intent.SAID),
        ("Who stressed that the inquiry is a farce?", Intent.WHO_SAID),
    ],
)
def test_other_forms_take_the_lexicon_too(inquiry: Library, question: str, intent: Intent) -> None:
    """Verbs in other forms, nouns, and questions for the speaker."""
    with inquiry.open_reader(("public",)) as db:
        assert understand(Query(question, ("public",)), (), db).intent is intent


@pytest.mark.parametrize("form", "flagged bragging regretted averred preferred labelled labeled signalling".split())
def test_past_forms_and_participles_are_spelled_as_they_are_written(form: str) -> None:
    assert form in verbs()


@pytest.mark.parametrize("form", "flaged braging regreted offerred answerred considerring".split())
def test_no_form_is_misspelled(form: str) -> None:
    assert form not in verbs()
