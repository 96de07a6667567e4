"""The state that one stand-in saves, another one loads."""

import json
from copy import deepcopy

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn
from slack_standin.model.persistence import UnreadableState

from .conftest import MANIFEST, client_of, manifest_without, standing
from .modals import option, plain

MENU = {
    "type": "actions",
    "block_id": "menus",
    "elements": [{"type": "static_select", "action_id": "it", "options": [option("red"), option("blue")]}],
}


async def test_another_stand_in_goes_on_where_one_left_off(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": plain("At home")}]}
    await client.views_publish(user_id=ana.id, view=home)
    posted = await client.chat_postMessage(channel=general.id, text="Pick", blocks=[MENU])
    [message] = slack.posts(general)
    await slack.fill(ana, "it", "blue", on=message)
    parent = await slack.say(ana, general, "A thread")
    await slack.say(ana, general, "that goes on", parent.ts)
    await slack.delete(ana, parent)
    await client.chat_postEphemeral(channel=general.id, user=ana.id, text="only you, only now")
    kept = json.loads(json.dumps(slack.dump_state()))

    async with standing(manifest_without("users:read")) as other:
        other.load_state(kept)
        assert other.team_id == slack.team_id
        same_ana = other.world.workspaces[other.team_id].people[ana.id]
        same_general = other.world.workspaces[other.team_id].channels[general.id]
        assert [each.plain() for each in other.posts(same_general)] == [each.plain() for each in slack.posts(general)]
        tab = other.home(same_ana)
        assert tab is not None
        assert tab.blocks[0]["text"]["text"] == "At home"
        again = other.posts(same_general)[0]
        assert again.state_of(ana.id).values["menus"]["it"]["selected_option"]["value"] == "blue"
        assert same_general.messages[1].is_tombstone
        assert all(each.text != "only you, only now" for each in other.seen_by(same_ana, same_general))
        changed = await client_of(other).chat_update(channel=general.id, ts=posted["ts"], text="Picked")
        assert changed["ok"]
        fresh = await client_of(other).chat_postMessage(channel=general.id, text="next")
        assert fresh["ts"] > posted["ts"]
        assert other.add_person("ben").id not in {person["id"] for person in kept["workspaces"][0]["people"]}
        assert "users:read" not in other.world.workspaces[other.team_id].scopes


async def test_a_loaded_workspace_has_another_token(slack: StandIn, client: AsyncWebClient) -> None:
    await client.auth_test()
    slack.load_state(slack.dump_state())
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client.auth_test()
    assert (await client_of(slack).auth_test())["team_id"] == slack.team_id


async def test_optional_scopes_that_were_granted_stay_so() -> None:
    optional = deepcopy(MANIFEST)
    optional["oauth_config"]["scopes"]["bot_optional"] = ["channels:history", "groups:history"]
    async with standing(optional) as slack:
        workspace = slack.world.workspaces[slack.team_id]
        workspace.install(workspace.scopes | {"groups:history"})
        kept = json.loads(json.dumps(slack.dump_state()))
    async with standing(optional) as other:
        other.load_state(kept)
        again = other.world.workspaces[other.team_id]
        assert again.scopes == workspace.scopes
        assert "channels:history" not in again.scopes


async def test_what_another_version_kept_is_refused() -> None:
    async with standing(MANIFEST) as slack:
        with pytest.raises(UnreadableState, match="format 0"):
            slack.load_state({"format": 0})
