"""Nothing can be read just after a change was saved: people still learn that it was, from every button and form."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from bot.storage.database import Database
from bot.storage.unavailable import DatabaseUnavailable
from bot.views import climb as climb_view
from bot.views import edit_win
from bot.views import thanks as thanks_view
from tests.e2e.test_climbs import climbs, page
from tests.e2e.test_edit import opens, presses, submits
from tests.e2e.test_first_minutes import HELLO, OTHER, YES, builds
from tests.e2e.test_home import opens_home
from tests.e2e.test_home_first_cheers import CHEER
from tests.e2e.test_thanks import offers, thanks, worked_together
from tests.e2e.test_undo import saved
from tests.e2e.test_win_form import shown
from tests.team import MONDAY, Team, shows

T = TypeVar("T")


@contextmanager
def reads_fail_once(condition: str) -> Iterator[None]:
    """Let the bot read nothing from the commit on with which a `condition` (of SQL) becomes true."""
    is_met = False
    read = Database.read

    async def read_or_fail(database: Database, work: Callable[[Connection], T]) -> T:
        if is_met:
            raise DatabaseUnavailable("the database doesn't answer")
        return await read(database, work)

    @event.listens_for(Engine, "commit")
    def check(connection: Any) -> None:
        nonlocal is_met
        is_met = is_met or bool(connection.exec_driver_sql(f"SELECT EXISTS ({condition})").scalar_one())

    with patch.object(Database, "read", read_or_fail):
        try:
            yield
        finally:
            event.remove(Engine, "commit", check)
    assert is_met, "what was to be saved is saved"


NOT_SHOWN = "That's saved, but I can't show you the result right now."
PRIVATE = "This win is private now."
UNDONE = "SELECT 1 FROM wins WHERE undone_at IS NOT NULL"


async def test_an_undone_win_is_never_called_unsaved_and_its_words_come_back(the_team: Team) -> None:
    answer = await saved(the_team, "shipped it")
    await the_team.sees("ana: shipped it")
    with reads_fail_once(UNDONE):
        await the_team.slack.press(the_team.ana, answer, action_id="undo_win")
    undone = await the_team.sees("Win deleted.", person=the_team.ana)
    assert "shipped it" in undone.plain()


async def test_nor_one_that_is_undone_in_the_list(the_team: Team) -> None:
    await saved(the_team, "shipped it")
    await the_team.sees("ana: shipped it")
    await the_team.says(the_team.ana, "/wins")
    listing = await the_team.sees("Your recent wins", person=the_team.ana)
    with reads_fail_once(UNDONE):
        await the_team.slack.press(the_team.ana, listing, action_id="undo_listed_win")
    undone = await the_team.sees("Win deleted.", person=the_team.ana)
    assert "shipped it" in undone.plain()


async def edits(team: Team, text: str, *, is_listed: bool) -> None:
    """Ana saves a win, and opens its form from the message that says so, or from the list of her wins."""
    answer = await saved(team, text)
    await team.sees(f"ana: {text}")
    if is_listed:
        await team.says(team.ana, "/wins")
        answer = await team.sees("Your recent wins", person=team.ana)
    await opens(team, answer, "edit_listed_win" if is_listed else "edit_win")


@pytest.mark.parametrize("is_listed", [False, True])
async def test_an_edited_win_is_never_called_unsaved(the_team: Team, is_listed: bool) -> None:
    await edits(the_team, "fixed teh build", is_listed=is_listed)
    with reads_fail_once("SELECT 1 FROM wins WHERE edited_at IS NOT NULL"):
        assert await submits(the_team, "fixed the build") is None
    await the_team.sees(NOT_SHOWN, person=the_team.ana)
    await the_team.sees("ana: fixed the build")


@pytest.mark.parametrize("is_listed", [False, True])
async def test_nor_is_one_that_is_made_private(the_team: Team, is_listed: bool) -> None:
    await edits(the_team, "shipped it", is_listed=is_listed)
    with reads_fail_once("SELECT 1 FROM wins WHERE is_private"):
        assert PRIVATE in await presses(the_team, edit_win.MAKE_PRIVATE)
    await the_team.sees(PRIVATE, person=the_team.ana)


async def test_someone_who_is_thanked_is_never_called_unsaved(the_team: Team) -> None:
    await worked_together(the_team)
    answer = await saved(the_team, "fixed the build")
    assert offers(answer)
    with reads_fail_once("SELECT 1 FROM win_people WHERE role = 'thanked'"):
        await thanks(the_team, answer, "ben")
    await the_team.sees(NOT_SHOWN, person=the_team.ana)
    await the_team.sees("ana: fixed the build · Thanks to ben")


async def test_nor_is_how_they_helped(the_team: Team) -> None:
    await worked_together(the_team)
    await thanks(the_team, await saved(the_team, "fixed the build"), "ben")
    answer = await the_team.sees("Win saved: fixed the build", person=the_team.ana)
    await the_team.slack.press(the_team.ana, answer, thanks_view.SAY_HOW)
    shown(the_team, the_team.ana)
    await the_team.slack.fill(the_team.ana, thanks_view.REASON, "found the flaky test")
    with reads_fail_once("SELECT 1 FROM win_people WHERE reason IS NOT NULL"):
        assert (await the_team.slack.submit(the_team.ana)).error is None
    assert the_team.slack.modal(the_team.ana) is None
    await the_team.sees(NOT_SHOWN, person=the_team.ana)
    await the_team.sees("Thanks to ben: found the flaky test")


async def test_a_climb_that_is_reached_is_never_called_unsaved(the_team: Team) -> None:
    await climbs(the_team)
    shown_page = await page(the_team, the_team.ben)
    with reads_fail_once("SELECT 1 FROM climbs WHERE reached_at IS NOT NULL"):
        await the_team.slack.press(the_team.ben, shown_page, climb_view.MARK_REACHED)
        assert NOT_SHOWN in shows(shown(the_team, the_team.ben))
    await the_team.sees("The climb “Faster builds” has reached its goal. Marked by ben.")


async def test_nor_is_its_name(the_team: Team) -> None:
    await climbs(the_team)
    await the_team.slack.press(the_team.ben, await page(the_team, the_team.ben), climb_view.RENAME)
    await the_team.slack.fill(the_team.ben, climb_view.NAME, "Builds in a minute")
    with reads_fail_once("SELECT 1 FROM climbs WHERE name = 'Builds in a minute'"):
        assert (await the_team.slack.submit(the_team.ben)).error is None
        assert NOT_SHOWN in shows(shown(the_team, the_team.ben))
    await the_team.sees("A step of “Builds in a minute”", times=2)


async def test_a_cheer_on_home_is_never_called_unsaved(the_team: Team) -> None:
    await the_team.says(the_team.ben, "/win reviewed a long pull request")
    await the_team.sees("ben: reviewed a long")
    await the_team.it_is(MONDAY + timedelta(hours=3))
    home = await opens_home(the_team, the_team.chloe)
    with reads_fail_once("SELECT 1 FROM win_cheers WHERE is_active"):
        assert (await the_team.slack.press(the_team.chloe, home, CHEER)).error is None
        assert the_team.slack.modal(the_team.chloe) is None
    await the_team.sees("Cheered by chloe")


async def test_nor_is_leaving_a_win_in_the_list(the_team: Team) -> None:
    await the_team.says(the_team.ana, "/win shipped it with @ben")
    await the_team.sees("ana: shipped it with")
    await the_team.says(the_team.ben, "/wins")
    listed = await the_team.sees("Wins you're in", person=the_team.ben)
    with reads_fail_once("SELECT 1 FROM win_people WHERE consent IS NOT NULL"):
        await the_team.slack.press(the_team.ben, listed, action_id="leave_listed_win")
    await the_team.sees("You're not in this win anymore.", person=the_team.ben)


async def test_a_pause_is_never_called_unsaved(the_team: Team) -> None:
    with reads_fail_once("SELECT 1 FROM channels WHERE is_paused OR paused_until IS NOT NULL"):
        assert NOT_SHOWN in await the_team.says(the_team.ana, "/wins pause until 20 March")
    with reads_fail_once("SELECT 1 FROM channels WHERE configured_at IS NOT NULL AND paused_until IS NULL"):
        assert NOT_SHOWN in await the_team.says(the_team.ana, "/wins resume")
    await the_team.sees("ana resumed roundups")


@pytest.mark.parametrize("way", [YES, OTHER])
async def test_nor_is_a_schedule_that_was_offered(the_team: Team, way: str) -> None:
    build = await builds(the_team)
    await the_team.slack.invite_bot(build, by=the_team.ben)
    offered = await the_team.sees(HELLO, channel=build, person=the_team.ben)
    if way == OTHER:
        await the_team.slack.press(the_team.ben, offered, action_id=way)
        await the_team.slack.fill(the_team.ben, "weekdays", ["TH"])
    with reads_fail_once(f"SELECT 1 FROM channels WHERE channel_id = '{build.id}' AND configured_at IS NOT NULL"):
        if way == OTHER:
            assert (await the_team.slack.submit(the_team.ben)).error is None
            assert the_team.slack.modal(the_team.ben) is None
        else:
            await the_team.slack.press(the_team.ben, offered, action_id=way)
    if way == YES:
        await the_team.sees(NOT_SHOWN, channel=build, person=the_team.ben)
    assert the_team.stored_channel(build).settings is not None
