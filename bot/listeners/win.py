"""`/win`: someone saves a win. So does the button under a `/wins` that looks like one.

`save_once` has bot/services/wins.py store the win with its announcement, and wakes the sender, which posts that. A
`/win` without text opens the form.
"""

from collections.abc import Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.commands import HELP, TypedCommand, read_command
from bot.domain.remembered import Remembered
from bot.domain.win_limits import TooManyWins
from bot.domain.wins import Mention, parse_win
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.help import help_command
from bot.listeners.saved_win import OfferedPeople
from bot.listeners.slash_command import SlashCommand
from bot.listeners.subcommands import Subcommands
from bot.listeners.typed_text import read_typed
from bot.listeners.win_form import WinForm
from bot.services import wins
from bot.slack import command_text, payloads
from bot.storage.wins import NewWin
from bot.views import asking, ephemeral
from bot.views.format import MAX_VALUE_LENGTH, Message
from bot.views.translations import ENGLISH
from bot.views.waiting import waiting


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for /win, and for the button."""
    form, offered_people = WinForm(deps), OfferedPeople(deps)
    # Who (team, channel, user) has saved a win, as far as this process remembers: they were offered a schedule then.
    known_authors: Remembered[tuple[str, str, str], bool] = Remembered()
    subcommands = Subcommands(deps)

    async def save_once(
        request: payloads.SlashCommand | payloads.MessageAction, text: str, key: str, *, may_repeat: bool = False
    ) -> Message:
        """Save a win, once for each key, and return the reply: a confirmation, or a question if it is a repetition."""
        draft = parse_win(*await read_typed(deps, request.team_id, text))
        author = (*request.channel_key, request.user_id)
        new_win = NewWin(
            draft,
            request.team_id,
            None if request.is_in_dm else request.channel_id,
            key,
            Mention(request.user_id, request.user_name),
            deps.clock(),
        )
        button_value = text if len(text) <= MAX_VALUE_LENGTH else None
        try:
            saved = await wins.save(
                deps.database,
                new_win,
                limits=deps.win_limits,
                response_url=request.response_url,
                is_known_author=author in known_authors,
                is_in_group=request.is_in_group,
                may_repeat=may_repeat,
            )
        except wins.Repeated:
            return asking.repeated(ENGLISH, command_text.readable(text).strip(), value=button_value)
        except TooManyWins as refusal:
            readable = command_text.readable(text).strip()
            return asking.wait_a_while(ENGLISH, refusal, readable, value=button_value, may_repeat=may_repeat)
        if not request.is_in_dm:
            known_authors[author] = True
        deps.wake_sender(request.channel_key)
        mentioned_ids = [person.user_id for person in draft.credited]
        bot_ids = await in_time(deps.bots_among(request.team_id, mentioned_ids), set()) if mentioned_ids else ()
        is_private, is_in_group = request.is_in_dm, request.is_in_group
        offered = () if is_private or saved.is_held else await in_time(offered_people.find(author, draft), ())
        return ephemeral.win_saved(
            ENGLISH,
            draft,
            saved.id,
            bot_ids=bot_ids,
            is_private=is_private,
            is_in_group=is_in_group,
            held=waiting(ENGLISH, request.channel_id, is_in_group=is_in_group) if saved.is_held else "",
            offered=offered,
        )

    async def handle_command(command: dict[str, Any], ack: Callable[..., Any]) -> None:
        slash_command = payloads.slash_command(command)
        text = slash_command.text
        if not text.strip():
            await (ack() if (refusal := await form.open_by_command(slash_command)) is None else ack(refusal))
            return
        if read_command(text) == TypedCommand(HELP, ""):
            await ack(await help_command(deps, slash_command))
            return
        question = subcommands.ask_if_misplaced(slash_command)
        await ack(question or await save_once(slash_command, text, slash_command.idempotency_key))

    app.use(SlashCommand("/win", handle_command))

    async def handle_button(body: dict[str, Any], ack: Callable[..., Any], *, may_repeat: bool) -> None:
        action = payloads.message_action(body)
        # The message with the button is shown to one person, and saves one win, however often the button is pressed.
        key = f"saved:{action.user_id}:{action.channel_id}:{action.message_ts}"
        answer = await save_once(action, action.value, key, may_repeat=may_repeat)
        await deps.respond(action.response_url, answer, replace=True)
        await ack()

    @app.action(ephemeral.SAVE_AS_WIN)
    async def save_as_win(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_button(body, ack, may_repeat=False)

    @app.action(asking.SAVE_AGAIN)
    async def save_again(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle_button(body, ack, may_repeat=True)
