"""Thanks after a win is saved: its author is offered people who may have helped, and says how."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.win_edits import EditConflict, NoRoom, NotAuthor, WinGone
from bot.domain.win_form import MAX_PEOPLE
from bot.domain.wins import Draft, Mention, Win
from bot.services import win_edits
from bot.services.idempotency import ResultCode
from bot.storage import thanks, users

MAX_OFFERED = 3


def offered(connection: Connection, win: Win) -> list[Mention]:
    """Return the people whom the author of a stored win may want to thank, besides those whom they have thanked."""
    if not win.is_shared or win.channel_id is None or not win.is_own or win.credited:
        return []
    thanked = {person.user_id for person in win.thanked}
    limit = MAX_OFFERED + len(thanked)
    found = thanks.who_may_have_helped(connection, win.team_id, win.author.user_id, win.channel_id, limit=limit)
    return [person for person in found if person.user_id not in thanked][: max(MAX_OFFERED - len(thanked), 0)]


class ThanksResult(ResultCode):
    """The result of thanking someone, or of saying how they helped."""

    DONE = "done"
    NOT_ACTIVE = "not_active"
    """The person's account isn't in use."""
    NO_ONE = "no_one"
    """No one is thanked for the win anymore, so there is nothing to say of them."""
    NO_ROOM = "no_room"
    """The roundup that tells the win has no room for it."""
    NOT_AUTHOR = "not_author"
    NOT_FOUND = "not_found"


def thank(
    connection: Connection,
    *,
    team_id: str,
    win_id: int,
    user_id: str,
    is_outsider: bool,
    person_id: str,
    now: datetime,
) -> ThanksResult:
    """Add someone to the people whom a win thanks, for its author, unless they are in it already."""
    person = users.by_id(connection, team_id, person_id)
    if person is None or not person.is_active or person.is_bot:
        return ThanksResult.NOT_ACTIVE

    def add(win: Win) -> Draft:
        is_in_it = person_id in (win.author.user_id, *(each.user_id for each in win.people))
        added = () if is_in_it or len(win.thanked) >= MAX_PEOPLE else (Mention(person_id, person.name or None),)
        return replace(win.draft, thanked=(*win.thanked, *added))

    return _edit(connection, add, team_id=team_id, win_id=win_id, user_id=user_id, is_outsider=is_outsider, now=now)


def say_how(
    connection: Connection, *, team_id: str, win_id: int, user_id: str, is_outsider: bool, reason: str, now: datetime
) -> ThanksResult:
    """Store how those who are thanked for a win helped; "" for no reason."""

    def give_reason(win: Win) -> Draft | None:
        return replace(win.draft, reason=reason.strip() or None) if win.thanked else None

    return _edit(
        connection, give_reason, team_id=team_id, win_id=win_id, user_id=user_id, is_outsider=is_outsider, now=now
    )


def _edit(
    connection: Connection,
    change: Callable[[Win], Draft | None],
    *,
    team_id: str,
    win_id: int,
    user_id: str,
    is_outsider: bool,
    now: datetime,
) -> ThanksResult:
    """Edit a win as `change` says. If it was changed meanwhile, it is read again, locked by then."""

    def edit(win: Win) -> ThanksResult:
        draft = change(win)
        if draft is None:
            return ThanksResult.NO_ONE
        win_edits.edit(
            connection,
            team_id=team_id,
            win_id=win_id,
            user_id=user_id,
            is_outsider=is_outsider,
            draft=draft,
            expected_revision=win.revision,
            seen_joined_ids=(),
            now=now,
        )
        return ThanksResult.DONE

    try:
        found = win_edits.load(connection, team_id=team_id, win_id=win_id, user_id=user_id, is_outsider=is_outsider)
        try:
            return edit(found)
        except EditConflict as conflict:
            return edit(conflict.win)
    except WinGone:
        return ThanksResult.NOT_FOUND
    except NotAuthor:
        return ThanksResult.NOT_AUTHOR
    except NoRoom:
        return ThanksResult.NO_ROOM
