"""The verbs of the control address: every public coroutine of Verbs is one.

People and channels are given by id or by name, workspaces by team id, messages by channel and ts.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from slack_standin.control.lookup import (
    channel_to_json,
    fault_to_json,
    line_to_json,
    message_to_json,
    person_to_json,
    view_to_json,
)
from slack_standin.control.people_verbs import PeopleVerbs
from slack_standin.model.rate_limits import Limits

_LIMITS = ("enabled", "posts_per_second", "post_burst")


class Verbs(PeopleVerbs):
    """StandIn's methods, with JSON for arguments and results."""

    # The app and the connection

    async def app(self) -> dict[str, Any]:
        """What a bot needs to connect: addresses, tokens, signing secret, workspaces."""
        slack = self._slack
        return {
            "api_url": slack.api_url,
            "app_id": slack.app_id,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "client_id": slack.client_id,
            "client_secret": slack.client_secret,
            "authorize_url": slack.authorize_url,
            "request_url": slack.request_url,
            "workspaces": [
                {"team_id": one.team_id, "name": one.name, "bot_token": one.bot_token, "bot_user_id": one.bot_user_id}
                for one in slack.world.workspaces.values()
            ],
        }

    async def request_url(self, url: str | None) -> None:
        """Deliver by HTTP to this address, or by Socket Mode (null)."""
        self._slack.request_url = url

    async def bot_origin(self, url: str | None) -> None:
        """Deliver by HTTP to the manifest's own paths at this origin, or by Socket Mode (null)."""
        self._slack.bot_origin = url

    async def verify_url(self, challenge: str = "a-challenge") -> bool:
        """Send url_verification to the request URL; whether it was answered rightly."""
        return await self._slack.verify_url(challenge)

    async def wait_connected(self, timeout: float = 30) -> None:  # noqa: ASYNC109  # it is an argument in JSON
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
        """Add a person; more fields: names, email, tz, locale, the status, is_admin, is_owner, guest."""
        return person_to_json(self._slack.add_person(name, workspace=self._workspace(workspace), **details))

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
        return channel_to_json(
            self._slack.add_channel(name, private=private, members=people, with_bot=with_bot, creator=founder)
        )

    async def open_dm(self, person: str, other: str | None = None) -> dict[str, Any]:
        """The direct message of a person with the bot, or with another person."""
        return channel_to_json(self._slack.open_dm(self._person(person), self._person(other) if other else None))

    async def people(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """The people of a workspace."""
        return [person_to_json(each) for each in self._workspace(workspace).people.values()]

    async def channels(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """The channels of a workspace."""
        return [channel_to_json(each) for each in self._workspace(workspace).channels.values()]

    # Queries

    async def read(self, channel: str, person: str | None = None) -> list[dict[str, Any]]:
        """The messages of a channel that everyone sees, or that one person sees."""
        place = self._channel(channel)
        messages = self._slack.seen_by(self._person(person), place) if person else self._slack.posts(place)
        return [message_to_json(each) for each in messages]

    async def modals(self, person: str) -> list[dict[str, Any]]:
        """The modals that a person has open, the visible one last."""
        return [view_to_json(each) for each in self._slack.modals(self._person(person))]

    async def home(self, person: str) -> dict[str, Any] | None:
        """The Home tab that the bot published for a person."""
        view = self._slack.home(self._person(person))
        return view_to_json(view) if view else None

    async def changes(self, since: int = 0, person: str | None = None) -> dict[str, Any]:
        """The changes after a number; `changes` is null if some are no longer kept, so read everything again."""
        viewer = self._person(person) if person else None
        number, changes = self._slack.world.feed.number, self._slack.changes_since(since, viewer)
        return {"number": number, "changes": None if changes is None else [asdict(each) for each in changes]}

    async def ledger(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """The calls received, of one method if given, with numbers above `after`."""
        return [line_to_json(call) for call in self._slack.ledger.calls(method) if call.number > after]

    async def deliveries(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """The payloads sent to the bot: slash_commands, interactive or events_api, with numbers above `after`."""
        return [line_to_json(sent) for sent in self._slack.ledger.deliveries(kind) if sent.number > after]

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
        return fault_to_json(self._slack.fault(method, kind, times, **options))

    async def faults(self) -> list[dict[str, Any]]:
        """The active faults."""
        return [fault_to_json(each) for each in self._slack.world.faults.active()]

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
