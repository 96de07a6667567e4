"""Wins: stored, undone, and read as they are shown."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, select, union_all, update

from bot.domain.consent import Consent, is_named
from bot.domain.deliveries import DeliveryState
from bot.domain.search_terms import terms_of_win
from bot.domain.wins import CREDITED_ROLES, NO_LONGER_IN_IT, ClimbOfWin, Draft, Mention, MessageSource, Win, WinRole
from bot.storage import win_search
from bot.storage.bulk_insert import BulkInsert
from bot.storage.cheers import BUTTON, cheerers_of, emoji_on, is_read_as_theirs
from bot.storage.columns import any_of, any_pair_of, unindexed
from bot.storage.delivery_conditions import is_announcement, is_deleted
from bot.storage.tables import (
    climbs,
    deliveries,
    preferences,
    roundup_items,
    tags,
    win_cheers,
    win_people,
    wins,
)


@dataclass(frozen=True)
class NewWin:
    """A win to store. `channel_id` is None for one that belongs to no channel, and so `is_private`.

    `idempotency_key` is that of the request that it came with. The announcement replies in the thread `thread_ts`.
    `consents` are by user id; a win that is held until `held_until` (UTC) has no announcement. Only its text names the
    `former`.
    """

    draft: Draft
    team_id: str
    channel_id: str | None
    idempotency_key: str
    author: Mention
    created_at: datetime
    is_private: bool = False
    source: MessageSource | None = None
    thread_ts: str | None = None
    consents: Mapping[str, Consent] = field(default_factory=dict)
    held_until: datetime | None = None
    former: tuple[Mention, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Whether it is announced in its channel, and told in a roundup."""
        return self.channel_id is not None and not self.is_private and self.held_until is None


_insert_wins = BulkInsert(
    wins,
    *("team_id", "channel_id", "idempotency_key", "author_id", "author_name", "text", "url", "created_at", "is_open"),
    *("kind", "is_own", "is_private", "held_until", "source_channel_id", "source_ts", "thread_ts"),
    ignore_conflicts=True,
    returning=("team_id", "idempotency_key", "id"),
)
_insert_people = BulkInsert(win_people, "win_id", "team_id", "user_id", "role", "name", "reason", "consent")
_insert_tags = BulkInsert(tags, "win_id", "team_id", "tag")


def add_all(connection: Connection, new_wins: Sequence[NewWin]) -> list[int | None]:
    """Store wins and return their ids; None for one whose request was stored before.

    A shared one is open at once for its channel's next roundup.
    """
    rows = [
        (
            *(win.team_id, win.channel_id, win.idempotency_key, win.author.user_id, win.author.name),
            *(win.draft.text, win.draft.url, win.created_at, win.is_shared),
            *(win.draft.kind, win.draft.is_own, win.is_private or win.channel_id is None, win.held_until),
            *((win.source.channel_id, win.source.ts) if win.source else (None, None)),
            win.thread_ts,
        )
        for win in new_wins
    ]
    ids = {
        (team_id, idempotency_key): win_id for team_id, idempotency_key, win_id in _insert_wins.run(connection, rows)
    }
    stored = [(ids.pop((win.team_id, win.idempotency_key), None), win) for win in new_wins]
    people_rows = [
        (win_id, win.team_id, person.user_id, role, person.name, reason, win.consents.get(person.user_id))
        for win_id, win in stored
        if win_id is not None
        for people, role, reason in (
            (win.draft.credited, WinRole.CREDITED, None),
            (win.draft.thanked, WinRole.THANKED, win.draft.reason),
            (win.former, WinRole.FORMER, None),
        )
        for person in people
    ]
    _insert_people.run(connection, people_rows)
    tag_rows = [(win_id, win.team_id, tag) for win_id, win in stored if win_id is not None for tag in win.draft.tags]
    _insert_tags.run(connection, tag_rows)
    win_search.add(connection, [_indexed(win_id, win) for win_id, win in stored if win_id is not None])
    return [win_id for win_id, _ in stored]


def _indexed(win_id: int, win: NewWin) -> win_search.IndexedWin:
    draft = win.draft
    terms = terms_of_win(
        draft.text,
        team_id=win.team_id,
        channel_id=win.channel_id,
        author_id=win.author.user_id,
        people=(*draft.credited, *draft.thanked),
        former=win.former,
        tags=draft.tags,
        url=draft.url,
        reason=draft.reason,
    )
    return win_search.IndexedWin(win_id, win.team_id, win.created_at, terms)


