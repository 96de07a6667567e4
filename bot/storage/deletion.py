"""Deletes rows, each after the rows that refer to it. Nothing is deleted in Slack.

A job deletes unsaved wins. The other functions have no callers yet: they fix the order of deletion for an erasure, and
tests check it.
"""

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from bot.storage import win_search
from bot.storage.columns import any_of
from bot.storage.tables import (
    audit_log,
    channels,
    climbs,
    deliveries,
    metadata,
    roundup_cheers,
    roundup_items,
    roundup_notes,
    roundups,
    tags,
    unsaved_wins,
    win_cheers,
    win_people,
    wins,
)


def delete_deliveries(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Delete the deliveries that meet the condition. What an owner alert among them reports stays."""
    ids = select(deliveries.c.id).where(condition)
    for table in (audit_log, deliveries):
        connection.execute(update(table).where(table.c.alert_id.in_(ids)).values(alert_id=None))
    is_note = roundup_notes.c.delivery_id.in_(ids)
    connection.execute(update(roundup_notes).where(is_note).values(delivery_id=None))
    connection.execute(delete(deliveries).where(condition))


def delete_wins(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Delete the wins that meet the condition, with their announcements, and take them out of their roundups.

    A climb whose last step is deleted is deleted, too.
    """
    ids = select(wins.c.id).where(condition)
    climb_ids = list(connection.scalars(select(wins.c.climb_id).where(condition, wins.c.climb_id.is_not(None))))
    delete_deliveries(connection, deliveries.c.win_id.in_(ids))
    win_search.remove(connection, condition)
    for table in (roundup_items, win_cheers, win_people, tags):
        connection.execute(delete(table).where(table.c.win_id.in_(ids)))
    connection.execute(delete(wins).where(condition))
    has_step = select(wins.c.id).where(wins.c.climb_id == climbs.c.id).exists()
    delete_climbs(connection, any_of(climbs.c.id, set(climb_ids)) & ~has_step)


def delete_unsaved_wins(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Delete the unsaved wins that meet the condition, with the private messages about them."""
    delete_deliveries(connection, deliveries.c.unsaved_win_id.in_(select(unsaved_wins.c.id).where(condition)))
    connection.execute(delete(unsaved_wins).where(condition))


def delete_roundups(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Delete the roundups that meet the condition, with their messages. Their wins stay, and are not open again."""
    ids = select(roundups.c.id).where(condition)
    delete_deliveries(connection, deliveries.c.roundup_id.in_(ids) | deliveries.c.noted_roundup_id.in_(ids))
    for table in (roundup_items, roundup_cheers, roundup_notes):
        connection.execute(delete(table).where(table.c.roundup_id.in_(ids)))
    connection.execute(delete(roundups).where(condition))


def delete_climbs(connection: Connection, condition: ColumnElement[bool]) -> None:
    """Delete the climbs that meet the condition, with the lines about them. Their wins stay."""
    ids = select(climbs.c.id).where(condition)
    delete_deliveries(connection, deliveries.c.climb_id.in_(ids))
    connection.execute(update(wins).where(wins.c.climb_id.in_(ids)).values(climb_id=None))
    connection.execute(delete(climbs).where(condition))


def delete_channel(connection: Connection, team_id: str, channel_id: str) -> None:
    """Delete a channel with its wins, roundups, messages and audit log; roundups of others posted there stay."""
    delete_roundups(connection, (roundups.c.team_id == team_id) & (roundups.c.channel_id == channel_id))
    delete_wins(connection, (wins.c.team_id == team_id) & (wins.c.channel_id == channel_id))
    delete_climbs(connection, (climbs.c.team_id == team_id) & (climbs.c.channel_id == channel_id))
    is_from = or_(unsaved_wins.c.channel_id == channel_id, unsaved_wins.c.source_channel_id == channel_id)
    delete_unsaved_wins(connection, (unsaved_wins.c.team_id == team_id) & is_from)
    in_channel = (deliveries.c.team_id == team_id) & (deliveries.c.channel_id == channel_id)
    delete_deliveries(connection, in_channel & deliveries.c.roundup_id.is_(None))
    entry = (audit_log.c.team_id == team_id) & (audit_log.c.channel_id == channel_id)
    delete_deliveries(connection, deliveries.c.audit_id.in_(select(audit_log.c.id).where(entry)))
    connection.execute(delete(audit_log).where(entry))
    connection.execute(delete(channels).where(channels.c.team_id == team_id, channels.c.channel_id == channel_id))


def delete_workspace(connection: Connection, team_id: str) -> None:
    """Delete everything of a workspace."""
    delete_deliveries(connection, deliveries.c.team_id == team_id)
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table).where(table.c.team_id == team_id))
