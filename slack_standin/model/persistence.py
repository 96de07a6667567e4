"""The stand-in's state as JSON, to be saved and loaded: people, channels, messages, files and Home tabs.

Not saved: what does not last in Slack either (ephemeral messages, open modals, response_url addresses), the ledger,
faults and tokens, and the manifest.
"""

import base64
import dataclasses
from typing import Any

from slack_standin.block_kit.input_state import State
from slack_standin.model.enterprises import Enterprise
from slack_standin.model.files import File
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.views import View
from slack_standin.model.workspace import Channel, Person, Workspace

FORMAT = 1
Kept = dict[str, Any]


class UnreadableState(Exception):
    """State in another format."""


def dump_state(world: World) -> Kept:
    """Return the state to save."""
    return {
        "format": FORMAT,
        "app_id": world.app_id,
        "ids": world.ids.made,
        "workspaces": [_workspace(each) for each in world.workspaces.values()],
        "files": [_file(each) for each in world.files.values() if each.completed],
    }


def load_state(world: World, kept: Kept) -> None:
    """Load saved state into a new world. Raises UnreadableState."""
    if kept.get("format") != FORMAT:
        raise UnreadableState(f"it was kept in the format {kept.get('format')}, and this one reads {FORMAT}")
    world.app_id = kept["app_id"]
    world.ids.made = kept["ids"]
    for each in kept["files"]:
        file = File(**each | {"content": base64.b64decode(each["content"])})
        world.files[file.id] = file
    world.workspaces.clear()
    for each in kept["workspaces"]:
        workspace = _workspace_of(world, each)
        world.workspaces[workspace.team_id] = workspace
    world.changes.signal()


def _fields(one: Any, *without: str) -> Kept:
    """The public fields of a dataclass by name, except those in `without`."""
    names = [field.name for field in dataclasses.fields(one) if not field.name.startswith("_")]
    return {name: getattr(one, name) for name in names if name not in ("version", *without)}


def _workspace(one: Workspace) -> Kept:
    kept = {name: getattr(one, name) for name in ("team_id", "name", "domain", "bot_id", "installed")}
    return kept | {
        "scopes": sorted(one.scopes),
        "enterprise": one.enterprise and dataclasses.asdict(one.enterprise),
        "counters": one.counters,
        "people": [_fields(each) for each in one.people.values()],
        "channels": [_channel(each) for each in one.channels.values()],
        "homes": [_fields(each, "state") | {"values": each.state.values} for each in one.views.homes],
    }


def _workspace_of(world: World, kept: Kept) -> Workspace:
    people = {each["id"]: Person(**each) for each in kept["people"]}
    workspace = Workspace(
        kept["team_id"],
        kept["name"],
        kept["domain"],
        next(each for each in people.values() if each.is_bot),
        kept["bot_id"],
        world.app_id,
        world.manifest.required_scopes | world.manifest.optional_scopes.intersection(kept.get("scopes", ())),
        world.clock,
        world.ids,
        world.feed,
        installed=kept["installed"],
        enterprise=Enterprise(**kept["enterprise"]) if kept.get("enterprise") else None,
    )
    workspace.people.update(people)
    workspace.counters = kept["counters"]
    for each in kept["channels"]:
        channel = Channel(**{name: value for name, value in each.items() if name != "messages"})
        workspace.channels[channel.id] = channel
        for message in each["messages"]:
            _load_message(world, workspace, channel, message)
    for each in kept["homes"]:
        home = {name: value for name, value in each.items() if name != "values"}
        workspace.views.put_home(View(**home, state=State(each["values"])))
    return workspace


def _channel(one: Channel) -> Kept:
    return _fields(one, "messages") | {"messages": [_message(each) for each in one.messages if not each.ephemeral_to]}


def _message(one: Message) -> Kept:
    states = {person: state.values for person, state in one.states.items()}
    return _fields(one, "readable", "shown_at", "parent", "replies", "states") | {"states": states}


def _load_message(world: World, workspace: Workspace, channel: Channel, kept: Kept) -> None:
    states = {person: State(values) for person, values in kept["states"].items()}
    files = [world.files[each["id"]].to_slack(world.origin) for each in kept["files"] if each["id"] in world.files]
    known = {name: value for name, value in kept.items() if name in Message.__dataclass_fields__}
    message = Message(**known | {"states": states, "files": files}, readable=workspace.readable)
    if message.is_reply and message.thread_ts:
        message.parent = channel.posted_at(message.thread_ts)
        message.parent.replies.append(message)
    channel.add(message)


def _file(one: File) -> Kept:
    return _fields(one, "ticket") | {"content": base64.b64encode(one.content or b"").decode()}