def has_saved(connection: Connection, team_id: str, channel_id: str, author_id: str) -> bool:
    """Whether a person has saved a win in a channel."""
    where = (wins.c.team_id == team_id) & (wins.c.channel_id == channel_id) & (wins.c.author_id == author_id)
    return connection.execute(select(wins.c.id).where(where).limit(1)).first() is not None


_select_if_theirs = union_all(
    select(wins.c.id).where(wins.c.id == bindparam("win"), wins.c.author_id == bindparam("person"), wins.c.is_own),
    select(win_people.c.win_id).where(
        win_people.c.win_id == bindparam("win"),
        win_people.c.user_id == bindparam("person"),
        is_read_as_theirs,
    ),
)


def is_theirs(connection: Connection, win_id: int, user_id: str) -> bool:
    """Whether a person is one of those whose win it is, as others read it."""
    return connection.execute(_select_if_theirs, {"win": win_id, "person": user_id}).first() is not None


def of_request(connection: Connection, team_id: str, idempotency_key: str) -> int | None:
    """Return the id of the win that came with a request, or None."""
    query = select(wins.c.id).where(wins.c.team_id == team_id, wins.c.idempotency_key == idempotency_key)
    return connection.execute(query).scalar_one_or_none()


is_hidden = wins.c.undone_at.is_not(None) | wins.c.is_private | wins.c.held_until.is_not(None)
"""Whether no channel shows a win."""


def undo(connection: Connection, win_id: int, *, now: datetime) -> bool:
    """Keep a win out of every later roundup and update; return False if it was undone before."""
    is_first = (wins.c.id == win_id) & wins.c.undone_at.is_(None)
    was_first = connection.execute(update(wins).where(is_first).values(undone_at=now, is_open=False)).rowcount == 1
    if was_first:
        win_search.remove(connection, wins.c.id == win_id)
    return was_first


_is_climb_known = (climbs.c.id == wins.c.climb_id) & (climbs.c.shared_at.is_not(None) | climbs.c.channel_id.is_(None))
is_known_step = select(climbs.c.id).where(_is_climb_known).exists()
"""Whether a win is a step of a climb that everyone who sees the win may know of."""
_select_wins = select(
    wins,
    select(deliveries.c.ts)
    .where(deliveries.c.win_id == wins.c.id, is_announcement, ~is_deleted)
    .scalar_subquery()
    .label("message_ts"),
    select(deliveries.c.id)
    .where(deliveries.c.win_id == wins.c.id, is_announcement, deliveries.c.state == DeliveryState.REJECTED)
    .exists()
    .label("is_refused"),
    select(climbs.c.name).where(_is_climb_known).scalar_subquery().label("climb_name"),
    select(func.aggregate_strings(tags.c.tag, " ")).where(tags.c.win_id == wins.c.id).scalar_subquery().label("tags"),
)


def _one(team_id: str, win_id: int) -> Select[Any]:
    return _select_wins.where(wins.c.team_id == team_id, wins.c.id == win_id)


def by_id(connection: Connection, team_id: str, win_id: int) -> Win | None:
    """Return a win of the workspace, undone or not, or None."""
    matches = _load(connection, _one(team_id, win_id))
    return matches[0] if matches else None


def as_announced(connection: Connection, team_id: str, win_id: int) -> Win | None:
    """Return a win of the workspace as its announcement shows it, cheered by those who pressed its button, or None."""
    matches = _load(connection, _one(team_id, win_id), source=BUTTON)
    return matches[0] if matches else None


_select_by_ids = _select_wins.where(unindexed(wins.c.team_id) == bindparam("team"), any_of(wins.c.id, "wins"))


def by_ids(connection: Connection, team_id: str, win_ids: Sequence[int], *, except_user_id: str = "") -> list[Win]:
    """Return wins of the workspace in the order of `win_ids`, without those that are gone.

    The user `except_user_id` is not among those who cheer them.
    """
    found = _load(connection, _select_by_ids, except_user_id=except_user_id, team=team_id, wins=win_ids)
    order = {win_id: place for place, win_id in enumerate(win_ids)}
    return sorted(found, key=lambda win: order[win.id])


def latest_of(connection: Connection, team_id: str, author_id: str, *, limit: int) -> list[Win]:
    """Return a person's latest wins without the undone ones, the newest first, with every name: they read them."""
    query = _select_wins.where(wins.c.team_id == team_id, wins.c.author_id == author_id, wins.c.undone_at.is_(None))
    found = _load(connection, query.order_by(wins.c.created_at.desc(), wins.c.id.desc()).limit(limit))
    return [win.for_author() for win in found]


