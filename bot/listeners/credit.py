"""The buttons of the messages to people in wins: whether a win may be shared, and how they want to be named."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.consent import Preference
from bot.listeners.dependencies import Dependencies
from bot.services import credit
from bot.services.credit import Press, PressResult
from bot.services.idempotency import run_once
from bot.slack import payloads
from bot.views import credit as views
from bot.views import ephemeral, joining
from bot.views.translations import ENGLISH


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""

    async def handle(action: payloads.MessageAction, service: Callable[..., PressResult], **values: Any) -> None:
        """Have the service handle a press. The message then shows the result."""
        now = deps.clock()
        key, _, _ = action.value.partition(":")
        press = Press(action.team_id, action.channel_id, action.message_ts, action.user_id, key)
        work = partial(service, press=press, now=now, **values)
        result = await run_once(deps.database, action, PressResult, work, now=now)
        deps.wake_scheduler()
        if result is not PressResult.DONE:
            await deps.respond(action.response_url, _REFUSALS[result](ENGLISH))

    async def answer(body: dict[str, Any], *, is_yes: bool) -> None:
        action = payloads.message_action(body)
        revision = payloads.row_id(action.value.partition(":")[2])
        await handle(action, credit.answer, revision=revision, is_yes=is_yes)

    @app.action(views.YES)
    async def say_yes(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await answer(body, is_yes=True)
        await ack()

    @app.action(views.NO)
    async def say_no(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await answer(body, is_yes=False)
        await ack()

    @app.action(views.LEAVE)
    async def leave(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(payloads.message_action(body), credit.leave)
        await ack()

    @app.action(views.CHOOSE_SHARE)
    async def choose_share(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(payloads.message_action(body), credit.choose, preference=Preference.SHARE)
        await ack()

    @app.action(views.CHOOSE_ASK)
    async def choose_ask(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(payloads.message_action(body), credit.choose, preference=Preference.ASK)
        await ack()

    @app.action(views.CHOOSE_NEVER)
    async def choose_never(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(payloads.message_action(body), credit.choose, preference=Preference.NEVER)
        await ack()

    @app.action(views.STOP)
    async def stop(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(payloads.message_action(body), credit.set_messages, wants_messages=False)
        await ack()

    @app.action(views.RESUME)
    async def resume(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(payloads.message_action(body), credit.set_messages, wants_messages=True)
        await ack()


_REFUSALS = {
    PressResult.CHANGED: views.changed_since,
    PressResult.TOO_LATE: views.too_late,
    PressResult.NOT_IN_IT: views.not_in_it,
    PressResult.NOT_FOUND: ephemeral.win_not_found,
    PressResult.LEFT_BUT_SHOWN: joining.left_but_shown,
    PressResult.NOT_RECIPIENT: views.not_your_message,
}
