"""The ways out: all through which someone can learn of a win. `test_leaks.py` tries each with wins that are not theirs.

Subcommands, buttons, menus, shortcuts and forms are found by themselves: in the manifest and in the views. A new screen
that is reached otherwise, a new address of the health server and a new command of the command line get a line here.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.cli import deliveries as deliveries_command
from bot.cli import doctor
from bot.slack.manifest import manifest
from slack_standin.model.triggers import TriggerSource
from tests.project.action_ids import interactive_ids
from tests.team import Team, shows

HEALTH_PATHS = ("/healthz", "/metrics", "/status")


@dataclass(frozen=True)
class Reader:
    """Someone who looks for what they must not see."""

    team: Team
    person: Any

    async def types(self, line: str, channel: Any = None) -> str:
        """Type a command, and return all that it shows."""
        answer = await self.team.slack.slash(self.person, channel or self.team.general, line)
        shown = [] if answer.payload is None else [shows_message(answer.payload)]
        return "\n".join([*shown, *await self.modals()])

    async def modals(self) -> list[str]:
        """Return what the open modals show, and close them."""
        slack = self.team.slack
        await slack.wait_for(lambda: not any("Loading…" in shows(view) for view in slack.modals(self.person)))
        shown = [shows(view) for view in slack.modals(self.person)]
        if shown:
            await slack.close_view(self.person, everything=True)
        return shown

    async def home(self, action_id: str | None = None) -> str:
        """Open Home, and press one of its buttons."""
        await self.team.slack.open_home(self.person)
        home = self.team.slack.home(self.person)
        assert home is not None
        if action_id is None:
            return shows(home)
        if action_id not in json.dumps(home.blocks):
            return ""
        await self.team.slack.press(self.person, home, action_id)
        return "\n".join(await self.modals())

    def channels(self) -> str:
        """Return what stands in every conversation that they are in."""
        slack = self.team.slack
        rooms = [room for room in slack.world.workspaces[slack.team_id].channels.values() if self._is_in(room)]
        return "\n".join(
            f"{message.plain()}\n{message.text}" for room in rooms for message in slack.seen_by(self.person, room)
        )

    def _is_in(self, room: Any) -> bool:
        return self.person.id in room.members


def shows_message(payload: dict[str, Any]) -> str:
    """Return all that a message says."""
    return "\n".join([payload.get("text") or "", *_words(payload.get("blocks") or [])])


def _words(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("text", "alt_text", "url", "title", "label", "placeholder", "description") and isinstance(
                value, str
            ):
                yield value
            else:
                yield from _words(value)
    elif isinstance(part, list):
        for each in part:
            yield from _words(each)


# What people do.


def subcommands() -> list[str]:
    """The words after /wins, as Slack shows them."""
    (hint,) = (
        command["usage_hint"] for command in manifest()["features"]["slash_commands"] if command["command"] == "/wins"
    )
    return [alternative.strip().split()[0] for alternative in hint.strip("[]").split("|")]


def _typed(line: str) -> Callable[[Reader], Awaitable[str]]:
    return lambda reader: reader.types(line)


async def _home(reader: Reader) -> str:
    return await reader.home()


async def _changes(reader: Reader) -> str:
    return await reader.home("home_audit")


def what_people_do(queries: list[str]) -> dict[str, Callable[[Reader], Awaitable[str]]]:
    """The ways of someone who types and presses what there is; `queries` are what they search for."""
    lines = ["/win", "/win help", "/wins", *(f"/wins {word}" for word in subcommands() if word != "post")]
    lines += [f"/wins search {query}" for query in queries]
    return {line: _typed(line) for line in lines} | {"Home": _home, "the change history": _changes}


# What no one can do by hand.


def forged_requests(reader: Reader, pressed: dict[str, Any], values: list[str], state: dict[str, Any]) -> Iterator[Any]:
    """Every action, menu, form and shortcut that the bot knows, with ids that the reader can't have.

    `pressed` is a press on a message in a channel that they are in, `state` what a form or button may keep.
    """
    metadata = json.dumps(state)
    view: dict[str, Any] = {
        "id": "V1",
        "type": "modal",
        "hash": "1.2",
        "root_view_id": "V1",
        "previous_view_id": None,
        "blocks": [],
        "private_metadata": metadata,
        "state": {"values": {}},
        "title": {"type": "plain_text", "text": "Form"},
    }
    rest = ("message", "container", "channel", "actions", "response_url", "state", "type")
    base = {key: value for key, value in pressed.items() if key not in rest}
    features = manifest()["features"]
    for kind, name in sorted(set(interactive_ids())):
        if kind == "view":
            yield {**base, "type": "view_submission", "view": view | {"callback_id": name}, "response_urls": []}
        elif kind == "options":
            for value in ("q", "qu", "zan"):
                yield {
                    **base,
                    "type": "block_suggestion",
                    "action_id": name,
                    "block_id": "b",
                    "value": value,
                    "view": view,
                }
        else:
            for value in [*values, metadata]:
                yield from _presses(pressed, base, view, name, value)
    for shortcut in features.get("shortcuts", []):
        if shortcut["type"] == "message":
            channel = {"id": state["channel"], "name": "privategroup"}
            message = {"type": "message", "user": reader.person.id, "ts": state["ts"], "text": "look"}
            yield {
                **base,
                "type": "message_action",
                "callback_id": shortcut["callback_id"],
                "channel": channel,
                "message": message,
                "message_ts": state["ts"],
                "response_url": pressed["response_url"],
            }


def _presses(pressed: dict[str, Any], base: dict[str, Any], view: Any, name: str, value: str) -> Iterator[Any]:
    chosen = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    action = {
        "type": "button",
        "action_id": name,
        "block_id": "b",
        "value": value,
        "selected_option": chosen,
        "selected_channel": value,
        "selected_conversation": value,
        "selected_user": value,
        "action_ts": "1900000000.000001",
    }
    in_message = deepcopy(pressed) | {"actions": [action]}
    yield in_message
    yield {
        **base,
        "type": "block_actions",
        "container": {"type": "view", "view_id": "V1"},
        "view": view,
        "actions": [action],
    }


async def deliver(reader: Reader, payload: dict[str, Any]) -> str:
    """Deliver a request that no one could make by hand; returns the answer."""
    slack = reader.team.slack
    trigger = slack.triggers.issue(TriggerSource(slack.team_id, reader.person.id))
    answer = await slack.deliver_raw(payload | {"trigger_id": trigger}, kind="interactive")
    return json.dumps(answer.payload)


# Who runs it.


async def what_operators_see(team: Team, health_url: str) -> dict[str, str]:
    """What the health server and the command line show."""
    seen = {}
    async with aiohttp.ClientSession() as session:
        for path in (*HEALTH_PATHS, "/nothing"):
            async with session.get(f"{health_url}{path}") as response:
                seen[path] = await response.text()
    seen["doctor"] = "\n".join([str(finding) async for finding in doctor.examine(team.settings())])
    seen["deliveries"] = "\n".join(deliveries_command.list_stuck(team.database_url, now=team.clock.now()))
    return seen
