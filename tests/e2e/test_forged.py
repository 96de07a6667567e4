"""What no one could do by hand: payloads that Slack signed, but whose content someone has made up."""

import json
from copy import deepcopy
from typing import Any

import pytest

from slack_standin.model.triggers import TriggerSource
from tests.db_dump import column
from tests.e2e.test_setup import opened
from tests.e2e.ways_out import Reader, deliver
from tests.team import Team, shows, team


def stands(team: Team, channel: Any = None) -> tuple[Any, ...]:
    """What no one must have changed."""
    channel = team.stored_channel(channel)
    return (channel.settings, channel.revision, channel.owner_id, channel.next_due_at)


async def submitted(team: Team, view: Any, person: Any, **changes: Any) -> dict[str, Any]:
    """Deliver a submission of this view by someone, with changes in what it keeps; returns what Slack is answered."""
    body = deepcopy(view.to_slack())
    of_team = changes.pop("of_team", team.slack.team_id)
    metadata = json.loads(body["private_metadata"])
    entries = metadata["entries"] | changes.pop("entries", {})
    body["private_metadata"] = json.dumps(metadata | changes | {"entries": entries})
    body["state"] = {"values": {}}
    payload = {
        "type": "view_submission",
        "team": {"id": of_team, "domain": "acme"},
        "user": {"id": person.id, "name": person.name, "team_id": person.team_id},
        "view": body,
        "response_urls": [],
        "trigger_id": "1.2.3",
    }
    answer = await team.slack.deliver_raw(payload, kind="interactive")
    assert answer.status in (None, 200), answer
    return answer.payload or {}


def said(answer: dict[str, Any]) -> str:
    """All the words of an answer to a submission."""
    return json.dumps(answer)


