"""Whose cheers count: the same people's, by whichever way they come. Every kind of person tries every way."""

import asyncio
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import Table, select

from bot.storage import cheers
from bot.storage.database import engine
from bot.storage.tables import roundup_cheers, win_cheers
from bot.views.cheer_buttons import CHEER, CHEER_TOLD_WIN
from slack_standin.delivery.transport import Delivery
from tests.team import FRIDAY_16_BERLIN, TIMING, Team, team

COUNT = {"teammate", "guest", "sibling"}
"""Who counts: people of the workspace, and of its organization."""
KINDS = (*COUNT, "stranger", "left", "app", "workflow", "slackbot", "unknown")


async def everybody(made: Team) -> dict[str, dict[str, str]]:
    """Let one of each kind be in #general or have been there, and return who they are in Slack's payloads."""
    slack = made.slack
    labs, globex = (slack.add_workspace(name, installed=False) for name in ("Acme Labs", "Globex"))
    slack.add_enterprise("Acme Group", slack.world.workspace_of(made.ana), labs)
    slack.add_enterprise("Globex Group", globex)
    people = {
        "teammate": slack.add_person("tom"),
        "guest": slack.add_person("gus", guest=True),
        "left": slack.add_person("lea"),
        "app": slack.add_person("robot", is_bot=True),
        "workflow": slack.add_person("flow", is_bot=True),
        "stranger": slack.add_person("sam", workspace=globex),
        "sibling": slack.add_person("gina", workspace=labs),
    }
    for who, person in people.items():
        if who in ("stranger", "sibling"):
            slack.share_channel(made.general, person)
        else:
            made.general.members.append(person.id)
    await slack.deactivate(people["left"])
    found = {who: {"id": person.id, "team_id": person.team_id} for who, person in people.items()}
    found |= {"slackbot": {"id": "USLACKBOT", "team_id": slack.team_id}, "unknown": {"id": "UNOONE"}}
    found["unknown"]["team_id"] = slack.team_id
    assert found.keys() == set(KINDS)
    return found


async def _presses_announcement(made: Team, announced: Any) -> Delivery:
    return (await made.slack.press(made.ben, announced, CHEER)).request


async def _reacts_to_announcement(made: Team, announced: Any) -> Delivery:
    return (await made.slack.react(made.ben, made.general, announced.ts, "tada")).request


async def _roundup(made: Team) -> Any:
    await made.it_is(FRIDAY_16_BERLIN)
    roundup = await made.sees_roundup(1)
    await made.records(roundup)
    return roundup


async def _presses_roundup(made: Team, _announced: Any) -> Delivery:
    return (await made.slack.press(made.ben, await _roundup(made), CHEER)).request


async def _presses_beside_a_win(made: Team, _announced: Any) -> Delivery:
    return (await made.slack.press(made.ben, await _roundup(made), CHEER_TOLD_WIN)).request


async def _reacts_to_roundup(made: Team, _announced: Any) -> Delivery:
    return (await made.slack.react(made.ben, made.general, (await _roundup(made)).ts, "tada")).request


WAYS = {
    "presses Cheer": (_presses_announcement, win_cheers),
    "reacts to the win": (_reacts_to_announcement, win_cheers),
    "presses Cheer on the roundup": (_presses_roundup, roundup_cheers),
    "presses Cheer beside the win": (_presses_beside_a_win, win_cheers),
    "reacts to the roundup": (_reacts_to_roundup, roundup_cheers),
}


def _by(person: dict[str, str], sent: Delivery) -> Any:
    """What Ben did, done by someone else."""
    payload = deepcopy(sent.payload)
    if "event" in payload:
        payload["event"]["user"] = person["id"]
        payload["event_id"] += person["id"]
    else:
        payload["user"] |= person
    return payload


@pytest.fixture
async def the_team(team_url: str) -> AsyncIterator[Team]:
    """The team in an organization, before the bot starts."""
    async with team(team_url, starts=False) as made:
        yield made


@pytest.mark.parametrize("way", WAYS)
async def test_the_same_people_count_by_every_way(the_team: Team, way: str) -> None:
    people = await everybody(the_team)
    await the_team.bot_starts()
    the_team.configure(the_team.general, the_team.ana)
    await the_team.says(the_team.ana, "/win fixed the build")
    announced = await the_team.sees("ana: fixed the build")
    await the_team.records(announced)
    act, table = WAYS[way]
    sent = await act(the_team, announced)
    for person in people.values():
        answer = await the_team.slack.deliver_raw(_by(person, sent), kind=sent.kind)
        assert answer.error is None
    for _ in range(100):  # who they are is looked up behind the scenes
        if (found := _who_cheers(the_team, table, people)) == COUNT:
            break
        await asyncio.sleep(TIMING.tick)
    assert found == COUNT


def _who_cheers(made: Team, table: Table, people: dict[str, dict[str, str]]) -> set[str]:
    reading = engine(made.database_url, writes=False)
    with reading.connect() as connection:
        (subject,) = connection.scalars(select(table.primary_key.columns.values()[0]).distinct())
        found = cheers.cheerers_of(connection, table, [subject])[subject]
    reading.dispose()
    counted = {who for who, person in people.items() if person["id"] in found.first}
    return counted if found.count == len(found.first) else {*counted, "more"}
