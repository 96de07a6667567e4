"""What people have said about the wins that they are in, and the wins that wait for them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from zlib import crc32

from sqlalchemy import ColumnElement, Connection, delete, insert, select, tuple_, update

from bot.domain.consent import Consent
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.wins import CREDITED_ROLES, Win, WinRole
from bot.storage import credit_notes, deletion, win_search
from bot.storage.cheers import has_agreed
from bot.storage.columns import any_of
from bot.storage.deliveries import Delivery, request_updates, select_all
from bot.storage.delivery_conditions import constant
from bot.storage.tables import deliveries, roundup_items, win_people, wins

_LOCK_CLASS = 14
"""The first key of the advisory locks; the second is of a person."""
_IN_IT = (*CREDITED_ROLES, WinRole.THANKED)
_NAMED = (WinRole.CREDITED, WinRole.THANKED)
_is_credit = deliveries.c.kind == constant(DeliveryKind.CREDIT)


def lock_people(connection: Connection, people: Iterable[tuple[str, str]], *, changes_them: bool = False) -> None:
    """Lock the preferences of people (team id, user id) until the commit; exclusively if this `changes_them`.

    Call this before the wins are locked: then someone who chooses a preference finds all the wins that it is about.
    SQLite has one writer, and needs no locks.
    """
    keys = sorted({crc32(f"{team_id}:{user_id}".encode()) & 0x7FFFFFFF for team_id, user_id in people})
    if keys and connection.dialect.name != "sqlite":
        lock = "pg_advisory_xact_lock" if changes_them else "pg_advisory_xact_lock_shared"
        statement = f"SELECT {lock}(%s, person) FROM unnest(%s::int[]) AS person"  # noqa: S608 - one of two names
        connection.exec_driver_sql(statement, (_LOCK_CLASS, keys))


def lock_win(connection: Connection, team_id: str, win_id: int) -> None:
    """Lock a win until the commit. What was read of it before may be out of date."""
    if connection.dialect.name != "sqlite":
        where = (wins.c.team_id == team_id) & (wins.c.id == win_id)
        connection.execute(select(wins.c.id).where(where).with_for_update())


def lock_wins_of(connection: Connection, team_id: str, user_id: str) -> None:
    """Lock all wins that someone is or was in, in their order.

    Messages that show several of them (roundups) are changed after that. Someone else who changes one of these wins
    then waits for the win, instead of locking it and waiting for the roundup.
    """
    if connection.dialect.name != "sqlite":
        theirs = wins.c.id.in_(select(win_people.c.win_id).where(_is_or_was_in_it(team_id, user_id)))
        connection.execute(select(wins.c.id).where(theirs).order_by(wins.c.id).with_for_update())


def said(connection: Connection, win_id: int) -> dict[str, Consent]:
    """Return the consent of those who are or were in a win, by user id, where there was something to ask."""
    where = (win_people.c.win_id == win_id) & win_people.c.consent.is_not(None)
    return {row.user_id: row.consent for row in connection.execute(select(win_people).where(where))}


def save(connection: Connection, win_id: int, consents: Mapping[str, Consent | None]) -> None:
    """Store what is known of the consent of people in a win, by user id."""
    for user_id, consent in consents.items():
        where = (win_people.c.win_id == win_id) & (win_people.c.user_id == user_id) & win_people.c.role.in_(_IN_IT)
        connection.execute(update(win_people).where(where).values(consent=consent))


def wins_of(connection: Connection, team_id: str, user_id: str, *, consents: Collection[Consent]) -> list[int]:
    """Return the ids of the wins that someone is in and that have one of `consents` from them, in their order."""
    query = select(win_people.c.win_id).where(_is_in_it(team_id, user_id), win_people.c.consent.in_(consents))
    return list(connection.scalars(query.distinct().order_by(win_people.c.win_id)))


def keep_unnamed(connection: Connection, team_id: str, user_id: str) -> None:
    """Store that someone has yet to agree to be named in those wins of others about which they weren't asked."""
    where = _is_in_it(team_id, user_id) & win_people.c.consent.is_(None) & ~_is_by(user_id)
    connection.execute(update(win_people).where(where).values(consent=Consent.PENDING))


