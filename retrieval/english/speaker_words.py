"""The words that tell, in the name of a speaker, the name proper from what stands around it.

`name_words` has the larger lists by which names are read in articles; these are compared with names that are known.
"""

from __future__ import annotations

PHRASE_TITLES = frozenset(
    """the a an mr mrs ms miss dr sir lord lady dame prof professor president minister prime chancellor senator mayor
    guy man woman person spokesman spokeswoman spokesperson official director chief executive boss head leader
    secretary party who is at of for in from s""".split()
)
"""Words of a phrase for a person that need not be part of the name."""

PLAIN_HONORIFICS = frozenset("mr mrs ms miss mx dr sir lord lady dame prof professor".split())
"""Honorifics, without their full stops."""

OFFICES = PHRASE_TITLES | frozenset(
    """captain coach governor general judge justice editor analyst economist lawyer former deputy vice foreign
    commissioner ambassador archbishop bishop pope detective inspector superintendent colonel major sergeant dj
    star striker midfielder manager founder chairman chairwoman mp""".split()
)
"""Words for an office, which may precede a name."""

BODIES = frozenset(
    """ministry department party committee university council inc corp association union bank agency office court
    government congress parliament senate administration commission institute group organisation organization company
    federation police army society centre center authority club league fund airlines international ltd plc network
    board trust foundation forum alliance service house chiefs""".split()
)
"""Words of a name that is an organisation's."""

INDEFINITE_DETERMINERS = frozenset("a an some one another his her their its both many most all several other".split())
"""Words that begin a description of somebody who is not named."""

UNNAMED_SOURCES = frozenset(
    """analysts analyst critics experts officials sources source reports report campaigners ministers opponents
    supporters lawyers police researchers scientists observers others some many however people witnesses doctors
    economists investors fans users unions friends everyone nobody residents spokesman spokeswoman spokesperson he she
    they it i we you who one study survey research company government firm""".split()
)
"""Words that stand for a source without naming it."""
