"""Editing a win: its author replaces what it says, and the messages that show it are updated."""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from bot.domain.climbs import NextStepOf
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.markup import with_names, with_tokens
from bot.domain.roundup_composition import fits
from bot.domain.text import cut
from bot.domain.win_edits import EditConflict, EditedWin, NoRoom, NotAuthor, StaleMessage, StaleReason, WinGone
from bot.domain.win_permissions import Reach, WinAction, may_with_win, relation_of
from bot.domain.win_size import win_size
from bot.domain.wins import Draft, Mention, Win
from bot.services import climb_steps, consent, joining
from bot.storage import channels, deliveries, editions, roundup_items, roundups, users, win_changes, wins
from bot.storage import consent as consent_queries
from bot.storage import joining as joined_people
from bot.storage.deliveries import Delivery

MAX_MESSAGE_AGE = timedelta(days=30)
"""How old a message may be to follow an edit: people have read what an older one said.

One that takes someone out of the win, or leaves them unnamed until they agree, is always followed: they can't take
their name out of an old message any more.
"""


def load(connection: Connection, *, team_id: str, win_id: int, user_id: str, is_outsider: bool) -> Win:
    """Return a win that its author wants to change, wherever they are, as they read it.

    Raises WinGone or NotAuthor.
    """
    win = wins.by_id(connection, team_id, win_id)
    if win is None:
        raise WinGone
    if not may_with_win(WinAction.EDIT, relation_of(win, user_id, is_active=not is_outsider), Reach.IN_CHANNEL):
        raise NotAuthor
    if win.is_undone:
        raise WinGone
    return win.for_author()


def edit(
    connection: Connection,
    *,
    team_id: str,
    win_id: int,
    user_id: str,
    is_outsider: bool,
    draft: Draft,
    expected_revision: int,
    seen_joined_ids: Collection[str],
    changes_step: bool = False,
    step_of: NextStepOf | None = None,
    now: datetime,
) -> EditedWin:
    """Replace what a win says, and request the update of what shows it. Its cheers and its places stay.

    If the edit `changes_step`, the win becomes the next step of `step_of` alone, and StepRefused may be raised.

    Of those who had joined when the author began (`seen_joined_ids`), those whom the draft doesn't credit are removed
    for good. A win that was told keeps its place in the roundup, so it may only grow as far as its message has room.
    Those who are put into it are asked as for a new win, but one that is shared stays so. Raises WinGone, NotAuthor,
    EditConflict or NoRoom.
    """
    people = [*draft.credited, *draft.thanked]
    consent_queries.lock_people(connection, ((team_id, person.user_id) for person in people))
    consent_queries.lock_win(connection, team_id, win_id)
    win = load(connection, team_id=team_id, win_id=win_id, user_id=user_id, is_outsider=is_outsider)
    as_read = wins.by_id(connection, team_id, win_id) or win  # by others
    is_same = _without_order(win.draft) == _without_order(draft)  # also if Slack sends the form twice
    if not is_same and win.revision != expected_revision:
        raise EditConflict(win)
    is_moved = changes_step and _change_step(connection, win, step_of, now=now)
    if is_same and not is_moved:
        return EditedWin(win, ())
    if not is_same:
        _check_room(connection, win, draft)
        win_changes.edit(connection, win, draft, consents=consent.of_edit(connection, win, draft), now=now)
        _remove_joined(connection, win, draft, seen_joined_ids)
        consent.follow_edit(connection, win, now=now)
    edited = wins.by_id(connection, team_id, win_id)
    assert edited is not None, "it has just been stored"
    messages = [deliveries.of_win(connection, win.id), roundups.part_with(connection, win.id)]
    shown = [message for message in messages if message is not None and not win.is_private]
    stale = {message.id: reason for message in shown if (reason := _stale_reason(connection, message, now))}
    gone = {person.user_id for person in win.people} - {person.user_id for person in edited.people}
    if gone or _named(as_read) - _named(edited):
        stale = {message_id: reason for message_id, reason in stale.items() if reason is not StaleReason.TOO_OLD}
    for message in shown:
        if stale.get(message.id) is not StaleReason.TOO_OLD:  # the bot may be able to reach the others later
            deliveries.request_update(connection, message.id)
    editions.request_updates_with(connection, win.id)
    return EditedWin(
        edited.for_author(),
        tuple(
            StaleMessage(DeliveryKind(message.kind), message.channel_id, stale[message.id])
            for message in shown
            if message.id in stale
        ),
    )


