"""A Slack of a few dictionaries: it keeps messages with their metadata, fails as it is told to, and watches the bot.

What a request does is done a moment before its answer comes, and happens even if whoever asked is gone by then. Its
time is that of the request: a clock that leaps meanwhile (the bot's machine slept) leaves it where it was.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbox.sender import NOT_IN_CHANNEL_ERRORS
from bot.slack.rate_limits import WORKSPACE_SPACING
from tests.stateful.clock import Clock
from tests.stateful.faults import FaultPlan

ARRIVES = 0.05
"""Seconds until a request has its effect; the answer comes as much later."""
TIMEOUT = 10.0
PAGE = 3
MEANWHILE = 10.0
"""Seconds after which the bot must have learned that a channel has become private: it was not asked about just now."""
READS = ("conversations.history", "conversations.replies")
FAULTS = {
    # name: (whether Slack did it, seconds until then)
    "http_500_before": (False, 0.0),
    "http_500_after": (True, ARRIVES),
    "internal_error_before": (False, 0.0),
    "internal_error_after": (True, ARRIVES),
    "reset_before": (False, 0.0),
    "reset_after": (True, ARRIVES),
    "unreadable": (True, ARRIVES),
    "timeout": (False, 0.0),
    "timeout_after": (True, ARRIVES),
    "timeout_and_later": (True, TIMEOUT + 9.0),
    "ratelimited": (False, 0.0),
    "locked_out": (False, 0.0),
    "no_connection": (False, 0.0),
}
CERTAIN = ("ratelimited", "locked_out", "no_connection")
WIN = re.compile(r"win-(\d+)")


@dataclass
class Message:
    """A message, with the key in its metadata and the wins that it has ever shown; who the note's reader is."""

    channel_id: str
    ts: str
    key: str
    thread_ts: str | None
    at: float
    text: str = ""
    deleted: bool = False
    shown: set[int] = field(default_factory=set)

    def says(self, text: str) -> None:
        """Let it say something else."""
        self.text = text
        self.shown |= self.tells

    @property
    def tells(self) -> set[int]:
        """The numbers of the wins that it shows now."""
        return {int(number) for number in WIN.findall(self.text)}


