"""Which lines are furniture: what sites set around and between the paragraphs of a story, told by their words alone.

One set of rules for pages, files, feeds, pasted text and answers. What a caller knows besides, such as links on a page
or a line's place at the foot of the story, it adds itself (`ingest.article.boilerplate`). Rules look at form: a line
that is made of nothing but the words of menus, a call to the reader about the site's own media, a label before a
headline, a notice in its usual words. A line that reports what somebody said is never furniture.
"""

from __future__ import annotations

import re
from functools import lru_cache

from retrieval.text.furniture import foot, labels, notices
from retrieval.text.furniture.kinds import FurnitureKind
from retrieval.text.furniture.patterns import Table, either
from retrieval.text.furniture.words import AROUND_MEDIA, CALLS, MEDIA, TARGETS
from retrieval.text.sentences import is_finished

_MAX_CHARACTERS = 600
_MAX_WORDS = 60
"""The longest line that is looked at: a paragraph of legal notice."""

_MAX_CALL_WORDS = 45
_MAX_LABEL_WORDS = 14
_MAX_UNFINISHED_LABEL = 5
"""Words up to which a line counts as a label though it ends in a full stop."""

_PLAIN = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "—": "-", "\u00a0": " "})
_QUOTE_OPENS = re.compile(r"^\W*[“„«\"]|^\W*[‘'](?=\w[^'’]*[,.!?]['’])")
_QUOTES = re.compile(r"“[^”\s]+\s[^”]+|\"[^\"\s]+\s[^\"]+\"|„[^“\s]+\s[^“]+|(?<!\w)‘[^’]{3,}[,.!?]’")
_SPEECH = re.compile(r"“[^”]{20,}|\"[^\"]{20,}\"")
_NEVER = re.compile(
    r"(?i)\b(?:earlier|prior|previous|original) version of (?:this|the)\b.{0,60}"
    r"\b(?:mis\w+|gave|said|had|incorrect\w*|wrong\w*|contained|stated)"
    r"|\bhas been (?:corrected|amended|clarified)\b|\bwas (?:corrected|amended)\b"
    r"|^\W*(?:correction|clarification)s?\b|^\W*[QA][:.] "
)
"""Corrections, and the questions and answers of an interview."""

_TRAILS_OFF = re.compile(r"(?:…|\.\.\.)\W*$")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s])")
_AROUND = re.compile(r"^[^\w“”\"'@£$€₹©(]+|[^\w“”\"'%+)]+$")
_BEFORE = re.compile(r"^[^\w“”\"'@£$€₹©(]+")
_BRACKETED = re.compile(r"^[(\[]([^()\[\]]*)[)\]]$")
_TOKEN = re.compile(r"[\w@]+(?:['-]\w+)*")

_REPORTED = re.compile(
    r"(?i)\b(?:said|says|told|tells)\b"
    r"|, (?:the|an?|one|some|many|his|her|their|its|my|(?-i:[A-Z])[\w'-]+|\w+s)(?: [\w'-]+){0,5}? "
    r"(?:\w{2,}ed|warns?|argues?|claims?|advises?|believes?|thinks?|adds|boasts?|jokes?|insists?|concedes?|admits?"
    r"|explains?|notes?|writes?|urges?|predicts?|complains?|promises|suggests?|found|held|wrote|read|asks?|say)\b"
)
"""Somebody's words: a verb of saying, or ", the judge ordered" and the like after them."""

_SAID = re.compile(r"(?i)\b(?:said|says|told|tells)\b")
_NARRATES = re.compile(r"(?i)\b(?:was|were|had|has|did|would|could|he|she|they|his|(?-i:I))\b")
"""What a call to the reader does not have: a past tense, a third person."""

_TO_READER = re.compile(
    r"(?i)^\W*(?:(?:our|we'll|thanks|thank you|all our|here's our)\b"
    r"|(?:we|we've|we're)\b.{0,200}\b(?:you|your|our)\b|(?:you|you'll|you've|your)\b.{0,200}\b(?:our|us|we|we'll)\b)"
)
"""How sentences begin that the site speaks to its readers besides calls."""

_OURS = re.compile(r"(?i)^\W*(?:our|we|we're|we've)\b")
_YOU = re.compile(r"(?i)\byou(?:r|'re|'ll)?\b")
_POINTS = re.compile(r"(?i)\b(?:you|your|our|us|here|below|now)\b")
"""What a label of the length of a sentence has: it points at the reader, the site or the page."""