def waiting_for(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> list[int]:
    """Return the ids of the wins that aren't shared and wait at `now` (UTC) for someone's answer, in their order."""
    is_waited_for = _is_in_it(team_id, user_id) & win_people.c.role.in_(_NAMED)
    is_waited_for &= win_people.c.consent == Consent.PENDING
    waits = (wins.c.held_until > now) & ~wins.c.is_private
    query = select(wins.c.id).where(is_waited_for, wins.c.id == win_people.c.win_id, waits).distinct()
    return list(connection.scalars(query.order_by(wins.c.id)))


def waiting_for_others(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> list[int]:
    """Return the ids of the held wins that wait at `now` (UTC), and name someone who wasn't asked, in their order."""
    was_not_asked = _is_in_it(team_id, user_id) & win_people.c.role.in_(_NAMED) & win_people.c.consent.is_(None)
    query = select(wins.c.id).where(was_not_asked, wins.c.id == win_people.c.win_id, wins.c.held_until > now).distinct()
    return list(connection.scalars(query.order_by(wins.c.id)))


def hold(connection: Connection, win_id: int, until: datetime) -> None:
    """Store that a win waits for a yes, `until` (UTC) at the latest, and that no roundup may tell it."""
    connection.execute(update(wins).where(wins.c.id == win_id).values(held_until=until, is_open=False))


def release(connection: Connection, win_id: int) -> None:
    """Store that a win waits for no one."""
    connection.execute(update(wins).where(wins.c.id == win_id).values(held_until=None))


def take_out(connection: Connection, win: Win, user_id: str) -> bool:
    """Take a person's name out of a win; False if they aren't in it. Its author still reads it where it was typed.

    Their no is kept, also that of someone who joined by themselves: it holds if the author names them.
    """
    is_persons = (win_people.c.win_id == win.id) & (win_people.c.user_id == user_id)
    person = next((each for each in win.joined if each.user_id == user_id), None)
    named = is_persons & win_people.c.role.in_(_NAMED)
    changed = connection.execute(update(win_people).where(named).values(consent=Consent.REFUSED)).rowcount
    if person is not None and person.token in win.text:  # the author has put them into the text since
        has_joined = is_persons & (win_people.c.role == WinRole.JOINED)
        left = {"role": WinRole.CREDITED, "consent": Consent.REFUSED}
        changed += connection.execute(update(win_people).where(has_joined).values(left)).rowcount
    elif person is not None:
        by_themselves = is_persons & win_people.c.role.in_((WinRole.JOINED, WinRole.FORMER))
        connection.execute(delete(win_people).where(by_themselves))
        if not changed:
            row = {"team_id": win.team_id, "win_id": win.id, "user_id": user_id}
            connection.execute(insert(win_people).values(**row, role=WinRole.FORMER, consent=Consent.REFUSED))
        changed += 1
    win_search.refresh(connection, wins.c.id == win.id)
    return changed > 0


def credit_messages(connection: Connection, win_id: int, user_ids: Collection[str] | None = None) -> list[Delivery]:
    """Return the messages to those who are in a win, or to those of `user_ids`."""
    of_people = [] if user_ids is None else [any_of(deliveries.c.recipient_id, user_ids)]
    return select_all(connection, deliveries.c.win_id == win_id, _is_credit, *of_people)


def forget_unsent_messages(connection: Connection, win_id: int) -> None:
    """Forget the messages about a win that were never sent, so that they may be enqueued again."""
    unsent = (deliveries.c.win_id == win_id) & _is_credit & (deliveries.c.state == DeliveryState.CANCELLED)
    deletion.delete_deliveries(connection, unsent)


def wins_that_name(connection: Connection, team_id: str, user_id: str) -> list[int]:
    """Return the ids of the wins of others that name someone unless they prefer "never by name", in their order."""
    where = _is_or_was_in_it(team_id, user_id) & has_agreed & ~_is_by(user_id)
    return list(connection.scalars(select(win_people.c.win_id).where(where).distinct().order_by(win_people.c.win_id)))


def update_naming(connection: Connection, team_id: str, user_id: str, win_ids: Collection[int]) -> None:
    """Request an update, which can wait, of every message that shows wins in which someone's name comes or goes.

    The messages to that person are updated, too, for all wins that they are in: those say how they are named.
    """
    is_win = deliveries.c.kind.in_((DeliveryKind.ANNOUNCEMENT, DeliveryKind.CREDIT))
    shows_win = (deliveries.c.team_id == team_id) & any_of(deliveries.c.win_id, win_ids) & is_win
    request_updates(connection, shows_win, can_wait=True)
    theirs = select(win_people.c.win_id).where(_is_or_was_in_it(team_id, user_id))
    is_to_them = deliveries.c.win_id.in_(theirs) & _is_credit & (deliveries.c.recipient_id == user_id)
    request_updates(connection, is_to_them, can_wait=True)
    tells_it = (roundup_items.c.team_id == team_id) & any_of(roundup_items.c.win_id, win_ids)
    parts = select(roundup_items.c.roundup_id, roundup_items.c.part).where(tells_it)
    # SQLite uses the index if the condition has this.
    tells_win = deliveries.c.roundup_id.is_not(None) & tuple_(deliveries.c.roundup_id, deliveries.c.part).in_(parts)
    request_updates(connection, tells_win, can_wait=True)
    told = select(roundup_items.c.roundup_id).where(tells_it)
    request_updates(connection, credit_notes.about_roundups(told), can_wait=True)


def _is_by(user_id: str) -> ColumnElement[bool]:
    """Whether someone is the author of the win of a row of its people."""
    return select(wins.c.id).where(wins.c.id == win_people.c.win_id, wins.c.author_id == user_id).exists()


def _is_in_it(team_id: str, user_id: str) -> ColumnElement[bool]:
    return _is_or_was_in_it(team_id, user_id) & win_people.c.role.in_(_IN_IT)


def _is_or_was_in_it(team_id: str, user_id: str) -> ColumnElement[bool]:
    return (win_people.c.team_id == team_id) & (win_people.c.user_id == user_id)
