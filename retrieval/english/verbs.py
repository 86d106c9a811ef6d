"""The verbs, nouns and adjectives that report speech and thought, by what they may be followed by.

Each word is listed once for every frame it takes and inflected when first asked for. The lists were written from
general knowledge of English news prose, along the classes of reporting verbs in grammars.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache


class Sort(Enum):
    """What a cue reports: words spoken or written, a state of mind, or what a document or finding says."""

    SPEECH = auto()
    THOUGHT = auto()
    PROOF = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A cue's dictionary form with its frames.

    t: a clause or quotation; i: "to" and a verb; o: an object; x: an object and "to" with a verb. `preps` open what
    is reported ("called for peace").
    """

    base: str
    sort: Sort
    frames: frozenset[str]
    preps: frozenset[str]


_SPEECH = {
    "t": """say add agree answer argue boast brag caution chant claim clarify comment complain concede conclude
        confess contend continue counter declare elaborate estimate exclaim explain fret gripe hint
        imply insist intone interject joke kid lament marvel moan muse object observe opine point
        post predict protest quip reason rejoin remark reply respond retort scoff scream shout sigh
        snap sneer speculate spit stipulate surmise testify theorise theorize tweet vent volunteer
        vow wonder write yell sing shoot chime cry bellow thunder growl grumble whisper mutter
        murmur recount relate rule swear warn laugh begin blog email text ask note recite preach put
        state stress suggest read go repeat reiterate promise pledge threaten advise propose
        recommend demand request order announce acknowledge admit affirm allege assert attest aver
        confirm deny disclose divulge emphasise emphasize forecast highlight indicate maintain
        mention profess proclaim project propound recall reflect report reveal signal specify submit
        underline underscore posit assume conjecture decree decide determine guarantee venture
        exhort reassert recollect reaffirm rehearse decry deplore summarise summarize stammer wager
        bet plead beg""",
    "i": """agree ask claim decline offer pledge promise refuse swear threaten vow demand request propose vote
        beg plead urge commit volunteer call""",
    "o": """accuse acknowledge admit advocate affirm air announce articulate ask assail assert attack bash
        belittle bemoan berate blame blast boast brand call castigate celebrate censure challenge
        champion chastise chide cite claim clarify commend communicate compare concede condemn
        confess confirm contradict counter credit criticise criticize decry defend decline deem
        demand denigrate denounce deny deplore depict deride describe detail disavow disclose
        discuss dismiss disown disparage dispute downplay dub echo emphasise emphasize endorse
        estimate explain expound express fault flag float forecast hail highlight hype identify
        impugn insult invoke label lambast lambaste lament laud liken list malign mention mock name
        note offer oppose outline pan parrot pitch pledge plug portray praise predict preach
        proclaim promise promote propose protest question quote rap rebuff rebuke rebut recall
        recite recommend recount reference refuse refute reiterate reject relay repeat report
        reprimand repudiate request retract reveal ridicule salute scold second share slam
        slate spell stress suggest summarise summarize summon tout trash trumpet underline
        underscore unveil urge vent voice vow warn welcome withdraw renew relate decree characterise
        characterize applaud congratulate thank skewer savage pillory vilify demean lecture dress
        pooh-pooh address attribute cast
        paint frame pronounce term veto co-sponsor sponsor knock rip hammer lampoon recant rescind trumpet
        deflect minimise minimize stipulate specify state threaten tease taunt""",
    "x": """advise ask beg call challenge command dare direct encourage exhort implore instruct invite order
        press pressure prompt remind request task tell urge warn persuade plead forbid caution push
        authorise authorize recommend enjoin lobby entreat""",
    "l": """tell assure inform notify remind warn advise persuade convince promise caution ask show reassure
        brief""",
}
_THOUGHT = {
    "t": """believe think hope fear feel doubt worry wish suspect know understand realise realize assume presume
        imagine figure guess reckon suppose foresee anticipate expect envision envisage forget
        remember dream gather conclude consider regret pray trust accept appreciate sense fantasise
        fantasize contemplate wonder pretend recognise recognize calculate decide resolve
        hypothesise mind conceive""",
    "i": """want hope wish plan intend aim seek decide expect prefer desire like love hate choose opt aspire long
        yearn resolve elect hesitate dream""",
    "o": """want support oppose favor favour back love hate like dislike admire respect resent regret appreciate
        embrace value trust distrust mistrust despise loathe fear prefer view regard consider
        perceive anticipate expect suspect doubt believe disbelieve know understand recognise
        recognize desire envision envisage imagine contemplate weigh relish dread mourn tolerate
        detest abhor crave covet ponder mull accept envy approve disapprove misunderstand reconsider
        cheer underestimate overestimate misjudge rethink overlook ignore resist reassess prioritise prioritize
        see treat""",
    "x": """want expect like prefer trust intend""",
}
_PROOF = {
    "t": """show find indicate suggest prove demonstrate document reveal learn discover notice see hear hold
        conclude confirm mean reckon establish ascertain caution note estimate rate report
        illustrate imply""",
    "o": """show document detail reveal suggest outline describe illustrate cite indicate""",
}
_PREPS = {
    "about": """boast brag complain comment grumble joke lament muse rant rave speak talk testify warn wonder worry
        fret gripe moan tweet write lie think care dream know ask gush speculate""",
    "for": """call push press advocate ask plead argue apologise apologize hope wish vote lobby campaign appeal
        beg long yearn pray clamor clamour plan root care""",
    "on": """call insist comment elaborate touch dwell reflect expand press focus""",
    "of": """warn complain speak boast accuse dream disapprove approve think conceive brag talk tell""",
    "against": """warn rail argue inveigh protest speak vote rage caution advise campaign decide fulminate lash""",
    "to": """point refer allude object agree admit react respond confess testify commit attest""",
    "with": """agree disagree side concur sympathise sympathize""",
    "in": """believe""",
    "at": """hint scoff sneer marvel bristle balk lash laugh""",
    "into": """lay tear""",
}

