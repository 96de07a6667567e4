"""Changes to one roundup alone: a note at its top, and wins that it leaves for the one after."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.audit_log import AuditAction
from bot.domain.next_roundup import NextRoundup, to_choose_from
from bot.domain.permissions import Action, Actor, check
from bot.storage import audit_log, channels, wins
from bot.storage.channels import Channel


def load(connection: Connection, team_id: str, channel_id: str) -> NextRoundup:
    """Return what can be changed in a channel's next roundup."""
    channel = channels.by_id(connection, team_id, channel_id)
    found = wins.open_in(connection, team_id, channel_id)
    left_ids = wins.left_in(connection, team_id, channel_id)
    note = channel.next_note if channel else None
    offered = to_choose_from(found, left_ids)
    return NextRoundup(channel_id, note, offered, left_ids, has_more=len(offered) < len(found))


def change(
    connection: Connection,
    actor: Actor,
    team_id: str,
    channel_id: str,
    *,
    note: str | None,
    changes_note: bool = True,
    changed_ids: Collection[int],
    left_ids: Collection[int],
    now: datetime,
) -> NextRoundup:
    """Store the note, and which of the wins that were changed (ids) are left for later, and log what has changed.

    A note or a win that someone else has changed meanwhile stays as it is, unless it was changed here, too. Returns
    what can be changed in the channel's next roundup now. Raises NotAllowed.
    """
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    before = wins.left_in(connection, team_id, channel_id)
    wins.leave_for_later(connection, team_id, channel_id, before - set(changed_ids) | set(left_ids) & set(changed_ids))
    after = wins.left_in(connection, team_id, channel_id)
    note = note if changes_note else channel.next_note
    if note != channel.next_note:
        channels.set_next_note(connection, channel, note=note, user_id=actor.user_id)
    if note != channel.next_note or after != before:
        _log(connection, actor, channel, {"note": note, "left": len(after)}, left_before=len(before), now=now)
    return load(connection, team_id, channel_id)


def _log(
    connection: Connection,
    actor: Actor,
    channel: Channel,
    after: dict[str, object],
    *,
    left_before: int,
    now: datetime,
) -> None:
    audit_log.add(
        connection,
        AuditAction.NEXT_ROUNDUP_CHANGED,
        team_id=channel.team_id,
        channel_id=channel.channel_id,
        actor_id=actor.user_id,
        before={"note": channel.next_note, "left": left_before},
        after=after,
        next_due_at=channel.next_due_at,
        now=now,
    )