# Built once, because every roundup needs them: to build such a statement costs as much as to run it.
_select_open = _select_wins.where(
    wins.c.team_id == bindparam("team"), wins.c.channel_id == bindparam("channel"), wins.c.is_open
).order_by(wins.c.created_at, wins.c.id)
_is_in_channels = any_pair_of(wins.c.team_id, wins.c.channel_id, "keys")
_select_next = _select_wins.where(_is_in_channels, wins.c.is_open, wins.c.is_left.is_(False)).order_by(
    wins.c.created_at, wins.c.id
)
_in_part = (roundup_items.c.roundup_id == bindparam("roundup")) & (roundup_items.c.part == bindparam("part"))
_select_of_roundups = (
    _select_wins.add_columns(roundup_items.c.roundup_id, roundup_items.c.part)
    .join(roundup_items, roundup_items.c.win_id == wins.c.id)
    .where(any_pair_of(roundup_items.c.roundup_id, roundup_items.c.part, "parts"), ~is_hidden)
    .order_by(roundup_items.c.position)
)


def open_in(connection: Connection, team_id: str, channel_id: str) -> list[Win]:
    """Return the channel's open wins (in no roundup and not undone), the oldest first."""
    return _load(connection, _select_open, team=team_id, channel=channel_id)


def for_next_roundups(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Win]]:
    """Return the open wins of each channel (team id, channel id), oldest first, without those left for later."""
    found: dict[tuple[str, str], list[Win]] = {key: [] for key in keys}
    for win in _load(connection, _select_next, keys=keys):
        assert win.channel_id is not None, "the query asks for channels"
        found[win.team_id, win.channel_id].append(win)
    return found


def left_in(connection: Connection, team_id: str, channel_id: str) -> set[int]:
    """Return the open wins (ids) that the channel's next roundup leaves for the one after."""
    return set(connection.scalars(select(wins.c.id).where(_is_open_in(team_id, channel_id), wins.c.is_left)))


def leave_for_later(connection: Connection, team_id: str, channel_id: str, win_ids: Iterable[int]) -> None:
    """Let the channel's next roundup leave exactly these open wins for the one after."""
    is_left = any_of(wins.c.id, win_ids)
    has_changed = wins.c.is_left != is_left
    connection.execute(update(wins).where(_is_open_in(team_id, channel_id), has_changed).values(is_left=is_left))


_leave_none = update(wins).where(_is_in_channels, wins.c.is_open, wins.c.is_left).values(is_left=False)


def leave_none_for_later(connection: Connection, keys: Collection[tuple[str, str]]) -> None:
    """Let the next roundup of each channel (team id, channel id) tell every open win."""
    if keys:
        connection.execute(_leave_none, {"keys": keys})


def _is_open_in(team_id: str, channel_id: str) -> ColumnElement[bool]:
    return and_(wins.c.team_id == team_id, wins.c.channel_id == channel_id, wins.c.is_open)


def of_roundup(connection: Connection, roundup_id: int, part: int) -> list[Win]:
    """Return the wins of one part of a roundup, as `of_roundups` does."""
    return of_roundups(connection, [(roundup_id, part)])[roundup_id, part]


def of_roundups(
    connection: Connection, numbered_parts: Collection[tuple[int, int]]
) -> dict[tuple[int, int], list[Win]]:
    """Return the wins of parts of roundups (each with its number), without the hidden ones, and with their emoji."""
    rows = connection.execute(_select_of_roundups, {"parts": numbered_parts}).all()
    found: dict[tuple[int, int], list[Win]] = {part: [] for part in numbered_parts}
    for row, win in zip(rows, with_emoji(connection, _from_rows(connection, rows)), strict=True):
        found[row.roundup_id, row.part].append(win)
    return found


def with_emoji(connection: Connection, found: Sequence[Win]) -> list[Win]:
    """Return wins with the emoji that most of those who cheer them used."""
    emoji = emoji_on(connection, win_cheers, [win.id for win in found if win.cheered_by])
    return [replace(win, cheer_emoji=emoji[win.id]) if win.id in emoji else win for win in found]


_select_in_place = _select_wins.join(roundup_items, roundup_items.c.win_id == wins.c.id).where(
    _in_part, wins.c.undone_at.is_(None)
)


def with_place_in(connection: Connection, roundup_id: int, part: int) -> list[Win]:
    """Return the wins that have a place in one part of a roundup: those that it shows, and private ones."""
    return _load(connection, _select_in_place, roundup=roundup_id, part=part)


def is_hidden_win(connection: Connection, win_id: int) -> bool:
    """Whether a win was undone, is private, or is held."""
    query = select(wins.c.id).where(wins.c.id == win_id, is_hidden)
    return connection.execute(query).first() is not None


def thread_of(connection: Connection, win_id: int) -> str | None:
    """Return the thread (its parent's ts) in which a win is announced, or None."""
    return connection.execute(_select_thread, {"win": win_id}).scalar_one_or_none()


