"""The simple model that the bot must keep to: who there is, what was acked, and what the database holds."""

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, literal, select, union_all

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelUnreachable, Conflict, TargetForbidden, WouldLeak
from bot.domain.consent import Consent
from bot.domain.deliveries import DeliveryState
from bot.domain.permissions import NotAllowed
from bot.domain.wins import WinRole
from bot.domain.workspaces import Workspace
from bot.services.user_directory import parse_user
from bot.services.wins import SaveWin
from bot.slack import event_payloads, payloads
from bot.storage import channels, deletion, deliveries, lanes, workspaces
from bot.storage.channels import Channel
from bot.storage.cheers import BUTTON, microseconds
from bot.storage.tables import (
    audit_log,
    climbs,
    idempotency_keys,
    roundup_cheers,
    roundup_items,
    roundups,
    win_cheers,
    win_people,
)
from bot.storage.tables import channels as channels_table
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import wins as wins_table
from tests.stateful.clock import MONDAY
from tests.stateful.slack import FAULTS

TEAMS = ("T1", "T2")
CHANNELS = (("T1", "C1"), ("T1", "C2"), ("T2", "C3"))
ADMIN, CREATOR, MEMBER, GUEST = range(4)
"""The people of each workspace who act. The creator made its channels; the member is a manager of them sometimes."""
PERSON_ATTRIBUTES: tuple[dict[str, Any], ...] = (
    {"tz": "Europe/Berlin", "is_admin": True},
    {"tz": "America/New_York"},
    {"tz": "Pacific/Auckland"},
    {"tz": None, "is_restricted": True},
    {"tz": "Europe/Berlin"},
    {"tz": "UTC"},
)
PROFILES = {
    f"U{number}{team}": {
        "id": f"U{number}{team}",
        "name": f"u{number}{team.lower()}",
        "profile": {"image_48": f"https://avatars.example.com/{number}_48.png"} if number % 2 else {},
        **rest,
    }
    for team in TEAMS
    for number, rest in enumerate(PERSON_ATTRIBUTES)
}
ACTORS = {user: parse_user(user[-2:], user, profile).actor for user, profile in PROFILES.items()}
TEAM_OF = dict([(channel, team) for team, channel in CHANNELS] + [(user, user[-2:]) for user in PROFILES])
SETTLE_WAIT = 90.0
"""Seconds in which whatever is unknown is looked for, if Slack lets it."""
METHODS = (
    *("chat.update", "chat.delete", "chat.postEphemeral"),
    *("conversations.history", "conversations.replies", "conversations.info", "users.info"),
)

REFUSALS = (NotAllowed, Conflict, ChannelUnreachable, TargetForbidden, WouldLeak)
UNAVAILABILITY_BY_ERROR = {"": None, "not_in_channel": Unavailability.REMOVED, "is_archived": Unavailability.ARCHIVED}
"""By what Slack refuses with, what its event says of the channel."""

Faults = list[tuple[str, int]]

any_index = st.integers(0, 10_000)
"""Which of however many there are."""
any_person = st.integers(0, 3)
any_channel = st.sampled_from(CHANNELS)
any_people = st.lists(any_person, min_size=1, max_size=4)
any_duration = st.sampled_from([0.0, 0.06, 0.3, 3.0, SETTLE_WAIT])
any_faults = st.lists(st.tuples(st.sampled_from(sorted(FAULTS)), st.sampled_from([1, 5, 40])), max_size=2)
"""What becomes of the next requests, with the seconds of a Retry-After; mostly they go well."""
any_lateness = st.sampled_from([1, 1, 1, 1, 5 * 3600, 25 * 3600])
maybe_faults: st.SearchStrategy[Faults] = st.one_of(st.just([]), any_faults)


@dataclass
class KnownWin:
    """A win as the model knows it: acked, so that it must never be lost."""

    number: int
    team_id: str
    channel_id: str | None
    author_id: str
    id: int
    logged: SaveWin
    undone: bool = False
    text: str = ""
    """What its author last had it say; "" until the first edit."""
    is_private: bool = False
    was_private: bool = False
    is_stale_somewhere: bool = False
    """Whether a message may still say what it said before an edit, because it was too old."""
    joined: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    """Whom its author took out of it."""
    undo_actions: list[payloads.MessageAction] = field(default_factory=list)