def _named(win: Win) -> set[str]:
    """Return the people in a win whose names others read."""
    return {person.user_id for person in win.people if not person.is_unnamed}


def _change_step(connection: Connection, win: Win, step_of: NextStepOf | None, *, now: datetime) -> bool:
    """Make a win the next step of what its author chose, or of nothing; False if it was so."""
    known = climb_steps.known_climb(connection, win.team_id, win.id)
    current = None if known is None else known.id
    if current == (None if step_of is None else step_of.climb_id) and (step_of is None or step_of.win_id is None):
        return False
    if step_of is None:
        climb_steps.leave(connection, win.team_id, win.id)
    else:
        climb_steps.join(connection, step_of, team_id=win.team_id, win_id=win.id, now=now)
    return True


def _remove_joined(connection: Connection, win: Win, draft: Draft, seen_ids: Collection[str]) -> None:
    credited_ids = {person.user_id for person in draft.credited}
    removed_ids = {person.user_id for person in win.joined if person.user_id in seen_ids} - credited_ids
    for user_id in removed_ids:
        joined_people.remove(connection, win.id, user_id)
    if draft.is_own:
        joined_people.leave(connection, win.id, win.author.user_id)
    joining.update_note(connection, win.id)


def _stale_reason(connection: Connection, message: Delivery, now: datetime) -> StaleReason | None:
    if message.state is DeliveryState.POSTED_VIA_RESPONSE_URL:
        return StaleReason.OUT_OF_REACH
    if message.state is not DeliveryState.POSTED:
        return None
    channel = channels.by_id(connection, message.team_id, message.channel_id)
    is_away = channel is not None and channel.unavailable_reason is not None
    if message.ts is None or message.is_change_refused or is_away:
        return StaleReason.OUT_OF_REACH
    is_old = now - datetime.fromtimestamp(float(message.ts), UTC) > MAX_MESSAGE_AGE
    return StaleReason.TOO_OLD if is_old else None


def _without_order(draft: Draft) -> Draft:
    """Return a draft that can be compared: the order of people and tags says nothing."""

    def key(person: Mention) -> str:
        return person.user_id

    return replace(
        draft,
        credited=tuple(sorted(draft.credited, key=key)),
        thanked=tuple(sorted(draft.thanked, key=key)),
        tags=tuple(sorted(draft.tags)),
    )


def _check_room(connection: Connection, win: Win, draft: Draft) -> None:
    """Raise NoRoom unless the message of the roundup in which the win has a place can show the draft."""
    place = roundup_items.find_place(connection, win.id)
    if place is None:
        return
    told = wins.with_place_in(connection, *place)
    edited = _with_draft(win, draft)
    user_ids = {user_id for each in (*told, edited) for user_id in each.user_ids}
    names = users.names(connection, win.team_id, user_ids)
    others = [win_size(each, names) for each in told if each.id != win.id]
    before = win_size(win, names)
    whole = roundups.room_in(connection, *place)
    if fits(win_size(edited, names), others, before=before, room=whole):
        return
    typed = {person.user_id: person.typed_name for person in edited.everyone}
    text = with_names(draft.text, typed)

    def has_no_room(length: int) -> bool:
        shorter = replace(edited, text=with_tokens(cut(text, length), draft.text, typed))
        return not fits(win_size(shorter, names), others, before=before, room=whole)

    limit = bisect_left(range(len(text)), True, key=has_no_room) - 1
    raise NoRoom(max(limit, 0), len(text))


def _with_draft(win: Win, draft: Draft) -> Win:
    """Return the win as it will be."""
    in_it = {person.user_id for person in (win.author, *draft.credited, *draft.thanked)}
    return replace(
        win,
        text=draft.text,
        credited=draft.credited,
        tags=draft.tags,
        url=draft.url,
        kind=draft.kind,
        is_own=draft.is_own,
        joined=win.joined_after(draft),
        thanked=draft.thanked,
        reason=draft.reason,
        former=tuple(person for person in win.everyone if person.user_id not in in_it),
    )
