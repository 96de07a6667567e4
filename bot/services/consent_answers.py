"""What the people in a win do about it: they say yes or no to it, or take their name out of it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.consent import Consent, is_waited_for
from bot.domain.permissions import Actor
from bot.domain.win_permissions import Reach, WinAction, may_with_win, relation_to_win
from bot.domain.wins import Mention, Win
from bot.services import consent, joining
from bot.services.idempotency import ResultCode
from bot.storage import consent as queries
from bot.storage import deliveries


class AnswerResult(ResultCode):
    """The result of a yes or a no to a win."""

    SHARED = "shared"
    """It is shared, with their name."""
    WAITING = "waiting"
    """Yes, and it waits for someone else."""
    KEPT_PRIVATE = "kept_private"
    """No: it stays between its author and the people in it."""
    UNNAMED = "unnamed"
    """No, to a win that is shared: others don't read their name in it."""
    CHANGED = "changed"
    """It says something else by now, so the yes isn't stored."""
    TOO_LATE = "too_late"
    """Yes, after its time: it stays between its author and the people in it."""
    NOT_IN_IT = "not_in_it"
    """Its author has taken them out of it, or they may not answer."""
    NOT_FOUND = "not_found"
    """Its author has taken it back."""


def answer(  # noqa: PLR0911 - one for each result
    connection: Connection,
    *,
    team_id: str,
    win_id: int,
    actor: Actor,
    revision: int,
    is_yes: bool,
    now: datetime,
) -> AnswerResult:
    """Store whether a win may be shared with someone's name, and share it if it waits for no one else.

    `revision` is that of the win that they have read: a yes is only for that text.
    """
    win = consent.locked_win(connection, team_id, win_id)
    if win is None or win.is_private:
        return AnswerResult.NOT_FOUND
    person = _person_who_may(WinAction.ANSWER, win, actor)
    if person is None:
        return AnswerResult.NOT_IN_IT
    if not is_yes:
        _take_out(connection, win, person)
        return AnswerResult.KEPT_PRIVATE if win.is_held else AnswerResult.UNNAMED
    if is_waited_for(person.consent):
        if revision != win.revision:
            return AnswerResult.CHANGED
        queries.save(connection, win.id, {actor.user_id: Consent.GIVEN})
        consent.update_messages(connection, win.id, actor.user_id)
        consent.update_others(connection, win, actor.user_id)
    if not win.is_held:
        consent.update_shown(connection, win)
        return AnswerResult.SHARED
    if not win.waits(now):
        return AnswerResult.TOO_LATE
    is_released = consent.release_if_agreed(connection, team_id, win_id, now=now)
    return AnswerResult.SHARED if is_released else AnswerResult.WAITING


class LeaveResult(ResultCode):
    """The result of taking one's own name out of a win."""

    LEFT = "left"
    LEFT_BUT_SHOWN = "left_but_shown"
    """As in `JoinResult`."""
    NOT_IN_IT = "not_in_it"
    NOT_FOUND = "not_found"


def leave(connection: Connection, *, team_id: str, win_id: int, actor: Actor) -> LeaveResult:
    """Take someone's name out of a win. Its author is not told, and still reads it; others read "a teammate"."""
    win = consent.locked_win(connection, team_id, win_id)
    if win is None or win.is_private:
        return LeaveResult.NOT_FOUND
    person = _person_who_may(WinAction.LEAVE, win, actor)
    if person is None:
        return LeaveResult.NOT_IN_IT
    _take_out(connection, win, person)
    announcement = None if win.is_held else deliveries.of_win(connection, win.id)
    if announcement is not None and joining.keeps_name(connection, announcement, win, actor.user_id):
        return LeaveResult.LEFT_BUT_SHOWN
    return LeaveResult.LEFT


def _person_who_may(action: WinAction, win: Win, actor: Actor) -> Mention | None:
    """Return the actor as the win names them; None if they aren't in it, or may not do this."""
    relation = relation_to_win(
        actor.user_id,
        author_id=win.author.user_id,
        credited_ids=[person.user_id for person in win.credited],
        thanked_ids=[person.user_id for person in win.thanked],
        is_own=win.is_own,
        is_active=actor.is_active,
        is_guest=actor.is_guest,
    )
    if not may_with_win(action, relation, Reach.HELD):
        return None
    return win.person(actor.user_id)


def _take_out(connection: Connection, win: Win, person: Mention) -> None:
    """Take a person's name out of a win, and update what shows it.

    If others read "a teammate" before and after, only the person's own message is: Slack keeps when a message was last
    edited, and that would tell of the no.
    """
    queries.take_out(connection, win, person.user_id)
    if person.is_unnamed and person.user_id not in {each.user_id for each in win.joined}:
        consent.update_messages(connection, win.id, person.user_id)
        return
    consent.update_shown(connection, win)
    consent.update_messages(connection, win.id)  # those to others in it have the name, too
    joining.update_note(connection, win.id)
