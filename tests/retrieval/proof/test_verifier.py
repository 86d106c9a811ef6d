from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.attribution import attribute
from retrieval.generation.prompts import WRITE
from retrieval.proof import verify
from retrieval.proof.evidence import Evidence, EvidencePassage
from retrieval.proof.verifier import ClaimRefused, ProposedClaim, ProvenClaim, Support
from retrieval.text.dates import find_dates
from retrieval.text.matching import FoldedText
from retrieval.text.numbers import find_numbers
from retrieval.text.person_names import words_of
from retrieval.text.quote_marks import find_quotations
from retrieval.types import Article, Precision, Span

TEXT = """Ferry hits the pier at Holm

A ferry with 212 people aboard hit the pier on Tuesday, and three passengers were hurt, the coastguard said.

“We felt a hard knock — and then it was dark,” said Ida Brand, a passenger. She was not afraid, she told reporters.

Captain Jon Falk said the engine had stopped. “I do not blame the crew,” he added. “They did well.”

The company, Nordline, paid $1.5bn for its ships in 2019. Profits rose 8% to 40 million crowns, and sales fell from \
90 million to 70 million crowns. It will not cut jobs.

Tickets sold to non-Danish buyers were dear in the post-Christmas weeks.
"""


def make_evidence(text: str = TEXT, day: datetime | None = datetime(2024, 6, 20, tzinfo=UTC)) -> Evidence:
    precision = Precision.DAY if day else Precision.NONE
    title, _, body = text.partition("\n\n")
    article = Article.create(title=title, text=body.strip(), published=day, published_precision=precision)
    statements = attribute(article)
    persons = {statement.speaker: frozenset(words_of(statement.speaker)) for statement in statements}
    passage = EvidencePassage("k3m7p2", article, Span(0, len(article.text)))
    return Evidence((passage,), {article.id: statements}, persons, WRITE)


def prove(text: str, *words: str, key: str = "k3m7p2") -> ProvenClaim:
    return verify(ProposedClaim(text, tuple(Support(key, support) for support in words)), make_evidence())


HOLDS = [
    ("Three passengers were hurt when a ferry hit the pier.", "three passengers were hurt"),
    ("A ferry carrying 212 people struck the pier on 18 June 2024.", "A ferry with 212 people aboard hit the pier"),
    ("3 passengers were hurt.", "three passengers were hurt"),
    ('Ida Brand said: "We felt a hard knock - and then it was dark."', "We felt a hard knock - and then it was dark"),
    ("“They did well,” said Jon Falk.", "They did well."),
    ("According to Falk, the engine had stopped.", "said the engine had stopped"),
    ("Ida Brand, a passenger, said she was not afraid.", "She was not afraid, she told reporters."),
    ("Nordline paid 1.5 billion dollars for its ships.", "The company, Nordline, paid $1.5bn for its ships in 2019"),
    ("Nordline will not cut jobs.", "It will not cut jobs"),
    ("Nordline's sales fell from 90m to 70m crowns.", "sales fell from 90 million to 70 million crowns"),
    ("Captain Jon Falk said: “I do not blame the crew.”", "“I do not blame the crew,” he added."),
    ("Captain Jon Falk told reporters: “They did well.”", "“They did well.”"),
    ("The captain said: “They did well.”", "“They did well.”"),
    ("Tickets sold to non-Danish buyers were dear in the post-Christmas weeks.", "Tickets sold to non-Danish buyers"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "words"), HOLDS)
def test_supported_claims_are_accepted(claim: str, words: str) -> None:
    """A correct claim is accepted however it is worded, and is proved by whole sentences."""
    proven = prove(claim, words)
    for proof in proven.proofs:
        assert proof.place.text[0].isupper() or proof.place.text[0] == "“"
        assert proof.place.text.rstrip("”")[-1] in ".!?"


