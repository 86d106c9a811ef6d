"""Labels: lines that are no sentences. In tables of patterns each line is one, or several."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.text.furniture.kinds import FurnitureKind

LABELS: Mapping[FurnitureKind, str] = {
    FurnitureKind.SHARE: r"""
        share(?: now| today)?|tweet|print|copy|e-?mail|share (?:&|and) save|send to (?:an? )?friend|pin it|bookmark
        copy link|save (?:for|until) later|link copied.{0,40}
        (?:share|save|print|rate|review) it|share (?:by|via|on|with|to) \w+|share (?:options|tools|with .{1,30})
        (?:e-?mail|tell|invite|text) a friend|click to share on .{1,60}
        (?:share|send|e-?mail|print|gift|save|post|tweet|pin|forward) (?:this|to an? friend).{0,40}
        (?:share|send|e-?mail|print|gift|save|post|tweet|pin|forward) (?:on|via|by|to) <Cap>.{0,40}
    """,
    FurnitureKind.NEWSLETTER: r"""
        newsletters?(?: sign-?up)?|unsubscribe|sign (?:me )?up(?: (?:now|today|here|free|for free|below))*
        no spam\b.{0,60}
        (?:get|receive|enable|turn on) (?:\w+ )?(?:breaking |news |e-?mail |push )+alerts?\b.{0,40}
    """,
    FurnitureKind.COMMENTS: r"""
        (?:\(?\d[\d,.k]*\)? )?(?:(?:no )?comments|comment)(?: \(?\d[\d,.k]*\)?)?|repl(?:y|ies)|leave a reply
        (?:view|show|see|read|hide|load)(?: all)? \d[\d,]* (?:comments|replies)|be the first to \w+|have your say
        join the (?:debate|conversation|discussion|chat)|what do you think(?: (?:of|about) (?:this|it))?
        tell us(?: what you think)?(?: below| here)?|let us know(?: (?:below|here|what you think))*
    """,
    FurnitureKind.APP: r"""
        (?:available|get it|download(?: it)?|find it)(?: now)? (?:on|from|in|at) (?:the )?app store\b.{0,40}
        (?:available|get it|download(?: it)?|find it)(?: now)? (?:on|from|in|at) (?:google play|ios|android)\b.{0,40}
        (?:scan|use) (?:the|this|our) qr code\b.{0,60}|open in app|google play|app store
    """,
    FurnitureKind.MEMBERSHIP: r"""
        (?:log|sign) ?(?:in|on|out)|register|subscribe|donate|join(?: us)? (?:now|today|free)|upgrade(?: now)?
        support (?:us|our work)(?: .{0,40})?|give what you can|buy (?:us|me) a (?:coffee|beer|pint|cup of tea)
        members only|(?:exclusive|premium) content|(?:exclusive|only|free) (?:to|for) (?:our )?(?:members|subscribers)
        cancel any ?time|(?:try|get)\b.{0,20} free for \d+ days|(?:register|log in|sign in|subscribe) to \w+\b.{0,60}
        (?:already|not|are you|still not)(?: yet)?(?: an?| already an?)* (?:subscribed|subscriber|member)(?: yet)?
    """,
    FurnitureKind.ADVERT: r"""
        ads?|advert|adverts|advertisement|advertisements|advertising|advertorial|sponsored|promoted|promotion
        paid content|ad break|sponsor(?:ed)? message
        (?:ad|advert|advertisement|advertiser|advertising) (?:feature|content)
        (?:in (?:association|partnership)) with <Cap>.{1,40}
        (?:ads?|sponsored|promoted|presented|powered|supported|brought to you|paid for) by (?:the )?<Cap>.{1,40}
        (?:featured|from our|a (?:message|word) from our) (?:partner|sponsor|advertiser)s?
        (?:paid|partner|branded|brand|sponsored|promoted)(?: (?:partnership|content|post|message|feature|promotion))+
        (?:paid|partner|branded|brand|sponsored|promoted) stor(?:y|ies)
        (?:content|stor(?:y|ies)|messages?|offers?|more) (?:from|by) (?:our|a|an) (?:\w+ )?(?:sponsor|partner|\
            advertiser)s?
        (?:stor(?:y|ies)|article|post|text|page|interview|content) (?:continues|resumes)
        (?:stor(?:y|ies)|article|post|text|page|interview|content) (?:continues|resumes) (?:below|after|beneath|\
            here).{0,40}
        (?:adverti[sz]\w+[^\w]{1,5})?scroll (?:down )?(?:to|for) \w+\b.{0,30}
        shop (?:now|here|online|the (?:look|collection|edit|sale|range))
    """,
    FurnitureKind.PRIVACY: r"""
        (?:accept|reject|allow|manage|decline|customi[sz]e)(?: (?:and|&|all|close|continue|options|choices|my|your))+
        (?:accept|reject|allow|manage|decline|customi[sz]e)(?: (?:settings|preferences|additional|necessary|\
            optional))+
        accept|do not sell (?:or share )?my\b.{0,40}|your privacy choices|we (?:value|respect|care about) your privacy
        (?:privacy|cookies?) (?:policy|notice|statement|settings|preferences)
        terms (?:of|and|&) (?:use|service|conditions)
        (?:privacy|cookie) (?:policy|notice|statement|settings) ?(?:[|,/·•&]|and) ?(?:privacy|cookies?|terms|\
            contact|about).{0,40}
        (?:terms(?: (?:of|and|&) \w+)?|contact|about)(?: us)? ?(?:[|,/·•&]|and) ?(?:privacy|cookies?|terms|\
            contact|about).{0,40}
    """,
    FurnitureKind.FOLLOW: r"""
        (?:follow|like|find) (?:us|me|him|her|them)(?: .{0,6})?|follow @\w+|connect with us
    """,
    FurnitureKind.LIVE: r"""
        live|live (?:updates?|coverage|reporting|now|feed|text)|as it happened|blog closed
        (?:follow|watch|listen) live|key events|pinned(?: post| update)?
        (?:load|show|see|view) (?:more|all|new|latest|older|earlier|less)(?: .{0,20})?|refresh (?:for|to)\b.{0,30}
        (?:latest|newest|oldest|most recent) (?:first|last|posts?|entries)|new (?:posts|entries) available|sort by \w+
        (?:jump|go|back|skip|return|scroll)(?: down| up)? (?:to|for)(?: the)? (?:latest|live|most recent|\
            bottom)\b.{0,20}
        (?:(?:last )?updated|posted|published)?[: ]*just now(?: by .{1,30})?
        (?:(?:last )?updated|posted|published)?[: ]*\d+ ?(?:[smhd]|mins?|minutes?|hours?|hrs?|\
            days?) ago(?: by .{1,30})?
    """,
    FurnitureKind.PLAYER: r"""
        (?:play|pause|watch|mute|unmute|replay)(?: (?:now|live|again|play|unmute|listen|watch|video|clip))*
        (?:click|tap) to (?:play|unmute|listen|watch)|loading|press play\b.{0,20}|watch full \w+|videos?|captions?
        audio description|now playing|(?:watch )?live tv
        (?:video|audio|media|live) (?:is )?(?:loading|buffering|unavailable)
    """,
    FurnitureKind.PICTURE: r"""
        (?:enlarge|expand|view|open|close|hide|show)(?: (?:this|the|full-?size|large))* (?:images?|photos?|\
            pictures?|caption)
        (?:view|open|close|show) (?:the )?galler\w+|(?:photo|picture) gallery|photo illustration
        in (?:pictures|photos)
        (?:see|view|more) (?:photos|pictures|pics)
        \(?(?:with |-+ )?<agency>(?:(?:, ?|/| and | & | via )(?:<agency>|\w{2,3}))*\)?
    """,
    FurnitureKind.CONTACT: r"""
        (?:get in touch|contact us|write to us|e-?mail us|tip us off|send us (?:a|your) tips?)(?: (?:now|here|\
            today|below))?
        (?:get in touch|contact us|write to us|e-?mail us) (?:with us|with (?:our|the) .{1,30}|at .{1,60})
        (?:contact|e-?mail|message|follow) the (?:author|reporter|editor|newsdesk)\b.{0,60}|rate this \w+
        (?:report|flag) an? \w+ with this \w+|correct this \w+
        (?:report|flag|submit|suggest|send)(?: us)? (?:an?|any) ?(?:\w+ or )?(?:correction|error|typo|mistake|\
            tip)s?(?: or \w+)?
        was this (?:(?:article|page|story|post|answer) )?(?:\w+ )?(?:helpful|useful|interesting|informative)
    """,
    FurnitureKind.NAVIGATION: r"""
        (?:about )?\d+[ -]?min(?:ute)?s?\.?(?: of)? (?:read(?:ing)?|listen|watch)(?: time)?|(?:#\w+ ?){2,20}
        (?:(?:estimated )?(?:reading|read|listening) time|time to read)\b.{0,30}|print edition|e-?paper
        (?:text|font) size
        back to (?:the )?(?:top|home|main|start|contents|news|list)\b.{0,20}
        skip (?:to|past|over|advert|navigation|links?)\b.{0,50}
        (?:jump|go) to (?:content|top|comments|section|navigation)
        home(?: ?(?:>|/|\||›|»|→|::) ?[\w&' ]{1,30}){1,6}
        (?:slide |image |photo |page )?\d+ ?(?:of|/) ?\d+|table of contents|tags|topics|categories|listen \(.{1,12}\)
        forgot(?: your)? password
        (?:write|work|contact|about|advertise)(?: for| with)? us|faqs?|sitemap|rss(?: feeds?)?|read the rest\b.{0,40}
        (?:previous|next|prev|older|newer)(?: (?:article|story|posts?|page|stories|articles|slide|entry)| ?[>»→<«])?
        (?:show|view|see|read|expand|collapse|close)(?: (?:all|more|less|full|the|this|article|story|text|details))+
        (?:click|tap|swipe|scroll|press)(?: (?:here|left|right|up|down|through))*
        (?:click|tap|swipe|scroll|press)(?: here)? (?:to|for) (?:expand|enlarge|zoom|see|view|open|read|play)\b.{0,40}
        (?:click|tap|swipe|scroll|press)(?: here)? (?:to|for) (?:continue|more|navigate|unmute|close|reveal)\b.{0,40}
        \d[\d.,]*[km]? (?:shares?|views?|likes?|comments?|reads?|reactions?|replies|followers?)
        listen to (?:this|the) (?:article|story|post)\b.{0,30}|(?:continue|keep|start) reading(?: .{0,40})?
    """,
    FurnitureKind.RELATED: r"""
        (?:see|more|read|also|watch|listen|up|coming)(?: (?:also|more|next|on|this|now|up))+
        read (?:this|these) next|also (?:on|from|worth|of) [\w' -]{3,30}
        (?:more|articles|stories) (?:from|by) (?:the|this) author
        (?:play|try|check out|explore|browse|download|read|listen to|watch|view|test|see|take|get|join|visit|buy|\
            book|order)\
            (?: [\w'-]+){0,4} our [\w' -]{3,50}
        read|up next|up next in \w+|related(?: \w+)?|recommended|trending|must[ -]reads?|further reading
        more like this|next up|what else is making news|(?:get|buy|book) your tickets
        best of the (?:week|month|year|day|web)|more from this \w+
        (?:most|best|top|must|recently)[ -](?:read|popular|viewed|shared|watched|commented|discussed|clicked|added)
        (?:most|best|top)[ -](?:read|popular|viewed|shared|watched) (?:in|on|from|this|today|now)\b.{0,40}
        (?:the )?(?:editors?'?s?'?|staff|readers'?) (?:picks?|choices?|selections?|recommendations?|favou?rites?)
        (?:recommended|suggested|picked|selected|trending|popular|featured|chosen) (?:for you|now|today|\
            this (?:week|month))
        (?:recommended|suggested|picked|selected|trending|popular|featured|chosen) by (?:our|the) .{1,30}
        (?:recommended|suggested|picked|selected|trending|popular|featured|chosen) (?:on|in|at) <Cap>.{0,30}
        (?:popular|trending) (?:in|on|with) (?:the|our|your) \w+|(?:explore|discover|dig|go) (?:more|deeper)
        (?:what to (?:read|watch|listen to) next|what to read|what (?:others|people) are (?:reading|\
            watching))(?: now| today)?
        (?:what (?:we're|we are) (?:reading|watching)|what's (?:hot|trending|popular))(?: now| today)?
        (?:you|we) (?:may|might|will|would|could|should|'ll)(?: also)?(?: think you'll)? (?:like|love|\
            enjoy)(?: this| these)?
        (?:you|we) (?:may|might|will|would|could|should)(?: also)? (?:be interested in|want to read|\
            have missed)(?: this| these)?
        (?:people|others|readers|users)(?: who .{1,30})? (?:also|are also|are) \w+(?: this| now)?
        (?:read|see|find|view|watch|hear|listen to|get|download|check)\b.{1,60}\b(?:full|list|results|\
            text)\b.{0,20} here
        (?:buy (?:your )?tickets|book|read|view|watch|listen|download|sign up|register|apply|donate|\
            vote)\b[\w' -]{0,40} (?:here|below)
        (?:world|local|national|international|business|sports?|breaking|uk|us) news|(?:click|tap) here\b.{0,60}
        (?:latest|more|news) from (?:our [\w -]{1,30}|the newsroom)|more on (?:the|this|our) [\w' -]{3,40}
        (?:more|also|latest|top|other|all|news|stories)(?: <story>)? (?:from|in|on|by) (?:(?:the|this|\
            our) )?(?:<Cap>[\w'&.-]*(?: |$)){1,5}
        (?:more|read it|watch it|listen) (?:here|at|on):? ?(?:https?:|www\.)\S+
        other (?:stories|news|articles) .{1,40}
        (?:around|across|elsewhere on|from|more from)(?: (?:the|across|around))+ (?:web|internet|network|site)
        (?:also )?in (?:other|the|today's|this) (?:news|section|series|issue|headlines)
        (?:if|in case) you missed (?:it|this)
        don't miss(?: (?:this|these|it|out))?
        from (?:our|the) (?:archives?|partners?|vaults?|magazine|blogs?|newsroom)
    """,
    FurnitureKind.COPYRIGHT: r"""
        all rights reserved
    """,
    FurnitureKind.SYNDICATION: r"""
        \(?with (?:\w+ )?(?:inputs?|files|additional (?:inputs?|reporting)|(?:agency|agencies|wire) (?:inputs?|\
            reports?))
        \(?with (?:\w+ )?(?:inputs?|files|additional (?:inputs?|reporting)) from\b.{1,60}
        (?:originally|first|previously) (?:published|appeared|posted|printed|aired|broadcast)(?: here)? (?:by|on|\
            at|in) \S+\.\S+
    """,
    FurnitureKind.DISCLOSURE: r"""
        affiliate (?:disclosure|links)
        (?:the )?(?:usual |full |other )?(?:terms|t&cs?)(?: (?:and|&) conditions)?(?: may)? apply
        (?:the )?(?:views|opinions)(?: expressed)?(?: are)?(?: strictly| purely)? (?:personal|his own|her own|\
            the author's own)
        (?:read|see|view) (?:our|about our) (?:editorial|ethics|standards|corrections|approach|policy|\
            guidelines)\b.{0,60}
    """,
    FurnitureKind.PROGRAMME: r"""
        (?:listen|watch|stream)(?: (?:now|live|here|again|free))* (?:on|via|in) <Cap>[\w ]{1,30}
        (?:apple|google) podcasts|spotify
    """,
}
"""What a whole line consists of, marks and arrows around it aside."""

OPENINGS: Mapping[FurnitureKind, str] = {
    FurnitureKind.SHARE: r"""
        share (?:on|via)\b|click to (?:share|e-?mail|print)\b
    """,
    FurnitureKind.NAVIGATION: r"""
        (?:tags?|categor(?:y|ies)|topics?|keywords?|hashtags?|filed(?: to)?|tagged)\s*:
        (?:filed|tagged|posted) (?:under|in|with)\b
        read more about\s*:|skip (?:to|past|advert)|scroll (?:down|to)|continue reading|show (?:more|less)
        view (?:all|gallery)
    """,
    FurnitureKind.RELATED: r"""
        (?:see|read) also\b|also (?:read|see)\b|related articles?\b|recommended reading\b
    """,
    FurnitureKind.ADVERT: r"""
        advertis(?:ement|ing)\b|sponsored\b
    """,
    FurnitureKind.PICTURE: r"""
        \(?<picture> ?(?:(?:credits?|sources?|captions?)\b|(?:and \w+ )?(?:by|via|courtesy)\b|copyright|©)
        \(?<picture> ?[:/|] ?(?:(?:by|via|courtesy|of|the|and|for|from|file|[/|,@©&()-]|\
            (?-i:[A-Z0-9])[\w.'@-]*)[ /|,]*){1,14}$
        \(?(?:file|archive|library|stock|representational|representative|handout) (?:photo(?:graph)?|image|\
            picture|pic)s?\b
        (?:video|graphics?|maps?|charts?) by <Cap>|(?:courtesy|credit|pictured)(?: of)? ?:|\(?<agency>/<Cap>
        (?:story|article|text|photos?|images?|video) courtesy\b|\(?<agency> (?:photo|images?|file|pool|graphic)\b
    """,
    FurnitureKind.COPYRIGHT: r"""
        copyright\b|\(c\)\s
    """,
    FurnitureKind.SYNDICATION: r"""
        source\s*:\s*[^.]{2,60}$|(?:sources?|more|also|related)\s*:?$
    """,
    FurnitureKind.LIVE: r"""
        live\s*:|(?:last )?(?:updated|modified|edited)\s*(?:on|at|:)
    """,
    FurnitureKind.NEWSLETTER: r"""
        (?:sign up|subscribe) (?:for|to) (?:our |the )?<Cap>|sign up (?:for|to) our\b
    """,
    FurnitureKind.BIO: r"""
        about the authors?\b|author bio\b|written by$
    """,
    FurnitureKind.FOLLOW: r"""
        follow (?:us|him|her|them|me)\b|follow (?:<name> ?){1,4}(?:on\b|@|:)
    """,
}
"""How lines begin that are no sentences."""

TEASERS = r"""
    (?:(?:read|see|learn|hear) more|more (?:from|on|about))(?: [\w'&-]+){1,6} ?[:|] ?(?=(?-i:[^a-z\s]))
    <teaser>(?: (?:<story>|also|more|next|now|on|here|this|about|from|the|full|related|reading|like|enjoy|\
        interested|in|be))*<headline>
    <teaser>(?: (?:coverage|read|live|topics?|watch|links?))*<headline>
"""
"""A label with the headline that it leads to."""

TEASER_TERMS: Mapping[str, str] = {
    "teaser": (
        r"(?:(?:don't|do not) miss|must[- ]reads?|read|see|also|watch|listen|next|up next|coming up|related|recommended"
        r"|more|you (?:may|might)|gallery|in (?:pictures|photos|pics|depth|focus)|photos|video|podcast|audio|quiz"
        r"|live updates"
        r"|full coverage|explained|explainer|opinion|analysis|fact check|editor's pick|top stor(?:y|ies))"
    ),
    "headline": r" ?[:|>»→-] ?(?=(?-i:[^a-z\s])|inside\b|how\b|why\b|what\b|the |a |our )",
}

CAPTIONS = r"""
    (?:<picture>|caption|video|source|listen|watch|related|subscribe|click)\b[^.:]{0,12}:
    (?:see also|read also|sign up|follow us|share this)\b[^.:]{0,12}:
"""
"""How captions and pointers begin that stay in a text because they are sentences."""

LINKED_OPENINGS = r"""
    (?:don't|do not) miss\b|must[- ]reads?\b|recommended\b|what to read\b|(?:keep|further) reading\b|trending\b
    you (?:may|might)(?: also)? (?:like|enjoy|be interested)\b|more (?:from|on|stories|news|coverage|like)\b
    read (?:more|next|also|on|the full)\b|also (?:read|see|on)\b|see (?:also|more)\b|top stories\b
    most (?:read|popular)\b|editors?'?s?'? (?:picks?|choice)\b
    (?:related|popular|other|similar|latest|recent) (?:articles?|stories|posts?|news|content|links?|topics|\
        reading|coverage)\b
"""
"""How lines begin that lead to other stories where a page has them as links or headings."""
