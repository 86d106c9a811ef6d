from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribution import attribute
from ingest.chunker import chunk
from ingest.refresh import reread_all
from retrieval.answer.quoting import answer_question
from retrieval.answer.statements import statements_by
from retrieval.errors import QuestionError
from retrieval.library import Library, open_library
from retrieval.models.local import LocalEmbeddings
from retrieval.search.speaker_merges import find_person, merge_persons, split_person
from retrieval.search.speakers import find_speakers
from retrieval.store.dedup import Entry
from retrieval.text.person_names import ambiguity_question, group_names, kind_of, one_typo_away
from retrieval.types import Article, Precision, Query

PUBLIC = ("public",)
GUILD = ("public", "42")
FIRST = """Bread and taxes

Chancellor Gordon Brown said the budget would be cut. Nicholas Brown told members of the club that it would rain.

A spokesman said nothing was decided.
"""
SECOND = """Taxes again

Prime Minister Gordon Brown said the budget would grow. Mr Brown told reporters that taxes would fall.

Kirby said the talks were over.
"""
THIRD = """Talks resume

US spokesman John Kirby said the talks went on. Jack Kirbison said they were slow.
"""


def put(library: Library, text: str, day: str, url: str) -> None:
    title, _, body = text.partition("\n\n")
    published = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    article = Article.create(title=title, text=body, url=url, published=published, published_precision=Precision.DAY)
    statements = attribute(article)
    chunks = chunk(article, statements)
    vectors = library.embedder.embed_array([chunk.heading for chunk in chunks])
    library.put_entries([replace(Entry.of(article), chunks=chunks, statements=statements, vectors=vectors)])


@pytest.fixture
def speaker_library(library: Library) -> Library:
    put(library, FIRST, "2005-03-01", "https://a.example/1")
    put(library, SECOND, "2008-03-01", "https://a.example/2")
    put(library, THIRD, "2024-06-18", "https://a.example/3")
    return library


def speaker_names(library: Library, prefix: str, scopes: tuple[str, ...] = PUBLIC) -> list[tuple[str, int]]:
    with library.open_reader(scopes) as db:
        return [(person.name, person.statements) for person in db.speakers(prefix, 5)]


def test_names_are_joined_across_articles(speaker_library: Library) -> None:
    """A last name alone is joined to its only bearer, roles carry the days of their articles, namesakes stay apart."""
    with speaker_library.open_reader(PUBLIC) as db:
        assert dict(find_person(db, "Kirby").names) == {"John Kirby": 1, "Kirby": 1}
        brown = find_person(db, "Gordon Brown")
        assert brown.statements == 3
        roles = {role.role: (role.first, role.last) for role in db.roles(brown.names)}
        assert roles["Chancellor"] == ("2005-03-01", "2005-03-01")
        assert roles["Prime Minister"] == ("2008-03-01", "2008-03-01")
        with pytest.raises(QuestionError, match=r"which Brown\? Gordon Brown \(3 statements\), Nicholas Brown \(1\)"):
            find_person(db, "Brown")
    persons, found = statements_by(speaker_library, Query("-", PUBLIC), "Brown", None)
    assert [person.name for person in persons] == ["Gordon Brown", "Nicholas Brown"]
    assert len(found) == 4
    assert "Kirby" not in [name for person in persons for name in person.names]


def test_names_are_suggested_as_they_are_typed(speaker_library: Library) -> None:
    """The beginning of any word of a name finds it, one wrong letter is tolerated, and scopes are kept apart."""
    assert speaker_names(speaker_library, "kir") == [("John Kirby", 2), ("Jack Kirbison", 1)]
    assert speaker_names(speaker_library, "gordon br") == [("Gordon Brown", 3)]
    assert speaker_names(speaker_library, "Kibry") == [("John Kirby", 2)]
    assert speaker_names(speaker_library, "xylophone") == []
    assert speaker_names(speaker_library, "kir", ("42",)) == []


def test_an_admin_merges_and_splits(speaker_library: Library) -> None:
    """Merges and splits apply to `said`, in their scope alone, and after the article is ingested again."""
    merged = merge_persons(speaker_library, GUILD, "Jack Kirbison", "John Kirby")
    assert set(merged.names) == {"John Kirby", "Kirby", "Jack Kirbison"}
    assert len(statements_by(speaker_library, Query("-", GUILD), "John Kirby", None)[1]) == 3
    assert len(statements_by(speaker_library, Query("-", PUBLIC), "John Kirby", None)[1]) == 2
    split_person(speaker_library, PUBLIC, "Kirby")
    later = THIRD.replace("went on", "go on")
    put(speaker_library, later, "2024-06-18", "https://a.example/3")
    with speaker_library.open_reader(PUBLIC) as db:
        assert set(find_person(db, "John Kirby").names) == {"John Kirby"}
        assert find_speakers("Kirby", db) == ("John Kirby", "Kirby")
    assert speaker_names(speaker_library, "kirbis", GUILD)[0][0] == "John Kirby"
    with pytest.raises(QuestionError, match="nobody called Napoleon"):
        merge_persons(speaker_library, PUBLIC, "Napoleon", "John Kirby")
    with pytest.raises(QuestionError, match="one already"):
        merge_persons(speaker_library, PUBLIC, "John Kirby", "John Kirby")