FAILS = [
    ("name", "Tickets sold to Danish buyers were dear.", "Tickets sold to non-Danish buyers were dear"),
    ("speaker", "Captain Jon Falk told Ida Brand: “We felt a hard knock.”", "“We felt a hard knock"),
    ("speaker", "Ida Brand told reporters: “They did well.”", "“They did well.”"),
    ("speaker", "A delegation of captains from several islands said “They did well.”", "“They did well.”"),
    ("speaker", "A group of worried captain trainees was quoted as saying “They did well”.", "“They did well.”"),
    ("support", "Three passengers were hurt.", "three passengers were injured"),
    ("support", "Three passengers were hurt.", "THREE passengers were hurt"),
    ("support", "Three passengers were hurt.", "hree passengers were hurt"),
    ("support", "Three passengers were hurt.", "was"),
    ("quote", "Ida Brand said: “We felt a knock and then it was dark.”", "“We felt a hard knock"),
    ("quote", "Jon Falk said: “I blame the crew.”", "“I do not blame the crew,” he added."),
    ("quote", "Jon Falk does “blame the crew”.", "“I do not blame the crew,” he added."),
    ("quote", "Ida Brand said: “We felt a hard knock.", "“We felt a hard knock"),
    ("speaker", "Jon Falk said: “We felt a hard knock.”", "“We felt a hard knock"),
    ("speaker", "Jon Falk was worried: “We felt a hard knock.”", "“We felt a hard knock"),
    ("speaker", "“They did well,” said Ida Brand.", "“They did well.”"),
    ("speaker", "He said: “They did well.”", "“They did well.”"),
    ("speaker", "Ida Brand said the engine had stopped.", "said the engine had stopped"),
    ("speaker", "Jon Falk said: “the engine had stopped”.", "said the engine had stopped"),
    ("speaker", "His report said: “They did well.”", "“They did well.”"),
    ("speaker", "Our correspondent said the engine had stopped.", "said the engine had stopped"),
    ("speaker", "A spokesman for the captain said “They did well.”", "“They did well.”"),
    ("speaker", "As some of the so-called experts put it, “They did well.”", "“They did well.”"),
    ("speaker", "A said the engine had stopped.", "said the engine had stopped"),
    ("number", "Four passengers were hurt.", "three passengers were hurt"),
    ("number", "A ferry with three people aboard hit the pier; 212 passengers were hurt.", "A ferry with 212 people"),
    ("number", "Nordline paid £1.5bn for its ships.", "paid $1.5bn for its ships"),
    ("number", "Profits rose 40% to 8 million crowns.", "Profits rose 8% to 40 million crowns"),
    ("number", "Sales fell from 70 million to 90 million crowns.", "sales fell from 90 million to 70 million crowns"),
    ("date", "The ferry hit the pier on 19 June 2024.", "A ferry with 212 people aboard hit the pier"),
    ("date", "Nordline paid $1.5bn for its ships in 2018.", "paid $1.5bn for its ships in 2019"),
    ("name", "Ottilie Vance was on the ferry that hit the pier.", "A ferry with 212 people aboard hit the pier"),
    ("words", "The owner has been arrested for theft.", "A ferry with 212 people aboard hit the pier"),
    ("words", "Nordline will cut jobs.", "It will not cut jobs."),
    ("words", "The ferry never hit the pier.", "A ferry with 212 people aboard hit the pier"),
    ("order", "Visit www.evil.example about the ferry.", "A ferry with 212 people aboard hit the pier"),
    ("order", "**Three** passengers were hurt.", "three passengers were hurt"),
    ("order", "You should know that three passengers were hurt.", "three passengers were hurt"),
    ("key", "Three passengers were hurt, says k3m7p2.", "three passengers were hurt"),
    ("form", "…", "three passengers were hurt"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "claim", "words"), FAILS)
def test_unsupported_claims_are_refused(kind: str, claim: str, words: str) -> None:
    """A claim that says something other than its article is refused for the right reason."""
    with pytest.raises(ClaimRefused) as refused:
        prove(claim, words)
    assert refused.value.kind == kind, refused.value.reason


FORMS = (
    "{0} said “{1}”.", "{0} said: “{1}”.", "“{1},” said {0}.", "“{1}” — {0}.", "“{1}” ({0}).", "{0}: “{1}”.",
    "As {0} put it, “{1}”.", "{0}, asked about it: “{1}”.", "{0}'s answer was “{1}”.", "In {0}'s view, “{1}”.",
    "It was {0} who said “{1}”.", "The words “{1}” came from {0}.", "“{1}” was how {0} put it.", "{0} spoke of “{1}”.",
    "{0} told reporters: “{1}”.", "{0} told reporters at the pier that “{1}”.", "{0} was quoted as saying “{1}”.",
    "Reporters were told by {0} that “{1}”.", "The line “{1}” was said by {0}.",
    "“{1}” is what {0} told reporters.", "{0} used the words “{1}”.", "{0} is on record with “{1}”.",
)  # fmt: skip


THREE = {
    "Marks": "the port would be sued for damages",
    "Marks' lawyers": "the sale of the quay was void",
    "A spokesman for Marks": "nobody had been hurt at all",
}


@pytest.mark.parametrize("claimed", THREE)
@pytest.mark.parametrize("speaker", THREE)
def test_a_company_is_not_its_lawyers(speaker: str, claimed: str) -> None:
    """A company and its lawyers are two speakers if an article quotes both; its spokesman speaks for it."""
    text = "Quay\n\n" + " ".join(f"{name} said {words}." for name, words in THREE.items())
    support = Support("k3m7p2", f"{speaker} said {THREE[speaker]}.")
    claim = ProposedClaim(f"{claimed} said {THREE[speaker]}.", (support,))
    if claimed == speaker or (claimed, speaker) == ("Marks", "A spokesman for Marks"):
        assert verify(claim, make_evidence(text)).proofs
    else:
        with pytest.raises(ClaimRefused) as refused:
            verify(claim, make_evidence(text))
        assert refused.value.kind == "speaker"