_LEAD = (
    r"(?:(?:please|also|just|simply|now|then|or|and|so|you can(?: also| now)?|you could|to|do|don't forget to"
    r"|(?:be|make) sure (?:to|you)|why not|remember to|feel free to|we invite you to|we'd like you to|want to"
    r"|for more,?) ){0,3}"
)
_CALL = re.compile(rf"(?i)^\W*{_LEAD}{either(CALLS)}\b")
_BEFORE_CALL = re.compile(
    r"(?i)^\W*(?:if|for|to|when|whenever|in case|never miss|don't miss|stay|want|because|love|like|do you|have you)\b"
    r"[^,:;?]{2,110}?(?:[,:;?]| -) +"
)
_HOOK = re.compile(
    r"(?i)^\W*(?:(?:want|like|liked|love|loved|loving|enjoy\w*|got|fancy|need|missed|spotted|looking|interested|not"
    r"|already|know|new|in a hurry|hungry|curious|prefer|more|ready)\b[^?]{0,120}\?"
    r"|[^?]{0,120}\b(?:you|your|you're|you've)\b[^?]{0,120}\?"
    r"|(?:never|don't) miss\b.{0,80}|stay \w+\b.{0,60}|(?:no spam|cancel|it's free|it takes)\b.{0,60})$"
)
"""What comes before or after a call in the same line, and is nothing by itself."""

_LABELS = Table.of(labels.LABELS)
_OPENINGS = Table.of(labels.OPENINGS)
_NOTICES = Table.of(notices.NOTICES)
_TARGETS = Table.of(TARGETS, before=r"(?<![\w@])")
_TEASER = re.compile(rf"(?i)^\W*({either(labels.TEASERS)})")
_CAPTION = re.compile(rf"(?i)^\W*{either(labels.CAPTIONS)}")
_LINKED_OPENING = re.compile(rf"(?i)^\W*{either(labels.LINKED_OPENINGS)}")
_CREDIT = re.compile(f"(?i){either(foot.CREDITS)}")
_BIO = re.compile(f"(?i){either(foot.BIOS)}")
_REACH = re.compile(f"(?i){either(foot.REACH)}")
_HISTORY = re.compile(
    r"\b(?:was|were|had|been|(?<!who )has"
    r"|who (?!covers|writes|reports|focus|speciali|lives|works|has (?:covered|written|reported|worked)))\b"
)
"""What a sentence about a person has that is part of a story about them."""

_ACTS_ON_MEDIA = frozenset(
    "follow us our share shared join like liked email e-mail print copy pin link links url find subscribe".split()
)
_MEDIA = {word: kind for kind, words in MEDIA.items() for word in words.split()}


@lru_cache(maxsize=8192)
def furniture(line: str, *, alone: bool = True) -> FurnitureKind | None:
    """What kind of furniture a line is, by its words; None where it may be part of a story.

    `alone` is False for a sentence out of a paragraph, which has to be a notice, a call, or one of the usual labels of
    several words.
    """
    if len(line) > _MAX_CHARACTERS or _QUOTE_OPENS.match(line):
        return None
    text = plain_line(line)
    if not text or text.count(" ") >= _MAX_WORDS:
        return None
    kind = _unfinished_kind(text) if alone else None
    if kind is None:
        kind = _kind_of_sentences(_SENTENCE_END.split(text), alone=alone)
        kind = None if kind and is_reported(text) else kind
    # Last, as few lines come so far.
    return None if kind and _NEVER.search(text) else kind


def plain_line(line: str) -> str:
    """A line with straight apostrophes, plain hyphens and single spaces."""
    return " ".join(line.translate(_PLAIN).split())


def is_sentence(text: str) -> bool:
    """Whether it is a finished sentence of more than a few words."""
    return len(text.split()) > _MAX_UNFINISHED_LABEL and is_finished(text) and not _TRAILS_OFF.search(text)


def is_reported(text: str) -> bool:
    """Whether a line quotes or reports somebody's words."""
    return bool(_QUOTES.search(text) or _REPORTED.search(text))


def leads_elsewhere(line: str) -> bool:
    """Whether a line begins as those do that lead to other stories: furniture where it is a link or a heading."""
    return bool(_LINKED_OPENING.match(plain_line(line)))


def is_caption(line: str) -> bool:
    """Whether a line begins as captions do: nothing that an answer quotes, though it may stay in a text."""
    return bool(_CAPTION.match(line))


def is_list_label(line: str) -> bool:
    """Whether a line of links to other stories is the label above them, and names none itself."""
    text = plain_line(line)
    return (
        len(text.split()) <= _MAX_UNFINISHED_LABEL + 3 and not _TEASER.match(text) and not re.search(r"\bhere\b", text)
    )


def is_credit(line: str) -> bool:
    """Whether a line at the foot of a story says who else worked on it."""
    text = plain_line(line)
    return (
        len(line) <= _MAX_CHARACTERS and bool(_CREDIT.match(text)) and not (_SPEECH.search(text) or _SAID.search(text))
    )


