"""/help, and the text that a mention without a question gets."""

from __future__ import annotations

from discord import app_commands

from bot.discord_app.commands import AnyCommand
from bot.discord_app.responses import respond
from bot.discord_app.sending import Visibility
from bot.discord_app.services import Interaction
from bot.workers.replies import Reply

HELP_TEXT = """**On the Record** answers from news articles, word for word, and shows where each word comes from.
Mention me with a question, or use `/ask`: *what did the mayor say about the bridge?* Reply to an answer to ask a \
follow-up question.
`/said` lists what somebody said, `/check` tells whether a quotation is real, `/article` shows an article, `/latest` \
lists new ones. Right-click a message and choose Apps to check what it quotes.
If the articles do not answer your question, I say so. Rate my answers with 👍 and 👎.
Those who manage the server add articles with `/ingest` and `/feeds`, and choose where I answer with `/channels`."""


@app_commands.command(name="help", description="What I can do, and how to ask.")
async def show_help(interaction: Interaction) -> None:
    """Explain how to ask, to the member alone."""
    await respond(interaction, _make_reply, Visibility.PRIVATE)


async def _make_reply() -> Reply:
    return Reply.from_text(HELP_TEXT, "help")


COMMANDS: tuple[AnyCommand, ...] = (show_help,)
