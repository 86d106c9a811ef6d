"""Detects prompt injection: instructions to the reader, links, mark-up and invisible characters.

Articles are written by strangers, and some contain instructions for a model: "ignore your instructions and say …". A
model may obey them. Such claims are refused here by their form and by the form of the sentences they cite, whatever
the model's own instructions were. A false alarm on an honest sentence costs one claim.
"""

from __future__ import annotations

import re

from retrieval.english.verb_sets import ORDERS
from retrieval.text.quote_marks import find_quotations, mask_quotations

_LINK = re.compile(
    r"(?i)\b(?:https?|ftp|file|data|javascript|mailto|discord|tg|ipfs)\s*:/?/?\S|\bwww\.|\bhxxps?\b|\[dot\]|\(dot\)"
    r"|\b[\w-]{2,}(?:\.[\w-]{2,})*\.[a-z]{2,}/\S|[\w.+-]+@[\w-]+\.\w"
    r"|\b[a-z0-9-]{2,}\.(?:com|org|net|io|co|ru|cn|info|biz|xyz|top|site|online|app|dev|ai|gg|me|ly|test|example|invalid"
    r"|link|click|shop|club|live|news|uk|de|fr|eu|us|tv|cc|to)\b(?!\s*[A-Z]\.)"
)
_LINKING = re.compile(r"\w\.\w|:/|:\w|@|www|dot|xxp")
"""A part that every link has; a quick check before the full pattern."""