async def test_a_form_of_another_channel_is_refused_to_who_may_not_change_that_one(
    the_team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    chloes = the_team.slack.add_channel("chloes", members=the_team.everybody, creator=the_team.chloe)
    the_team.configure(chloes, the_team.chloe)
    bens = the_team.slack.add_channel("bens", members=the_team.everybody, creator=the_team.ben)
    view = await opened(the_team, the_team.ben, bens)
    before = stands(the_team, chloes)
    answer = await submitted(the_team, view, the_team.ben, channel=chloes.id, entries={"at": "09:00"})
    assert "You don't have permission to change this roundup" in said(answer)
    assert stands(the_team, chloes) == before
    assert "NotAllowed" in [getattr(record, "reason", None) for record in caplog.records]


async def test_a_form_of_someone_else_is_refused_also_to_who_may_change_the_channel(the_team: Team) -> None:
    bens = the_team.slack.add_channel("bens", members=the_team.everybody, creator=the_team.ben)
    view = await opened(the_team, the_team.ben, bens)
    before = stands(the_team, bens)
    answer = await submitted(the_team, view, the_team.ana, entries={"at": "09:00"})  # an admin
    assert "You don't have permission to change this roundup" in said(answer)
    assert stands(the_team, bens) == before
    await submitted(the_team, view, the_team.ben, entries={"at": "09:00"})
    assert stands(the_team, bens) != before


async def test_a_private_channel_is_closed_to_admins_who_are_not_in_it(the_team: Team) -> None:
    secret = the_team.slack.add_channel("secret", private=True, members=[the_team.ben], creator=the_team.ben)
    the_team.configure(secret, the_team.ben)
    view = await opened(the_team, the_team.ana)
    before = stands(the_team, secret)
    answer = await submitted(the_team, view, the_team.ana, channel=secret.id, revision=1, entries={"at": "09:00"})
    assert "Only channel members can see that" in said(answer)
    assert stands(the_team, secret) == before


async def test_a_private_channel_gets_no_roundup_from_outside_and_says_nothing_of_itself(the_team: Team) -> None:
    secret = the_team.slack.add_channel("secret", private=True, members=[the_team.ben], creator=the_team.ben)
    the_team.configure(secret, the_team.ben)
    unknown = the_team.slack.add_channel("unknown", private=True, members=[the_team.ben], with_bot=False)
    before = stands(the_team)
    view = await opened(the_team, the_team.ana)
    answers = [
        said(await submitted(the_team, view, the_team.ana, entries={"posts_in": target}))
        for target in (secret.id, unknown.id, "C0NOWHERE")
    ]
    assert "I can't see that channel" in answers[0]
    assert len(set(answers)) == 1, "each is answered alike"
    assert stands(the_team) == before
    assert the_team.posts(secret) == []


async def test_a_channel_counts_as_private_while_slack_does_not_say_what_it_is(the_team: Team) -> None:
    grown = the_team.slack.add_channel("grown", private=True, members=[the_team.ben], creator=the_team.ben)
    the_team.configure(grown, the_team.ben, is_private=False)  # it was public when the bot was told of it last
    view = await opened(the_team, the_team.ana)
    before = stands(the_team, grown)
    the_team.slack.fault("conversations.info", "http_500_before", times=None)
    answer = await submitted(the_team, view, the_team.ana, channel=grown.id, revision=1, entries={"at": "09:00"})
    assert "Only channel members can see that" in said(answer)
    assert stands(the_team, grown) == before


async def test_a_guest_reads_the_settings_of_their_own_channels_only(the_team: Team) -> None:
    gus = the_team.slack.add_person("gus", guest=True)
    theirs = the_team.slack.add_channel("theirs", members=[the_team.ana, gus], creator=the_team.ana)
    the_team.configure(theirs, the_team.ana)
    assert "Every Friday at 16:00" in shows(await opened(the_team, gus, theirs))
    await the_team.slack.open_home(gus)
    home = the_team.slack.home(gus)
    assert home is not None
    pressed = await the_team.slack.press(gus, home, "home_settings", theirs.id)
    payload = deepcopy(pressed.request.payload)
    payload["actions"][0] |= {"value": the_team.general.id, "action_ts": "1900000000.000001"}
    payload["trigger_id"] = the_team.slack.triggers.issue(TriggerSource(the_team.slack.team_id, gus.id))
    await the_team.slack.deliver_raw(payload, kind="interactive")
    assert "Only channel members can see that" in shows(the_team.slack.modal(gus))


async def test_who_becomes_an_admin_with_the_form_open_takes_nobodys_permission_away(the_team: Team) -> None:
    managers = frozenset({the_team.ben.id, the_team.chloe.id})
    the_team.configure(the_team.general, the_team.ana, manager_ids=managers)
    await opened(the_team, the_team.ben)
    await the_team.slack.change_person(the_team.ben, is_admin=True)
    await the_team.slack.fill(the_team.ben, "quiet", "line")
    await the_team.slack.submit(the_team.ben)
    await the_team.sees("ben turned on the note for when there are no wins")
    setup = the_team.stored_channel().settings
    assert setup is not None
    assert setup.manager_ids == managers


async def test_another_persons_form_is_refused(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    before = stands(the_team)
    answer = await submitted(the_team, view, the_team.ben, entries={"at": "09:00"})
    assert "You don't have permission to change this roundup" in said(answer)
    answer = await submitted(the_team, view, the_team.ben, user=the_team.ben.id, entries={"at": "09:00"})
    assert "You don't have permission to change this roundup" in said(answer)
    assert stands(the_team) == before


async def test_another_workspaces_form_is_not_even_read(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    before = stands(the_team)
    answer = await submitted(the_team, view, the_team.ana, of_team="T0OTHER", entries={"at": "09:00"})
    assert "Winsome isn't installed in your workspace" in said(answer)
    assert stands(the_team) == before


async def test_a_form_that_is_older_than_the_settings_overwrites_nothing_unseen(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    old = deepcopy(view)
    await the_team.slack.fill(the_team.ana, "at", "15:00")
    await the_team.slack.submit(the_team.ana)
    await the_team.sees("ana moved the roundup to every Friday at 15:00")
    answer = await submitted(the_team, old, the_team.ana, entries={"at": "09:00"})
    assert answer["response_action"] == "update"
    assert "These settings were changed while you had them open" in said(answer)
    setup = the_team.stored_channel().settings
    assert setup is not None
    assert f"{setup.schedule.local_time:%H:%M}" == "15:00"


async def test_an_answer_to_what_is_not_shown_any_more_does_not_take_its_place(the_team: Team) -> None:
    view = await opened(the_team, the_team.ana)
    first = await the_team.slack.fill(the_team.ana, "at", "15:00")
    assert first is not None
    assert "at 15:00" in shows(view)
    await the_team.slack.fill(the_team.ana, "at", "12:00")
    await the_team.slack.deliver_raw(first.request.payload, kind="interactive")
    assert "at 12:00" in shows(view)


@pytest.mark.parametrize(
    "entries",
    [
        {"cadence": "hourly"},
        {"at": "25:61"},
        {"zone": "Mars/Olympus"},
        {"every_weeks": "0"},
        {"every_weeks": "one"},
        {"cadence": "on_day", "day": "32"},
        {"cadence": "on_weekday", "place": "9"},
        {"starts_on": "soon"},
        {"weekdays": ["XX"]},
        {"quiet": "loud"},
        {"state": "maybe"},
        {"posts_in": "C0NOWHERE"},
    ],
)
async def test_what_no_field_offers_is_refused_in_words(team_url: str, entries: dict[str, Any]) -> None:
    async with team(team_url) as made:
        view = await opened(made, made.ana)
        before = stands(made)
        answer = await submitted(made, view, made.ana, entries=entries)
        assert answer["response_action"] == "errors", answer
        assert stands(made) == before


@pytest.mark.parametrize("metadata", ["", "{}", "[]", "null", '{"channel": 1}', "x" * 3000])
async def test_a_form_that_is_none_of_ours_is_malformed(team_url: str, metadata: str) -> None:
    async with team(team_url, transport="socket") as made:
        view = await opened(made, made.ana)
        body = view.to_slack() | {"private_metadata": metadata}
        payload = {
            "type": "view_submission",
            "team": {"id": made.slack.team_id},
            "user": {"id": made.ana.id, "team_id": made.slack.team_id},
            "view": body,
        }
        before = stands(made)
        await made.slack.deliver_raw(payload, kind="interactive")
        assert stands(made) == before
        assert "Win saved" in await made.says(made.ana, "/win still alive")


OF_AUTHORS = (
    *("undo_win", "undo_listed_win", "edit_win", "edit_listed_win"),
    *("remove_from_win", "thank_first", "say_how_they_helped"),
)
"""The buttons that only the author of a win gets."""


async def test_no_button_tells_whether_there_is_a_win_of_someone_else(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win for myself", the_team.slack.open_dm(the_team.ana))
    await the_team.says(the_team.ana, "/win for everyone")
    pressed = await the_team.slack.press(the_team.ben, await the_team.sees("ana: for everyone"), "cheer")
    win_ids = column(the_team.database_url, "wins", "id")
    assert len(win_ids) == 2
    reader, answers = Reader(the_team, the_team.ben), the_team.slack.ledger.calls
    for number, action_id in enumerate(OF_AUTHORS, 10):
        read = []
        for place, win_id in enumerate((*win_ids, max(win_ids) + 1000), 10):
            names_person = action_id in ("remove_from_win", "thank_first")
            value = f"{win_id}:{the_team.chloe.id}" if names_person else str(win_id)
            forged = {"action_id": action_id, "value": value, "action_ts": f"1900000000.{number}{place}00"}
            payload = deepcopy(pressed.request.payload)
            payload["actions"][0] |= forged
            before = len(answers("response_url"))
            answer = await deliver(reader, payload)
            told = [call.args.get("text") for call in answers("response_url")[before:]]
            read.append((answer, told, await reader.modals()))
        assert read[0] == read[1] == read[2], action_id
        assert "deleted" in str(read[0]), action_id
    assert column(the_team.database_url, "wins", "undone_at") == [None, None]
