"""A Slack of a few dictionaries: it keeps messages with their metadata, fails as it is told to, and watches the bot.

What a request does is done a moment before its answer comes, and happens even if the caller is gone by then. Its
time is that of the request: a clock that leaps meanwhile (the bot's machine slept) leaves it where it was.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.rate_limits import WORKSPACE_SPACING
from slack_standin.model.rate_limits import Limits, Tier
from tests.stateful.clock import Clock
from tests.stateful.faults import FaultPlan
from tests.stateful.naming import NAMED, WIN, Naming

REQUEST_SECONDS = 0.05
"""Seconds until a request has its effect; the answer comes as much later."""
TIMEOUT = 10.0
PAGE = 3
PRIVATE_KNOWN_WITHIN = 10.0
"""Seconds after which the bot must have learned that a channel has become private: it was not asked about just now."""
READS = ("conversations.history", "conversations.replies")
NO_PICTURES = "no_pictures"
"""Slack refuses messages with images, and takes the others."""
FAULTS = {
    # name: (whether Slack did it, seconds until then)
    "http_500_before": (False, 0.0),
    "http_500_after": (True, REQUEST_SECONDS),
    "internal_error_before": (False, 0.0),
    "internal_error_after": (True, REQUEST_SECONDS),
    "reset_before": (False, 0.0),
    "reset_after": (True, REQUEST_SECONDS),
    "unreadable": (True, REQUEST_SECONDS),
    "timeout": (False, 0.0),
    "timeout_after": (True, REQUEST_SECONDS),
    "timeout_and_later": (True, TIMEOUT + 9.0),
    "ratelimited": (False, 0.0),
    "locked_out": (False, 0.0),
    "no_connection": (False, 0.0),
    NO_PICTURES: (False, 0.0),
}
CERTAIN_FAULTS = ("ratelimited", "locked_out", "no_connection", NO_PICTURES)


@dataclass
class Message:
    """A message, with the key in its metadata and the wins that it has ever shown; who the note's reader is."""

    channel_id: str
    ts: str
    key: str
    thread_ts: str | None
    posted_at: float
    text: str = ""
    deleted: bool = False
    shown_wins: set[int] = field(default_factory=set)
    says: dict[str, Any] = field(default_factory=dict)
    """Its text and its blocks."""

    def set_text(self, arguments: dict[str, Any]) -> None:
        """Let it say something else."""
        self.text = arguments["text"]
        self.says = {"text": arguments["text"], "blocks": arguments.get("blocks")}
        self.shown_wins |= self.win_numbers

    @property
    def win_numbers(self) -> set[int]:
        """The numbers of the wins that it shows now."""
        return {int(number) for number in WIN.findall(self.text)}


