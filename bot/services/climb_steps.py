"""The steps of climbs: what happens when a win joins one, leaves it, is hidden or is shown."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.domain.climbs import MAX_STEPS, Climb, NextStepOf, StepError, StepRefused, read_name
from bot.domain.wins import ClimbOfWin
from bot.storage import climbs, deletion, deliveries, editions, tables
from bot.storage.climbs import EarlierWin
from bot.storage.deliveries import Delivery

MAX_MESSAGE_AGE = timedelta(days=30)
"""How old a message may be to say that its win is a step of a climb."""


def check(
    connection: Connection,
    step: NextStepOf,
    *,
    team_id: str,
    author_id: str,
    channel_id: str | None,
    memberships: Collection[str],
    edited_id: int | None = None,
) -> None:
    """Raise StepRefused unless a win may be the next step of what was chosen, as things are now.

    `channel_id` is that of the win, None for a private one; `memberships` are the author's channels, as Slack says. A
    win that was chosen has to be earlier than one that is edited (`edited_id`).
    """
    if channel_id is not None and channel_id not in memberships:  # whatever there is in it
        raise StepRefused(StepError.NOT_IN_CHANNEL)
    target = _target(connection, step, team_id, locks=False)
    if target is None or (target.channel_id is not None and target.channel_id not in memberships):
        raise StepRefused(StepError.GONE)
    edited = None if edited_id is None else climbs.win_by_id(connection, team_id, edited_id)
    _check(connection, step, target, author_id=author_id, channel_id=channel_id, before=edited)


def join(connection: Connection, step: NextStepOf, *, team_id: str, win_id: int, now: datetime) -> None:
    """Make a win the next step of what its author chose, and of nothing else. Raises StepRefused.

    `check` has said whether the author is in the channel.
    """
    win = climbs.win_by_id(connection, team_id, win_id, locks=True)
    target = _target(connection, step, team_id, locks=True)
    if win is None or target is None:
        raise StepRefused(StepError.GONE)
    if step.climb_id is not None and step.climb_id == win.climb_id:
        return
    _check(connection, step, target, author_id=win.author_id, channel_id=win.channel_id, before=win)
    climb = target if isinstance(target, Climb) else _climb_from(connection, target, win, step, now=now)
    if climb.id == win.climb_id:
        return
    if climbs.count_visible_steps(connection, climb.id, win.author_id) >= MAX_STEPS:
        raise StepRefused(StepError.FULL)
    climbs.set_climb(connection, win.id, climb.id)
    if win.climb_id is not None:
        _shrink(connection, win, win.climb_id)
    _grow(connection, win, climb.id, now=now)


def known_climb(connection: Connection, team_id: str, win_id: int) -> ClimbOfWin | None:
    """Return the climb of a win, for its author, if they may know of it."""
    win = climbs.win_by_id(connection, team_id, win_id)
    climb = None if win is None else _known_climb(connection, win, win.author_id)
    return None if climb is None else ClimbOfWin(climb.id, climb.name)


def _target(connection: Connection, step: NextStepOf, team_id: str, *, locks: bool) -> Climb | EarlierWin | None:
    """Return what was chosen: the climb, or the earlier win."""
    if step.win_id is not None:
        return climbs.win_by_id(connection, team_id, step.win_id, locks=locks)
    return None if step.climb_id is None else climbs.by_id(connection, team_id, step.climb_id, locks=locks)


def _check(
    connection: Connection,
    step: NextStepOf,
    target: Climb | EarlierWin,
    *,
    author_id: str,
    channel_id: str | None,
    before: EarlierWin | None,
) -> None:
    if isinstance(target, Climb):
        is_there = target.is_known_to(author_id) and climbs.has_visible_step(connection, target.id, author_id)
    else:
        is_there = _may_start(target, author_id, before)
    if not is_there:
        raise StepRefused(StepError.GONE)
    if target.channel_id != channel_id:
        is_private = None in (target.channel_id, channel_id)
        raise StepRefused(StepError.PRIVATE_BORDER if is_private else StepError.OTHER_CHANNEL)
    if isinstance(target, Climb):
        if climbs.count_visible_steps(connection, target.id, author_id) >= MAX_STEPS:
            raise StepRefused(StepError.FULL)
    elif _known_climb(connection, target, author_id) is None:
        read_name(step.name)


def _may_start(win: EarlierWin, author_id: str, before: EarlierWin | None) -> bool:
    """Whether someone may choose a win: it is there for them, and earlier than theirs."""
    if win.undone_at is not None or win.held_until is not None:
        return False
    if before is not None and (win.created_at, win.id) >= (before.created_at, before.id):
        return False
    return win.author_id == author_id if win.channel_id is None else not win.is_private


def _known_climb(connection: Connection, win: EarlierWin, author_id: str) -> Climb | None:
    """Return the climb that a win is in, if someone may know of it."""
    climb = None if win.climb_id is None else climbs.by_id(connection, win.team_id, win.climb_id)
    return climb if climb is not None and climb.is_known_to(author_id) else None


def _climb_from(
    connection: Connection, earlier: EarlierWin, win: EarlierWin, step: NextStepOf, *, now: datetime
) -> Climb:
    """Return the climb of the earlier win, or begin one with it if the win's author may know of none.

    The earlier win then leaves a climb of which only its starter knows: the starter's win may never be shown.
    """
    known = _known_climb(connection, earlier, win.author_id)
    if known is not None:
        return climbs.by_id(connection, win.team_id, known.id, locks=True) or known
    new_id = climbs.add(
        connection,
        win.team_id,
        win.channel_id,
        name=read_name(step.name),
        created_by=win.author_id,
        now=now,
    )
    climbs.set_climb(connection, earlier.id, new_id)
    if earlier.climb_id is not None:
        _shrink(connection, earlier, earlier.climb_id)
    begun = climbs.by_id(connection, win.team_id, new_id)
    assert begun is not None, "it has just been stored"
    return begun


def leave(connection: Connection, team_id: str, win_id: int) -> None:
    """Take a win out of its climb, if it is in one. The other steps stay as they are."""
    win = climbs.win_by_id(connection, team_id, win_id)
    if win is not None and win.climb_id is not None:
        climbs.set_climb(connection, win_id, None)
        _shrink(connection, win, win.climb_id)


def hide(connection: Connection, team_id: str, win_id: int) -> None:
    """Update the climb of a win that its channel no longer shows."""
    win = climbs.win_by_id(connection, team_id, win_id)
    if win is not None and win.climb_id is not None:
        _shrink(connection, win, win.climb_id)


def show(connection: Connection, team_id: str, win_id: int, *, now: datetime) -> None:
    """Update the climb of a win that its channel shows now. The win leaves a climb that is full by now."""
    win = climbs.win_by_id(connection, team_id, win_id)
    if win is None or win.climb_id is None:
        return
    climbs.by_id(connection, team_id, win.climb_id, locks=True)
    if climbs.count_steps(connection, win.climb_id).shared > MAX_STEPS:
        climbs.set_climb(connection, win_id, None)
    else:
        _grow(connection, win, win.climb_id, now=now)


def _shrink(connection: Connection, win: EarlierWin, climb_id: int) -> None:
    """Update a climb that others no longer read this win in.

    Delete it if it has no step left; if none of its steps is shown, it isn't reached any more.
    """
    climb = climbs.by_id(connection, win.team_id, climb_id, locks=True)
    if climb is None:
        return
    _update_roundups(connection, climb.id, since=win.created_at)
    steps = climbs.count_steps(connection, climb.id)
    if steps.all == 0:
        _delete(connection, climb)
    elif climb.channel_id is not None and climb.is_reached and not steps.shared:
        take_back_line(connection, climb)


def _grow(connection: Connection, win: EarlierWin, climb_id: int, *, now: datetime) -> None:
    """Update a climb that others may read this win in: they know of it once two of its steps are shown."""
    climb = climbs.by_id(connection, win.team_id, climb_id, locks=True)
    if climb is None or climb.channel_id is None:
        return
    if climb.shared_at is not None:
        _update_roundups(connection, climb.id, since=win.created_at)
    elif climbs.count_steps(connection, climb.id).shared > 1:
        climbs.mark_shared(connection, climb.id, now=now)
        update_steps(connection, climb.id, now=now)


def _delete(connection: Connection, climb: Climb) -> None:
    delete_lines(connection, climb)
    climbs.forget_lines(connection, climb.id)
    deletion.delete_climbs(connection, tables.climbs.c.id == climb.id)


def take_back_line(connection: Connection, climb: Climb) -> None:
    """Store that a climb isn't reached, delete the line that says so, and update the roundups and editions that do."""
    assert climb.reached_at is not None, "the caller has checked it"
    climbs.unmark_reached(connection, climb.id)
    editions.request_updates_of_climb(connection, climb.id)
    _update_roundups(connection, climb.id, since=climb.reached_at - MAX_MESSAGE_AGE)
    delete_lines(connection, climb)


def _update_roundups(connection: Connection, climb_id: int, *, since: datetime) -> None:
    """Request an update of the roundups that tell steps of a climb, and came after a moment (UTC).

    Where a step came or went, the numbers of those that were saved after it have changed.
    """
    for message in climbs.messages_of_steps(connection, climb_id, since=since):
        if message.roundup_id is not None:
            deliveries.request_update(connection, message.id, can_wait=True)


def delete_lines(connection: Connection, climb: Climb) -> None:
    """Delete what the channel was told of a climb."""
    for line in climbs.lines_of(connection, climb.id):
        deliveries.request_delete(connection, line.id)


def update_steps(connection: Connection, climb_id: int, *, now: datetime) -> None:
    """Request an update of the messages that show a climb's steps, unless they are old."""
    messages: list[Delivery] = climbs.messages_of_steps(connection, climb_id, since=now - MAX_MESSAGE_AGE)
    for message in messages:
        deliveries.request_update(connection, message.id, can_wait=True)


def update_lines(connection: Connection, climb_id: int) -> None:
    """Request an update of what the channel was told of a climb."""
    for line in climbs.lines_of(connection, climb_id):
        deliveries.request_update(connection, line.id)
