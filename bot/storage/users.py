"""Users: their names, zones and roles in the workspace, as Slack said last."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.permissions import Actor
from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.search_terms import terms_of_text
from bot.storage.bulk_insert import upsert
from bot.storage.columns import any_of, any_pair_of
from bot.storage.tables import users

_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class User:
    """A user as Slack describes them; `zone` (an IANA name) and `avatar_url` are None if Slack gives none.

    `is_active`: a person of this workspace whose account is in use. `is_admin`: an admin or owner of it. `is_bot`: no
    person, but an app, a workflow or Slackbot.
    """

    team_id: str
    user_id: str
    name: str
    zone: str | None
    is_active: bool
    is_admin: bool
    is_guest: bool
    is_bot: bool = False
    avatar_url: str | None = None

    @property
    def actor(self) -> Actor:
        """The user as permissions see them."""
        return Actor(self.user_id, self.is_active, self.is_admin, self.is_guest)


def save(connection: Connection, user: User, *, now: datetime) -> None:
    """Store what Slack has just said of a user."""
    row = {**asdict(user), "synced_at": now}
    values = {name: value for name, value in row.items() if name not in ("team_id", "user_id")}
    connection.execute(
        upsert(connection.dialect, users)
        .values(row)
        .on_conflict_do_update(index_elements=["team_id", "user_id"], set_=values)
    )


def add_bots(connection: Connection, team_id: str, user_ids: Iterable[str]) -> None:
    """Store that these users are bots. Their names are looked up when they are needed."""
    for user_id in user_ids:
        bot = User(team_id, user_id, "", None, is_active=False, is_admin=False, is_guest=False, is_bot=True)
        connection.execute(
            upsert(connection.dialect, users)
            .values({**asdict(bot), "synced_at": _NEVER})
            .on_conflict_do_update(index_elements=["team_id", "user_id"], set_={"is_bot": True})
        )


def refresh(connection: Connection, user: User, *, now: datetime) -> None:
    """Update a user who has a row; others are ignored."""
    connection.execute(
        update(users)
        .where(users.c.team_id == user.team_id, users.c.user_id == user.user_id)
        .values({**asdict(user), "synced_at": now})
    )


_by_user_ids = (users.c.team_id == bindparam("team")) & any_of(users.c.user_id, "people")
_names = select(users.c.user_id, users.c.name).where(_by_user_ids)
_zones = select(users.c.user_id, users.c.zone).where(_by_user_ids)
_by_keys = select(users.c.team_id, users.c.user_id, users.c.name, users.c.avatar_url, users.c.synced_at).where(
    any_pair_of(users.c.team_id, users.c.user_id, "people")
)
_known_since = select(users).where(_by_user_ids, users.c.synced_at >= bindparam("moment"))


def names(connection: Connection, team_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Return the stored names of `user_ids`, of any age, by user id."""
    rows = connection.execute(_names, {"team": team_id, "people": sorted(set(user_ids))})
    return {row.user_id: row.name for row in rows}


def zones(connection: Connection, team_id: str, user_ids: Iterable[str]) -> dict[str, str | None]:
    """Return the stored time zones of `user_ids` (IANA names, None if Slack gave none), by user id."""
    rows = connection.execute(_zones, {"team": team_id, "people": sorted(set(user_ids))})
    return {row.user_id: row.zone for row in rows}


class KnownUser(NamedTuple):
    """How someone is shown, and when (UTC) Slack said so."""

    name: str
    avatar_url: str | None
    synced_at: datetime


def by_keys(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], KnownUser]:
    """Return the stored ones, of any age, of these users (team id, user id)."""
    rows = connection.execute(_by_keys, {"people": keys})
    return {(team_id, user_id): KnownUser(*shown) for team_id, user_id, *shown in rows}


def named(connection: Connection, team_id: str, wanted_names: Collection[str]) -> dict[str, list[str]]:
    """Return for each of these names the ids of the stored users who are called so, or have it as one of their names.

    All are looked for at once, because this reads the name of every user.
    """
    wanted = {name: set(terms_of_text(name)) for name in wanted_names}
    found: dict[str, list[str]] = {name: [] for name in wanted_names}
    if not any(wanted.values()):
        return found
    for row in connection.execute(select(users.c.user_id, users.c.name).where(users.c.team_id == team_id)):
        terms = set(terms_of_text(row.name))
        for name, wanted_terms in wanted.items():
            if wanted_terms and wanted_terms <= terms:
                found[name].append(row.user_id)
    return found


def known_since(connection: Connection, team_id: str, user_ids: Iterable[str], since: datetime) -> dict[str, User]:
    """Return those of `user_ids` that were synced at `since` or later, by user id."""
    params = {"team": team_id, "people": sorted(set(user_ids)), "moment": since}
    rows = connection.execute(_known_since, params)
    return {row.user_id: _user(row) for row in rows}


def by_id(connection: Connection, team_id: str, user_id: str) -> User | None:
    """Return the stored user, of any age, or None."""
    row = connection.execute(select(users).where(_by_user_ids), {"team": team_id, "people": [user_id]}).one_or_none()
    return None if row is None else _user(row)


def zone_of(connection: Connection, team_id: str, user_id: str) -> str:
    """Return someone's time zone (an IANA name), as Slack said last; FALLBACK_ZONE if it gave none."""
    user = by_id(connection, team_id, user_id)
    return (user and user.zone) or FALLBACK_ZONE


def with_roles(connection: Connection, team_id: str, user_ids: Iterable[str]) -> list[User]:
    """Return those of `user_ids` that are stored, and the admins of the workspace."""
    query = select(users).where(_by_user_ids | ((users.c.team_id == bindparam("team")) & users.c.is_admin))
    return [_user(row) for row in connection.execute(query, {"team": team_id, "people": sorted(set(user_ids))})]


def inactive(connection: Connection, team_id: str, user_ids: Iterable[str]) -> set[str]:
    """Return those of `user_ids` whose accounts are deactivated."""
    query = select(users.c.user_id).where(_by_user_ids, users.c.is_active.is_(False))
    return set(connection.scalars(query, {"team": team_id, "people": sorted(set(user_ids))}))


def to_look_up_again(connection: Connection) -> list[tuple[str, str]]:
    """Return the users who were stored as inactive before migration 0007: they may be bots."""
    is_old = (users.c.synced_at == _NEVER) & users.c.is_active.is_(False) & users.c.is_bot.is_(False)
    return [(row.team_id, row.user_id) for row in connection.execute(select(users).where(is_old))]


def _user(row: Any) -> User:
    return User(**{name: getattr(row, name) for name in User.__dataclass_fields__})
