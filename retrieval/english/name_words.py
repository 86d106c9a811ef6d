"""The words that names and descriptions of people are made of."""

from __future__ import annotations

import re

MALE = frozenset("mr mr. sir lord messrs. baron viscount king prince".split())
FEMALE = frozenset("mrs mrs. ms ms. miss lady dame baroness queen princess duchess countess".split())
HONORIFICS = MALE | FEMALE | frozenset("mx mx. dr dr. prof prof. professor rev rev. reverend hon hon. st st.".split())
"""Words before a name that are kept in front of a last name that stands alone."""

ACADEMIC_OR_KNIGHTED = r"dr|prof(?:essor)?|sir|dame|rev"
"""A pattern of the honorifics that a note about an author begins with."""

TITLES = frozenset(
    """president minister secretary senator congressman congresswoman representative governor mayor chancellor premier
    judge justice general colonel captain major sergeant lieutenant admiral commander bishop archbishop cardinal pope
    rabbi imam sheikh ayatollah sheriff ambassador director chairman chairwoman chief executive ceo cfo coo mp msp mep
    mps peer democrat democratic republican tory labour conservative liberal leader spokesman spokeswoman spokesperson
    attorney speaker councillor detective inspector superintendent constable officer vice-president vice professor
    pm fm ag rep. sen. gov. gen. col. lt. sgt. capt. maj. adm. rep sen gov gen col lt sgt capt adm gop coach boss
    editor""".split()
)
"""Words with a capital that stand before a name and tell its bearer's office."""

ROLES = TITLES | frozenset(
    """agent head founder
        owner manager analyst economist expert consultant lawyer solicitor barrister author writer actor
        actress singer star striker captain keeper midfielder player champion runner sprinter aide adviser advisor
        official strategist pollster host journalist reporter correspondent researcher scientist doctor psychologist
        pathologist campaigner activist candidate nominee mogul businessman businesswoman tycoon entrepreneur chair
        co-founder member treasurer trader broker dealer partner deputy envoy commissioner prosecutor witness
        policeman policewoman teacher student farmer composer conductor artist designer developer engineer
        programmer musician guitarist drummer rapper producer comedian presenter broadcaster organiser organizer
        resident veteran historian critic peer archbishop bishop prelate cleric lecturer principal headmaster
        millionaire billionaire lawmaker politician frontrunner front-runner contender operative delegate king queen
        prince minister co-chairman vice-chairman secretary-general counsel""".split()
)
"""Nouns for what somebody is."""

PERSONAL = frozenset(
    """man woman businessman businesswoman year-old star actor actress singer player striker author writer veteran
    rapper director scotsman welshman englishman irishman frenchman german american briton australian spaniard italian
    swiss swede russian tycoon millionaire billionaire candidate politician comedian sprinter runner champion""".split()
)
"""Descriptions that point back to whoever was spoken of last."""

ORGANISATION = frozenset(
    """ministry department party committee university council inc inc. corp corp. association union bank agency office
    court post times news house government congress parliament senate administration commission institute institution
    foundation group organisation organization company federation force police army navy service society centre center
    trust authority board team club league journal guardian telegraph mirror sun mail tribune herald street journal
    fund exchange forum alliance coalition campaign press international industries systems airlines airways technologies
    ltd plc co network networks channel radio television tv magazine study poll report survey act bill law treaty
    square street road avenue park hall palace castle stadium airport hotel river island islands county city state
    states kingdom republic week cup open games chiefs olympics award awards prize festival war day""".split()
)
"""Words of a name that is not a person's."""

_ABSTRACT = re.compile(r"(?:[ts]ion|ness|ment|[ae]nce|ity|ship|ism|cy|ure|value|cost|effort|move)s?\Z")
_SPEAKING = (
    ORGANISATION
    | ROLES
    | frozenset(
        """statement announcement investigation opposition delegation publication document communication declaration
    resolution petition management leadership establishment intelligence audience conference prosecution defence
    defense electorate majority minority community charity university judgment judgement assessment constitution
    convention legislation amendment agreement indictment presentation literature documentation affidavit pharmacy
    embassy constituency consultancy conservancy presidency agency ambulance residence alliance insurance finance
    provision documentary scripture figure figures evidence sentence science experience""".split()
    )
)


def is_thing(noun: str) -> bool:
    """Whether a noun, in lower case, is for something that neither speaks nor is written: "performance", "cost"."""
    known = noun in _SPEAKING or noun.removesuffix("s") in _SPEAKING
    return not known and _ABSTRACT.search(noun) is not None


PLACE_FIRST = frozenset("north south east west new united great san los las saint st middle central northern".split())
PARTICLES = frozenset("de van von der den del della di da dos du la le al el bin ibn abu ben ter ten".split())
"""Small words inside a family name."""

FAMILY_FIRST = frozenset(
    "kim xi park lee moon li wang zhang chen hu wen deng mao ho nguyen roh ban jiang chung".split()
)
"""Family names that stand before the given name."""

MEN = frozenset(
    """james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark
    donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary
    nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick
    jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold keith
    christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert
    willie gabriel logan alan juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip johnny tony
    gordon bill bob jim tom tim ken ron don dan ben sam steve mike chris matt nick rob greg jeff vladimir boris ivan
    yuri sergei dmitry barack bernie ted marco jeb mitt newt rand lindsey chuck harry simon graham neil ian colin
    malcolm nigel martin stuart alastair angus hamish rory jose carlos pedro luis antonio mohammed muhammad ahmed ali
    hassan omar jonny clive derek geoff oliver iain menzies murdoch rupert silvio jacques gerhard kofi pascal
    arsene alex rafael sven thierry andy lleyton roger rafa pete kostas vassilis""".split()
)
WOMEN = frozenset(
    """mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty sandra margaret ashley
    kimberly emily donna michelle carol amanda melissa deborah stephanie dorothy rebecca sharon laura cynthia amy
    kathleen angela shirley brenda emma anna pamela nicole samantha katherine christine helen debra rachel carolyn
    janet maria catherine heather diane olivia julie joyce victoria ruth virginia lauren kelly christina joan evelyn
    judith andrea hannah jacqueline cheryl megan alice ann jean doris abigail hillary theresa hazel tessa kelly nicola
    charlotte diana kate kathy jane claire clare fiona gillian harriet margot angela condoleezza elaine heidi ivanka
    melania carly kellyanne huma donna debbie wendy serena venus paula sonia steffi justine martina lindsay""".split()
)