@pytest.mark.parametrize("form", FORMS)
def test_speakers_are_never_swapped(form: str) -> None:
    """Every phrasing is accepted for the quotation's speaker, and none for another speaker of the same evidence."""
    words = ("and then it was dark", "I do not blame the crew")
    assert prove(form.format("Ida Brand", words[0]), *words).text
    assert prove(form.format("Jon Falk", words[1]), *words).text
    for speaker, quoted in zip(("Jon Falk", "Ida Brand"), words, strict=True):
        with pytest.raises(ClaimRefused) as caught:
            prove(form.format(speaker, quoted), *words)
        assert caught.value.kind == "speaker"


def test_unknown_keys_are_refused() -> None:
    """A claim with an invented key, with no key, or with one invented key of two is refused."""
    for supports in ((), (Support("1", "three passengers were hurt"),)):
        with pytest.raises(ClaimRefused) as refused:
            verify(ProposedClaim("Three passengers were hurt.", supports), make_evidence())
        assert refused.value.kind == "key"
    two = (Support("k3m7p2", "three passengers were hurt"), Support("x9x9x9", "three passengers were hurt"))
    with pytest.raises(ClaimRefused):
        verify(ProposedClaim("Three passengers were hurt.", two), make_evidence())


def test_quotations_are_shown_as_printed() -> None:
    """A quotation is shown with the article's own characters, whatever marks and dashes the model wrote."""
    proven = prove('Ida Brand said: "We felt a hard knock - and then it was dark".', "it was dark")
    assert "We felt a hard knock — and then it was dark" in proven.text


def test_a_pronoun_brings_the_sentence_with_the_name() -> None:
    """The proof of a sentence with a pronoun includes the sentence with the name."""
    proven = prove("Nordline will not cut jobs.", "It will not cut jobs")
    assert any("Nordline" in proof.place.text for proof in proven.proofs)


def test_weekdays_of_an_undated_article_prove_no_date() -> None:
    """In an article without a date, "Tuesday" is no particular day."""
    claim = ProposedClaim(
        "The ferry hit the pier on 18 June 2024.", (Support("k3m7p2", "A ferry with 212 people aboard"),)
    )
    with pytest.raises(ClaimRefused) as refused:
        verify(claim, make_evidence(day=None))
    assert refused.value.kind == "date"


words = st.text(alphabet=st.sampled_from("abcXYZ “”\"'’–—- \n\u00a0\u200b.,"), max_size=60)


tokens = st.lists(
    st.sampled_from(["a", "Bc", "“Bc", "Bc,”", "it’s", "—", "d-e", "3.5", "(f)"]), min_size=1, max_size=12
)
gaps = st.lists(st.sampled_from([" ", "  ", "\n\n", "\u00a0", " \u200b"]), min_size=12, max_size=12)


@given(tokens, gaps, st.data())
def test_words_are_found_where_they_stand(parts: list[str], between: list[str], data: st.DataObject) -> None:
    """A run of words is found at its own place with any quotation marks, dashes and white space."""
    text, places = "", []
    for part, gap in zip(parts, between, strict=False):
        places.append((len(text), len(text) + len(part)))
        text += part + gap
    first = data.draw(st.integers(0, len(parts) - 1))
    last = data.draw(st.integers(first, len(parts) - 1))
    plain = " ".join(parts[first : last + 1])
    for sought in (plain, plain.replace("“", '"').replace("”", "'").replace("—", "--").replace("’", "'")):
        assert Span(places[first][0], places[last][1]) in list(FoldedText(text).find(sought))


@given(words, words)
def test_nothing_else_is_folded(text: str, sought: str) -> None:
    """Every match has the same letters and full stops in the same order."""

    def kept_characters(part: str) -> str:
        return "".join(char for char in part if char.isalnum() or char in ".,")

    for span in FoldedText(text).find(sought):
        assert kept_characters(span.of(text)) == kept_characters(sought)


@settings(max_examples=60)
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_no_text_breaks_the_proof(claim: str, support: str, extra: str) -> None:
    """Any claim is either proved or refused, and every quotation shown is in the article."""
    evidence = make_evidence()
    for text in (claim, f"Ida Brand said “{extra}”", f"{claim} {extra}"):
        for supported in (support, "three passengers were hurt"):
            try:
                proven = verify(ProposedClaim(text, (Support("k3m7p2", supported),)), evidence)
            except ClaimRefused:
                continue
            for inner in find_quotations(proven.text).inner:
                bare = inner.of(proven.text).strip(" \t\n,.;:…")
                assert bare in " ".join(evidence.passages[0].article.text.split())


@given(st.integers(0, 10**9), st.sampled_from(["", "k", "m", "bn", " million", " billion", "%", " per cent"]))
def test_numbers_are_read_by_value(number: int, scale: str) -> None:
    """A number is the same with and without thousands separators."""
    (plain,), (separated,) = (
        find_numbers(f"about {number}{scale} of it"),
        find_numbers(f"about {number:,}{scale} of it"),
    )
    assert plain.equals(separated)
    assert not plain.equals(find_numbers(f"about {number + 1}{scale} of it")[0])


@given(st.text(max_size=300))
def test_dates_and_numbers_of_any_text(text: str) -> None:
    """No text makes the reading fail, and every date lies in its text."""
    find_numbers(text)
    for mention in find_dates(text):
        assert mention.span.of(text) == mention.text
