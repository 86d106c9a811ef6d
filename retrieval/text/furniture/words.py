"""The words of menus, and those of calls to the reader. In tables of patterns each line is one, or several."""

from __future__ import annotations

from collections.abc import Mapping

from retrieval.english.calendar import WEEKDAYS
from retrieval.english.number_words import TO_TEN
from retrieval.text.furniture.kinds import FurnitureKind

MEDIA: Mapping[FurnitureKind, str] = {
    FurnitureKind.SHARE: "tweet retweet clipboard url link",
    FurnitureKind.NEWSLETTER: "newsletter newsletters inbox mailbox mailing unsubscribe bulletin",
    FurnitureKind.COMMENTS: "comment comments replies discussion conversation thoughts",
    FurnitureKind.APP: "app apps notifications",
    FurnitureKind.MEMBERSHIP: """subscribe subscriber subscribers subscription subscriptions account membership login
        paywall journalism newsroom donate donation supporter trial""",
    FurnitureKind.ADVERT: """ad ads advert adverts advertisement advertisements advertising advertise sponsored sponsor
        sponsors promoted""",
    FurnitureKind.PRIVACY: "cookie cookies privacy consent",
    FurnitureKind.PROGRAMME: "podcast podcasts episode episodes",
    FurnitureKind.EVENT: "quiz crossword sudoku giveaway shop",
    FurnitureKind.FOLLOW: """facebook twitter instagram youtube telegram whatsapp linkedin flipboard tiktok threads
        bluesky mastodon pinterest reddit snapchat messenger""",
    FurnitureKind.LIVE: "updates blog liveblog feed",
    FurnitureKind.PLAYER: "video videos audio player javascript",
    FurnitureKind.PICTURE: "gallery slideshow image images caption",
    FurnitureKind.NAVIGATION: "page menu homepage sitemap transcript",
    FurnitureKind.RELATED: """story stories article articles headlines news coverage features links reads reading topics
        picks""",
}
"""Things that a site has and a story is seldom about; a line of nothing but these and of `AROUND_MEDIA` is a label."""

AROUND_MEDIA = frozenset(
    """a about above accept access add agree all allow already also am an and annual any archive archives are article's
    ask at author available back be been before below best better bookmark breaking browse browser business
    button by can cancel change channel check choice choose clear click close community contact content continue
    copied copy create daily date day's debate description desktop device digital discover do don't download
    e-mail each edition editor's editors editors' email emails enable enjoy enlarge enter entire error essential
    every everything exclusive expand explore external family favorite favourite featured few find first follow
    following for free fresh friend friends from full further get getting gift give go great has have help here
    hide highlights hot if improve in independent install interested is it it's join jump just keep key know
    language later latest leave less let like liked list listen live load loading local log logged logo longer
    love made make making manage many mark may me media member members might minutes miss missed mobile month
    monthly months more morning most must mute my name need never new newest next no not now of off offer offers
    oldest on once online only open opinion opinions option options or order other others our out own page pages
    paid part partner partners parts past pause pay people personal photo photos pick picked picture pictures
    pin plan play popular post posts preferences premium previous print profile public quality questions quick
    rate read reader readers recent recommended refresh region register registered reject related reload remove
    reply report reporting request return review rss save saved say scroll search second section see seeing
    select send sent set settings share shared shopping show sign similar site skip social something sort sound
    special sport sports start started stay store submit subscribed successfully suggested support supported
    sure swipe switch tap tell text thank thanks that the them these think this tips title to today today's
    toggle top topic trending try tune turn turned twice unlimited unlock unmute up update url us use user users
    version via view viewed visit want watch watched we web website week week's weekday weekdays weekend
    weekends weekly weeks what what's window with without write wrong x year year's yes yet you you'd you'll
    you're you've your yours""".split()
).union(WEEKDAYS, TO_TEN)
"""The other words of such labels."""

TERMS: Mapping[str, str] = {
    "Cap": r"(?-i:[A-Z])",
    "name": r"(?-i:[A-Z])[\w.'-]*",
    "person": r"(?-i:[A-Z])[\w.'-]+(?: (?-i:[A-Z])[\w.'-]+){1,3}",
    "price": r"(?:[£$€₹₦]|rs\.? ?|r)\d",
    "story": (
        r"(?:stor(?:y|ies)|articles?|posts?|page|news|reports?|interviews?|pieces?|features?|videos?|blogs?|content)"
    ),
    "platform": (
        r"(?:facebook|twitter|x|instagram|youtube|telegram|whatsapp|linkedin|flipboard|tiktok|threads|bluesky"
        r"|mastodon|pinterest|reddit|google news|apple news|social media)"
    ),
    "agency": (
        r"(?:reuters|afp|getty(?: images)?|epa|ap|aap|pti|ani|ians|dpa|efe|xinhua|pa(?: media)?|shutterstock|istock"
        r"|alamy|associated press|press association)"
    ),
    "picture": (
        r"(?:(?:cover|file|lead|main|featured|top|header|stock) )?(?:images?|photo(?:graph)?s?|pictures?|pics?"
        r"|graphics?|illustrations?|screen ?(?:grab|shot)|composite|artwork|cartoon|credits?|footage)"
    ),
    "staff": (
        r"(?:writer|reporter|editor|correspondent|columnist|author|journalist|contributor|fellow|producer|blogger|host"
        r"|presenter|professor|lecturer|academic|researcher|analyst|commentator|critic|novelist|broadcaster|intern"
        r"|freelancer|photographer|historian|essayist|chief)"
    ),
}
"""Terms that patterns name in angle brackets: "<agency>"."""

