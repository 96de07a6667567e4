"""Who a request is from: the ids that Slack signed, read as data, of a workspace that the bot is installed in."""

import json

from tests.db_dump import column, dump_user_actions
from tests.signed_client import (
    JSON,
    SignedClient,
    command_payload,
    open_signed_client,
)
from tests.team import Team, team

SQL = "'; DROP TABLE wins; -- \" ` \\ %s %(x)s :x ?1 $1 {0} ${jndi} \\x00 /* */ UNION SELECT 1"


async def test_sql_in_a_text_is_text(database_url: str, quick_posts: None) -> None:
    async with team(database_url, transport="http") as made:
        assert made.slack.request_url is not None
        async with open_signed_client(made.slack.request_url, made.slack.signing_secret) as at:
            answer = await at.command(command_payload(made, SQL, trigger_id=SQL, user_name=SQL, response_url=SQL))
            assert answer.json()["text"].startswith("Win saved: '; DROP TABLE wins;")
            tagged = await at.command(command_payload(made, "tag #a';DROP <@U0EVIL|'; DROP TABLE people; -->"))
            assert "Win saved" in tagged.text
            for field in ("team_id", "channel_id", "user_id"):
                assert (await at.command(command_payload(made, "x", **{field: "' OR 1=1 --"}))).status in (200, 400)
                assert len(column(database_url, "wins", "text")) == 2, field
            announced = await made.sees("DROP TABLE wins")
            await made.slack.press(made.ben, announced, "cheer")
            press = made.slack.ledger.deliveries("interactive")[-1].payload
            for number, action_id in enumerate(("cheer", "take_back_cheer", "undo_win", "undo_listed_win")):
                at_the_moment = {"action_id": action_id, "action_ts": f"19000000{number:02}.000000"}
                for value in ("' OR '1'='1", "1 OR 1=1", "1; DROP TABLE wins", "%", "_"):
                    forged = press | {"actions": [press["actions"][0] | at_the_moment | {"value": value}]}
                    assert (await at.button(forged)).status in (200, 400)
            assert SQL in column(database_url, "wins", "text")
            assert column(database_url, "wins", "undone_at") == [None, None]
            assert column(database_url, "win_cheers", "is_active") == [True]


async def test_the_same_user_id_in_another_workspace_is_another_person(
    http_team: Team, signed_client: SignedClient
) -> None:
    await http_team.says(http_team.ana, "/win fixed it")
    saved = http_team.slack.seen_by(http_team.ana, http_team.general)[0]
    await http_team.slack.press(http_team.ben, await http_team.sees("ana: fixed it"), "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    undo = press | {
        "actions": [press["actions"][0] | {"action_id": "undo_win", "value": "1", "action_ts": "1900000000.000001"}]
    }
    impostors = [
        {"id": http_team.ana.id, "username": "ana", "name": "ana", "team_id": "T0OTHER"},
        {"id": http_team.ben.id, "username": "ana", "name": "ana", "team_id": http_team.slack.team_id},
        {"id": http_team.ana.id.lower(), "username": "ana", "name": "ana", "team_id": http_team.slack.team_id},
    ]
    for number, user in enumerate(impostors):
        forged = undo | {"user": user}
        forged["actions"] = [undo["actions"][0] | {"action_ts": f"1900000000.00010{number}"}]
        assert (await signed_client.button(forged)).status in (200, 400)
        assert column(http_team.database_url, "wins", "undone_at") == [None], user
    refusals = [call.args["text"] for call in http_team.slack.ledger.calls("response_url")]
    assert refusals == ["That's been deleted."] * 2, "as of a win that there isn't"

    renamed = undo | {"user": impostors[0] | {"team_id": http_team.slack.team_id, "name": "ben", "username": "ben"}}
    assert (await signed_client.button(renamed)).status == 200
    assert column(http_team.database_url, "wins", "undone_at") != [None], "it is the id that counts, not the name"
    assert saved is not None