def is_about_author(line: str) -> bool:
    """Whether a line at the foot of a story says who its author is, or where to reach them."""
    text = plain_line(line)
    if len(line) > _MAX_CHARACTERS or len(text.split()) > _MAX_WORDS or _SPEECH.search(text):
        return False
    sentences = _SENTENCE_END.split(text)
    first = sentences[0].rstrip(".!")
    return bool(_BIO.fullmatch(first) or any(map(_REACH.match, sentences))) and not (
        _REPORTED.search(text) or _HISTORY.search(first)
    )


def _unfinished_kind(text: str) -> FurnitureKind | None:
    """The kind of a label with something after it: "Read more: …", "Photo: …"; None for sentences."""
    teaser = _TEASER.match(text)
    if teaser and (not is_sentence(text) or (_is_strong(teaser[1]) and not is_reported(text))):
        return FurnitureKind.RELATED
    return None if is_sentence(text) else _OPENINGS.kind_of_start(_BEFORE.sub("", text))


def _is_strong(label: str) -> bool:
    """Whether a label leads to another story even before a finished sentence: it is no single plain word."""
    words = label.strip(" :|>»→-")
    if words.lower().startswith("more "):
        return False
    return " " in words or words.isupper() or words.lower() in ("related", "recommended", "must-read")


def _kind_of_sentences(sentences: list[str], *, alone: bool) -> FurnitureKind | None:
    """The kind of a line whose sentences are all furniture, or say nothing by themselves beside one that is."""
    kinds = [_kind_of_sentence(sentence, alone=alone) for sentence in sentences]
    first = next((at for at, kind in enumerate(kinds) if kind), None)
    if first is None or not all(map(_leads_to_call, sentences[:first])):
        return None
    rest = zip(sentences[first + 1 :], kinds[first + 1 :], strict=True)
    return None if any(kind is None and _NARRATES.search(sentence) for sentence, kind in rest) else kinds[first]


def _leads_to_call(sentence: str) -> bool:
    """Whether a sentence says nothing by itself before a call or label: a question to the reader, an offer."""
    if _HOOK.match(sentence) or (_OURS.match(sentence) and not _NARRATES.search(sentence)):
        return True
    offers = len(sentence.split()) <= _MAX_UNFINISHED_LABEL or (_CALL.match(sentence) and _YOU.search(sentence))
    return bool(offers) and not _NARRATES.search(sentence)


def _kind_of_sentence(sentence: str, *, alone: bool) -> FurnitureKind | None:
    bare = _BRACKETED.sub(r"\1", _AROUND.sub("", sentence))
    # A word with a full stop is a sentence: "Pause."
    alone = alone and not (sentence.endswith(".") and " " not in bare and not sentence.endswith("..."))
    if (kind := _label(bare, alone=alone)) and _may_be_label(sentence):
        return kind
    return _NOTICES.kind_of_start(_AROUND.sub("", sentence) or sentence) or _call(sentence)


def _may_be_label(sentence: str) -> bool:
    return not is_sentence(sentence) or bool(_POINTS.search(sentence) and not _NARRATES.search(sentence))


def _label(bare: str, *, alone: bool) -> FurnitureKind | None:
    """The kind of a label: one of the usual ones, or a line of menu words about the site's media."""
    if (alone or " " in bare) and (label := _LABELS.kind_of_whole(bare)):
        return label
    words = _TOKEN.findall(bare.lower()) if bare.count(" ") < 2 * _MAX_LABEL_WORDS else []
    content = [word for word in words if word not in ("the", "a", "an")]
    if not (alone and 2 <= len(content) <= _MAX_LABEL_WORDS) or content == ["no", "comment"]:
        return None
    if not all(word in _MEDIA or word in AROUND_MEDIA or word.isdecimal() for word in content):
        return None
    kind = next((kind for kind in MEDIA if any(_MEDIA.get(word) is kind for word in content)), None)
    # Social media are in the news themselves: "What's next for Twitter".
    is_list = len(content) > 2 and all(_MEDIA.get(word) is FurnitureKind.FOLLOW or word == "x" for word in content)
    return None if kind is FurnitureKind.FOLLOW and not is_list and not (_ACTS_ON_MEDIA & set(content)) else kind


def _call(sentence: str) -> FurnitureKind | None:
    """The kind of a call to the reader that is about the site's own media."""
    if sentence.count(" ") >= _MAX_CALL_WORDS:
        return None
    before = _BEFORE_CALL.match(sentence)
    start = sentence[before.end() :] if before else sentence
    if not (_CALL.match(sentence) or _CALL.match(start) or (is_finished(sentence) and _TO_READER.match(sentence))):
        return None
    kind = _TARGETS.kind_within(sentence)
    if kind is None or _NARRATES.search(sentence):
        return None
    is_about_staff = kind in (
        FurnitureKind.CONTACT,
        FurnitureKind.MEMBERSHIP,
        FurnitureKind.RELATED,
    ) and _TO_READER.match(sentence)
    return None if is_about_staff and not _YOU.search(sentence) else kind
