"""What the settings form saves: one function decides who changes what, on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, create_engine

from bot.domain.channel_settings import ChannelSettings, Conflict, TurnsOff
from bot.domain.permissions import Actor, NotAllowed
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.settings_form import InvalidForm, RoundupStatus, SettingsFormData, from_settings
from bot.domain.workspaces import Workspace
from bot.services import channel_settings
from bot.storage import channels, workspaces

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
ADMIN = Actor("UANA", is_active=True, is_admin=True)
MANAGER = Actor("UBEN", is_active=True)
MEMBER = Actor("UCHLOE", is_active=True)
SETTINGS = ChannelSettings(
    Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "Europe/Berlin"), manager_ids=frozenset({"UBEN"})
)
OPENED = from_settings(SETTINGS, channel_id="C1", today=NOW.date())


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A workspace with a channel that Ana has set up, with Ben as a manager."""
    engine = create_engine(database_url)
    with engine.connect() as opened:
        workspaces.save(opened, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        channels.save_settings(opened, channels.lock(opened, "T1", "C1"), SETTINGS, user_id="UANA", now=NOW)
        yield opened
    engine.dispose()


def save(
    connection: Connection,
    actor: Actor,
    entries: SettingsFormData,
    *,
    channel_id: str = "C1",
    sets_managers: bool = True,
    may_turn_off: bool = False,
    expected_revision: int | None = None,
) -> ChannelSettings | None:
    """Save the form, as opened just now unless there is an `expected_revision`, and return the channel's settings."""
    if expected_revision is None:
        expected_revision = channels.lock(connection, "T1", channel_id).revision
    channel_settings.save_form(
        connection,
        actor,
        "T1",
        channel_id,
        entries,
        sets_managers=sets_managers,
        may_turn_off=may_turn_off,
        expected_revision=expected_revision,
        now=NOW,
    )
    return channels.lock(connection, "T1", channel_id).settings


def test_turning_off_asks_only_where_roundups_come(connection: Connection) -> None:
    off = replace(OPENED, state=RoundupStatus.OFF)
    before = channels.lock(connection, "T1", "C1")
    with pytest.raises(TurnsOff):
        save(connection, ADMIN, off)
    assert channels.lock(connection, "T1", "C1") == before
    saved = save(connection, ADMIN, off, may_turn_off=True)
    assert saved is not None
    assert saved.schedule.is_off
    assert save(connection, ADMIN, replace(off, reminds="yes")) == replace(saved, wants_reminder=True)


def test_an_admin_chooses_the_managers(connection: Connection) -> None:
    saved = save(connection, ADMIN, replace(OPENED, managers=("UBEN", "UCHLOE")))
    assert saved == replace(SETTINGS, manager_ids=frozenset({"UBEN", "UCHLOE"}))


def test_a_form_without_the_field_keeps_the_managers(connection: Connection) -> None:
    saved = save(connection, ADMIN, replace(OPENED, reminds="yes", managers=()), sets_managers=False)
    assert saved == replace(SETTINGS, wants_reminder=True)


def test_a_manager_changes_the_rest_but_not_the_managers(connection: Connection) -> None:
    saved = save(connection, MANAGER, replace(OPENED, reminds="yes", managers=("UCHLOE",)))
    assert saved == replace(SETTINGS, wants_reminder=True)


@pytest.mark.parametrize(
    ("actor", "entries", "revision", "error"),
    [
        (MEMBER, replace(OPENED, reminds="yes"), 1, NotAllowed),
        (ADMIN, replace(OPENED, reminds="yes"), 0, Conflict),
        (ADMIN, replace(OPENED, weekdays=()), 1, InvalidForm),
    ],
)
def test_a_form_that_is_refused_changes_nothing(
    connection: Connection, actor: Actor, entries: SettingsFormData, revision: int, error: type[Exception]
) -> None:
    before = channels.lock(connection, "T1", "C1")
    with pytest.raises(error):
        save(connection, actor, entries, expected_revision=revision)
    assert channels.lock(connection, "T1", "C1") == before


def test_the_first_form_of_a_channel_starts_from_the_defaults(connection: Connection) -> None:
    base = channel_settings.current_or_default(connection, channels.lock(connection, "T1", "C2"), "UANA", now=NOW)
    entries = from_settings(base, channel_id="C2", today=NOW.date())
    assert save(connection, ADMIN, entries, channel_id="C2") == base
