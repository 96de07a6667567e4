"""The people who joined a win, and those whom its author took out of it again."""

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from bot.domain.wins import Mention, WinRole
from bot.storage import win_search
from bot.storage.bulk_insert import upsert
from bot.storage.tables import win_people, wins


def roles_of(connection: Connection, win_id: int, user_id: str) -> frozenset[WinRole]:
    """Return what a person is to a win, besides its author."""
    where = (win_people.c.win_id == win_id) & (win_people.c.user_id == user_id)
    return frozenset(connection.scalars(select(win_people.c.role).where(where)))


def join(connection: Connection, team_id: str, win_id: int, user_id: str) -> None:
    """Store that a person was part of a win, whatever they said of it before. Its text may have their name still."""
    is_former = (win_people.c.win_id == win_id) & (win_people.c.user_id == user_id)
    is_former &= win_people.c.role == WinRole.FORMER
    name = connection.scalar(select(win_people.c.name).where(is_former))
    connection.execute(delete(win_people).where(is_former))
    row = {"team_id": team_id, "win_id": win_id, "user_id": user_id, "role": WinRole.JOINED, "name": name}
    connection.execute(upsert(connection.dialect, win_people).on_conflict_do_nothing(), row)
    win_search.refresh(connection, wins.c.id == win_id)


def leave(connection: Connection, win_id: int, user_id: str) -> bool:
    """Take its author out of a win that they joined; False if they had not. Their name stays where its text has it."""
    person = Mention(user_id, connection.scalar(select(win_people.c.name).where(_joined(win_id, user_id))))
    if connection.execute(delete(win_people).where(_joined(win_id, user_id))).rowcount == 0:
        return False
    text = func.replace(wins.c.text, person.token, f"@{person.typed_name}")
    connection.execute(update(wins).where(wins.c.id == win_id).values(text=text))
    win_search.refresh(connection, wins.c.id == win_id)
    return True


def remove(connection: Connection, win_id: int, user_id: str) -> bool:
    """Store that the author took a person who joined out of a win, for good; False if they had not joined.

    If the author has put them into the text since, those who may read their name still read it there.
    """
    statement = update(win_people).where(_joined(win_id, user_id)).values(role=WinRole.REMOVED)
    is_changed = connection.execute(statement).rowcount == 1
    if is_changed:
        win_search.refresh(connection, wins.c.id == win_id)
    return is_changed


def removed_from(connection: Connection, win_id: int) -> tuple[Mention, ...]:
    """Return those whom the author took out of a win."""
    where = (win_people.c.win_id == win_id) & (win_people.c.role == WinRole.REMOVED)
    user_ids = connection.scalars(select(win_people.c.user_id).where(where).order_by(win_people.c.user_id))
    return tuple(map(Mention, user_ids))


def _joined(win_id: int, user_id: str) -> ColumnElement[bool]:
    is_persons = (win_people.c.win_id == win_id) & (win_people.c.user_id == user_id)
    return is_persons & (win_people.c.role == WinRole.JOINED)
