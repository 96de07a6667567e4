"""Who may do something is checked again in the transaction that does it: roles may have changed since the gate."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, create_engine

from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.permissions import Actor, NotAllowed
from bot.domain.schedules import FRIDAY_AFTERNOON, Schedule
from bot.domain.workspaces import Workspace
from bot.services import channel_settings, next_roundup, resolving, roundups, workspace_defaults
from bot.storage import channels, deliveries, workspaces
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.tables import metadata

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
MANAGER = Actor("UBEN", is_active=True)
MEMBER = Actor("UCHLOE", is_active=True)
SETTINGS = ChannelSettings(
    Schedule(FRIDAY_AFTERNOON[0], NOW.date(), FRIDAY_AFTERNOON[1], "Europe/Berlin"), manager_ids=frozenset({"UBEN"})
)
CHANNEL = ("T1", "C1")


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    """A channel that Ana has set up, with Ben as a manager, and a message to it that Slack has refused."""
    engine = create_engine(sqlite_url)
    with engine.connect() as opened:
        workspaces.save(opened, Workspace("T1", None, "Acme", "https://acme.test/", "UBOT"))
        channels.save_settings(opened, channels.lock(opened, *CHANNEL), SETTINGS, user_id="UANA", now=NOW)
        (key,) = enqueue(opened, DeliveryKind.ANNOUNCEMENT, [NewDelivery(*CHANNEL, NOW)])
        refused = deliveries.by_key(opened, "T1", key)
        assert refused is not None
        deliveries.mark_finished(opened, refused.id, DeliveryState.REJECTED, "odd")
        yield opened
    engine.dispose()


def _key(connection: Connection) -> str:
    return deliveries.in_states(connection, [DeliveryState.REJECTED])[0].key


Act = Callable[[Connection, Actor], object]


def _settings(connection: Connection, actor: Actor, settings: ChannelSettings) -> object:
    return channel_settings.change(connection, actor, *CHANNEL, settings, now=NOW)


def _named(service: Callable[..., object], **rest: object) -> Act:
    return lambda connection, actor: service(connection, actor, *CHANNEL, now=NOW, **rest)


ACTS: dict[str, tuple[Act, Actor]] = {
    "change the settings": (partial(_settings, settings=replace(SETTINGS, wants_reminder=True)), MEMBER),
    "name managers": (partial(_settings, settings=replace(SETTINGS, manager_ids=frozenset({"UBEN", "UDAN"}))), MANAGER),
    "turn the roundups off": (_named(channel_settings.turn_off), MEMBER),
    "resume": (
        lambda connection, actor: _settings(connection, actor, SETTINGS.with_schedule(SETTINGS.schedule.turned_off())),
        MEMBER,
    ),
    "take over": (_named(channel_settings.take_over), MEMBER),
    "post early": (_named(roundups.post_now, up_to=10**6), MEMBER),
    "change the next roundup": (_named(next_roundup.change, note="hi", changed_ids=(), left_ids=()), MEMBER),
    "choose defaults": (
        lambda connection, actor: workspace_defaults.save(
            connection,
            actor,
            "T1",
            replace(workspaces.defaults(connection, "T1")[0], zone="Asia/Tokyo"),
            now=NOW,
            expected_revision=workspaces.defaults(connection, "T1")[1],
        ),
        MANAGER,
    ),
    "resolve a message": (
        lambda connection, actor: resolving.resolve_by_key(
            connection, team_id="T1", key=_key(connection), is_posted=False, actor=actor, now=NOW
        ),
        MEMBER,
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_no_one_does_what_they_may_no_longer(connection: Connection, name: str) -> None:
    act, actor = ACTS[name]
    before = _everything(connection)
    with pytest.raises(NotAllowed):
        act(connection, actor)
    assert _everything(connection) == before


@pytest.mark.parametrize("name", ACTS)
def test_an_admin_may(connection: Connection, name: str) -> None:
    before = _everything(connection)
    ACTS[name][0](connection, Actor("UZOE", is_active=True, is_admin=True))
    assert (_everything(connection) != before) == (name != "post early"), "there is no win to post"


def _everything(connection: Connection) -> list[object]:
    return [connection.execute(table.select()).all() for table in metadata.sorted_tables if table.name != "win_search"]


def test_the_scene_is_as_it_says(connection: Connection) -> None:
    assert channels.lock(connection, *CHANNEL).settings == SETTINGS
    assert timedelta() < (channels.lock(connection, *CHANNEL).next_due_at or NOW) - NOW
