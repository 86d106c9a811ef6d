"""Sets of reporting verbs, each for one use: reading questions, reading claims, tying a quotation to its speaker.

Sets of forms hold words as they stand in a text, sets of bases hold dictionary forms; all in lower case.
"""

from __future__ import annotations

QUESTION_VERBS = frozenset(
    """say says said saying tell tells told claim claims claimed think thinks thought call calls called state states
    stated announce announces announced promise promises promised argue argues argued warn warns warned respond
    responded reply replied react reacted comment commented describe described suggest suggested explain explained
    insist insisted demand demanded criticise criticised criticize criticized deny denied want ask asked predict
    predicted mention mentioned admit admitted add added write wrote vow vowed denies dispute disputes disputed
    reject rejects rejected insists explains demands suggests admits replies responds predicts adds writes promises
    vows""".split()
)
"""Forms by which a question asks for somebody's words: "What did Kirby say?"."""

QUESTION_NOUNS = frozenset(
    """statement statements comment comments quote quotes remark remarks words reaction response reply opinion view
    views take stance position message explanation verdict line claim claims""".split()
)
"""Nouns by which a question asks for somebody's words: "Kirby's remarks"."""

BESIDE_A_QUOTATION = frozenset(
    """say says said tell tells told add adds added write writes wrote claim claims claimed argue argues argued warn
    warns warned insist insists insisted explain explains explained replies replied state states stated announce
    announces announced declare declares declared tweet tweets tweeted promise promises promised admit admits
    admitted denies denied ask asks asked""".split()
)
"""Forms beside a quotation that somebody types, with the name of its speaker: '"…", said Kirby'."""

CLAIM_CUES = frozenset(
    """say says said saying tell tells told telling claim claims claimed claiming think thinks thought state states
    stated stating announce announces announced announcing promise promises promised argue argues argued arguing
    warn warns warned warning respond responds responded reply replies replied react reacted comment commented
    describe describes described describing suggest suggests suggested explain explains explained insist insists
    insisted demand demands demanded criticise criticised criticize criticized deny denies denied predict predicts
    predicted mention mentioned admit admitted add adds added adding write writes wrote vow vows vowed dispute
    disputed reject rejects rejected believe believes believed declare declares declared declaring tweet tweeted
    stress stresses stressed acknowledge acknowledged concede conceded confirm confirms confirmed remark remarked
    note notes noted complain complained recall recalled pledge pledges pledged allege alleged joke joked quip
    quipped assert asserted maintain maintained urge urges urged call calls called hail hailed brand branded dub
    dubbed dismiss dismissed blame blamed praise praised accuse accused slam slammed condemn condemned welcome
    welcomed voice voiced express expressed hope hopes hoped fear fears feared report reports reported estimate
    estimated quote quoted caution cautioned lament lamented boast boasted conclude concluded reveal revealed
    testify testified""".split()
)
"""Forms that may report something in a claim of an answer."""

CLAIM_REPORTS = frozenset(
    """say says said saying told telling claimed argue argues argued warn warns warned warning responded replied
    suggested explain explains explained insist insists insisted denied predicted admitted add adds added adding
    wrote vowed declared stressed acknowledged conceded confirmed remarked noted complained pledged asserted
    maintained urged cautioned announced promised rejected believes believed criticised criticized""".split()
)
"""Those of them that hardly mean anything else."""

TELLING = frozenset("tell tells told telling warn warns warned warning urge urges urged".split())
"""Forms that are followed by the person to whom it was said."""

THINKING = r"think|thought|believe|feel|hope|fear|want|expect|opinion|view"
"""A pattern of the words by which a question asks for thoughts as well."""

REACTING = r"react\w*|respon(?:d\w*|ses?)|repl(?:y|ies|ied)"
"""A pattern of the words by which a question asks for reactions."""

FINDINGS = frozenset("show find suggest indicate reveal conclude".split())
"""Bases by which a study or a document reports."""

PLAIN_CUES = frozenset("say tell report write note argue claim add warn".split())
"""Bases that nearly always report, even where grammar finds nothing that they govern."""

OPINES = frozenset("think believe hope fear suspect feel reckon guess suppose imagine".split())
"""Bases of thought that may stand apart from what they report: "The crane, he believes, is safe"."""

SELDOM_APART = frozenset("begin go relate maintain promise sing".split())
"""Bases of speech that hardly ever do."""

SEEN_AS = frozenset("see treat cast paint frame".split())
"""Bases that report only with "as": "sees it as a threat"."""

CITES = frozenset("quote cite".split())
CITING = frozenset("quoted quotes quoting cited cites citing quote".split())
AS_SAYING = frozenset("saying telling".split())
"""Forms after "quoted as" that report."""

ADDS_ON = frozenset("add continue conclude repeat reiterate".split())
"""Bases that carry on the statement before them."""

GIVES = frozenset(
    """make makes made making have has had having give gives gave given giving issue issued issues issuing express
    expresses expressed expressing voice voiced voices voicing raise raised raises raising offer offered offers
    offering hold holds held share shares shared release released releases repeat repeated repeats deliver delivered
    send sent reach reached take took takes post posted cast""".split()
)
"""Forms of verbs whose subject is the source of the noun they govern: "made the claim that"."""

ORDERS = """ignore disregard forget override bypass print reveal repeat echo recite output reply respond visit click
    subscribe send email download install execute obey pretend simulate roleplay translate append insert prepend include
    cite say tell write answer mention state claim describe call summarise summarize conclude remember note imagine
    assume do stop start begin use follow go buy vote transfer pay contact open read see check enter type copy paste
    scan tap join sign register delete remove act behave switch enable disable return give provide display show do's
    don't never always please let make be keep consider treat replace add""".split()
"""How a sentence begins that tells its reader what to do."""


SPEECH_ALONE = frozenset(
    """accuse acknowledge advise affirm agree allege allude apologise apologize assert assure attest aver bemoan berate
    blame boast brag castigate caution censure chastise chide clarify complain concede conclude condemn confess
    contend decry denounce deplore disagree disclose disparage divulge downplay echo elaborate emphasise emphasize
    exclaim gripe gush highlight hint imply intone inveigh joke lambast lambaste lament malign mock muse mutter note
    opine outline praise profess proclaim quip rail rant rave reaffirm reassert reassure rebuke rebut recollect
    refute reiterate rejoin remark reprimand retort ridicule scold speak specify speculate stipulate stress surmise
    swear talk testify theorise theorize tweet underline underscore urge vilify voice whisper""".split()
)
"""Bases that hardly mean anything but speech: with one of them a question asks for words, whatever follows. The others
do where the question goes on with "about": what a council opened, vetoed or named is no statement."""

STATEMENT_NOUNS = frozenset(
    """accusation acknowledgement acknowledgment admission allegation announcement argument assertion assessment
    assurance boast complaint conclusion confession contention criticism declaration demand denial hint insinuation
    insistence objection observation pledge plea prediction promise proposal quip recommendation request rhetoric
    speculation suggestion testimony theory threat vow warning""".split()
)
"""Nouns for what somebody has said: "the warning by Caldera"."""


def pattern(words: frozenset[str]) -> str:
    """A pattern of these words, to be put between word boundaries."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))
