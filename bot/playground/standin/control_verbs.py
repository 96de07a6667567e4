"""What a program can do at the control address: every public coroutine of Verbs is a verb.

People and channels are given by id or by name, workspaces by team id, messages by channel and ts.
"""

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.playground.standin.delivery import Answer, Delivery
from bot.playground.standin.faults import Fault
from bot.playground.standin.ledger import Call, Sent
from bot.playground.standin.limits import Limits
from bot.playground.standin.messages import Message
from bot.playground.standin.workspace import Channel, Person, Workspace

if TYPE_CHECKING:
    from bot.playground.standin.standin import StandIn

_LIMITS = ("enabled", "posts_per_second", "post_burst")


class Verbs:
    """The same verbs that StandIn has, with JSON for arguments and results."""

    def __init__(self, slack: "StandIn") -> None:
        self._slack = slack
        self._sent: dict[str, Delivery] = {}

    # The app and the connection

    async def app(self) -> dict[str, Any]:
        """What a bot needs to connect: addresses, tokens, signing secret, workspaces."""
        slack = self._slack
        return {
            "api_url": slack.api_url,
            "app_id": slack.app_id,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "request_url": slack.request_url,
            "workspaces": [
                {"team_id": one.team_id, "name": one.name, "bot_token": one.bot_token, "bot_user_id": one.bot_user_id}
                for one in slack.world.workspaces.values()
            ],
        }

    async def request_url(self, url: str | None) -> None:
        """Deliver by HTTP to this address, or by Socket Mode (null)."""
        self._slack.request_url = url

    async def verify_url(self, challenge: str = "a-challenge") -> bool:
        """Send url_verification to the request URL; whether it was answered rightly."""
        return await self._slack.verify_url(challenge)

    async def wait_connected(self, timeout: float = 10) -> None:  # noqa: ASYNC109  # it is an argument in JSON
        """Answer once the bot can be reached."""
        await self._slack.wait_connected(timeout)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask each Socket Mode connection to be replaced."""
        await self._slack.socket.disconnect(reason)

    async def go_silent(self) -> None:
        """Leave the open Socket Mode connections unanswered from now on."""
        self._slack.socket.go_silent()

    async def reset_connections(self) -> None:
        """Break the Socket Mode connections."""
        self._slack.socket.reset()

    async def uninstall(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """Remove the app from a workspace."""
        return [self._answer(each) for each in await self._slack.uninstall(self._workspace(workspace))]

    # The scene

    async def add_person(self, name: str, workspace: str | None = None, **details: Any) -> dict[str, Any]:
        """Add a person; further: real_name, tz, is_admin, guest."""
        return _person(self._slack.add_person(name, workspace=self._workspace(workspace), **details))

    async def add_channel(
        self,
        name: str,
        members: list[str] | None = None,
        private: bool = False,
        with_bot: bool = True,
        creator: str | None = None,
    ) -> dict[str, Any]:
        """Add a channel with these members."""
        people = [self._person(each) for each in members or []]
        founder = self._person(creator) if creator else None
        return _channel(
            self._slack.add_channel(name, private=private, members=people, with_bot=with_bot, creator=founder)
        )

    async def open_dm(self, person: str, other: str | None = None) -> dict[str, Any]:
        """The direct message of a person with the bot, or with another person."""
        return _channel(self._slack.open_dm(self._person(person), self._person(other) if other else None))

    async def people(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """The people of a workspace."""
        return [_person(each) for each in self._workspace(workspace).people.values()]

    async def channels(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """The channels of a workspace."""
        return [_channel(each) for each in self._workspace(workspace).channels.values()]

    # Acting as people

    async def slash(self, person: str, channel: str, line: str) -> dict[str, Any]:
        """Type a command and wait for its acknowledgement."""
        who = self._person(person)
        return self._answer(await self._slack.slash(who, self._channel(channel), line))

    async def press(
        self, person: str, channel: str, ts: str, action_id: str, *, value: str | None = None, index: int = 0
    ) -> dict[str, Any]:
        """Press a button of a message, or choose the option with this value."""
        who, message = self._person(person), self._message(channel, ts)
        return self._answer(await self._slack.press(who, message, action_id, value, index))

    async def react(self, person: str, channel: str, ts: str, name: str, wait: bool = True) -> dict[str, Any]:
        """Put an emoji under a message."""
        who = self._person(person)
        return self._answer(await self._slack.react(who, self._channel(channel), ts, name, wait))

    async def unreact(self, person: str, channel: str, ts: str, name: str, wait: bool = True) -> dict[str, Any]:
        """Take an emoji away from a message."""
        who = self._person(person)
        return self._answer(await self._slack.unreact(who, self._channel(channel), ts, name, wait))

    async def say(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> dict[str, Any]:
        """Post as a person."""
        return _message(await self._slack.say(self._person(person), self._channel(channel), text, thread_ts))

    async def change_person(self, person: str, **changes: Any) -> dict[str, Any]:
        """Change a profile: name, real_name, tz, is_admin, guest, deleted."""
        return self._answer(await self._slack.change_person(self._person(person), **changes))

    async def invite_bot(self, channel: str, by: str | None = None) -> dict[str, Any]:
        """Make the bot a member."""
        inviter = self._person(by) if by else None
        return self._answer(await self._slack.invite_bot(self._channel(channel), inviter))

    async def remove_bot(self, channel: str) -> dict[str, Any]:
        """Remove the bot from a channel."""
        return self._answer(await self._slack.remove_bot(self._channel(channel)))

    async def join(self, channel: str, person: str) -> dict[str, Any]:
        """Make a person a member."""
        return self._answer(await self._slack.join(self._channel(channel), self._person(person)))

    async def leave(self, channel: str, person: str) -> dict[str, Any]:
        """End a person's membership."""
        return self._answer(await self._slack.leave(self._channel(channel), self._person(person)))

    async def archive(self, channel: str) -> dict[str, Any]:
        """Archive a channel."""
        return self._answer(await self._slack.archive(self._channel(channel)))

    async def unarchive(self, channel: str) -> dict[str, Any]:
        """Bring an archived channel back."""
        return self._answer(await self._slack.unarchive(self._channel(channel)))

    async def rename(self, channel: str, name: str) -> dict[str, Any]:
        """Rename a channel."""
        return self._answer(await self._slack.rename(self._channel(channel), name))

    async def resend(self, delivery: str) -> dict[str, Any]:
        """Deliver once more what an earlier answer called `delivery`."""
        if delivery not in self._sent:
            raise LookupError(f"no delivery {delivery!r}")
        return self._answer(await self._slack.resend(self._sent[delivery]))

    # Looking

    async def read(self, channel: str, person: str | None = None) -> list[dict[str, Any]]:
        """The messages of a channel: what all see, or what one person sees."""
        place = self._channel(channel)
        messages = self._slack.seen_by(self._person(person), place) if person else self._slack.posts(place)
        return [_message(each) for each in messages]

    async def ledger(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """The calls received, of one method if given, with numbers above `after`."""
        return [_line(call) for call in self._slack.ledger.calls(method) if call.number > after]

    async def deliveries(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """What was sent to the bot: slash_commands, interactive or events_api, with numbers above `after`."""
        return [_line(sent) for sent in self._slack.ledger.deliveries(kind) if sent.number > after]

    # Time, faults, limits

    async def clock(self) -> dict[str, Any]:
        """The present of the stand-in, and its distance from real time."""
        clock = self._slack.clock
        return {"now": clock.now().isoformat(), "offset": clock.offset.total_seconds()}

    async def move_clock(
        self, to: str | None = None, seconds: float | None = None, force: bool = False
    ) -> dict[str, Any]:
        """Move the clock `to` an ISO time with a zone, or by `seconds`; forward unless forced."""
        if (to is None) == (seconds is None):
            raise ValueError("give either `to` or `seconds`")
        if to is not None:
            self._slack.clock.move_to(datetime.fromisoformat(to), force=force)
        else:
            self._slack.clock.move_by(timedelta(seconds=seconds or 0), force=force)
        return await self.clock()

    async def fault(self, method: str, kind: Any, times: int | None = 1, **options: Any) -> dict[str, Any]:
        """Let calls of a method go wrong: retry_after, name, seconds, effect, channel, probability, seed."""
        return _fault(self._slack.fault(method, kind, times, **options))

    async def faults(self) -> list[dict[str, Any]]:
        """The faults that may still strike."""
        return [_fault(each) for each in self._slack.world.faults.active()]

    async def clear_faults(self) -> None:
        """Forget all faults."""
        self._slack.clear_faults()

    async def history_lag(self, seconds: float) -> None:
        """Let a post show in the history only after some seconds."""
        self._slack.set_history_lag(seconds)

    async def limits(self, **changes: Any) -> dict[str, Any]:
        """Read or change the rate limits: enabled, posts_per_second, post_burst."""
        limits: Limits = self._slack.limits
        if set(changes) - set(_LIMITS):
            raise ValueError(f"limits have {', '.join(_LIMITS)}")
        for name, value in changes.items():
            setattr(limits, name, value)
        return {name: getattr(limits, name) for name in _LIMITS}

    # Finding what is meant

    def _workspace(self, team_id: str | None) -> Workspace:
        workspaces = self._slack.world.workspaces
        return workspaces[team_id or self._slack.team_id]

    def _person(self, named: str) -> Person:
        for workspace in self._slack.world.workspaces.values():
            person = workspace.people.get(named) or workspace.person_named(named)
            if person:
                return person
        raise LookupError(f"no person {named!r}")

    def _channel(self, named: str) -> Channel:
        for workspace in self._slack.world.workspaces.values():
            channel = workspace.channels.get(named) or workspace.channel_named(named)
            if channel:
                return channel
        raise LookupError(f"no channel {named!r}")

    def _message(self, channel: str, ts: str) -> Message:
        for message in self._channel(channel).messages:
            if message.ts == ts:
                return message
        raise LookupError(f"no message {ts} in {channel!r}")

    def _answer(self, answer: Answer) -> dict[str, Any]:
        self._sent[answer.request.id] = answer.request
        return {
            "status": answer.status,
            "payload": answer.payload,
            "elapsed": answer.elapsed,
            "error": answer.error,
            "delivery": answer.request.id,
        }


def _person(person: Person) -> dict[str, Any]:
    return asdict(person)


def _channel(channel: Channel) -> dict[str, Any]:
    return {each.name: getattr(channel, each.name) for each in fields(channel) if each.repr}


def _message(message: Message) -> dict[str, Any]:
    return message.to_slack(include_metadata=True) | {
        "plain": message.plain(),
        "permalink": message.permalink,
        "ephemeral_to": message.ephemeral_to,
    }


def _line(entry: Call | Sent) -> dict[str, Any]:
    return asdict(entry) | {"at": entry.at.isoformat()}


def _fault(fault: Fault) -> dict[str, Any]:
    return {each.name: getattr(fault, each.name) for each in fields(fault) if each.repr}
