"""Words that turn a sentence into its opposite, and verbs that say something is not so."""

from __future__ import annotations

NEGATIONS = frozenset(
    "no not never none nobody nothing nowhere neither nor cannot without hardly barely scarcely unlikely".split()
)

DENYING = r"den(?:y|ies|ied|ying)|disput\w+|reject\w*|dismiss\w*|contradict\w*|refut\w+"
"""A pattern of the verbs by which somebody says that something is not so."""

REBUTTING = rf"{DENYING}|rebut\w*|ruled? out"
"""The same with the verbs for taking the other side of a claim."""

OPPOSING = (
    r"den(?:y|ies|ied|ying)|refus\w+|reject\w*|fail\w*|lack\w*|without|unable|rul(?:ed?|ing) out|declin\w+|dismiss\w*"
    r"|avoid\w*|prevent\w*|stop\w*|halt\w*|block\w*|against|impossible|absence|little|few|un[a-z]{4,}|dis[a-z]{4,}"
    r"|non-?\w+|less|doubt\w*|yet to|rather than|instead of|far from|play\w* down|contradict\w*|disput\w*|ban\w*"
    r"|cancel\w*|zero"
)
"""A pattern of the words, besides negations, by which a sentence may say that something is not so."""


def negates(word: str) -> bool:
    """Whether a folded word turns a sentence into its opposite."""
    return word in NEGATIONS or word.endswith("n't")