@dataclass
class DatabaseState:
    """What stands in the database: read at once, so that the invariants speak of one moment."""

    wins: dict[int, Any]
    items: dict[int, Any]
    """The contents of roundups, by win."""
    retold: list[Any]
    """The contents of looks back, and of roundups whose wins came again."""
    climbs: dict[int, Any]
    deliveries: dict[int, Any]
    owner_ids: dict[tuple[str, str], str | None]
    roundups: dict[int, Any]
    audit: list[Any]
    cheers: set[tuple[str, int, str, str]]
    people: set[tuple[int, str, WinRole]]
    """Those who joined a win or were removed from it."""
    named: dict[tuple[int, str], Consent | None]
    """What those whom a win names have said of it."""


def read_state(connection: Connection) -> DatabaseState:
    wins = {row.id: row for row in connection.execute(select(wins_table))}
    delivery_rows = {row.id: row for row in connection.execute(select(deliveries_table))}
    owners = {(row.team_id, row.channel_id): row.owner_id for row in connection.execute(select(channels_table))}
    roundup_rows = {row.id: row for row in connection.execute(select(roundups))}
    entries = list(connection.execute(select(audit_log).order_by(audit_log.c.id)))
    item_rows = list(connection.execute(select(roundup_items)))
    items = {row.win_id: row for row in item_rows if row.is_regular}
    retold = [row for row in item_rows if not row.is_regular]
    climb_rows = {row.id: row for row in connection.execute(select(climbs))}
    cheers = {tuple(row) for row in connection.execute(_cheers)}
    rows = list(connection.execute(select(win_people)))
    people = {(row.win_id, row.user_id, row.role) for row in rows if row.role in (WinRole.JOINED, WinRole.REMOVED)}
    named = {(row.win_id, row.user_id): row.consent for row in rows if row.role in (WinRole.CREDITED, WinRole.THANKED)}
    return DatabaseState(
        wins, items, retold, climb_rows, delivery_rows, owners, roundup_rows, entries, cheers, people, named
    )


_cheers = union_all(
    *(
        select(literal(kind), table.primary_key.columns.values()[0], table.c.user_id, table.c.source).where(
            table.c.is_active
        )
        for kind, table in (("win", win_cheers), ("roundup", roundup_cheers))
    )
)


def may_change(channel: Channel, user: str) -> bool:
    """The model of who may change a channel's settings, post its roundup, and decide about it."""
    managers = channel.settings.manager_ids if channel.settings else frozenset()
    return int(user[1]) in (ADMIN, CREATOR) or (int(user[1]) == MEMBER and user in managers)


def begin(connection: Connection) -> None:
    for team_id in TEAMS:
        deletion.delete_workspace(connection, team_id)
        workspaces.save(connection, Workspace(team_id, None, team_id, "https://example.slack.com/", "UBOT"))
    for team_id, channel_id in CHANNELS:
        info = channels.ConversationInfo(f"U{CREATOR}{team_id}", is_private=False, unavailable_reason=None)
        channels.save_info(connection, team_id, channel_id, info, now=MONDAY)


def of_request(connection: Connection, one: SaveWin) -> int | None:
    query = select(wins_table.c.id).where(wins_table.c.idempotency_key == one.win.idempotency_key)
    return connection.execute(query).scalar_one_or_none()


def is_busy(connection: Connection) -> bool:
    """Whether something can be done now, or is being found out."""
    return bool(
        lanes.with_work(connection) or deliveries.in_states(connection, [DeliveryState.SENDING, DeliveryState.UNKNOWN])
    )


def is_undone(connection: Connection, win_id: int) -> bool:
    undone_at = connection.execute(select(wins_table.c.undone_at).where(wins_table.c.id == win_id)).scalar_one()
    return undone_at is not None


def served(connection: Connection, action: payloads.MessageAction) -> str | None:
    """Return the code of what came of a press; None if nothing did."""
    query = select(idempotency_keys.c.response).where(idempotency_keys.c.key == action.idempotency_key)
    response = connection.execute(query).scalar_one_or_none()
    return None if response is None else str(json.loads(response)["result"])


def is_pressed(connection: Connection, win_id: int, action: payloads.MessageAction) -> bool:
    query = select(win_cheers.c.changed_at_us).where(
        win_cheers.c.win_id == win_id, win_cheers.c.user_id == action.user_id, win_cheers.c.source == BUTTON
    )
    return connection.execute(query).scalar_one_or_none() == microseconds(action.action_ts)


def is_reacted(connection: Connection, key: str, reaction: event_payloads.Reaction, source: str) -> bool:
    delivery = deliveries.by_key(connection, reaction.team_id, key)
    assert delivery is not None, "what stands in Slack has a delivery"
    table = win_cheers if delivery.win_id else roundup_cheers
    query = select(table.c.changed_at_us).where(table.c.user_id == reaction.user_id, table.c.source == source)
    return microseconds(reaction.event_ts) in connection.execute(query).scalars().all()
