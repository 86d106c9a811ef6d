"""The limits and thresholds of an answer, each by name.

Numbers that were fitted to questions (weights and probability thresholds) stay in `retrieval/search/calibrated.json`;
the functions below read them. `docs/quality.md` has the figures behind the values that were measured, under the heading
that each docstring names; a value without one was set by hand. Limits elsewhere: of a search in
`retrieval/search/search_limits.py`, of an answer in a model's words in `retrieval/generation`, of a Discord message in
`bot/messages/message.py`.
"""

from __future__ import annotations

from retrieval.search.calibration import calibration

# Answering or abstaining


def abstention_threshold() -> float:
    """Abstention threshold: probability of an answer (0 to 1) below which a question is not answered.

    Calibrated: "answer" under "threshold" in `calibrated.json` ("Deciding to answer" has the curve).
    """
    return calibration("threshold")["answer"]


def topic_threshold() -> float:
    """Probability (0 to 1) below which a speaker's statements in an article are not on the topic that is asked about.

    Calibrated: "said" under "threshold" in `calibrated.json` ("Deciding to answer").
    """
    return calibration("threshold")["said"]


ABSTENTION_SENTENCES = 3
"""Number of the best sentences, and of the best articles, that the decision to answer looks at."""

NEAREST_ARTICLES_SHOWN = 3
"""Maximum number of articles named as nearest coverage when a question is not answered."""

MIN_CLAIM_COVERAGE = 0.6
"""Weighted share (0 to 1) of the question's terms that a model's claim must have, together with its evidence, where
quoting found no answer."""

# What is considered

MAX_PASSAGES = 12
"""Maximum number of passages that a question is answered from."""

MAX_ARTICLES_RANKED = 4
"""Maximum number of articles whose sentences are ranked ("Choosing sentences"): every sentence of the best
`MAX_ARTICLES_RANKED_WHOLE` of them, and the sentences of the passages found in the others."""

MAX_ARTICLES_RANKED_WHOLE = 2
"""Maximum number of articles of which every sentence is ranked."""

MAX_SENTENCES_DESCRIBED = 240
"""Maximum number of sentences per question whose features are computed."""

MAX_SENTENCES_RANKED = 28
"""Maximum number of sentences per question that are kept as possible answers."""

MAX_SENTENCES_RERANKED = 14
"""Maximum number of candidates that the reranker reads per question ("Choosing sentences"): reading them takes longer
than all other steps of an answer together."""

MAX_SENTENCES_EMBEDDED = 6
"""Maximum number of sentences embedded per question where the library has no vectors of them, as with an embedding that
gives none for sentences ("Choosing sentences"): embedding them takes as long as all other steps of an answer together.
"""

# Sentences of an answer to a plain question

MAX_SENTENCES = 3
"""Maximum number of sentences in an answer, and so of sources shown with it ("Choosing sentences")."""

MAX_SENTENCES_FOR_SEVERAL = 5
"""The same for a question that asks for several things, and where no sentence stands out."""

MAX_WORDS = 58
"""Words of an answer, as a target ("Choosing sentences"): a sentence that would go past it is left out, except the
first. A question that asks for several things may have twice as many."""

MAX_WORDS_BESIDE_FIRST = 32
"""Words that may follow a first sentence however long that is ("Choosing sentences")."""

MAX_WORDS_IF_UNSURE = 100
"""Words of an answer where no sentence stands out ("Choosing sentences")."""

UNSURE_SHARE = 0.4
"""Share (0 to 1) of a softmax over all ranked sentences below which those picked do not stand out, so that more are
shown ("Choosing sentences"). A softmax is what the scores were fitted for."""

SUFFICIENT_SHARE = 0.98
"""Share (0 to 1) of a softmax over all ranked sentences from which those picked are taken to be the whole answer, so
that no more are shown ("Choosing sentences" has the figures)."""

MAX_SCORE_GAP = 8.0
"""How far below the best score (in logits) a sentence may be and still be shown with it."""

# Statements of a speaker

MAX_STATEMENTS = 12
"""Maximum number of statements in an answer about a speaker and a topic."""

MAX_STATEMENTS_WITHOUT_TOPIC = 48
"""Maximum number of statements in an answer about a speaker and no topic."""

MIN_SHARE_OF_BEST_ARTICLE = 0.6
"""Share (0 to 1) of the best article's likelihood that another article needs for its statements to be listed too."""

MAX_STATEMENTS_COMPARED = 24
"""Maximum number of statements compared by vector to tell which articles are on the topic, and which statements to list
where there are many."""

MAX_STATEMENTS_RERANKED = 12
"""Maximum number of statements that the reranker reads per question."""

MAX_STATEMENTS_EMBEDDED = 6
"""Maximum number of statements embedded per question where the library has no vectors of their sentences."""

MAX_STATEMENT_WORDS = 60
"""Maximum number of words of a statement shown with all its sentences; of a longer one only the sentence that was found
is shown."""

MAX_WHO_SAID_SENTENCES = 3
"""Number of the best sentences in which statements are looked for when a question asks who said something."""

MIN_REPORT_COVERAGE = 0.5
"""Weighted share (0 to 1) of the topic's terms that must occur around a sentence about a speaker that is no statement.
"""

MIN_REPORT_ODDS = 0.25
"""Odds of an answer, by the reranker, from which sentences about a speaker that are no statements are shown: .25 is a
probability of one in five ("Deciding to answer")."""

# Statements for and against a claim

MAX_STANCE_PASSAGES = 40
"""Maximum number of passages whose articles are searched for statements about a claim."""

MIN_STANCE_COVERAGE = 0.6
"""Weighted share (0 to 1) of a claim's terms that one sentence of a statement must have for the statement to count."""

MAX_STATEMENTS_PER_SIDE = 20
"""Maximum number of statements listed for a claim, and of those listed against it."""

# Notices

STALE_AFTER_DAYS = 30
"""Age in days past which the newest article cited brings a notice, where a question asks for the latest."""

MAX_CONFLICT_SCORE_GAP = 4.0
"""How far below the best score (in logits) a sentence with a different figure may be to bring a notice of a conflict.
"""

MIN_CONFLICT_COVERAGE = 0.5
"""Weighted share (0 to 1) of the question's terms that the best sentence must have before others are compared with it.
"""

MIN_CONFLICT_SHARE_OF_BEST = 0.6
"""Share (0 to 1) of the best sentence's coverage of the question that a sentence with a different figure must have."""
