"""A workspace of an organization: people of its other workspaces are its own, those of other organizations are not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time

import pytest

from slack_standin import Person
from tests.e2e.test_forged import said, submitted
from tests.e2e.test_undo import saved
from tests.team import Team, team


@dataclass(frozen=True)
class Guests:
    """Gina, an admin of another workspace of the organization, and Sam, of another organization: both in #general."""

    gina: Person
    sam: Person


@pytest.fixture
async def acme(sqlite_url: str) -> AsyncIterator[Team]:
    async with team(sqlite_url, starts=False) as made:
        yield made


@pytest.fixture
async def guests(acme: Team) -> Guests:
    labs, globex = (acme.slack.add_workspace(name, installed=False) for name in ("Acme Labs", "Globex"))
    acme.slack.add_enterprise("Acme Group", acme.slack.world.workspace_of(acme.ana), labs)
    acme.slack.add_enterprise("Globex Group", globex)
    gina = acme.slack.add_person("gina", workspace=labs, is_admin=True)
    sam = acme.slack.add_person("sam", workspace=globex)
    for person in (gina, sam):
        acme.slack.share_channel(acme.general, person)
    await acme.bot_starts()
    acme.configure(acme.general, acme.ana, manager_ids=frozenset({gina.id, sam.id}))
    return Guests(gina, sam)


async def test_someone_of_a_sibling_workspace_cheers_logs_and_undoes(acme: Team, guests: Guests) -> None:
    gina = guests.gina
    await acme.says(acme.ana, "/win fixed it")
    await acme.slack.press(gina, await acme.sees("ana: fixed it"), action_id="cheer")
    await acme.slack.press(gina, await acme.sees("Cheered by gina"), action_id="cheer")
    answer = await acme.sees("You already cheered this.", person=gina)
    await acme.slack.press(gina, answer, action_id="take_back_cheer")
    await acme.sees("Your cheer was removed.", person=gina)

    answer = await saved(acme, "a slip", person=gina)
    await acme.sees("gina: a slip")
    await acme.slack.press(gina, answer, action_id="undo_win")
    await acme.sees("Win deleted.", person=gina)
    await acme.slack.wait_for(lambda: acme.posts() == ["ana: fixed it"])


async def test_a_manager_of_a_sibling_workspace_changes_settings_and_its_admin_has_no_rights_here(
    acme: Team, guests: Guests
) -> None:
    opened = await acme.slack.slash(guests.gina, acme.general, "/wins setup")
    assert opened.error is None
    form = acme.slack.world.workspace_of(acme.general).views.stack(guests.gina.id)[-1]
    assert await submitted(acme, form, guests.gina, entries={"at": "09:00"}) == {"response_action": "clear"}
    assert acme.stored_channel().schedule.local_time == time(9)
    refused = await submitted(acme, form, guests.sam, entries={"at": "10:00"}, revision=2)
    assert "You don't have permission" in said(refused)
    acme.configure(acme.general, acme.ana)
    assert "You don't have permission" in await acme.says(guests.gina, "/wins pause")


async def test_someone_of_another_organization_stays_a_stranger(acme: Team, guests: Guests) -> None:
    await acme.says(acme.ana, "/win fixed it")
    await acme.slack.press(guests.sam, await acme.sees("ana: fixed it"), action_id="cheer")
    await acme.sees("isn't installed in your workspace", person=guests.sam)
    assert "Cheered" not in await acme.says(acme.ana, "/wins")
