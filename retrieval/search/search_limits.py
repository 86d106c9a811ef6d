"""The limits and thresholds of a search, each by name.

Weights that were fitted to questions stay in `retrieval/search/calibrated.json`; `docs/quality.md` has the figures
behind the values that were measured, under the heading that each docstring names. Limits of what is shown in an answer
are in `retrieval/answer/answer_limits.py`; the longest question is `query.MAX_QUESTION_CHARACTERS`.
"""

from __future__ import annotations

# Chunks found by words and by vectors

CHUNKS_PER_CHANNEL = 50
"""Maximum number of chunks taken from each channel (words, vectors)."""

FUSION_RANK_OFFSET = 30
"""The constant K of reciprocal rank fusion, added to a rank before it divides: the larger it is, the less the first
ranks stand out ("Fusion" has the figures)."""

MAX_CHUNKS_REORDERED = 40
"""Number of the best chunks of all channels that are put in a new order by `chunk_ranking` ("A second look at what was
found"); three times the number of passages asked for where that is more."""

MAX_CHUNKS_IN_A_ROW = 3
"""Chunks of one article ranked before those of other articles have their turn ("A second look at
what was found")."""

COPY_SHARE = 0.8
"""Share (0 to 1) of the words of two passages that are in both, above which one is a copy of the other ("Fusion")."""

MAX_CHUNKS_COMPARED = 4_000
"""Number of chunks of the chosen days or sources up to which every one is compared with the question's vector."""

FILTERED_DEPTH_FACTOR = 8
"""How many times more chunks are fetched where the filter by scope, days or sources will drop much of them."""

# Words looked up

MAX_OCCURRENCES = 4_000
"""Maximum number of occurrences of terms that one lexical query looks at. It keeps the time of a query the same however
large the library grows: where a rare and a common word are asked for, the common one hardly changes the ranking and
takes nearly all the time."""

MAX_TERM_SHARE = 0.25
"""Share (0 to 1) of all chunks above which a term is left out of the lexical query, unless all terms are: it ranks
nothing."""

SMALL_LIBRARY_CHUNKS = 400
"""Number of chunks below which every term is looked up: in a small library `MAX_TERM_SHARE` would leave out the very
subject of a story."""

MAX_PHRASE_WORDS = 12
"""Maximum number of words in quotation marks that are looked up as a phrase."""

# Questions

MAX_PREVIOUS_ANSWER_CHARACTERS = 300
"""Characters of a previous answer that a follow-up question is searched with."""

RECENT_DAYS = 9
"""Age in days up to which a report counts as recent on the day of the question, and is preferred: a week, which is what
questions on the week's news cover, and a margin ("Fusion")."""

DATED_CHUNKS_SAMPLED = 200
"""Number of chunks looked at to tell whether most articles have dates."""

MAX_WORDS_CORRECTED = 4
"""Maximum number of unknown words of a question that are checked for a typing error."""

# Speakers

MAX_NAMESAKES = 100
"""Maximum number of speakers considered who share only a first name or a role, those with the most statements first."""

MAX_TITLED_SPEAKERS = 500
"""The same where the question gives nothing but a title ("a spokesman")."""

MAX_LIKELY_SPEAKERS = 20
"""Number of speakers of an organisation above which a description ("the IDC analyst") is not matched with their roles,
and maximum number of speakers looked at for a short first name ("Rafa")."""

MAX_SPEAKERS_SUGGESTED = 5
"""Maximum number of speakers suggested where none goes by the name that was asked for."""

# Titles

MAX_TITLE_CHUNKS = 100
"""Maximum number of chunks looked at for a title as it is typed, the best first; an article may have several."""

MAX_TITLE_WORDS = 12
"""Maximum number of typed words that are looked up in headings."""