def test_a_merge_outlasts_reading_all_texts_again(speaker_library: Library) -> None:
    """`reindex --reread` attributes every text again, and an admin's merges and splits stay."""
    merge_persons(speaker_library, PUBLIC, "Jack Kirbison", "John Kirby")
    split_person(speaker_library, PUBLIC, "Kirby")
    list(reread_all(speaker_library))
    with speaker_library.open_reader(PUBLIC) as db:
        assert set(find_person(db, "John Kirby").names) == {"John Kirby", "Jack Kirbison"}


def test_suggestions_follow_what_is_stored(speaker_library: Library) -> None:
    """The speakers of a removed article are no longer suggested; without input those with most statements are."""
    assert speaker_names(speaker_library, "")[0] == ("Gordon Brown", 3)
    with speaker_library.open_reader(PUBLIC) as db:
        article = db.article_at("https://a.example/3", "public")
    assert article is not None
    speaker_library.remove(article.id, PUBLIC)
    assert speaker_names(speaker_library, "kir") == [("Kirby", 1)]
    assert speaker_names(speaker_library, "Kirbison") == []
    assert speaker_library.check(deep=True).problems == ()


def test_statements_by_addressee(speaker_library: Library) -> None:
    """Statements can be searched by the person they were made to."""
    _, found = statements_by(speaker_library, Query("-", PUBLIC), "Brown", None, "reporters")
    assert [statement.quote(article.text) for statement, article in found] == ["that taxes would fall"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Gordon Brown", "person"),
        ("US National Security spokesman John Kirby", "person"),
        ("Ministry of Defence", "organisation"),
        ("a senior North Korean official", "unnamed"),
        ("Analysts", "unnamed"),
        ("prime minister", "unnamed"),
        ("Mr Blair's official spokesman", "unnamed"),
    ],
)
def test_the_kind_of_a_name(name: str, kind: str) -> None:
    """Persons, organisations, and sources that are described but not named are told apart."""
    assert kind_of(name) == kind


def test_which_names_are_joined() -> None:
    """Forms of one name are joined; an unnamed source is never an alias; a last name of two persons stays by itself."""
    counts = {
        "John Kirby": 5, "US National Security spokesman John Kirby": 1, "Kirby": 2, "a spokesman": 4,
        "Gordon Brown": 41, "Nicholas Brown": 3, "Brown": 2, "Paul D. Ryan": 1, "Paul Ryan": 2,
        "Exchequer Gordon Brown": 1,
    }  # fmt: skip
    found = {person.name: set(person.names) for person in group_names(counts, {})}
    assert found == {
        "Gordon Brown": {"Gordon Brown", "Exchequer Gordon Brown"},
        "John Kirby": {"John Kirby", "US National Security spokesman John Kirby", "Kirby"},
        "a spokesman": {"a spokesman"},
        "Nicholas Brown": {"Nicholas Brown"},
        "Brown": {"Brown"},
        "Paul Ryan": {"Paul D. Ryan", "Paul Ryan"},
    }
    assert ambiguity_question("Brown", group_names({"Gordon Brown": 41, "Nicholas Brown": 3}, {})) == (
        "which Brown? Gordon Brown (41 statements), Nicholas Brown (3)"
    )


@given(st.dictionaries(st.text(min_size=1, max_size=12).filter(str.strip), st.integers(1, 9), max_size=6))
def test_every_name_belongs_to_one_person(counts: dict[str, int]) -> None:
    """Whatever the names, none is lost and none is counted twice."""
    persons = group_names(counts, {})
    assert sorted(name for person in persons for name in person.names) == sorted(counts)
    assert sum(person.statements for person in persons) == sum(counts.values())


@given(st.text("abcdé", min_size=3, max_size=8), st.integers(1, 7), st.sampled_from("xyz'"))
def test_one_wrong_letter_is_near(word: str, at: int, letter: str) -> None:
    """A letter added, missing or wrong, and two swapped, are found at any place after the first letter."""
    at = min(at, len(word) - 1)
    before, here, after = word[:at], word[at], word[at + 1 :]
    changed = {before + after, before + letter + here + after, before + letter + after}
    changed.add(before[:-1] + here + before[-1] + after)
    assert changed - {word} <= one_typo_away(word)


def test_a_merge_is_seen_by_another_library(embedder: LocalEmbeddings, speaker_library: Library) -> None:
    """A library opened on the same folder sees the merge."""
    merge_persons(speaker_library, PUBLIC, "Nicholas Brown", "Gordon Brown")
    other = open_library(speaker_library.data_dir, embedder)
    assert speaker_names(other, "brown") == [("Gordon Brown", 4)]
    other.close()


def test_changes_over_time_and_both_sides(speaker_library: Library) -> None:
    """Statements over time come oldest first with their dates; a denial is not listed as an assertion."""
    answer = answer_question(
        speaker_library, Query("What did Gordon Brown say about the budget, then and later?", PUBLIC)
    )
    assert answer.text.splitlines()[0] == "Gordon Brown (1 March 2005):"
    assert "Gordon Brown (1 March 2008):" in answer.text
    assert answer.notices == ()
    both = answer_question(speaker_library, Query("What did Brown say?", PUBLIC))
    assert both.notices == ("which Brown? Gordon Brown (3 statements), Nicholas Brown (1)",)
    rain = "Rain\n\nIda Holm said the roof leaked. Ole Lindqvist denied that the roof leaked."
    put(speaker_library, rain, "2024-07-01", "https://a.example/4")
    denial = answer_question(speaker_library, Query("Who denies that the roof leaked?", PUBLIC))
    assert [citation.speaker for citation in denial.citations] == ["Ole Lindqvist"]