NOUNS = frozenset(
    """accusation acknowledgment acknowledgement admission agreement allegation announcement argument assertion
    assessment assumption assurance belief boast bid charge claim comment commitment complaint concern
    conclusion confession confidence contention conviction criticism decision declaration demand denial
    desire determination doubt estimate expectation explanation fear feeling finding forecast guess hint
    hope idea impression insinuation insistence intention judgment judgement lie message notion observation
    offer opinion opposition perception pledge plea position prediction promise proposal quip recommendation
    remark reminder report request resolution response revelation rhetoric rumor rumour ruling sense
    sentiment speculation stance statement suggestion suspicion testimony theory threat thought
    understanding verdict view vow warning wish worry call plan proposition word words tweet answer question
    objection description vision attack push support praise contempt disdain preference sympathy""".split()
)
"""Nouns that report what stands after them: "the claim that", "his promise to"."""

MENTAL_NOUNS = frozenset(
    """assumption belief concern confidence conviction desire determination doubt expectation fear feeling hope
    idea impression intention notion opinion perception preference sense sentiment suspicion sympathy
    thought understanding view wish worry contempt disdain""".split()
)

ADJECTIVES = frozenset(
    """confident sure certain convinced worried concerned afraid aware hopeful optimistic pessimistic skeptical
    sceptical doubtful proud glad happy pleased sorry surprised angry disappointed adamant clear unaware
    mindful sad upset thankful grateful satisfied unsure uncertain fearful nervous shocked stunned outraged
    frustrated furious excited eager willing ready unwilling reluctant determined anxious keen critical
    dismissive supportive wary enthusiastic interested intent desperate explicit insistent apologetic
    ashamed thrilled amazed horrified appalled dismayed alarmed puzzled troubled bothered fond tired sick
    complimentary suspicious tolerant scared opposed committed baffled encouraged
    impressed offended insulted comfortable curious resentful""".split()
)
"""Adjectives of a state of mind, or of speaking, that report what stands after them."""
SPOKEN_ADJECTIVES = frozenset("adamant clear critical dismissive explicit insistent complimentary apologetic".split())

