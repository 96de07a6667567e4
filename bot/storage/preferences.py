"""How people want to be named in the wins of others, and whether they want messages about those."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.consent import Preference
from bot.storage.bulk_insert import upsert
from bot.storage.columns import any_of
from bot.storage.tables import preferences


@dataclass(frozen=True)
class Preferences:
    """What someone has chosen: `preference` is None until they do.

    `introduced_at` (UTC) is when the first message about a win that they are in was enqueued, `welcomed_at` when they
    first opened Home; None before. `wants_look_back`: at a win of theirs of a year ago, each month.
    """

    preference: Preference | None = None
    wants_messages: bool = True
    introduced_at: datetime | None = None
    welcomed_at: datetime | None = None
    wants_look_back: bool = False


_select = select(preferences).where(preferences.c.team_id == bindparam("team"), any_of(preferences.c.user_id, "people"))


def of_people(connection: Connection, team_id: str, user_ids: Collection[str]) -> dict[str, Preferences]:
    """Return what each of these people has chosen, by user id; the defaults for those who have not."""
    if not user_ids:
        return {}
    rows = connection.execute(_select, {"team": team_id, "people": sorted(user_ids)})
    stored = {
        row.user_id: Preferences(
            row.preference, row.wants_messages, row.introduced_at, row.welcomed_at, row.wants_look_back
        )
        for row in rows
    }
    return {user_id: stored.get(user_id, Preferences()) for user_id in user_ids}


def choose(connection: Connection, team_id: str, user_id: str, preference: Preference) -> None:
    """Store how someone wants to be named."""
    _save(connection, team_id, user_id, preference=preference)


def set_messages(connection: Connection, team_id: str, user_id: str, *, wants_messages: bool) -> None:
    """Store whether someone wants messages about wins that they are in."""
    _save(connection, team_id, user_id, wants_messages=wants_messages)


def welcome(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> None:
    """Store that someone has opened Home."""
    _save(connection, team_id, user_id, welcomed_at=now)


def set_look_back(connection: Connection, team_id: str, user_id: str, *, wants_look_back: bool) -> None:
    """Store whether someone wants to see a win of theirs of a year ago each month."""
    _save(connection, team_id, user_id, wants_look_back=wants_look_back)


def introduce(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> bool:
    """Store that someone's first message about a win that they are in is enqueued; False if it was before."""
    insert = upsert(connection.dialect, preferences).values(team_id=team_id, user_id=user_id, introduced_at=now)
    first = insert.on_conflict_do_update(
        index_elements=["team_id", "user_id"],
        set_={"introduced_at": now},
        where=preferences.c.introduced_at.is_(None),
    )
    return connection.execute(first.returning(preferences.c.user_id)).first() is not None


def forget_introduction(connection: Connection, team_id: str, user_id: str) -> None:
    """Store that someone has had no message about a win that they are in."""
    where = (preferences.c.team_id == team_id) & (preferences.c.user_id == user_id)
    connection.execute(update(preferences).where(where).values(introduced_at=None))


def _save(connection: Connection, team_id: str, user_id: str, **values: object) -> None:
    connection.execute(
        upsert(connection.dialect, preferences)
        .values(team_id=team_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["team_id", "user_id"], set_=values)
    )
