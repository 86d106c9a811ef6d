"""What stands at the foot of a story: who worked on it, who its author is, how to reach them.

Each line of these texts is a pattern, or several.
"""

from __future__ import annotations

from retrieval.english.name_words import ACADEMIC_OR_KNIGHTED

CREDITS = r"""
    \(?(?:(?:additional|with|further|extra) )?<work>(?: and \w+)? ?(?:by ?:?|: ?(?:by)?) ?(?:<Cap>|\
        (?:our )?(?:\w+ )?<workers>\b)
    contributing ?: ?<Cap>|with (?:files|inputs?|reporting|contributions?|material|agencies) (?:from|by) <Cap>
    with additional (?:reporting|inputs?) (?:from|by) <Cap>
    .{3,120} contributed (?:to )?(?:this|the) (?:report|story|article|piece|post)\b.{0,40}
    .{3,120} contributed (?:to )?(?:the )?(?:additional |further )?(?:reporting|research)\b.{0,40}
"""
"""How lines begin that say who else worked on it."""

BIOS = r"""
    (?:by )?<person>(?:, | - )[\w' -]{0,40}\b<staff>|(?:about|follow|more by|more from) <person>
    (?:<title>\.? )?<person>(?:, [^,]{3,80},)? (?:is|are) (?:<article> )?(?:[\w,'&-]+ ){0,8}?<staff>\b[^.]{0,120}
    <person>(?:, [^,]{3,80},)? <writes> (?:about|on|for|from|the|in|as|<Cap>)[^.]{0,120}
    <person>(?:, [^,]{3,80},)? <writes> [\w, -]{3,60} (?:for|at|from) (?:the )?<Cap>[^.]{0,120}
    the (?:author|writer|columnist|reporter)s? (?:is|are|was|has been|teaches|works|lives|can be|\
        may be)\b(?! <fate>)[^.]{3,120}
    the (?:author|writer|columnist|reporter)s? tweets (?:at|as)\b[^.]{3,120}
"""
"""Whole first sentences of what is said of the author; what follows may be anything of the same length."""

REACH = r"""
    the (?:author|writer) (?:tweets|posts) (?:at|as) @
    (?:you can |please |to )?<reach> (?:<whom>|\w[\w.'-]+(?: \w[\w.'-]+){0,2})\b.{0,60}?\b(?:on|via) <platform>\b
    (?:you can |please |to )?<reach> (?:<whom>|\w[\w.'-]+(?: \w[\w.'-]+){0,2})\b.{0,60}?(?:@|e-?mail|: ?@)
    .{2,60}\b(?:may|can) be (?:reached|contacted|followed|e-?mailed) ?(?:at|by|via|on|:|@|$)
    .{2,60}\b(?:may|can) be found on <platform>
    <name>(?: [\w.'-]+){1,5} ?[:|(] ?.{0,60}(?:@|\d{3}[-.]\d{4})
    (?!@)(?:twitter|x|bluesky|e-?mail|instagram)? ?:? ?(?:[\w'.-]+ ){0,8}?<on>? ?:? ?@[a-z0-9_]{3,}[\s.]*$
"""
"""How to reach the author."""

FOOT_TERMS = {
    "work": (
        r"(?:reporting|writing|research|editing|text|words|photography|interviews?|illustrations?|written|compiled"
        r"|edited|produced|reported|researched|translated(?: from (?:the )?\w+)?|fact-?checked|curated|hosted|story"
        r"|pictures|photos)"
    ),
    "workers": r"(?:staff|agencies|correspondents?|reporters?)",
    "title": rf"(?:{ACADEMIC_OR_KNIGHTED})",
    "article": r"(?:an?|the|our|one of|[\w' -]{2,40}'s?)",
    "writes": r"(?:covers|writes|reports|edits|joined|blogs|tweets|teaches|lectures|researches)",
    "fate": r"(?:not|believed|thought|said|known|in|under|accused|charged|suing|dead|to)\b",
    "reach": r"(?:follow|find|reach|contact|e-?mail|tweet|message|call|write to|get in touch with)",
    "whom": r"(?:him|her|them|me|us|the (?:author|writer|reporter))",
    "on": r"(?:on|at|via|and|tweets|twitter|follow|is)",
}
"""Terms that these texts name in angle brackets."""