class Slack(AsyncWebClient):
    """Two workspaces' Slack, as far as the outbox knows it. `teams` says whose a channel or person is."""

    def __init__(self, clock: Clock, teams: dict[str, str], people: dict[str, dict[str, Any]]) -> None:
        super().__init__(token="xoxb-machine", retry_handlers=[])
        self._clock = clock
        self._teams = teams
        self._people = people
        self._number = 0
        self.fuse = FaultPlan()
        self.messages: list[Message] = []
        self.broken: list[str] = []
        self.faults: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self.refusals: dict[str, str] = {}
        self.private_since: dict[str, float] = {}
        self.homes: dict[int, str] = {}
        """The channel of each win that has one, by the win's number."""
        self.scopes = False
        self.lag = 0.0
        self.settle = 60.0
        self.told_by_url: list[tuple[str, str]] = []
        self.url_fails: list[bool] = []
        self._waits_until: dict[tuple[str, str], float] = {}
        self._uncertain: dict[str, tuple[str, str | None, float]] = {}
        self.by_word: set[str] = set()
        self.offers: set[tuple[str, str]] = set()

    def restarts(self) -> None:
        """The bot starts again: it can't know what Slack told the last one."""
        self._waits_until.clear()

    def becomes(self, channel_id: str, *, private: bool, now: float) -> None:
        """Make a channel private, or public again; `now` is the loop's time."""
        if private:
            self.private_since.setdefault(channel_id, now)
        else:
            self.private_since.pop(channel_id, None)

    def _refusal(self, channel_id: str) -> str | None:
        """Why the bot can't do anything in a channel; one who is not in a private channel can't see it."""
        why = self.refusals.get(channel_id)
        return "channel_not_found" if why == "not_in_channel" and channel_id in self.private_since else why

    def word(self, key: str) -> None:
        """A person says that the message is not there: from now on it may be posted again."""
        self._uncertain.pop(key, None)
        if any(message.key == key for message in self.messages):
            self.by_word.add(key)

    def at(self, channel_id: str) -> list[Message]:
        """What stands in a channel."""
        return [message for message in self.messages if message.channel_id == channel_id and not message.deleted]

    async def answer(self, url: str, said: dict[str, Any], *, in_channel: bool = False, **_: Any) -> bool:
        """Take an answer through a response_url."""
        await self.fuse.pass_point()
        fails = self.url_fails.pop() if self.url_fails else False
        if in_channel and not fails:
            self.told_by_url.append((url, said["text"]))
        await self.fuse.pass_point()
        return not fails

    async def api_call(self, api_method: str, *, json: Any = None, params: Any = None, **_: Any) -> AsyncSlackResponse:
        asked = dict(json or params)
        team_id = self._teams[asked.get("user") or asked["channel"].removeprefix("D")]
        await self.fuse.pass_point()
        self._watch(api_method, team_id, asked)
        fault, seconds = self.faults[api_method].pop(0) if self.faults[api_method] else ("", 0)
        does, after = FAULTS.get(fault, (True, ARRIVES))
        answer: dict[str, Any] = {}
        if does:
            work = partial(getattr(self, "_" + api_method.replace(".", "_")), asked | {"at": self._now() + after})
            asyncio.get_running_loop().call_later(after, lambda: answer.update(work()))
        await asyncio.sleep(TIMEOUT if fault.startswith("timeout") else 2 * ARRIVES)
        await self.fuse.pass_point()
        error = _error(fault, seconds, answer)
        if fault == "ratelimited":
            self._waits_until[team_id, api_method] = asyncio.get_running_loop().time() + seconds
        self._is_told(api_method, asked, fault, answer)
        if error is not None:
            raise error
        return _response(answer, 200, {})

    def _now(self) -> float:
        return self._clock.true_now().timestamp()

    # What is watched.

    def _watch(self, method: str, team_id: str, asked: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        if method in WORKSPACE_SPACING and now < self._waits_until.get((team_id, method), 0.0):
            self.broken.append(f"{method} inside a Retry-After")
        if method != "chat.postMessage":
            return
        key = asked["metadata"]["event_payload"]["key"]
        for number in map(int, WIN.findall(asked["text"])):
            home = self.homes.get(number, asked["channel"])
            if home != asked["channel"] and now - self.private_since.get(home, now) > MEANWHILE:
                self.broken.append("a win of a private channel is told elsewhere")
        if key in self._uncertain:
            self.broken.append("a message of unknown outcome was posted again without having been looked for")
        self._uncertain[key] = (asked["channel"], asked.get("thread_ts"), now)

    def _is_told(self, method: str, asked: dict[str, Any], fault: str, answer: dict[str, Any]) -> None:
        """Note what the bot knows by now."""
        if method == "chat.postMessage" and (fault in CERTAIN or not fault):
            self._uncertain.pop(asked["metadata"]["event_payload"]["key"], None)
        if method in READS and not fault and answer.get("ok") and not answer["response_metadata"]["next_cursor"]:
            now = asyncio.get_running_loop().time()
            for key, (channel_id, thread_ts, since) in list(self._uncertain.items()):
                if channel_id == asked["channel"] and thread_ts == asked.get("ts") and now - since >= self.settle:
                    del self._uncertain[key]

    # What Slack does.

    def _chat_postMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's own name
        channel_id = asked["channel"]
        if (why := self._refusal(channel_id)) is not None:
            return {"ok": False, "error": why}
        if channel_id.startswith("U"):
            channel_id = f"D{channel_id}"
        key = asked["metadata"]["event_payload"]["key"]
        if any(message.key == key for message in self.messages) and key not in self.by_word:
            self.broken.append("a message was posted twice")
        at: float = asked["at"]
        self._number += 1
        ts = f"{at:.0f}.{self._number:06}"
        message = Message(channel_id, ts, key, asked.get("thread_ts"), at)
        message.says(asked["text"])
        self.messages.append(message)
        return {"ok": True, "ts": ts, "channel": channel_id}

    def _chat_postEphemeral(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's own name
        if (why := self._refusal(asked["channel"])) is not None:
            return {"ok": False, "error": why}
        if (offer := (asked["channel"], asked["user"])) in self.offers:
            self.broken.append("an offer was made twice")
        self.offers.add(offer)
        return {"ok": True, "message_ts": f"{asked['at']:.6f}"}

    def _conversations_info(self, asked: dict[str, Any]) -> dict[str, Any]:
        why = self._refusal(asked["channel"])
        if why == "channel_not_found":
            return {"ok": False, "error": why}
        return {
            "ok": True,
            "channel": {
                "id": asked["channel"],
                "creator": f"U1{self._teams[asked['channel']]}",
                "is_private": asked["channel"] in self.private_since,
                "is_member": why != "not_in_channel",
                "is_archived": why == "is_archived",
            },
        }

    def _chat_update(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._change(asked, lambda message: message.says(asked["text"]))

    def _chat_delete(self, asked: dict[str, Any]) -> dict[str, Any]:
        def delete(message: Message) -> None:
            message.deleted = True

        return self._change(asked, delete)

    def _change(self, asked: dict[str, Any], change: Callable[[Message], None]) -> dict[str, Any]:
        if (why := self._refusal(asked["channel"])) is not None:
            return {"ok": False, "error": why}
        for message in self.at(asked["channel"]):
            if message.ts == asked["ts"]:
                change(message)
                return {"ok": True, "ts": message.ts, "channel": message.channel_id}
        return {"ok": False, "error": "message_not_found"}

    def _conversations_history(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._page(asked, [message for message in self.at(asked["channel"]) if message.thread_ts is None])

    def _conversations_replies(self, asked: dict[str, Any]) -> dict[str, Any]:
        thread = [m for m in self.at(asked["channel"]) if asked["ts"] in (m.ts, m.thread_ts)]
        return self._page(asked, thread) if thread else {"ok": False, "error": "thread_not_found"}

    def _page(self, asked: dict[str, Any], messages: list[Message]) -> dict[str, Any]:
        if not self.scopes:
            return {"ok": False, "error": "missing_scope"}
        if (why := self._refusal(asked["channel"])) in NOT_IN_CHANNEL_ERRORS:
            return {"ok": False, "error": why}
        oldest, latest = float(asked["oldest"]), float(asked["latest"])
        seen = [m for m in messages if m.at + self.lag <= asked["at"] and oldest < float(m.ts) < latest]
        begin = int(asked.get("cursor") or 0)
        more = begin + PAGE < len(seen)
        shown = [
            {"ts": m.ts, "metadata": {"event_type": "winsome_delivery", "event_payload": {"key": m.key}}}
            for m in seen[begin : begin + PAGE]
        ]
        return {"ok": True, "messages": shown, "response_metadata": {"next_cursor": str(begin + PAGE) if more else ""}}

    def _users_info(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "user": self._people[asked["user"]]}


def _error(fault: str, seconds: int, answer: dict[str, Any]) -> Exception | None:
    """What the SDK makes of a request's end."""
    if not fault:
        return None if answer.get("ok") else _api_error({"ok": False, "error": answer["error"]})
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
        "no_connection": aiohttp.ConnectionTimeoutError(),
    }
    return errors[name]


def _api_error(data: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    return SlackApiError("failed", _response(data, status, headers or {}))  # type: ignore[no-untyped-call]  # the SDK's


def _response(data: dict[str, Any], status: int, headers: dict[str, str]) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers, status_code=status
    )
