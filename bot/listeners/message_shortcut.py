"""The shortcut "Save as a win" on a message, also in a thread: it opens the form with what the message says."""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.entered_win import EnteredWin
from bot.domain.markup import cut_short
from bot.domain.text_to_bot import without_bot
from bot.domain.win_form import with_whose
from bot.domain.wins import MAX_LENGTH
from bot.listeners.dependencies import Dependencies
from bot.listeners.messages_to_bot import BOT_NAME
from bot.listeners.win_form import WinForm
from bot.slack import command_text, message_payloads
from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT
from bot.slack.message_payloads import MessageShortcut
from bot.views import suggestions
from bot.views.cheer_buttons import CHEER
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the shortcut."""
    form = WinForm(deps)

    @app.shortcut(SAVE_MESSAGE_SHORTCUT)
    async def save_message(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        shortcut = message_payloads.message_shortcut(body)
        bot_user_id = deps.clients.of(shortcut.team_id).workspace.bot_user_id
        is_unsigned = shortcut.sender_id is None and CHEER in shortcut.buttons
        if is_unsigned or shortcut.sender_id == bot_user_id:
            await deps.modals.open(shortcut.team_id, shortcut.trigger_id, suggestions.own_message(ENGLISH))
            await ack()
            return
        about: dict[str, Any] = {
            "channel_id": shortcut.channel_id,
            "entered": entered_win(shortcut, bot_user_id),
            "source": shortcut.source,
        }
        whom = (shortcut.team_id, shortcut.user_id)
        was_opened = await form.open(
            shortcut.trigger_id,
            *whom,
            **about,
            response_url=shortcut.response_url,
            is_in_group=shortcut.is_in_group,
        )
        if not was_opened:
            again = await form.answer_with_button(*whom, **about)
            await deps.respond(shortcut.response_url, again, thread_ts=shortcut.source.thread_ts)
        await ack()


def entered_win(shortcut: MessageShortcut, bot_user_id: str) -> EnteredWin:
    """Return what the form is filled in with: the message, as its author's win, or the user's if an app wrote it.

    If it is the user's, it is also that of the people mentioned in it, as when they type it. A long message is cut to
    what a win may have. The win links to it.
    """
    text, _ = command_text.parse(shortcut.text)
    text = without_bot(text, bot_user_id, name=BOT_NAME)
    whose = () if shortcut.author_id in (None, shortcut.user_id) else (shortcut.author_id,)
    channel_id = None if shortcut.is_in_dm else shortcut.channel_id
    text = cut_short(text, MAX_LENGTH)
    entered = EnteredWin(text, whose=whose, channel_id=channel_id, is_private=channel_id is None)
    return with_whose(entered, shortcut.user_id)