_select_thread = select(wins.c.thread_ts).where(wins.c.id == bindparam("win"))


def author_of(connection: Connection, win_id: int) -> tuple[str, str] | None:
    """Return the workspace and the user id of a win's author, or None."""
    row = connection.execute(select(wins.c.team_id, wins.c.author_id).where(wins.c.id == win_id)).one_or_none()
    return None if row is None else (row.team_id, row.author_id)


def _load(
    connection: Connection, query: Any, *, source: str | None = None, except_user_id: str = "", **values: Any
) -> list[Win]:
    """Read wins without their emoji; `source` and `except_user_id` are those of cheerers_of."""
    return _from_rows(connection, connection.execute(query, values).all(), source, except_user_id)


def _from_rows(
    connection: Connection, rows: Sequence[Any], source: str | None = None, except_user_id: str = ""
) -> list[Win]:
    ids = [row.id for row in rows]
    people = _people(connection, {row.id: row.author_id for row in rows})
    cheerers = cheerers_of(connection, win_cheers, ids, source=source, except_user_id=except_user_id)
    return [
        Win(
            id=row.id,
            team_id=row.team_id,
            channel_id=row.channel_id,
            author=Mention(row.author_id, row.author_name),
            text=row.text,
            credited=_once(person for person, role, _ in people[row.id] if role in CREDITED_ROLES),
            created_at=row.created_at,
            is_undone=row.undone_at is not None,
            message_ts=row.message_ts,
            cheered_by=cheerers[row.id],
            is_refused=row.is_refused,
            kind=row.kind,
            is_own=row.is_own,
            is_private=row.is_private,
            held_until=row.held_until,
            joined=tuple(person for person, role, _ in people[row.id] if role is WinRole.JOINED),
            thanked=tuple(person for person, role, _ in people[row.id] if role is WinRole.THANKED),
            reason=next((reason for _, role, reason in people[row.id] if role is WinRole.THANKED), None),
            tags=tuple(sorted(row.tags.split())) if row.tags else (),
            url=row.url,
            source=MessageSource(row.source_channel_id, row.source_ts) if row.source_ts else None,
            thread_ts=row.thread_ts,
            edited_at=row.edited_at,
            revision=row.revision,
            climb=None if row.climb_name is None else ClimbOfWin(row.climb_id, row.climb_name),
            former=_former(people[row.id]),
        )
        for row in rows
    ]


_select_people = (
    select(win_people, preferences.c.preference)
    .outerjoin(
        preferences,
        and_(preferences.c.team_id == win_people.c.team_id, preferences.c.user_id == win_people.c.user_id),
    )
    .where(any_of(win_people.c.win_id, "wins"))
    .order_by(win_people.c.user_id)
)


def _once(people: Iterable[Mention]) -> tuple[Mention, ...]:
    """Return each person once, even if the author named them and they joined, with the name that was typed."""
    found: dict[str, Mention] = {}
    for person in people:
        if person.name or person.user_id not in found:
            found[person.user_id] = person
    return tuple(found.values())


def _former(people: Sequence[tuple[Mention, WinRole, str | None]]) -> tuple[Mention, ...]:
    """Return those whom only a win's text names; unnamed if any of their rows says so."""
    former = [person for person, role, _ in people if role in NO_LONGER_IN_IT]
    if not former:
        return ()
    in_it = {person.user_id for person, role, _ in people if role not in NO_LONGER_IN_IT}
    unnamed = {person.user_id for person in former if person.is_unnamed}
    return _once(replace(each, is_unnamed=each.user_id in unnamed) for each in former if each.user_id not in in_it)


def _people(
    connection: Connection, author_ids: Mapping[int, str]
) -> defaultdict[int, list[tuple[Mention, WinRole, str | None]]]:
    """Return who is in these wins, whose authors (by the win's id) are always named."""
    people: defaultdict[int, list[tuple[Mention, WinRole, str | None]]] = defaultdict(list)
    rows = connection.execute(_select_people, {"wins": list(author_ids)}).all()
    # Who joined has said since that they are in it, whatever they said of being named by the author.
    joined = {(row.win_id, row.user_id): row.consent for row in rows if row.role is WinRole.JOINED}
    for row in rows:
        consent = joined.get((row.win_id, row.user_id), row.consent)
        is_in_it = row.role not in NO_LONGER_IN_IT
        names_them = row.user_id == author_ids[row.win_id] or is_named(consent, row.preference, is_in_it=is_in_it)
        people[row.win_id].append((Mention(row.user_id, row.name, consent, not names_them), row.role, row.reason))
    return people
