"""The small words that mark where a clause or a name ends."""

from __future__ import annotations

AUXILIARIES = frozenset("has have had is are was were be been being do does did will would can could may might".split())
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

OPENERS = frozenset(
    """but and so yet or apart aside besides however meanwhile still instead later earlier then now also in on at by for
    from with after
    before since while when as if although though despite because speaking asked during under until once yesterday
    today tomorrow overall finally last next here there what who why how where whether even only just perhaps thus
    nevertheless nonetheless additionally moreover furthermore indeed again both not that this these those it he she
    they we i you his her their its our my your the a an some many most all no one two three among between like
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""".split()
)
"""Words whose capital at the start of a sentence does not make them a name."""

CLAIM_OPENERS = frozenset(
    """according although among analysts another anyone asked asking authorities both campaigners compared concerns
    critics despite doctors each economists either every everyone experts fans following four friends his her its
    further however investors it's later lawyers meanwhile ministers nearly neither nobody none observers officials one
    only opponents people police prior relatives reporters researchers residents scientists several she sources
    speaking supporters that the their there they those three together two under unions unlike users witnesses
    without workers yet""".split()
)
"""Words that may begin a sentence of a claim with a capital and are no name, besides stop words."""

NAME_OPENERS = frozenset(
    """the a an in on at for from of to with by but and so yet as after before when while if he she it they his her
    their its our this that these those there what who why how where some many most no not i we however
    although""".split()
)
"""Words with a capital before a name at the beginning of a sentence that are no part of it."""

SENTENCE_OPENERS = frozenset(
    "the a an he she it they we i you his her its their our this that these those there in on at by for from but and "
    "so yet if when while after before as although however meanwhile what who why how where some many most no "
    "not".split()
)
"""Words that open a sentence far more often than they follow an abbreviation with a capital."""