class Slack(AsyncWebClient):
    """Two workspaces' Slack, as far as the outbox knows it. `teams` says whose a channel or person is."""

    def __init__(self, clock: Clock, teams: dict[str, str], people: dict[str, dict[str, Any]]) -> None:
        super().__init__(token="xoxb-machine", retry_handlers=[])
        self._clock = clock
        self._teams = teams
        self.team_ids = sorted(set(teams.values()))
        self.profiles = people
        self._number = 0
        self.fault_plan = FaultPlan()
        self.messages: list[Message] = []
        self.violations: list[str] = []
        self.faults: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self.refusals: dict[str, str] = {}
        self.private_since: dict[str, float] = {}
        self.home_channels: dict[int, str] = {}
        """The channel of each win that has one, by the win's number."""
        self.may_read_history = False
        self.history_lag = 0.0
        self.settle_seconds = 60.0
        self.posted_via_response_url: list[tuple[str, str]] = []
        self.response_url_fails: list[bool] = []
        self._retry_at: dict[tuple[str, str], float] = {}
        self._limits = Limits()
        self.update_count = 0
        self._uncertain: dict[str, tuple[str, str | None, float]] = {}
        self.confirmed_missing: set[str] = set()
        self.offers: set[tuple[str, str]] = set()
        self.naming = Naming()
        self.absent: set[tuple[str, str]] = set()
        """Who (user id) is not in a channel (its id)."""

    def forget_rate_limits(self) -> None:
        """The bot starts again: it can't know what Slack told the last one."""
        self._retry_at.clear()
        self._limits = Limits()

    def set_private(self, channel_id: str, *, private: bool, now: float) -> None:
        """Make a channel private, or public again; `now` is the loop's time."""
        if private:
            self.private_since.setdefault(channel_id, now)
        else:
            self.private_since.pop(channel_id, None)

    def _refusal(self, channel_id: str) -> str | None:
        """Why the bot can't do anything in a channel; one who is not in a private channel can't see it."""
        error = self.refusals.get(channel_id)
        return "channel_not_found" if error == "not_in_channel" and channel_id in self.private_since else error

    def confirm_missing(self, key: str) -> None:
        """A person says that the message is not there: from now on it may be posted again."""
        self._uncertain.pop(key, None)
        if any(message.key == key for message in self.messages):
            self.confirmed_missing.add(key)

    def messages_in(self, channel_id: str) -> list[Message]:
        """What stands in a channel."""
        return [message for message in self.messages if message.channel_id == channel_id and not message.deleted]

    async def respond(self, url: str, message: dict[str, Any], *, in_channel: bool = False, **_: Any) -> bool:
        """Take an answer through a response_url."""
        await self.fault_plan.pass_point()
        fails = self.response_url_fails.pop() if self.response_url_fails else False
        if in_channel and not fails:
            self.posted_via_response_url.append((url, message["text"]))
            self._look_at("", message)
        await self.fault_plan.pass_point()
        return not fails

    async def api_call(self, api_method: str, *, json: Any = None, params: Any = None, **_: Any) -> AsyncSlackResponse:
        arguments = dict(json or params)
        team_id = self._teams[arguments.get("user") or arguments["channel"].removeprefix("D")]
        await self.fault_plan.pass_point()
        self._watch(api_method, team_id, arguments)
        fault, seconds = self.faults[api_method].pop(0) if self.faults[api_method] else ("", 0)
        if fault == NO_PICTURES and "'type': 'image'" not in str(arguments.get("blocks")):
            fault = ""
        has_effect, after = FAULTS.get(fault, (True, REQUEST_SECONDS))
        response: dict[str, Any] = {}
        if has_effect:
            work = partial(getattr(self, "_" + api_method.replace(".", "_")), arguments | {"at": self._now() + after})
            asyncio.get_running_loop().call_later(after, lambda: response.update(work()))
        await asyncio.sleep(TIMEOUT if fault.startswith("timeout") else 2 * REQUEST_SECONDS)
        await self.fault_plan.pass_point()
        error = _error(fault, seconds, response)
        if fault == "ratelimited":
            self._retry_at[team_id, api_method] = asyncio.get_running_loop().time() + seconds
        self._note_response(api_method, arguments, fault, response)
        if error is not None:
            raise error
        return _response(response, 200, {})

    def _now(self) -> float:
        return self._clock.true_now().timestamp()

    # What is watched.

    def _watch(self, method: str, team_id: str, arguments: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        if method in WORKSPACE_SPACING and now < self._retry_at.get((team_id, method), 0.0):
            self.violations.append(f"{method} inside a Retry-After")
        if method == "chat.update":
            self.update_count += 1
            if self._limits.wait(team_id, method, Tier.THREE):
                self.violations.append("more updates in a minute than Slack allows")
        if method in ("chat.postMessage", "chat.update"):
            self._watch_private_channels(arguments["channel"], arguments["text"], now)
        if method != "chat.postMessage":
            return
        key = arguments["metadata"]["event_payload"]["key"]
        if key in self._uncertain:
            self.violations.append("a message of unknown outcome was posted again without having been looked for")
        self._uncertain[key] = (arguments["channel"], arguments.get("thread_ts"), now)

    def _watch_private_channels(self, channel_id: str, text: str, now: float) -> None:
        if channel_id.startswith(("U", "D")):
            return  # a note to its author, or to someone in it
        for number in map(int, WIN.findall(text)):
            home = self.home_channels.get(number, channel_id)
            if home != channel_id and now - self.private_since.get(home, now) > PRIVATE_KNOWN_WITHIN:
                self.violations.append("a win of a private channel is told elsewhere")

    def _note_response(self, method: str, arguments: dict[str, Any], fault: str, response: dict[str, Any]) -> None:
        """Note what the bot knows by now."""
        if method == "chat.postMessage" and (fault in CERTAIN_FAULTS or not fault):
            self._uncertain.pop(arguments["metadata"]["event_payload"]["key"], None)
        if method in READS and not fault and response.get("ok") and not response["response_metadata"]["next_cursor"]:
            now = asyncio.get_running_loop().time()
            for key, (channel_id, thread_ts, since) in list(self._uncertain.items()):
                if (
                    channel_id == arguments["channel"]
                    and thread_ts == arguments.get("ts")
                    and now - since >= self.settle_seconds
                ):
                    del self._uncertain[key]

    def _look_at(self, channel_id: str, says: dict[str, Any]) -> None:
        """Look at what people are about to read. An author reads every name."""
        reader_id = channel_id.removeprefix("D") if channel_id.startswith("D") else None
        if reader_id is None or reader_id[1] in map(str, NAMED):
            self.violations += self.naming.wrongs(reader_id, says)

    # What Slack does.

    def _chat_postMessage(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's own name
        channel_id = arguments["channel"]
        if (error := self._refusal(channel_id)) is not None:
            return {"ok": False, "error": error}
        if channel_id.startswith("U"):
            channel_id = f"D{channel_id}"
        key = arguments["metadata"]["event_payload"]["key"]
        if any(message.key == key for message in self.messages) and key not in self.confirmed_missing:
            self.violations.append("a message was posted twice")
        at: float = arguments["at"]
        self._number += 1
        ts = f"{at:.0f}.{self._number:06}"
        message = Message(channel_id, ts, key, arguments.get("thread_ts"), at)
        message.set_text(arguments)
        self._look_at(channel_id, message.says)
        self.messages.append(message)
        return {"ok": True, "ts": ts, "channel": channel_id}

    def _chat_postEphemeral(self, arguments: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's own name
        if (error := self._refusal(arguments["channel"])) is not None:
            return {"ok": False, "error": error}
        if (offer := (arguments["channel"], arguments["user"])) in self.offers:
            self.violations.append("an offer was made twice")
        self.offers.add(offer)
        return {"ok": True, "message_ts": f"{arguments['at']:.6f}"}

    def _conversations_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        error = self._refusal(arguments["channel"])
        if error == "channel_not_found":
            return {"ok": False, "error": error}
        return {
            "ok": True,
            "channel": {
                "id": arguments["channel"],
                "creator": f"U1{self._teams[arguments['channel']]}",
                "is_private": arguments["channel"] in self.private_since,
                "is_member": error != "not_in_channel",
                "is_archived": error == "is_archived",
            },
        }

    def _chat_update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        def update(message: Message) -> None:
            message.set_text(arguments)
            self._look_at(message.channel_id, message.says)

        return self._change(arguments, update)

    def _chat_delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        def delete(message: Message) -> None:
            message.deleted = True

        return self._change(arguments, delete)

    def _change(self, arguments: dict[str, Any], change: Callable[[Message], None]) -> dict[str, Any]:
        if (error := self._refusal(arguments["channel"])) is not None:
            return {"ok": False, "error": error}
        for message in self.messages_in(arguments["channel"]):
            if message.ts == arguments["ts"]:
                change(message)
                return {"ok": True, "ts": message.ts, "channel": message.channel_id}
        return {"ok": False, "error": "message_not_found"}

    def _conversations_history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._page(
            arguments, [message for message in self.messages_in(arguments["channel"]) if message.thread_ts is None]
        )

    def _conversations_replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        thread = [m for m in self.messages_in(arguments["channel"]) if arguments["ts"] in (m.ts, m.thread_ts)]
        return self._page(arguments, thread) if thread else {"ok": False, "error": "thread_not_found"}

    def _page(self, arguments: dict[str, Any], messages: list[Message]) -> dict[str, Any]:
        if not self.may_read_history:
            return {"ok": False, "error": "missing_scope"}
        if (error := self._refusal(arguments["channel"])) in ("not_in_channel", "channel_not_found"):
            return {"ok": False, "error": error}
        oldest, latest = float(arguments["oldest"]), float(arguments.get("latest", "inf"))
        visible = [
            m for m in messages if m.posted_at + self.history_lag <= arguments["at"] and oldest < float(m.ts) < latest
        ]
        begin = int(arguments.get("cursor") or 0)
        more = begin + PAGE < len(visible)
        page = [
            {"ts": m.ts, "metadata": {"event_type": "winsome_delivery", "event_payload": {"key": m.key}}}
            for m in visible[begin : begin + PAGE]
        ]
        return {"ok": True, "messages": page, "response_metadata": {"next_cursor": str(begin + PAGE) if more else ""}}

    def _users_conversations(self, arguments: dict[str, Any]) -> dict[str, Any]:
        user_id = arguments["user"]
        own = [
            channel_id
            for channel_id, team_id in self._teams.items()
            if channel_id[0] == "C" and team_id == user_id[-2:]
        ]
        channels = [{"id": channel_id} for channel_id in own if (user_id, channel_id) not in self.absent]
        return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": ""}}

    def _users_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "user": self.profiles[arguments["user"]]}


def _error(fault: str, seconds: int, response: dict[str, Any]) -> Exception | None:
    """What the SDK makes of a request's end."""
    if not fault:
        return None if response.get("ok") else _api_error({"ok": False, "error": response["error"]})
    if fault.startswith("timeout"):
        return TimeoutError()
    name = fault.removesuffix("_before").removesuffix("_after")
    errors = {
        "http_500": _api_error({}, 500),
        "internal_error": _api_error({"ok": False, "error": "internal_error"}),
        "reset": aiohttp.ClientOSError("reset"),
        "unreadable": SlackApiError("no JSON", {"body": "<html>"}),  # type: ignore[no-untyped-call]  # the SDK's
        "ratelimited": _api_error({"ok": False}, 429, {"Retry-After": str(seconds)}),
        "locked_out": _api_error({"ok": False, "error": "account_inactive"}),
        NO_PICTURES: _api_error({"ok": False, "error": "invalid_blocks"}),
        "no_connection": aiohttp.ConnectionTimeoutError(),
    }
    return errors[name]


def _api_error(data: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    return SlackApiError("failed", _response(data, status, headers or {}))  # type: ignore[no-untyped-call]  # the SDK's


def _response(data: dict[str, Any], status: int, headers: dict[str, str]) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers, status_code=status
    )
