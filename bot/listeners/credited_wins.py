"""The wins that someone is in, in `/wins` and on Home: they say whether one may be shared, or take their name out."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.permissions import Actor
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.listeners.my_wins import MyWins
from bot.services import consent_answers
from bot.services.consent_answers import AnswerResult, LeaveResult
from bot.services.idempotency import run_once
from bot.slack import payloads
from bot.views import credit, joining, refusals
from bot.views import credited_win as view
from bot.views.format import Message
from bot.views.translations import ENGLISH

Press = payloads.MessageAction | payloads.ViewAction
"""A press in the list that `/wins` answers with, or on Home."""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the buttons."""
    my_wins, home_tab = MyWins(deps), HomeTab(deps)

    async def handle(body: dict[str, Any], work: Callable[[Press, Actor], Awaitable[tuple[Message, bool]]]) -> None:
        """Do `work`, and show the list again, with the answer if Home doesn't show it by itself."""
        press = payloads.any_action(body)
        actor = await deps.access.actor(press.team_id, press.user_id, press.user_team_id)
        answer, shows_itself = await work(press, actor)
        deps.wake_scheduler()
        if isinstance(press, payloads.ViewAction):
            if not shows_itself:
                await deps.modals.open(press.team_id, press.trigger_id, refusals.error_modal(ENGLISH, answer))
            await home_tab.republish_after(press)
            return
        listed = my_wins.list(press.team_id, press.user_id, press.user_team_id, preface=answer)
        await deps.respond(press.response_url, await in_time(listed, answer), replace=True)

    async def answer(press: Press, actor: Actor, *, is_yes: bool) -> tuple[Message, bool]:
        win_id, _, revision = press.value.partition(":")
        now = deps.clock()
        work = partial(
            consent_answers.answer,
            team_id=press.team_id,
            win_id=payloads.row_id(win_id),
            actor=actor,
            revision=payloads.row_id(revision),
            is_yes=is_yes,
            now=now,
        )
        result = await run_once(deps.database, press, AnswerResult, work, now=now)
        return _ANSWERS[result](ENGLISH), result in _SHOWN

    @app.action(view.SHARE)
    async def share(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(body, partial(answer, is_yes=True))
        await ack()

    @app.action(view.DECLINE)
    async def decline(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await handle(body, partial(answer, is_yes=False))
        await ack()

    @app.action(view.LEAVE)
    async def leave(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        async def work(press: Press, actor: Actor) -> tuple[Message, bool]:
            win_id = payloads.row_id(press.value)
            leaves = partial(consent_answers.leave, team_id=press.team_id, win_id=win_id, actor=actor)
            result = await run_once(deps.database, press, LeaveResult, leaves, now=deps.clock())
            return _LEFT[result](ENGLISH), result is LeaveResult.LEFT

        await handle(body, work)
        await ack()


_ANSWERS: dict[AnswerResult, Callable[..., Message]] = {
    AnswerResult.SHARED: view.shared,
    AnswerResult.WAITING: view.waits,
    AnswerResult.KEPT_PRIVATE: view.kept_private,
    AnswerResult.UNNAMED: view.left_out,
    AnswerResult.CHANGED: credit.changed_since,
    AnswerResult.TOO_LATE: credit.too_late,
    AnswerResult.NOT_IN_IT: credit.not_in_it,
    AnswerResult.NOT_FOUND: credit.not_in_it,  # the same: a forged press may be about any win, also a private one
}
_SHOWN = {AnswerResult.SHARED, AnswerResult.WAITING, AnswerResult.KEPT_PRIVATE, AnswerResult.UNNAMED}
"""What the list itself shows."""
_LEFT: dict[LeaveResult, Callable[..., Message]] = {
    LeaveResult.LEFT: joining.left,
    LeaveResult.LEFT_BUT_SHOWN: joining.left_but_shown,
    LeaveResult.NOT_IN_IT: credit.not_in_it,
    LeaveResult.NOT_FOUND: credit.not_in_it,
}
