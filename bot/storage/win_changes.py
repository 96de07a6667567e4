"""Changes of a stored win: its author edits it, makes it private, or shares it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, delete, insert, update

from bot.domain.consent import Consent
from bot.domain.deliveries import MAY_BE_POSTED
from bot.domain.wins import Draft, Win, WinRole
from bot.storage import consent, win_search
from bot.storage.deliveries import Delivery, request_delete, request_update
from bot.storage.roundup_items import leave_place
from bot.storage.tables import deliveries, tags, win_people, wins


def edit(connection: Connection, win: Win, draft: Draft, *, consents: Mapping[str, Consent], now: datetime) -> bool:
    """Replace what a win says with what is in `draft`; False if it was changed since it was read as `win`.

    Those who joined it by themselves stay so (see `Win.joined_after`), and get the names with which the text may now
    have them. `consents` are those of the people in the draft, by user id; what others have said of the win is kept,
    and that those whom its text or reason still names were in it.
    """
    seen = (wins.c.id == win.id) & (wins.c.revision == win.revision) & wins.c.undone_at.is_(None)
    values = {
        "text": draft.text,
        "url": draft.url,
        "kind": draft.kind,
        "is_own": draft.is_own,
        "edited_at": now,
        "revision": wins.c.revision + 1,
    }
    if connection.execute(update(wins).where(seen).values(values)).rowcount == 0:
        return False
    joined = {person.user_id for person in win.joined_after(draft)}
    of_win = win_people.c.win_id == win.id
    former = _former_after(connection, win, draft, consents)
    named = (WinRole.CREDITED, WinRole.THANKED, WinRole.FORMER)
    connection.execute(delete(win_people).where(of_win, win_people.c.role.in_(named)))
    handed_to = {person.user_id for person in win.joined} - joined
    is_handed = (win_people.c.role == WinRole.JOINED) & win_people.c.user_id.in_(sorted(handed_to))
    connection.execute(delete(win_people).where(of_win, is_handed))
    people = [
        {
            "user_id": person.user_id,
            "name": person.name,
            "role": role,
            "reason": reason,
            "consent": consents.get(person.user_id),
        }
        for role, named, reason in (
            (WinRole.CREDITED, draft.credited, None),
            (WinRole.THANKED, draft.thanked, draft.reason),
        )
        for person in named
        if role is WinRole.THANKED or person.user_id not in joined
    ]
    _insert_all(connection, win_people, win, people)
    _insert_all(connection, win_people, win, former)
    for person in draft.credited:
        if person.user_id in joined and person.token in draft.text:
            is_joined = (win_people.c.user_id == person.user_id) & (win_people.c.role == WinRole.JOINED)
            connection.execute(update(win_people).where(of_win, is_joined).values(name=person.name))
    connection.execute(delete(tags).where(tags.c.win_id == win.id))
    _insert_all(connection, tags, win, [{"tag": tag} for tag in draft.tags])
    win_search.refresh(connection, wins.c.id == win.id)
    return True


def _former_after(
    connection: Connection, win: Win, draft: Draft, consents: Mapping[str, Consent]
) -> list[dict[str, object]]:
    """Return the rows of those who aren't in a win, and have said something of it or are named in it still."""
    names = {person.user_id: person.name for person in win.everyone if person.name}
    said = {user_id: each for user_id, each in consent.said(connection, win.id).items() if user_id not in consents}
    named = {person.user_id for person in draft.named(win.everyone)}
    others = {win.author.user_id, *(person.user_id for person in (*draft.credited, *draft.thanked, *win.joined))}
    return [
        {"user_id": user_id, "name": names.get(user_id), "role": WinRole.FORMER, "consent": said.get(user_id)}
        for user_id in sorted({*said, *(named - others)})
    ]


def _insert_all(connection: Connection, table: Table, win: Win, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), [{"win_id": win.id, "team_id": win.team_id, **row} for row in rows])


def set_private(connection: Connection, win_id: int, *, is_private: bool) -> None:
    """Store whether only its author sees a win. A private one is in no later roundup."""
    values = {"is_private": is_private, **({"is_open": False} if is_private else {})}
    connection.execute(update(wins).where(wins.c.id == win_id).values(values))


def open_for_next_roundup(connection: Connection, win_id: int) -> None:
    """Take a win out of any roundup, so that the channel's next one tells it, also if it was left for later."""
    leave_place(connection, win_id)
    connection.execute(update(wins).where(wins.c.id == win_id).values(is_open=True, is_left=False))


def count_from(connection: Connection, win_id: int, moment: datetime) -> None:
    """Let a win count from `moment` (UTC) instead of from when it was saved, wherever wins are in the order of time."""
    win_search.remove(connection, wins.c.id == win_id)  # its place in the index is that of its time
    connection.execute(update(wins).where(wins.c.id == win_id).values(created_at=moment))
    win_search.refresh(connection, wins.c.id == win_id)


def discard(connection: Connection, delivery: Delivery) -> None:
    """Request that a message about a win is deleted, and forget what it was about: another one may take its place."""
    request_delete(connection, delivery.id)
    connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(win_id=None))


def keep_if_posted(connection: Connection, delivery: Delivery) -> None:
    """Update a message of unknown outcome, which was to be deleted, once it is found; post it if it is not there."""
    is_unknown = (deliveries.c.id == delivery.id) & deliveries.c.state.in_(MAY_BE_POSTED)
    connection.execute(update(deliveries).where(is_unknown).values(pending_op=None))
    request_update(connection, delivery.id)
