"""Unsaved wins: what someone entered in the form or handed to the bot and has not saved. They are kept for a day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from bot.domain.entered_win import EnteredWin
from bot.domain.wins import MessageSource
from bot.storage import deletion
from bot.storage.tables import unsaved_wins


@dataclass(frozen=True)
class UnsavedWin:
    """A win that `user_id` may save. `channel_id` is where it was begun, None outside of channels.

    `source` is the message that it is about, which was written to the bot directly if there is no `channel_id`. The win
    is announced in that message's thread, if it has one.
    """

    id: int
    team_id: str
    user_id: str
    channel_id: str | None
    entered: EnteredWin
    source: MessageSource | None
    saved_at: datetime

    @property
    def linked_source(self) -> MessageSource | None:
        """The message to link to: not one that was written to the bot, which no one else can read."""
        return None if self.channel_id is None else self.source


def add(
    connection: Connection,
    team_id: str,
    user_id: str,
    channel_id: str | None,
    entered: EnteredWin,
    *,
    source: MessageSource | None = None,
    now: datetime,
) -> int:
    """Keep what someone entered, and return its id."""
    where_it_is = (
        {}
        if source is None
        else {"source_channel_id": source.channel_id, "source_ts": source.ts, "thread_ts": source.thread_ts}
    )
    values = {"team_id": team_id, "user_id": user_id, "channel_id": channel_id, "content": entered.to_json()}
    statement = insert(unsaved_wins).values(**values, **where_it_is, saved_at=now).returning(unsaved_wins.c.id)
    unsaved_id: int = connection.execute(statement).scalar_one()
    return unsaved_id


def by_id(connection: Connection, team_id: str, user_id: str, unsaved_id: int) -> UnsavedWin | None:
    """Return a person's unsaved win, or None."""
    return _first(connection, select(unsaved_wins).where(_is(team_id, user_id, unsaved_id)))


def of_form(
    connection: Connection,
    team_id: str,
    user_id: str,
    *,
    source: MessageSource | None,
    unsaved_id: int | None,
    since: datetime | None = None,
) -> UnsavedWin | None:
    """Return the unsaved win of a form: the one it was opened with, if still kept, or the latest about `source`.

    None if that was kept before `since` (UTC).
    """
    opened_with = None if unsaved_id is None else by_id(connection, team_id, user_id, unsaved_id)
    kept = opened_with or latest(connection, team_id, user_id, source)
    return None if kept is None or (since is not None and kept.saved_at < since) else kept


def latest(connection: Connection, team_id: str, user_id: str, source: MessageSource | None) -> UnsavedWin | None:
    """Return what a person entered last about a message, or about none."""
    where = (unsaved_wins.c.team_id == team_id) & (unsaved_wins.c.user_id == user_id) & _is_about(source)
    return _first(connection, select(unsaved_wins).where(where).order_by(unsaved_wins.c.id.desc()).limit(1))


def _first(connection: Connection, query: Select[Any]) -> UnsavedWin | None:
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    source = MessageSource(row.source_channel_id, row.source_ts, row.thread_ts) if row.source_ts else None
    entered = EnteredWin.from_json(row.content)
    return UnsavedWin(row.id, row.team_id, row.user_id, row.channel_id, entered, source, row.saved_at)


def change(
    connection: Connection, team_id: str, user_id: str, unsaved_id: int, entered: EnteredWin, *, now: datetime
) -> None:
    """Replace what was entered, if it is still kept."""
    where = _is(team_id, user_id, unsaved_id)
    connection.execute(update(unsaved_wins).where(where).values(content=entered.to_json(), saved_at=now))


def remove(connection: Connection, team_id: str, user_id: str, unsaved_id: int) -> None:
    """Delete a person's unsaved win, and the private messages about it."""
    deletion.delete_unsaved_wins(connection, _is(team_id, user_id, unsaved_id))


def remove_about(
    connection: Connection, team_id: str, user_id: str, source: MessageSource | None, *, since: datetime | None = None
) -> None:
    """Delete all that a person entered (`since` then) about a message, or about none, and the messages about it."""
    where = (unsaved_wins.c.team_id == team_id) & (unsaved_wins.c.user_id == user_id) & _is_about(source)
    deletion.delete_unsaved_wins(connection, where if since is None else where & (unsaved_wins.c.saved_at >= since))


def purge_before(connection: Connection, moment: datetime) -> None:
    """Delete those that were changed last before `moment`, and the private messages about them."""
    deletion.delete_unsaved_wins(connection, unsaved_wins.c.saved_at < moment)


def _is_about(source: MessageSource | None) -> ColumnElement[bool]:
    if source is None:
        return unsaved_wins.c.source_ts.is_(None)
    return (unsaved_wins.c.source_channel_id == source.channel_id) & (unsaved_wins.c.source_ts == source.ts)


def _is(team_id: str, user_id: str, unsaved_id: int) -> ColumnElement[bool]:
    is_users = (unsaved_wins.c.team_id == team_id) & (unsaved_wins.c.user_id == user_id)
    return is_users & (unsaved_wins.c.id == unsaved_id)
