"""Wins that wait for a first cheer: who is shown which of them, and cheering one from there."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.first_cheers import MAX_AGE, MAX_SHOWN, MIN_AGE, in_turn, waits_for
from bot.domain.permissions import Actor
from bot.domain.win_permissions import WinAction, may_with_win, reach_of_win, relation_of
from bot.domain.wins import Win
from bot.services.cheers import cheer_win
from bot.services.idempotency import ResultCode
from bot.storage import channels, first_cheers, wins

_BATCH = 10


class FirstCheerResult(ResultCode):
    """The result of a press of Cheer beside a win on Home."""

    CHEERED = "cheered"
    OWN_WIN = "own_win"
    NOT_FOUND = "not_found"


def shown_to(
    connection: Connection,
    *,
    team_id: str,
    actor: Actor | None,
    channel_ids: Collection[str],
    zone: str,
    now: datetime,
) -> list[Win]:
    """Return the wins that someone is shown today, in their `zone`, as they read them.

    They are in the channels `channel_ids`, as Slack has just said. An archived one shows no cheers, so its wins don't
    wait for any. Without an `actor`, if it isn't known who they are, there are none.
    """
    if actor is None or not actor.is_active or not channel_ids:
        return []
    viewer_id = actor.user_id
    shown_in = set(channel_ids) - channels.archived(connection, team_id, channel_ids)
    where: dict[str, Any] = {"viewer_id": viewer_id, "since": now - MAX_AGE, "until": now - MIN_AGE}
    ids = in_turn(
        first_cheers.waiting(connection, team_id, shown_in, **where),
        viewer_id,
        now.astimezone(ZoneInfo(zone)).date(),
    )
    shown: list[Win] = []
    for start in range(0, len(ids), _BATCH):
        batch = wins.by_ids(connection, team_id, ids[start : start + _BATCH])
        shown += [win.for_person(viewer_id) for win in batch if waits_for(win, viewer_id, is_guest=actor.is_guest)]
        if len(shown) >= MAX_SHOWN:
            break
    return shown[:MAX_SHOWN]


def win_to_read(connection: Connection, team_id: str, channel_id: str, *, zone: str, now: datetime) -> Win | None:
    """Return the win that a channel is shown today in its `zone`, or None if none waits."""
    waiting = first_cheers.waiting(
        connection, team_id, [channel_id], viewer_id=channel_id, since=now - MAX_AGE, until=now - MIN_AGE
    )
    turn = in_turn(waiting, channel_id, now.astimezone(ZoneInfo(zone)).date())
    win = wins.by_id(connection, team_id, turn[0]) if turn else None
    return win if win is not None and waits_for(win, channel_id) else None


def cheer(
    connection: Connection,
    *,
    team_id: str,
    win_id: int,
    actor: Actor,
    memberships: Collection[str],
    action_ts: str,
) -> FirstCheerResult:
    """Cheer a win from Home, as its own button does: the person is in these channels, as Slack has just said."""
    win = wins.by_id(connection, team_id, win_id)
    if win is None or not win.is_shared or not actor.is_active:
        return FirstCheerResult.NOT_FOUND
    reach = reach_of_win(win.channel_id, is_private=False, is_in=win.channel_id in memberships, is_public=None)
    if not may_with_win(WinAction.SEE, relation_of(win, actor.user_id, is_guest=actor.is_guest), reach):
        return FirstCheerResult.NOT_FOUND
    recorded = cheer_win(
        connection, team_id=team_id, win_id=win_id, user_id=actor.user_id, is_active=True, action_ts=action_ts
    )
    return FirstCheerResult.OWN_WIN if recorded is None else FirstCheerResult.CHEERED
