"""Notices: furniture that comes in whole sentences. In tables of patterns each line is one, or several."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.text.furniture.kinds import FurnitureKind

NOTICES: Mapping[FurnitureKind, str] = {
    FurnitureKind.NEWSLETTER: r"""
        your (?:e-?mail|subscription|comment|account|message|request|vote|details)(?: address)? (?:has|have) been
        (?:thanks|thank you) for (?:signing up|subscribing|registering|joining)\b
        our (?:free )?(?:\w+ ){0,2}newsletters?\b
        (?:please )?(?:enter|provide) (?:a valid|your) e-?mail\b|invalid e-?mail\b
        unsubscribe (?:at )?(?:any ?time|whenever)\b
        (?:you can|you may|you're free to) (?:unsubscribe|opt out)\b
        by <joining>\b.{0,80}\byou (?:\w+ )?(?:agree|accept|consent|acknowledge|confirm|will)\b
    """,
    FurnitureKind.RELATED: r"""
        for (?:more|the (?:full|latest)|further|full)\b[^.]{0,60}?,? ?(?:please )?\b(?:click|tap) (?:here|on)\b
        (?:see also|read also|also read)(?= <Cap>)
        (?:read more|read the full (?:story|article|report|interview)) (?:here|about|from|on|at|in)\b[^,]{0,80}$
    """,
    FurnitureKind.MEMBERSHIP: r"""
        (?:this|the) <item> is (?:\w+ )*(?:for|to) (?:our |paying |premium |registered )*(?:subscribers|members)\b
        subscribers? (?:can|get|enjoy|have|receive|may) (?:access|read|full|unlimited|exclusive|more|all)\b
        you (?:need|have) to be (?:logged|signed) in\b
        you(?:'ve| have)? (?:reached|read|used|hit) (?:your|the|all)\b.{0,30}(?:limit|articles?)
        you(?:'ve| have)? (?:\w+ )?\w+ free (?:articles?|stories) (?:left|remaining)
        (?:unlimited|full|digital) (?:digital |online )?access (?:from|for|to|at) (?:just |only )?(?:<price>|our|\
            all the)
        your (?:support|donation|contribution|subscription|generosity|gift)s? (?:makes?|helps?|allows?|keeps?|means)\b
        your (?:support|donation|contribution|subscription|generosity|gift)s? (?:enables?|funds?|matters)\b
        (?:we|the \w+(?: \w+)?) (?:rely|depend)s? on (?:our )?(?:readers|supporters|donations|contributions|\
            people like you)\b
        (?:we|the \w+(?: \w+)?) (?:rely|depend)s? on (?:your|the (?:support|generosity))\b
        our (?:journalism|reporting|work|newsroom|coverage) (?:is|relies|depends|takes|needs|costs|remains)\b
        if you (?:value|appreciate|enjoy(?:ed)?|like(?:d)?|love|believe in|use|can)\b.{0,80}?,? <asked>\b
        cancel any ?time\b
    """,
    FurnitureKind.ADVERT: r"""
        this (?:\w+ )?(?:is|was) (?:an? |a piece of )?(?:\w+ )?(?:sponsored|paid-for|advertis\w+|advertorial|\
            promoted|branded)\b
        (?:stor(?:y|ies)|article|post) continues (?:below|after)\b|advertisement\W+scroll\b
    """,
    FurnitureKind.PRIVACY: r"""
        <site>(?: and our (?:\w+ )?partners)? (?:uses?|stores?|process(?:es)?) (?:cookies|information|personal|\
            essential)\b
        <site>(?: and our (?:\w+ )?partners)? (?:uses?|stores?|process(?:es)?) (?:technologies|data|tracking|\
            and/or|and access)\b
        cookies (?:help|allow|enable|let)\b.{0,20}\b(?:us|you)\b|this <item> is (?:hosted|provided|served) by\b
        this (?:site|page|form) is protected by\b|(?:please )?(?:read|see|review|check) our (?:privacy|cookie|terms)\b
        to (?:show|view|see|display) (?:you )?this (?:content|video|post|embed)\b.{0,60}(?:cookies|consent|permission)
    """,
    FurnitureKind.COPYRIGHT: r"""
        ©|\(c\) ?(?:19|20)\d\d\b|copyright ?(?:©|\(c\)|\d{4}|:|$|by\b)|copyright <Cap>[\w'&.-]* ?(?:\d{4}|©)
        copyright the <Cap>[\w'&. -]{1,40} \d{4}|all rights reserved(?:$|\.)
        (?:this|the) (?:material|content|article|text|page) (?:\w+ )?(?:may (?:not )?be|cannot be|\
            must not be)\b.{0,20}<copied>
        (?:this|the) (?:material|content|article|text|page) (?:\w+ )?(?:is protected by|is copyright)\b.{0,20}<copied>
        (?:this|the|all) (?:material|content|text|page|article)s? (?:is|are) (?:the )?copyright(?: of\b|\W*$| \d| ©)
        no part of (?:this|our) (?:material|content|article|publication|site|website|page)\b
        (?:any )?(?:reproduction|republication|reprinting|copying|distribution)\b.{0,90}<forbidden>
        (?:any )?unauthori[sz]ed (?:use|reproduction|copying)\b.{0,90}<forbidden>
    """,
    FurnitureKind.SYNDICATION: r"""
        <this> (?:\w+ ){0,3}?(?:originally|first|also|previously) (?:appear|publish|r[au]n|post|air|print)\w* <where>
        <this> (?:\w+ ){0,3}?(?:originally|first|also|previously) (?:appear|publish|r[au]n|post|air|print)\w*\W*$
        <this> (?:\w+ ){0,3}?(?:(?:re)?published (?:by|on|at|in|with|under|from|here|as)|republish\w*|syndicated|\
            licensed)
        <this> (?:\w+ ){0,3}?(?:reprinted (?:with|from|by|here)|appear(?:s|ed) (?:in|on|first)|made possible)
        <this> (?:\w+ ){0,3}?(?:not been edited|auto-?generated|is part of (?:a|our|the) series)
        <this> (?:\w+ ){0,3}?produced (?:by|in) (?:partnership|collaboration)
        (?:the (?:post|article|story)|this post) .{1,200} (?:appeared first|first appeared|\
            was first published) (?:on|in|at)\b
        (?:originally|first|previously) (?:published|appeared|posted|printed|\
            aired)(?: here)? <where> (?:the )?<Cap>[^,;]{1,70}$
        (?:re)?(?:published|printed|posted|produced|used) (?:here )?(?:with|by|under|\
            courtesy of)(?: \w+){0,3} <licence>[^,]{0,90}$
        \(?(?:only|except for) the headline\b|.{0,160}\bfrom a syndicated feed\b
        (?:republished|cross-?posted|syndicated) from (?:the )?<Cap>[^,;]{1,60}$
        you can read the original (?:article|story|version)\b|read the original (?:article|story|here)\b
    """,
    FurnitureKind.PICTURE: r"""
        (?:image|media|video|photo|picture) captions?,|image sources?,|media caption\b(?! writ)
    """,
    FurnitureKind.COMMENTS: r"""
        (?:this|the) (?:discussion|conversation|thread) (?:is|has been) (?:now )?closed(?:\W*$| to (?:new )?comments)
        comments?(?: (?:on|for) (?:this|our) \w+)? (?:are|is|have been|will be)(?: (?:now|currently|\
            not))? <moderated>\b
        your e-?mail address will not be published\b|required fields\b|\* required\b
        (?:we|the editors?|our editors) (?:reserve the right to|moderate|welcome (?:your )?comments)\b
    """,
    FurnitureKind.CONTACT: r"""
        was this (?:article|page|story|post|answer) (?:\w+ )?(?:helpful|useful|interesting|informative)\b
        to (?:contact|reach) the <staff>s?\b(?: responsible)? (?:on|for|of|behind) this\b|to contact the author\b
        spot(?:ted)? (?:an? )?(?:error|mistake|typo|inaccuracy)\b|letters (?:may|will|should) be (?:edited|no more)\b
        (?:see|seen|noticed|found) (?:an? )?(?:error|mistake|typo)\b.{0,30}\?|we'd (?:like|love) to hear from you\b
        (?:we|our \w+) (?:want|would like|would love|'d like|'d love) to (?:hear from you|know what you)\b
    """,
    FurnitureKind.LIVE: r"""
        (?:this|our|the) (?:live )?(?:blog|liveblog|page|coverage) (?:is|has) (?:now )?(?:closed|ended|\
            finished)\b(?! and\b)
        (?:this|our|the) (?:live )?(?:blog|liveblog|page|coverage) (?:is|has) (?:now )?(?:been closed|over|paused|\
            closing)\b
        (?:and )?that(?:'s| is) (?:all|it) (?:from (?:us|me)|for (?:now|today|tonight|our))\b(?!,)
        (?:we are|we're) (?:now )?(?:closing|wrapping up|pausing|ending) (?:this|our|the) (?:live )?(?:blog|\
            coverage|page)\b
        thanks? (?:you )?for (?:following|joining us|reading|your company)\b
    """,
    FurnitureKind.PLAYER: r"""
        (?:sorry, )?(?:your|this) (?:browser|device) (?:does not|doesn't|is not|cannot|can't)\b
        (?:this|the) <item> (?:can ?not|can't|could not) be (?:played|loaded|displayed|viewed|shown)\b
        (?:this|the) <item> (?:is not|isn't|is no longer|is currently|is un|failed)(?: to)? ?(?:play|load|\
            available|supported)
        to (?:play|view|watch|see|hear) this <item>\b.{0,20}(?:need to |must |please )(?:enable|turn on|activate|\
            allow)\b
        (?:please |you (?:need|have) to )(?:enable|turn on|activate|switch on|allow) (?:javascript|cookies)\b
        sorry, (?:this|the|that|your) <item>\b.{0,60}(?:available|found|supported|expired|problem|trouble|play)
        (?:an|a|some|unknown) (?:\w+ )?error (?:has |have )?occurred(?:$|\.|, (?:please )?try)
        something went wrong\. (?:please )?try\b|(?:video|media|audio) player is (?:loading|buffering)\b
    """,
    FurnitureKind.DISCLOSURE: r"""
        as an amazon (?:affiliate|associate)\b
        we (?:(?:may|might|can|could|will|sometimes) )?(?:earn|receive|get|\
            make) (?:an? )?(?:small )?(?:affiliate )?<commission>\b
        (?:this|our|some|some of the) (?:<item>|links?)s? (?:may |in this \w+ )?(?:contains?|includes?|\
            are) (?:\w+ )?affiliate\b
        (?:when|if) you (?:buy|purchase|shop|click|order)\b.{0,60}(?:links?|site|here|\
            article)\b.{0,30}\bwe (?:may|might|can|earn)\b
        (?:all )?prices?(?: (?:and availability|are|were))* (?:correct|accurate|subject to change)\b <published>
        .{2,50} (?:is|are) not responsible for (?:the )?(?:contents?|accuracy)\b.{0,20}(?:external|third|other|linked)
        .{2,50} (?:do|does) not endorse (?:the )?(?:contents?|views)?\b.{0,20}(?:external|third|other|linked)
        (?:this|the|our) <item>\b.{0,60}information(?:al)?(?: purposes)? only\b|our (?:editorial )?standards:
        (?:this|the|our) <item>\b.{0,60}(?:not|does not) (?:constitute|intended as|be (?:taken|construed))\b
        (?:this|the|our) <item>\b.{0,60}\bnot (?:\w+ )?(?:financial|investment|medical|legal)\b
        (?:disclaimer ?: ?)?(?:the )?(?:views|opinions)(?: and opinions)? expressed (?:in this|here|by the author|\
            above)\b
        (?:disclaimer ?: ?)?(?:the )?(?:views|opinions)(?: and opinions)? expressed are (?:those|his|her|their|the)\b
        (?:disclaimer ?: ?)?(?:the )?(?:views|opinions)(?: and opinions)? expressed by (?:our )?(?:contributors|\
            columnists)\b
        (?:these|the) views (?:are|do) (?:not|those)\b.{0,40}(?:necessarily|of the author|author's)
    """,
    FurnitureKind.PROGRAMME: r"""
        new episodes (?:are|every|each|drop|come)\b
        (?:this|the|today's|this week's) (?:episode|podcast|programme|edition|series)\b.{0,30} (?:is|\
            was) <made> (?:by|and)\b
    """,
}
"""How they begin."""

NOTICE_TERMS: Mapping[str, str] = {
    "joining": (
        r"(?:signing up|subscribing|registering|submitting|continuing|clicking|creating|providing|entering|using"
        r"|joining)"
    ),
    "item": (
        r"(?:article|story|content|page|post|video|feature|audio|clip|programme|stream|live stream|media|site|guide"
        r"|information)"
    ),
    "asked": r"(?:please|consider|you can|you'll|why not|help|sign up|subscribe|support|join|donate)",
    "site": r"(?:we|this (?:page|(?:web)?site)|our (?:web)?site|the (?:web)?site)",
    "copied": r"(?:reproduc|publish|copied|redistribut|copyright|broadcast|re-?used|stored|transmit)",
    "forbidden": r"(?:is|are) (?:strictly )?(?:prohibited|forbidden|not (?:permitted|allowed))",
    "this": (
        r"\(?(?:this|the|a version of this|a longer version of this|an earlier version of this|parts of this)"
        r" (?:article|story|post|piece|interview|essay|report|column|content|review|copy|item|text|feature|analysis)"
    ),
    "where": r"(?:in|on|at|by|as|here|with|under|for)\b",
    "licence": r"(?:permission|licen[cs]e|arrangement|agreement|creative commons)\b",
    "moderated": r"(?:closed|moderated|disabled|turned off|switched off|off|reviewed|subject to|open)",
    "commission": r"(?:commissions?|money|fees?|revenue|share)",
    "published": r"(?:(?:at|as|when) )?(?:of |the )?(?:time|this|publication|press|published|$)",
    "made": r"(?:produced|hosted|presented|edited|mixed|recorded|written|engineered)",
}
"""Terms that the notices name in angle brackets."""