CALLS = r"""
    sign ?up|subscribe|unsubscribe|register|log ?in|sign ?in|create|renew|upgrade|unlock|start|try|activate
    follow|like|love|join|connect|find|share|tag|forward|bookmark|text|whatsapp|message
    get|receive|download|install|turn on|enable|scan|open|use|access|save|set|add|manage|choose
    read|listen|watch|hear|see|view|tune in|stream|catch|play|discover|explore|browse|learn|find out
    click|tap|visit|check|check out|go to|head to|enter|buy|book|order|shop|pick up|claim|redeem|apply
    support|donate|give|become|help|consider|make|invite|nominate|vote|take|test
    tell us|let us know|let|send|submit|report|e-?mail|contact|call|reach|write to|ask|get in touch|leave|post
    stay|keep|enjoy|remember|want|have|never miss|don't miss|don't forget
"""
"""How a call to the reader begins."""

TARGETS: Mapping[FurnitureKind, str] = {
    FurnitureKind.NEWSLETTER: r"""
        newsletters?|mailing list|e-?mail address|(?:your|my|e-?mail) (?:inbox|mailbox|email)
        e-?mail (?:alerts?|updates?|digest|bulletin)|(?:headlines|news|updates|stories|alerts) by e-?mail
        (?:sign up|subscribe|register) (?:here|now|today|below)|confirm your|check your (?:e-?mail|inbox)
        (?:delivered|sent) (?:straight|direct|directly|free|to you|on|every|daily)
        (?:daily|weekly|morning|evening|breaking|news) (?:briefing|e-?mail|digest|headlines|alerts?|bulletin|update)
        (?:daily|weekly|morning|evening|breaking|news) (?:round-?up|dispatch|wrap)|round-?up of the (?:day|week|month)
        our (?:\w+ ){0,2}(?:bulletin|briefing|digest|alerts?|round-?up|e-?mails?)
    """,
    FurnitureKind.SHARE: r"""
        (?:to|with) (?:a|your) friends?|with your network
    """,
    FurnitureKind.APP: r"""
        our (?:\w+ ){0,2}apps?|app (?:store|for (?:ios|iphone|android|free))|google play|mobile app|qr code
        (?:\w+ )?apps? (?:today|now|here)|push notifications?|notifications? (?:to|for|and)
        (?:download|install|get|try|with|use) the (?:\w+ )?<Cap>[\w' ]{1,30} app\b
    """,
    FurnitureKind.MEMBERSHIP: r"""
        (?:digital|unlimited|full|premium|exclusive|ad-?free) access|free trial|free articles?|promo(?:tion)? code
        unlimited (?:reading|articles)|\w+ months? (?:for )?free|members get|keep reading|without you\b
        when you (?:subscribe|sign up|join)|as a (?:member|subscriber)
        (?:a|your|our) (?:\w+ )?(?:subscription|membership)|(?:annual|monthly|digital|print|our) subscriptions?
        subscriptions? (?:service|offer)|subscribe (?:from|for|to)|being a (?:subscriber|member|supporter)|supporter
        (?:create|open|make) (?:an?|your) (?:\w+ )?account|(?:please|must|need to) (?:log|sign) ?in\b
        become a (?:\w+ )?(?:member|subscriber|supporter|patron)|(?:donation|contribution|gift) (?:today|to)
        (?:independent|local|quality|our|free) (?:\w+ )?(?:journalism|reporting|newsroom|journalists|news)
        (?:honest|investigative|public-?interest|trusted) (?:\w+ )?(?:journalism|reporting|newsroom|journalists|news)
        (?:please|can|could) donate\b|support(?:ing)? (?:us|our (?:work|site|team))\b
        our (?:work|members|subscribers|supporters)
        (?:make|making|monthly|one-?off|small) (?:a |your )?(?:\w+ )?(?:donation|contribution|gift)
        (?:first|next) (?:\d+ )?(?:week|month|year|issue)s?\b[^.]{0,30}?<price>
    """,
    FurnitureKind.FOLLOW: r"""
        [@\w]+ (?:on|via|at)(?: our)? <platform>\b(?! (?:bar|ray|files))
        (?:us|me|him|her|follow|tag|at) @[a-z0-9_]{3,}
        (?:whatsapp|telegram|youtube|facebook|instagram) (?:channel|group|page|community|account)
    """,
    FurnitureKind.PRIVACY: r"""
        (?:accept|allow|enable|use of|our|its|manage) (?:all )?cookies|cookie (?:policy|settings)|deliver our services
        (?:our|your) (?:updated )?(?:privacy|cookie|consent)\b
    """,
    FurnitureKind.DISCLOSURE: r"""
        (?:earn|receive|get|take) (?:an? )?(?:small )?(?:affiliate )?(?:commission|fee)s?\b
        affiliate (?:links?|commission)|external (?:links|sites|websites)
        (?:our|editorial) (?:standards|guidelines|ethics)
    """,
    FurnitureKind.COMMENTS: r"""
        (?:in |through )?(?:the|our) comments?(?: section| below)?|(?:comment|thoughts|views|opinion|say) below
        leave (?:a|your) comment
    """,
    FurnitureKind.PROGRAMME: r"""
        our podcasts?|(?:the|this|our) (?:\w+ )?podcast|apple podcasts?|spotify|wherever you (?:get|listen)
        all episodes|episodes? of|(?:every|each) (?:\w+ )?(?:at|from) \d|(?:full|latest|next|new|this|every) episodes?
        on channel \d+|every (?:week)?day at
        (?:weekdays|weeknights|weekends|daily|(?:mon|tues|wednes|thurs|fri|satur|sun)days?) (?:at|from) \d
        (?:at|from) \d{1,2}(?:[.:]\d\d)? ?[ap]m (?:on|every)
    """,
    FurnitureKind.EVENT: r"""
        (?:reader|readers'|online|quick|short|our) (?:survey|poll|questionnaire)|prize draw|our (?:\w+ )?books?
        giveaway
        (?:quiz|crossword|sudoku|wordsearch|puzzle)(?:zes|s)?
        your (?:place|ticket|spot|seat)s? (?:at|for|to|now|today)
        our (?:\w+ ){0,3}(?:games?|puzzles?|quiz|events?|shop|store|competition|summit|festival|tour|bookshop|\
            photos|photographs|prints)
        (?:today's|sunday's|this week's|the latest|our latest) (?:paper|edition|issue|magazine|print edition)
    """,
    FurnitureKind.LIVE: r"""
        live (?:blog|page|updates|coverage|feed|reporting)|our coverage|as it happens
        (?:developments|updates) (?:live|here)
    """,
    FurnitureKind.PLAYER: r"""
        full (?:interview|video|programme|show|broadcast|speech) (?:on|here|at|below|above)|javascript
        our (?:\w+ )?channel
    """,
    FurnitureKind.CONTACT: r"""
        (?:write|talk|speak|reach out|send it|send them) to us|contact us\b|send us (?:your|a|an|any|the)\b
        (?:stor(?:y|ies)|tips?|news|questions?|letters?|photos|pictures|views|ideas) (?:for|with|to) us\b
        (?:memories|experiences?|feedback) (?:for|with|to) us\b|tell us (?:your|about|how|more)\b|how we can improve
        spot an error|letters? to the editor|form below
        [\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{1,40}|get in touch (?:with (?:us|our)|on|at|via|by|here|now)\b
        (?:contact|e-?mail|call|message|write to|send|tell|ask|reach|for)\b.{0,60}\bour (?:\w+ )?(?:reporters?|team)
        (?:contact|e-?mail|call|message|write to|send|tell|ask|reach|for)\b.{0,60}\bour (?:\w+ )?(?:journalists|\
            editors)
        (?:our|the) (?:\w+ )?(?:newsroom|news ?desk|news team)
        (?:via|using|through|fill(?:ing)? in|complet\w+) (?:the|our|this) (?:\w+ )?form
        (?:story|tip|photos|photographs|pictures|news|videos|letters?)[\w ,]{0,30} (?:(?:by|via|on) whatsapp|with us)
    """,
    FurnitureKind.RELATED: r"""
        (?:click|tap) here|full coverage
        [\w']+'s? (?:full|complete|live|latest) (?:\w+ )?(?:coverage|report|interview|guide)
        this week's episode|this (?:story|article|page) (?:in|with|on|to)
        (?:our|the) (?:full|complete|entire|original|whole|live|latest|special|in-?depth) (?:\w+ )?<story>
        (?:our|the) (?:full|complete|entire|original|whole|live|latest|special|in-?depth) (?:\w+ )?(?:coverage|\
            analysis)
        (?:our|the) (?:full|complete|entire|original|whole) (?:\w+ )?(?:guide|list|reporting)|the rest of the <story>
        the <story> in full
        (?:more|other|all|latest|related|similar) (?:\w+ ){0,2}(?:stories|articles|coverage|headlines|content)
        our (?:\w+ ){0,2}(?:coverage|website|site|privacy policy|terms|readers|page|homepage|stories|archive)
    """,
}
"""What a call is about: the site's own media."""
