"""The words that report speech and thought, and the small words that mark where a clause or a name ends.

Verbs are listed once, by what they do to a sentence, and inflected when first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache


class Takes(Enum):
    """What a cue verb is followed by."""

    CLAUSE = auto()  # "said (that) the plan would fail"
    PROOF = auto()  # "showed that the plan would fail"; without "that" it reports nothing
    LISTENER = auto()  # "told reporters (that) the plan would fail"
    OBJECT = auto()  # "praised the plan"
    THOUGHT = auto()  # "hoped the plan would fail"


class Form(Enum):
    """The shape a cue verb stands in."""

    BASE = auto()
    PRESENT = auto()
    PAST = auto()
    ING = auto()


@dataclass(frozen=True, slots=True)
class Verb:
    """One inflected cue verb."""

    base: str
    takes: Takes
    form: Form


_CLAUSE = """say add announce argue claim comment conclude confirm continue declare explain insist note observe predict
remark reply respond reveal state stress suggest warn write admit acknowledge agree allege assert complain concede
contend emphasise emphasize estimate joke maintain mention promise recall repeat reiterate tweet vow pledge caution
testify recount wonder answer boast quip shout yell chant propose recommend hint imply lament disclose clarify counter
retort muse stipulate ask affirm exclaim opine reckon reason protest emphasise proclaim confess post forecast""".split()
_PROOF = "show find indicate report learn hold mean signal demonstrate read decide determine rule realise realize see "
_PROOF_VERBS = (_PROOF + "know understand notice discover point").split()
_LISTENER = "tell remind assure inform notify".split()
_OBJECT = """accuse attack blame blast brand call describe condemn criticise criticize decry defend demand denounce deny
dismiss dub endorse hail liken mock oppose praise reject slam thank threaten voice welcome urge challenge compare
discuss cite applaud rebuke refuse express label highlight rebuff ridicule tout lambast lambaste deride commend
congratulate question apologise apologize assail portray characterise characterize deplore berate echo outline decline
quote reference downplay refer rap""".split()
_THOUGHT = "believe think hope want expect fear feel doubt worry wish prefer suspect".split()

_IRREGULAR = {
    "say": ("says", "said", "saying"),
    "write": ("writes", "wrote written", "writing"),
    "tell": ("tells", "told", "telling"),
    "think": ("thinks", "thought", "thinking"),
    "feel": ("feels", "felt", "feeling"),
    "find": ("finds", "found", "finding"),
    "show": ("shows", "showed shown", "showing"),
    "hold": ("holds", "held", "holding"),
    "mean": ("means", "meant", "meaning"),
    "read": ("reads", "read", "reading"),
    "see": ("sees", "saw seen", "seeing"),
    "know": ("knows", "knew known", "knowing"),
    "understand": ("understands", "understood", "understanding"),
    "learn": ("learns", "learned learnt", "learning"),
    "forecast": ("forecasts", "forecast", "forecasting"),
}
_DOUBLED = frozenset("admit quip dub slam refer rap".split())


def _inflect(base: str) -> tuple[str, str, str]:
    if base in _IRREGULAR:
        return _IRREGULAR[base]
    if base in _DOUBLED:
        return base + "s", base + base[-1] + "ed", base + base[-1] + "ing"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies", base[:-1] + "ied", base + "ing"
    plural = base + ("es" if base.endswith(("s", "sh", "ch", "x")) else "s")
    stem = base[:-1] if base.endswith("e") else base
    return plural, stem + "ed", ("agreeing" if base == "agree" else stem + "ing")


@cache
def verbs() -> dict[str, Verb]:
    """Every inflected cue verb in lower case; the first list that names a verb wins."""
    out: dict[str, Verb] = {}
    lists = (
        (_CLAUSE, Takes.CLAUSE),
        (_LISTENER, Takes.LISTENER),
        (_OBJECT, Takes.OBJECT),
        (_THOUGHT, Takes.THOUGHT),
        (_PROOF_VERBS, Takes.PROOF),
    )
    for bases, takes in lists:
        for base in bases:
            present, past, ing = _inflect(base)
            for words, form in ((past, Form.PAST), (base, Form.BASE), (present, Form.PRESENT), (ing, Form.ING)):
                for word in words.split():
                    out.setdefault(word, Verb(base, takes, form))
    return out


ADDS_ON = frozenset("add continue conclude repeat reiterate".split())
"""Verbs that carry on the statement before them."""

INVERTS = frozenset(
    """say add announce argue claim comment conclude confirm continue declare explain insist note observe remark reply
    respond state stress suggest warn write admit joke recall ask tweet shout quip wonder complain lament""".split()
)
"""Verbs that may stand before their subject: “…,” said the mayor."""

PARTICLES = {
    "point": frozenset({"out"}),
    "call": frozenset({"for", "on"}),
    "refer": frozenset({"to"}),
    "respond": frozenset({"to"}),
    "agree": frozenset({"with"}),
    "complain": frozenset({"about", "of"}),
    "comment": frozenset({"on"}),
    "warn": frozenset({"of", "about", "against"}),
    "joke": frozenset({"about"}),
    "apologise": frozenset({"for"}),
    "apologize": frozenset({"for"}),
    "worry": frozenset({"about"}),
    "boast": frozenset({"about", "of"}),
}
"""Small words that belong to a verb: "called for", "pointed out"."""

AUXILIARIES = frozenset("has have had is are was were be been being do does did will would can could may might".split())
BE = frozenset("is are was were be been being am isn't wasn't aren't weren't".split())
ADVERBS = frozenset(
    """also later then now once again already often previously not never still just first even always twice repeatedly
    recently earlier further both all himself herself themselves too since itself however in fact""".split()
) - {"in", "fact", "since"}
"""Words besides those in -ly that may stand between a subject and its verb."""

PRONOUNS = frozenset("he she they it who".split())
NOBODY = frozenset(
    """i we you this that which what there these those one everyone anyone someone nobody everybody somebody anybody
    nothing something such me him them us whom how it's others much more less""".split()
)
"""Words that stand as a subject without saying whose."""

DETERMINERS = frozenset(
    """the a an his her their its our this these those some many several most few all both one two three four five six
    seven eight nine ten another other any each every no dozens hundreds thousands""".split()
)
PREPOSITIONS = frozenset(
    """in on at by for from with without of to about after before during against between among over under into through
    despite following within across near behind toward towards upon per via amid like since until as than outside
    inside along around throughout alongside""".split()
)
JOINERS = frozenset("of for from at in with on to behind".split())
"""Prepositions that may join two parts of one name or description."""

CONJUNCTIONS = frozenset(
    """and but or nor so yet that because while when if where although though whereas whether which who whose whom what
    how why then unless until once as than since not also""".split()
)
BREAKS = frozenset("but and while although though whereas as so yet".split())
"""Conjunctions that begin a clause of its own after a comma."""

OPENERS = frozenset(
    """but and so yet or however meanwhile still instead later earlier then now also in on at by for from with after
    before since while when as if although though despite because speaking asked during under until once yesterday
    today tomorrow overall finally last next here there what who why how where whether even only just perhaps thus
    nevertheless nonetheless additionally moreover furthermore indeed again both not that this these those it he she
    they we i you his her their its our my your the a an some many most all no one two three among between like
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)
"""Words whose capital at the start of a sentence does not make them a name."""
