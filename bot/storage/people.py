"""What Slack said of people: their name and zone, kept for a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.storage.statements import insert
from bot.storage.tables import people


@dataclass(frozen=True)
class Person:
    """A person as Slack describes them; `zone` is an IANA name, or None where Slack gives none."""

    team_id: str
    user_id: str
    name: str
    zone: str | None


def save(connection: Connection, person: Person, *, now: datetime) -> None:
    """Keep what Slack has just said of a person."""
    values = {"name": person.name, "zone": person.zone, "looked_up_at": now}
    row = {"team_id": person.team_id, "user_id": person.user_id, **values}
    connection.execute(
        insert(connection.dialect, people)
        .values(row)
        .on_conflict_do_update(index_elements=["team_id", "user_id"], set_=values)
    )


def refresh(connection: Connection, person: Person, *, now: datetime) -> None:
    """Bring a person up to date whom we already know; nobody else is of interest."""
    connection.execute(
        update(people)
        .where(people.c.team_id == person.team_id, people.c.user_id == person.user_id)
        .values(name=person.name, zone=person.zone, looked_up_at=now)
    )


_these = (people.c.team_id == bindparam("team")) & people.c.user_id.in_(bindparam("people", expanding=True))
_names = select(people.c.user_id, people.c.name).where(_these)
_known_since = select(people).where(_these, people.c.looked_up_at >= bindparam("moment"))


def names(connection: Connection, team_id: str, user_ids: Iterable[str]) -> dict[str, str]:
    """Return the names that are known of `user_ids`, however old, by user id."""
    rows = connection.execute(_names, {"team": team_id, "people": sorted(set(user_ids))})
    return {row.user_id: row.name for row in rows}


def known_since(connection: Connection, team_id: str, user_ids: Iterable[str], moment: datetime) -> dict[str, Person]:
    """Return those of `user_ids` whom Slack described at `moment` or later, by user id."""
    asked = {"team": team_id, "people": sorted(set(user_ids)), "moment": moment}
    rows = connection.execute(_known_since, asked)
    return {row.user_id: Person(row.team_id, row.user_id, row.name, row.zone) for row in rows}
