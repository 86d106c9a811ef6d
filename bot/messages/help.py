"""What the bot says of itself, in Discord's markdown."""

HELP = """**On the Record** answers from news articles, word for word, and says where each word stands.
Mention me with a question, or use `/ask`: *what did the mayor say about the bridge?* Reply to an answer to ask on.
`/said` lists what somebody said, `/check` tells whether a quotation is real, `/article` shows an article, `/latest` \
what is new. A right click on a message, under Apps, checks what it quotes.
Where the articles do not answer, I say so. Tell me by 👍 and 👎 how I did.
Who manages the server adds articles with `/ingest` and `/feeds`, and says with `/channels` where I answer."""