_IRREGULAR = {
    "say": "says said saying",
    "write": "writes wrote written writing",
    "tell": "tells told telling",
    "think": "thinks thought thinking",
    "feel": "feels felt feeling",
    "find": "finds found finding",
    "show": "shows showed shown showing",
    "hold": "holds held holding",
    "mean": "means meant meaning",
    "read": "reads read reading",
    "see": "sees saw seen seeing",
    "know": "knows knew known knowing",
    "understand": "understands understood understanding",
    "misunderstand": "misunderstands misunderstood misunderstanding",
    "learn": "learns learned learnt learning",
    "forecast": "forecasts forecast forecasted forecasting",
    "swear": "swears swore sworn swearing",
    "begin": "begins began begun beginning",
    "forget": "forgets forgot forgotten forgetting",
    "dream": "dreams dreamed dreamt dreaming",
    "speak": "speaks spoke spoken speaking",
    "choose": "chooses chose chosen choosing",
    "foresee": "foresees foresaw foreseen foreseeing",
    "hear": "hears heard hearing",
    "sing": "sings sang sung singing",
    "shoot": "shoots shot shooting",
    "spit": "spits spat spit spitting",
    "go": "goes went gone going",
    "bet": "bets bet betting",
    "put": "puts put putting",
    "seek": "seeks sought seeking",
    "withdraw": "withdraws withdrew withdrawn withdrawing",
    "sell": "sells sold selling",
    "forbid": "forbids forbade forbidden forbidding",
    "tear": "tears tore torn tearing",
    "lay": "lays laid laying",
    "lie": "lies lied lying",
    "agree": "agrees agreed agreeing",
    "disagree": "disagrees disagreed disagreeing",
    "decree": "decrees decreed decreeing",
    "plead": "pleads pleaded pled pleading",
    "spell": "spells spelled spelt spelling",
    "prove": "proves proved proven proving",
    "label": "labels labeled labelled labeling labelling",
    "signal": "signals signaled signalled signaling signalling",
    "marvel": "marvels marveled marvelled marveling marvelling",
}
_DOUBLED = frozenset(
    "admit quip dub slam refer rap beg pan plan commit submit snap plug concur opt rebut flag blog brag fret kid"
    " regret rip abhor aver prefer".split()
)


def _inflect(base: str) -> list[str]:
    if base in _IRREGULAR:
        return [base, *_IRREGULAR[base].split()]
    stem = base + base[-1] if base in _DOUBLED else base.removesuffix("e")
    if base.endswith("y") and base[-2] not in "aeiou":
        return [base, base[:-1] + "ies", base[:-1] + "ied", base + "ing"]
    plural = base + ("es" if base.endswith(("s", "sh", "ch", "x")) else "s")
    return [base, plural, stem + "ed", stem + "ing"]


@cache
def verbs() -> dict[str, tuple[Word, ...]]:
    """Every inflected cue verb in lower case, with its entries: speech before proof before thought."""
    out: dict[str, tuple[Word, ...]] = {}
    for sort, groups in ((Sort.SPEECH, _SPEECH), (Sort.PROOF, _PROOF), (Sort.THOUGHT, _THOUGHT)):
        listed: dict[str, set[str]] = {}
        for frame, bases in groups.items():
            for base in bases.split():
                listed.setdefault(base, set()).add(frame)
        if sort is Sort.SPEECH:
            for prep in _PREPS.values():
                for base in prep.split():
                    if not any(base in words.split() for words in _THOUGHT.values()):
                        listed.setdefault(base, set())
        for base, frames in listed.items():
            preps = frozenset(prep for prep, bases in _PREPS.items() if base in bases.split())
            word = Word(base, sort, frozenset(frames), preps)
            for form in _inflect(base):
                out[form] = (*out.get(form, ()), word)
    return out


@cache
def past_forms() -> frozenset[str]:
    """The past tenses and participles of the cue verbs, in lower case."""
    bases = {word.base for entries in verbs().values() for word in entries}
    return frozenset(form for base in bases for form in _inflect(base)[2:] if not form.endswith("ing"))