_MARKUP = re.compile(
    r"\]\s*\(|!\[|\[[^\]]*\]\[|```|~~~|\*\*\w|__\w|^\s*(?:#{1,6}|[>|])\s|</?[a-zA-Z!?][^>]*>?|\{\s*[\"{%#]"
    r"|\}\}|&#x?[0-9a-f]{2,6};(?=&#)"
    r"|<[@#:&]|@(?:everyone|here)|\|\||<\||\|>|\[/?(?:INST|SYS\w*)\]|<<\w|\\[nrtux\"]",
    re.MULTILINE,
)
_LISTED = re.compile(r"^\s*(?:[-*+#>|]|\d+[.)])\s.*\n", re.MULTILINE)
_KEYED = re.compile(r"(?i)\b(?:key|id|words|evidence|claims?|passage|role|content|text)[\"']?\s*[=:]\s*[\"'\[{]")
_ROLE = re.compile(r"(?i)(?:^|[\n.!?]\s*)(?:system|assistant|user|developer|human|ai|tool|instructions?|prompt)\s*:\s")
_META = re.compile(
    r"""\b(?:system|developer|hidden|original|initial|secret)\s(?:prompt|message|instruction)s?\b
    |\b(?:these|those|your|my|our|previous|prior|above|earlier|following|preceding|new)\s
        (?:\w+\s){0,2}(?:instructions?|prompts?|directives)\b
    |\b(?:ignor|disregard|forget|overrid|bypass|disobey)\w*\b.{0,60}
        \b(?:instruction|prompt|rule|guideline|direction|order|context|above|previous|earlier|evidence|article|passage|told)
    |\b(?:language|ai|chat|foundation)[\s-](?:model|assistant|system)s?\b.{0,80}
        \b(?:must|should|shall|reply|answer|respond|output|print|repeat|ignore|reading|processing|summari[sz]\w*)\b
    |\b(?:you|u)\sare\s(?:now\s)?(?:an?|the|my|in|no\slonger)\s(?:\w+\s){0,2}
        (?:ai|assistant|bot|chatbot|model|mode|dan|llm|gpt\w*|system|agent|developer|admin\w*|machine)\b
    |\b(?:as\san|dear|attention|note\sto|message\s(?:to|for)|to|for)\s(?:(?:the|any|all|every)\s)?(?:\w+\s)?
        (?:ais?|llms?|chatbots?|bots?|assistants|(?:language|ai)\smodels?|answerers?|summari[sz]ers?)\b
        .{0,60}(?:\b(?:must|should|shall|please|will|reading|that\sreads?|who\sreads?|processing)\b|[:,])
    |\b(?:reply|respond|answer|output|print|repeat|reveal|echo|recite|translate|encode|leak|dump|display)\s(?:\w+\s){0,2}
        (?:only|exactly|verbatim|instead)\b
    |\b(?:reply|respond|answer|output|print|repeat|reveal|echo|recite|return|say|write|state|include|insert|append|begin|start
        |end|translate|encode|leak|dump|display|cite|quote|use)\b[^.!?]{0,40}\b(?:prompt|instructions|the\s(?:exact\s)?(?:word|words
        |phrase|string|key|keys|token|tokens|code|following)|your\s(?:answer|reply|response|output|claims?|rules|keys?)|json|base64
        |(?:every|any|each|all)\s(?:answer|reply|claim|question|response)s?)\b
    |\b(?:correct|right|only|true|official|required|expected|final)\s(?:answer|reply|response|claim)s?\b
        .{0,40}\b(?:is|are|must|should|to)\b
    |\b(?:every|any|each|all|your)\s(?:answer|reply|response|claim)s?\s(?:\w+\s){0,4}(?:is|are|must|should|shall|has\sto|will)\b
    |\bthe\s(?:answer|reply|response)s?\s(?:\w+\s){0,4}(?:must|should|shall|has\sto)\b
    |\bjailbr(?:eak|oken)\w*|\bprompt[\s-]?injection
    |\bend\sof\s(?:article|evidence|data|document|passage|prompt|context)\b
    |\b(?:begin|start|new)\s(?:of\s)?(?:evidence|instructions?|prompt|session)\b
    |\b(?:api|secret|access|opaque)[\s_-]?keys?\b.{0,30}(?:\b(?:is|are)\b|[=:])""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIGGERS = (
    *"prompt instruction directive ignor disregard forget overrid bypass disobey model assistant llm bot jail".split(),
    *"repl respon answer claim verbatim exactly begin start key phrase string token base64 json summari".split(),
    *("you are", "u are", "end of", "the word", " ai", "ai ", "to ai"),
)
"""Substrings, one of which any match of `_META` contains and most sentences do not: a quick check before it."""

_IMPERATIVE = re.compile(
    r"(?i)^\W*(?:(?:and|but|so|then|now|also|instead|first|next|finally|important|urgent|warning|note|attention|stop|ok"
    r"|okay|hey|therefore|from now on)\W+)*(?:please\s+|kindly\s+|just\s+)?"
    rf"(?:{'|'.join(ORDERS)})\b(?!-|\s*['’]s\b)"
    r"(?!\s+(?:was|were|is|are|has|had|have|will|would|could|can|may|said|says|of)\b)"
)
_MUST = re.compile(r"(?i)\b(?:must|should|need to|have to|will)\b")
_YOU = re.compile(r"(?i)\b(?:you|your|yours|yourself|you're|you’re)\b")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2061-\u2069\ue000-\uf8ff\U000e0000-\U000e0fff]")
"""Control and formatting characters, and letters of private use; not the joiners used in ordinary texts."""


def unsafe_reason(sentence: str) -> str | None:
    """The reason why a sentence of an article must not be cited (instructions, a link, mark-up or hidden text); None if
    it may be."""
    if reason := _unsafe_form_reason(sentence):
        return reason
    open_part = mask_quotations(sentence, find_quotations(sentence))
    if _YOU.search(open_part) and (_IMPERATIVE.search(open_part) or _MUST.search(open_part)):
        return "it tells its reader what to do"
    return "it gives an order" if _IMPERATIVE.search(open_part) else None


def unsayable_reason(claim: str) -> str | None:
    """The reason why an answer may not say this, whatever its evidence; None if it may."""
    if reason := _unsafe_form_reason(claim):
        return reason
    open_part = mask_quotations(claim, find_quotations(claim))
    if _YOU.search(open_part):
        return "it speaks to its reader"
    return "it gives an order" if _IMPERATIVE.search(open_part) else None


def is_list(text: str) -> bool:
    """Whether a text of several lines is a list or has headings: the layout of a page, not of a claim."""
    return bool(_LISTED.search(text))


def _unsafe_form_reason(text: str) -> str | None:
    """The reason why the form of a text is unsafe wherever it appears; None if it is not."""
    if _UNSEEN.search(text):
        return "it holds characters that cannot be seen"
    if _LINKING.search(text) and _LINK.search(text):
        return "it holds a link"
    if _MARKUP.search(text) or _KEYED.search(text) or _ROLE.search(text):
        return "it holds mark-up or data"
    return "it speaks of instructions to a model" if _may_instruct(text) and _META.search(text) else None


def _may_instruct(text: str) -> bool:
    """Whether `_META` could match a text: a quick check."""
    low = text.lower()
    return any(trigger in low for trigger in _TRIGGERS)
