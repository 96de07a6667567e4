"""The ways out: all through which someone can learn of a win. `test_leaks.py` tries each with wins that are not theirs.

Subcommands, buttons, menus, shortcuts and forms are found by themselves: in the manifest and in the views. A new screen
that is reached otherwise, a new address of the health server and a new command of the command line get a line here.
"""

import json
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.cli import deliveries as deliveries_command
from bot.cli import doctor
from bot.slack.manifest import SAVE_MESSAGE_SHORTCUT, manifest
from bot.views import win_form
from slack_standin.model.triggers import TriggerSource
from tests.project.action_ids import interactive_ids
from tests.team import Team, shows

HEALTH_PATHS = ("/livez", "/readyz", "/metrics", "/status")
ALONE = "done by myself"
IN_MESSAGE = ("message", "container", "channel", "actions", "response_url", "state", "type")
"""The fields of a press that are not in every interaction."""


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

    async def uses_shortcut(self, message: Any) -> str:
        """Use "Save as a win" on a message, and return what the form shows."""
        await self.team.slack.message_shortcut(self.person, message, SAVE_MESSAGE_SHORTCUT)
        return "\n".join(await self.modals())

    async def looks_for_tags(self, typed: str) -> str:
        """Type the beginning of a tag in the form of a win, and return what is suggested."""
        await self.team.slack.slash(self.person, self.team.general, "/win")
        suggested = await self.team.slack.suggest(self.person, win_form.TAGS, typed)
        await self.modals()
        return json.dumps(suggested.payload)

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


async def _saves_a_win_alone(reader: Reader) -> str:
    """Save a win that names no one, read whom the answer offers to thank, and undo it."""
    slack, person, general = reader.team.slack, reader.person, reader.team.general

    def posts() -> list[Any]:
        return [message for message in slack.posts(general) if ALONE in message.plain()]

    await slack.slash(person, general, f"/win {ALONE}")
    saved = await reader.team.sees(f"Win saved: {ALONE}", person=person)
    offered = shows_message({"text": saved.text, "blocks": saved.blocks})
    await slack.wait_for(posts)
    await slack.press(person, saved, "undo_win")
    await slack.wait_for(lambda: not posts())
    return offered


def what_people_do(queries: list[str]) -> dict[str, Callable[[Reader], Awaitable[str]]]:
    """The ways of someone who types and presses what there is; `queries` are what they search for."""
    lines = ["/win", "/win help", "/wins", *(f"/wins {word}" for word in subcommands() if word != "post")]
    lines += [f"/wins search {query}" for query in queries]
    ways = {line: _typed(line) for line in lines} | {"Home": _home, "the change history": _changes}
    return ways | {"a win saved alone": _saves_a_win_alone}


# What no one can do by hand.


def an_eighth(requests: Iterable[Any]) -> list[Any]:
    """Return an eighth of them, which is the same in every run."""
    made = list(requests)
    return random.Random(2030).sample(made, len(made) // 8)


def opened_views(team: Team) -> list[dict[str, Any]]:
    """Return the views that the bot has shown."""
    calls = team.slack.ledger.calls()
    views = [call.args["view"] for call in calls if call.method in ("views.open", "views.push", "views.update")]
    return [json.loads(view) if isinstance(view, str) else view for view in views]


def forged_requests(
    reader: Reader, seen: list[dict[str, Any]], pressed: dict[str, Any], values: list[str], source: list[Any]
) -> Iterator[Any]:
    """Every action, menu, form and shortcut that the bot knows, with ids that the reader can't have.

    `seen` are views that someone has seen, `pressed` is a press on a message in a channel that the reader is in,
    `values` what a button may carry: the first is an id of a row, the last a channel. `source` is the channel and ts of
    a message, and that of its thread.
    """
    base = {key: value for key, value in pressed.items() if key not in IN_MESSAGE}
    views: list[dict[str, Any]] = [
        {
            "id": "V1",
            "type": "modal",
            "hash": "1.2",
            "root_view_id": "V1",
            "previous_view_id": None,
            "blocks": [],
            "state": {"values": {}},
            "title": {"type": "plain_text", "text": "Form"},
            "private_metadata": metadata,
        }
        for metadata in sorted(_forged_metadata(seen, values, source))
    ]
    for kind, name in sorted(set(interactive_ids())):
        for view in views:
            if kind == "view":
                yield {**base, "type": "view_submission", "view": view | {"callback_id": name}, "response_urls": []}
            elif kind == "options":
                menu = {"type": "block_suggestion", "action_id": name, "block_id": "b", "view": view}
                yield from ({**base, **menu, "value": typed} for typed in ("", "qu", "zan"))
            else:
                yield _press_in_view(base, view, name, values[0])
        if kind == "action":
            for value in values:
                yield deepcopy(pressed) | {"actions": [_action(name, value)]}
                yield _press_in_view(base, views[0], name, value)
    for shortcut in manifest()["features"].get("shortcuts", []):
        if shortcut["type"] == "message":
            channel_id, ts, _ = source
            message = {"type": "message", "user": reader.person.id, "ts": ts, "text": "look"}
            yield {
                **base,
                "type": "message_action",
                "callback_id": shortcut["callback_id"],
                "channel": {"id": channel_id, "name": "privategroup"},
                "message": message,
                "message_ts": ts,
                "response_url": pressed["response_url"],
            }


def _forged_metadata(seen: list[dict[str, Any]], values: list[str], source: list[Any]) -> set[str]:
    """What each form that someone has seen keeps, and the same with the ids in it replaced."""
    forged = set()
    for view in seen:
        kept = json.loads(view.get("private_metadata") or "{}")
        if isinstance(kept, dict):
            ids = {"channel": values[-1], "unsaved": 1, "win": int(values[0]), "climb": 1, "source": source}
            forged |= {json.dumps(kept), json.dumps(kept | {key: value for key, value in ids.items() if key in kept})}
    return forged


def _press_in_view(base: dict[str, Any], view: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    container = {"type": "view", "view_id": view["id"]}
    return {**base, "type": "block_actions", "container": container, "view": view, "actions": [_action(name, value)]}


def _action(name: str, value: str) -> dict[str, Any]:
    chosen = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    fields = dict.fromkeys(("value", "selected_channel", "selected_conversation", "selected_user"), value)
    named = {"type": "button", "action_id": name, "block_id": "b", "action_ts": "1900000000.000001"}
    return fields | named | {"selected_option": chosen}


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
