"""Sends lists, and turns their pages when somebody presses a button."""

from __future__ import annotations

from bot.discord_app.permissions import is_admin, require_admin
from bot.discord_app.responses import fetch_reply, respond_in_turn, respond_with_request
from bot.discord_app.sending import Visibility
from bot.discord_app.services import Interaction
from bot.messages.button_ids import ButtonId
from bot.workers.lists import AnyList, PagedList
from bot.workers.protocol import ShowList
from bot.workers.replies import Reply
from bot.workers.scope import scope_of

NO_LONGER_KEPT = "This is no longer kept here. Please ask again."


async def send_list(interaction: Interaction, options: AnyList) -> None:
    """Answer a command with a list; one for admins is refused to others and seen by the admin alone."""
    if options.admins_only and not await require_admin(interaction):
        return
    visibility = Visibility.PRIVATE if options.admins_only else Visibility.PUBLIC
    await respond_with_request(interaction, ShowList(guild=interaction.guild_id, options=options), visibility)


async def turn_page(interaction: Interaction, button: ButtonId) -> None:
    """Show another page in the place of the one under which a button was pressed."""
    services, guild = interaction.client.services, interaction.guild_id
    admin = is_admin(interaction)

    async def work() -> Reply:
        options = await services.replies.find(button.key, scope_of(guild))
        if not isinstance(options, PagedList) or (options.admins_only and not admin):
            return Reply.from_text(NO_LONGER_KEPT, "forgotten", aside=True)
        return await fetch_reply(services, ShowList(guild=guild, options=options, page=button.page, key=button.key))

    await respond_in_turn(interaction, work, Visibility.IN_PLACE, "button page")
