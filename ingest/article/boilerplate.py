"""Stock phrases of what sites set among the paragraphs of a story. `paragraphs` tells where they count."""

from __future__ import annotations

import re


def one_of(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds any of these as whole words, whatever their case."""
    return re.compile(rf"(?i)\b(?:{'|'.join(phrases)})\b")


def opening(*phrases: str) -> re.Pattern[str]:
    """A pattern for a line that begins with one of these, marks before it aside."""
    return re.compile(rf"(?i)^[\W_]*(?:{'|'.join(phrases)})")


LABELLED_LINK = opening(
    r"(?:see|read|also|more|watch|listen)\b"
    r"(?: (?:also|more|next|now|on|here|this|about|from|the|full|related))*\s*[:|»→-]",
    r"related(?: \w+){0,2}\s*[:|»-]",
    r"(?:don[’']t|do not) miss\b\W*$",
)
"""Lines whose label says that they lead to other stories."""

LEADS_ELSEWHERE = opening(
    r"(?:don[’']t|do not) miss\b",
    r"must[- ]reads?\b",
    r"you (?:may|might) (?:also )?(?:like|enjoy|be interested)\b",
    r"recommended\b",
    r"more (?:from|on|stories|news|coverage|like)\b",
    r"what to read next\b",
    r"read (?:more|next|also|on|the full)\b",
    r"also (?:read|see|on)\b",
    r"see (?:also|more)\b",
    r"most (?:read|popular)\b",
    r"top stories\b",
    r"(?:keep|further) reading\b",
    r"trending\b",
    r"editor[’']?s[’']? (?:picks?|choice)\b",
    r"(?:related|popular|other|similar|latest|recent) "
    r"(?:articles?|stories|posts?|news|content|links?|topics|reading|coverage)\b",
)
"""Lines that may lead to other stories: where they are links, headings, or no sentence."""

INVITES = opening(
    r"(?:please |to |for more,? |you can |don[’']t forget to |be sure to |make sure to |why not |or |and )?"
    r"(?:sign up|subscribe|join|register|get|receive|follow|like (?:us|our|this)|download|click|tap|visit|check out"
    r"|want (?:to|more|the)|enter|tell us|send us|e-?mail (?:us|your)|contact (?:us|our)|support (?:us|our)|donate"
    r"|become an?|read|listen|watch|tune in|have an? (?:tip|story|question)|if you enjoyed|already an?)\b"
)
ASKS_FOR = one_of(
    "newsletters?",
    "(?:your|e-?mail) inbox",
    "mailing list",
    "e-?mail address",
    "daily (?:briefing|email|digest|headlines)",
    "subscri(?:be|bers?|bing|ptions?)",
    "(?:on|us on|via) (?:facebook|twitter|instagram|youtube|telegram|whatsapp|linkedin|flipboard)",
    "our (?:app|podcast|channel|members|readers|website|privacy policy|terms|full coverage)",
    "full coverage of",
    "members get",
    "click here",
    "for more information",
    "free trial",
    "promo(?:tion)? code",
    "use the code",
    "(?:sign|log) in",
    "leave (?:a|your) comment",
    "(?:in )?the comments(?: section)?",
    "what (?:do )?you think",
    "letters to the editor",
    r"@[a-z0-9_.]+",
)
"""What an invitation asks for; both together make a promotion."""

FURNITURE = opening(
    r"©",
    r"copyright\s*(?:©|\(c\)|\d{4}|:|$)",
    r"all rights reserved",
    r"this (?:article|story|post) (?:was )?(?:originally|first) (?:appeared|published)",
    r"originally published (?:on|at|in|by)",
    r"(?:story|article) continues",
    r"leave a (?:comment|reply)",
    r"(?:tell us|let us know) what you think",
    r"join the (?:conversation|discussion)",
    r"follow (?:us|him|her|them|me) on\b",
    r"like us on\b",
    r"filed under\b",
    r"advertis(?:ement|ing)\W*$",
    r"(?:image|photo|picture)s? (?:credit|source)\b",
)
"""Lines of the page's furniture, sentences or not."""

LABELS = opening(
    r"tags?\s*:",
    r"tagged\b",
    r"categor(?:y|ies)\s*:",
    r"topics?\s*:",
    r"posted in\b",
    r"share (?:this|on|via)\b",
    r"advertis(?:ement|ing)\b",
    r"copyright\b",
    r"(?:image|photo|picture)s? (?:by|courtesy)",
    r"\d* ?comments?$",
    r"(?:print|e-?mail|tweet|loading)(?: this)?\W*$",
    r"(?:last )?(?:updated|modified|edited)\s*(?:on|at|:)",
    r"source\s*:\s*[^.]{2,60}$",
    r"(?:sources?|more)\s*:?$",
    r"continue reading",
    r"skip (?:to|past|advert)",
    r"scroll (?:down|to)",
    r"(?:all )?(?:photos?|images?|pictures?) (?:by|via|courtesy|credit|copyright|©)",
    r"show (?:more|less|comments)",
    r"view (?:comments|all|gallery)",
    r"about the author",
    r"author bio",
    r"written by$",
    r"follow (?:us|him|her|them|me)\b",
)
"""The same where they are no sentences."""

ABOUT_AUTHOR = re.compile(
    r"(?i)(?:\b(?:follow|find|reach|contact|e-?mail) (?:him|her|them|me|us|\w[\w.’'-]+(?: \w[\w.’'-]+){0,2})\b"
    r".{0,60}(?:twitter|facebook|instagram|@|e-?mail|linkedin)"
    r"|\b(?:may|can) be (?:reached|contacted) (?:at|by|via)\b"
    r"|\b(?:on twitter|@[a-z0-9_]{3,})[\s.]*$"
    r"|^(?-i:[A-Z])[\w.’'-]+(?: (?-i:[A-Z])[\w.’'-]+){1,3} (?:is|covers|writes|reports|joined)\b.{0,120}"
    r"\b(?:writer|reporter|editor|correspondent|columnist|author|journalist|contributor|fellow|producer|blogger|host)\b)"
)
DAY_LINE = re.compile(
    r"(?i)^(?=.*\d)(?:(?:first |last )?(?:published|updated|posted|modified|created)\b[\s:]*(?:on|at)?.{0,60}"
    r"|.{0,20}\b\d{1,2}:\d\d ?(?:[ap]\.?m\.?)?(?: [a-z]{2,5})?[^\w]{0,5})$"
)
ENDS_IN_TIME = re.compile(r"(?i)\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?(?: [a-z]{2,5})?[\W_]*$")
CLOCK = re.compile(r"(?i)^[\W_]*\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?(?: ?[a-z]{2,5})?[\W_]*$")
"""A time alone: of a page's one such line, when it was published; of several, when a live blog's entries were."""
SHORTCODE = re.compile(r"\[/?(?:button|caption|gallery|embed|video|audio|link|vc_\w+|et_pb_\w+)\b[^\]]*\]")
