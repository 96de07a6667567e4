"""The app manifest asks Slack for what the code uses, no more and no less, within Slack's limits."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from bot import listeners
from bot.listeners.slash_command import SlashCommand
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES, manifest
from slack_standin import manifest_problems
from tests.manifest_reference import FIELDS
from tests.project.action_ids import interactive_ids
from tests.project.paths import BIN, run
from tests.team import team

ADDRESS = "https://winsome.example.com/slack/events"
BOTH = [pytest.param(None, id="socket"), pytest.param(ADDRESS, id="http")]

KNOWN = {field.path: field for field in FIELDS}
TYPES = {"object": "dict", "map": "dict", "list": "list", "text": "str", "flag": "bool", "number": "int"}


class Listening(AsyncApp):
    """Bolt's own app, which writes down what it is asked to listen for."""

    heard: set[tuple[str, str]]

    def use(self, *args: Any) -> Callable[..., Any] | None:
        self.heard |= {("command", each.command) for each in args if isinstance(each, SlashCommand)}
        return super().use(*args)

    def event(self, event: Any, *others: Any, **more: Any) -> Callable[..., Any]:
        self.heard.add(("event", event))
        return super().event(event, *others, **more)

    def action(self, constraints: Any, *others: Any, **more: Any) -> Callable[..., Any]:
        self.heard.add(("action", constraints["action_id"] if isinstance(constraints, dict) else constraints))
        return super().action(constraints, *others, **more)

    def view(self, constraints: Any, *others: Any, **more: Any) -> Callable[..., Any]:
        self.heard.add(("view", constraints))
        return super().view(constraints, *others, **more)

    def options(self, constraints: Any, *others: Any, **more: Any) -> Callable[..., Any]:
        self.heard.add(("options", constraints))
        return super().options(constraints, *others, **more)

    def shortcut(self, constraints: Any, *others: Any, **more: Any) -> Callable[..., Any]:
        self.heard.add(("shortcut", constraints))
        return super().shortcut(constraints, *others, **more)

    def message(self, *_: Any, **__: Any) -> Callable[..., Any]:
        raise AssertionError("the bot reads no messages")


def test_the_scopes_and_events_are_these_and_no_others() -> None:
    made = manifest()
    assert made["oauth_config"]["scopes"] == {
        "bot": [
            *("commands", "chat:write", "reactions:read", "users:read", "channels:read", "groups:read"),
            *("app_mentions:read", "im:history", "channels:history", "groups:history"),
        ],
        "bot_optional": ["app_mentions:read", "im:history", "channels:history", "groups:history"],
    }
    assert made["settings"]["event_subscriptions"]["bot_events"] == [
        *("reaction_added", "reaction_removed", "user_change", "app_home_opened"),
        *("member_joined_channel", "member_left_channel", "channel_id_changed"),
        *("channel_archive", "channel_unarchive", "channel_deleted"),
        *("group_archive", "group_unarchive", "group_deleted"),
        *("app_mention", "message.im"),
    ]


def test_people_have_a_home_tab_and_a_place_to_write_to_the_bot() -> None:
    assert manifest()["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_every_scope_has_its_reason() -> None:
    reasons = [*SCOPES.values(), *OPTIONAL_SCOPES.values()]
    assert all(len(reason.split()) >= 3 for reason in reasons)
    assert not [reason for reason in reasons if "the same" in reason], "the doctor may name one without the others"


@pytest.mark.parametrize("address", BOTH)
def test_the_stand_in_takes_the_manifest_as_slack_does(address: str | None) -> None:
    assert manifest_problems(manifest(request_url=address)) == []


@pytest.mark.parametrize("address", BOTH)
def test_the_manifest_is_within_slacks_limits(address: str | None) -> None:
    made = manifest(request_url=address)
    measure(made, "")
    assert made["_metadata"]["major_version"] == 2
    assert re.fullmatch("#[0-9a-f]{6}", made["display_information"]["background_color"])
    for command in made["features"]["slash_commands"]:
        assert re.fullmatch("/[a-z_-]+", command["command"])


def measure(part: Any, path: str) -> None:
    """Hold `part` of the manifest, and all below it, against Slack's reference."""
    field = KNOWN.get(path)
    if field:
        assert type(part).__name__ == TYPES[field.kind], path
        size = part if field.kind in ("flag", "number") else len(part)
        assert (field.least or 0) <= size <= (field.most or 10_000), path
    if isinstance(part, dict):
        for name, value in part.items():
            below = f"{path}.{name}".lstrip(".")
            assert below in KNOWN, f"Slack may not know {below}: look it up, then put it into the reference"
            measure(value, below)
        required = {each.path for each in FIELDS if each.required and each.path.rpartition(".")[0] == path}
        assert required <= {f"{path}.{name}".lstrip(".") for name in part}, path
    for item in part if isinstance(part, list) else []:
        measure(item, f"{path}[]")


def test_what_people_type_reaches_the_bot_escaped() -> None:
    assert all(command["should_escape"] is True for command in manifest()["features"]["slash_commands"])


def test_over_socket_mode_it_names_no_address() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(made)


def test_over_http_everything_comes_to_the_one_address() -> None:
    made = manifest(request_url=ADDRESS)
    settings = made["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == ADDRESS
    assert settings["interactivity"]["request_url"] == ADDRESS
    assert settings["interactivity"]["message_menu_options_url"] == ADDRESS
    assert [command["url"] for command in made["features"]["slash_commands"]] == [ADDRESS, ADDRESS]


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_bot_listens_for_what_the_manifest_names_and_nothing_else(
    transport: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: set[tuple[str, str]] = set()
    monkeypatch.setattr(Listening, "heard", heard, raising=False)
    monkeypatch.setattr(listeners, "AsyncApp", Listening)
    async with team(sqlite_url, transport=transport):
        pass
    made = manifest(request_url=None if transport == "socket" else ADDRESS)
    features, settings = made["features"], made["settings"]
    assert heard, "the bot was made of another app than Bolt's"
    assert names("command", heard) == {command["command"] for command in features["slash_commands"]}
    events = set(settings["event_subscriptions"]["bot_events"])
    assert names("event", heard) == {"message" if event == "message.im" else event for event in events}
    assert names("shortcut", heard) == {shortcut["callback_id"] for shortcut in features.get("shortcuts", [])}
    offered = set(interactive_ids())
    for kind in ("action", "view", "options"):
        assert names(kind, heard) == names(kind, offered), kind
    assert settings["interactivity"]["is_enabled"] is True


def test_buttons_in_messages_of_earlier_releases_keep_their_ids() -> None:
    posted = {"cheer", "undo_win", "undo_listed_win", "take_back_cheer", "accept_offer", "change_offer"}
    posted |= {"delivery_is_there", "post_delivery", "stop_notes", "resume_notes", "post_roundup_now"}
    posted |= {"post_roundup_not_now", "skip_roundup", "pause_until", "pause_roundup"}
    assert posted <= names("action", set(interactive_ids()))


def names(kind: str, heard: set[tuple[str, str]]) -> set[str]:
    return {name for of, name in heard if of == kind}


@pytest.mark.parametrize("address", BOTH)
async def test_the_command_line_prints_it(address: str | None) -> None:
    status, said = await run(BIN / "winsome", "manifest", *([] if address is None else ["--http", address]))
    assert status == 0, said
    assert json.loads(said) == manifest(request_url=address)
