"""`/wins preview` shows what a roundup would say now, `/wins post` posts it before its time."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelUnreachable
from bot.domain.permissions import Action
from bot.domain.roundups import RoundupPart
from bot.domain.wins import Win
from bot.listeners.idempotent import run_once
from bot.services.access import Access
from bot.slack import deadline, payloads
from bot.slack.response_url import Respond
from bot.storage import roundups, users
from bot.storage.channels import Channel
from bot.storage.database import Database
from bot.views import preview as view
from bot.views.format import Message, Names
from bot.views.format import channel as shown_channel
from bot.views.roundup import Link

Compose = Callable[[Connection, Channel], list[list[Win]]]
"""compose(connection, channel): its open wins, in the parts of a roundup."""
PostNow = Callable[..., int]


class Early:
    """Roundups before their time, shown or posted."""

    def __init__(
        self,
        database: Database,
        gate: Access,
        *,
        compose: Compose,
        answer: Respond,
        link: Link,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._gate = gate
        self._compose = compose
        self._answer = answer
        self._link = link
        self._clock = clock

    async def preview(self, asked: payloads.SlashCommand, _typed: str) -> Message:
        """Return what would be posted now; what does not fit into one message comes behind it."""
        _, channel = await self._gate.authorize(Action.SEE, *asked.channel_key, asked.user_id, is_here=True)
        now = self._clock()
        parts, names = await self._database.read(partial(self._foretold, channel=channel, now=now))
        if not parts:
            return view.nothing_to_tell(channel)
        shown = view.preview(parts, names, channel=channel, link=self._link, now=now)
        before = await self._shown_before(asked.response_url, shown[:-1])
        return view.with_rest(shown[before], sum(len(part.wins) for part in parts[before + 1 :]))

    async def _shown_before(self, response_url: str, messages: Sequence[Message]) -> int:
        """Show what comes before the last message, and return how many of these Slack took, in their order.

        The acknowledgement, which goes out when all is done, shows the one behind them.
        """
        taken = 0
        with suppress(TimeoutError):
            async with deadline.within(deadline.RESPONSE_BUDGET):
                for each in messages:
                    if not await self._answer(response_url, each):
                        break
                    taken += 1
        return taken

    async def post(self, asked: payloads.SlashCommand, _typed: str) -> Message:
        """Ask whether to post what is there now, and say what becomes of the next roundup."""
        _, channel = await self._gate.authorize(Action.CHANGE, *asked.channel_key, asked.user_id, is_here=True)
        if channel is not None and channel.away is not None:
            raise ChannelUnreachable(channel.away)
        parts, _ = await self._database.read(partial(self._foretold, channel=channel, now=self._clock()))
        if channel is None or not parts:
            return view.nothing_to_tell(channel)
        wins = [win for part in parts for win in part.wins]
        elsewhere = parts[0].target_channel_id
        return view.question(
            len(wins),
            up_to=max(win.id for win in wins),
            next_due_at=channel.next_due_at,
            zone=roundups.zone_of(channel),
            elsewhere=None if elsewhere == channel.channel_id else shown_channel(elsewhere),
        )

    def _foretold(
        self, connection: Connection, channel: Channel | None, now: datetime
    ) -> tuple[list[RoundupPart], Names]:
        if channel is None:
            return [], {}
        parts = roundups.foretold(channel, self._compose(connection, channel), now=now)
        people_in = {person for part in parts for person in part.user_ids}
        return parts, users.names(connection, channel.team_id, people_in)


def register(
    app: AsyncApp,
    *,
    database: Database,
    gate: Access,
    post_now: PostNow,
    answer: Respond,
    look: Callable[[], None],
    clock: Callable[[], datetime],
) -> None:
    """Listen for the buttons of the question; `look` makes the outbox look for what is owed."""

    @app.action(view.POST_NOW)
    async def post(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        press = payloads.message_action(body)
        up_to = payloads.row_id(press.value)
        place = (press.team_id, press.channel_id)
        actor, channel = await gate.authorize(Action.CHANGE, *place, press.user_id, press.user_team_id)
        if channel is not None and channel.away is not None:
            raise ChannelUnreachable(channel.away)
        now = clock()
        told = await run_once(
            database,
            press,
            now=now,
            work=lambda connection: {"wins": post_now(connection, actor, *place, up_to=up_to, now=now)},
        )
        look()
        await answer(press.response_url, view.posted(told["wins"], channel), replace=True)
        await ack()

    @app.action(view.NOT_NOW)
    async def not_now(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await answer(payloads.message_action(body).response_url, view.not_posted(), replace=True)
        await ack()