async def test_the_team_of_a_person_is_asked_for_and_not_assumed(http_team: Team, signed_client: SignedClient) -> None:
    """Slack always says which workspace a person is of; where it is not said, no one is let in (ASVS: deny)."""
    await http_team.says(http_team.ana, "/win fixed it")
    await http_team.slack.press(http_team.ben, await http_team.sees("ana: fixed it"), "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    undo = press | {"user": {"id": http_team.ana.id}}
    undo["actions"] = [press["actions"][0] | {"action_id": "undo_win", "value": "1", "action_ts": "1900000000.000001"}]
    assert (await signed_client.button(undo)).status in (200, 400)
    assert column(http_team.database_url, "wins", "undone_at") == [None]


async def test_a_cheer_from_another_company_is_refused_in_words(http_team: Team, signed_client: SignedClient) -> None:
    await http_team.says(http_team.ana, "/win fixed it")
    await http_team.slack.press(http_team.ben, await http_team.sees("ana: fixed it"), "cheer")
    press = http_team.slack.ledger.deliveries("interactive")[-1].payload
    stranger = press | {"user": press["user"] | {"team_id": "T0OTHER", "id": http_team.chloe.id}}
    assert (await signed_client.button(stranger)).status == 200
    assert column(http_team.database_url, "win_cheers", "user_id") == [http_team.ben.id]
    assert "isn't installed in your workspace" in http_team.slack.ledger.calls("response_url")[-1].args["text"]


async def test_a_workspace_that_it_does_not_know_is_refused_in_words(
    the_team_both_ways: Team,
) -> None:
    made = the_team_both_ways
    await made.says(made.ana, "/win fixed it")
    announced = await made.sees("ana: fixed it")
    await made.slack.press(made.ben, announced, "cheer")
    press = made.slack.ledger.deliveries("interactive")[-1].payload
    globex = made.slack.add_workspace("Globex")
    eve = made.slack.add_person("eve", workspace=globex)
    lobby = made.slack.add_channel("lobby", members=[eve], workspace=globex)
    before = dump_user_actions(made.database_url)

    refused = await made.says(eve, "/win stole the silver", lobby)
    assert "Winsome isn't installed in your workspace" in refused
    assert "Here's your text:\nstole the silver" in refused
    assert "Winsome isn't installed in your workspace" in await made.says(eve, "/wins", lobby)
    url = made.slack.ledger.deliveries("slash_commands")[-1].payload["response_url"]
    user = {"id": eve.id, "name": "eve", "username": "eve", "team_id": globex.team_id}
    foreign = press | {"team": {"id": globex.team_id}, "user": user, "response_url": url}
    answer = await made.slack.deliver_raw(foreign, kind="interactive")
    assert answer.status == 200
    assert "isn't installed in your workspace" in made.slack.seen_by(eve, lobby)[-1].plain()
    event = {"type": "reaction_added", "user": eve.id, "reaction": "tada", "event_ts": "1900000000.000001"}
    event["item"] = {"type": "message", "channel": made.general.id, "ts": announced.ts}  # type: ignore[assignment]
    told = {"type": "event_callback", "team_id": globex.team_id, "event_id": "Ev1", "event": event}
    assert (await made.slack.deliver_raw(told)).status == 200
    assert dump_user_actions(made.database_url) == before


async def test_a_payload_that_names_two_workspaces_is_refused(http_team: Team, signed_client: SignedClient) -> None:
    """The dispatcher and the listeners must read the workspace in the same place."""
    await http_team.says(http_team.ana, "/win fixed it")
    announced = await http_team.sees("ana: fixed it")
    ours, theirs = {"id": http_team.slack.team_id}, "T0OTHER"
    before = dump_user_actions(http_team.database_url)
    command = json.dumps(command_payload(http_team, "two", team=ours, team_id=theirs)).encode()
    answer = await signed_client.send(command, signed_client.signed_headers(command, content_type=JSON))
    assert answer.status in (200, 400)
    assert "Something went wrong" not in answer.text
    event = {
        "type": "reaction_added",
        "user": http_team.ben.id,
        "reaction": "tada",
        "event_ts": "1900000000.000001",
        "item": {"type": "message", "channel": http_team.general.id, "ts": announced.ts},
    }
    told = {"type": "event_callback", "team": ours, "team_id": theirs, "event_id": "Ev1", "event": event}
    assert (await signed_client.event(told)).status in (200, 400)
    assert dump_user_actions(http_team.database_url) == before
