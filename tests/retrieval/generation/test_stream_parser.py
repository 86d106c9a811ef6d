import json

from hypothesis import given
from hypothesis import strategies as st

from retrieval.generation.stream_parser import ClaimParser, parse_claim, parse_question
from retrieval.proof.verifier import ProposedClaim

texts = st.text(max_size=30)
claims = st.lists(
    st.fixed_dictionaries(
        {"text": texts, "evidence": st.lists(st.fixed_dictionaries({"key": texts, "words": texts}), max_size=2)}
    ),
    max_size=5,
)


def heard(text: str, size: int) -> tuple[list[ProposedClaim], bool]:
    drafts = ClaimParser()
    out = [one for at in range(0, len(text), size) for one in drafts.feed(text[at : at + size])]
    return out, drafts.complete


@given(
    claims,
    st.integers(1, 40),
    st.sampled_from(["{}", "```json\n{}\n```", '<think>[{{"text"</think>{}', "Here: {} Done."]),
)
def test_claims_come_whole_however_the_reply_is_cut(told: list[dict[str, object]], size: int, around: str) -> None:
    """Pieces of any size, a fence, thoughts or words around: the same claims in order, each once."""
    text = around.replace("{{", "{").replace("{}", json.dumps({"claims": told}))
    assert heard(text, size) == ([parse_claim(one) for one in told], True)


@given(claims, st.integers(1, 40), st.integers(0, 400))
def test_of_a_reply_that_breaks_off_whole_claims_are_kept(told: list[dict[str, object]], size: int, end: int) -> None:
    """What was complete before the break, and nothing else."""
    found, _ = heard(json.dumps({"claims": told})[:end], size)
    assert found == [parse_claim(one) for one in told][: len(found)]


@given(st.text(max_size=300))
def test_any_reply_can_be_read(text: str) -> None:
    """Whatever a model says, reading it does not fail."""
    heard(text, 7)
    parse_question(text)
