"""Cheers: who cheered a win or a roundup. A person counts once, even with a button press and reactions.

Everything that Slack tells is stored, and the queries say who counts: whether a user is a bot may be known only later.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Table,
    bindparam,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.domain.consent import Consent
from bot.domain.wins import THEIRS
from bot.domain.workspaces import SLACKBOT
from bot.storage.bulk_insert import upsert
from bot.storage.columns import any_of
from bot.storage.tables import users, win_cheers, win_people, wins

BUTTON = "button"
BUTTON_EMOJI = "clap"
"""The emoji on the button."""
MAX_EMOJI = 3
_SAFE_EMOJI = re.compile(r"[a-z0-9_+'-]+", re.ASCII)
"""A name that stands for an emoji between colons, and for nothing else."""


def reaction_source(emoji: str) -> str:
    """Return the source of a cheer by reaction: the emoji's name, with its skin tone.

    A person can react with one emoji in several tones, and take each of them back.
    """
    return f"reaction:{emoji}"


def toneless_source(emoji: str) -> str:
    """Return the source that a reaction has if it was stored while the tone was left out (before migration 0006)."""
    return f"{reaction_source(emoji.partition('::')[0])}::any-tone"


class Recorded(NamedTuple):
    """What an event did: whether the person cheered from its source before, and does now.

    It `is_latest` if it decides about the source; else a later one, or the same one, was recorded before.
    """

    was_active: bool
    is_active: bool
    is_latest: bool


def record(
    connection: Connection,
    table: Table,
    *,
    team_id: str,
    subject_id: int,
    user_id: str,
    source: str,
    is_active: bool,
    event_ts: str,
) -> Recorded:
    """Record that a person cheered (`is_active`) or took a cheer back.

    Events come in any order and more than once: the latest one (by `event_ts`, as Slack writes it) decides.
    """
    key = {_subject_column(table).name: subject_id, "user_id": user_id, "source": source}
    row = {**key, "team_id": team_id, "is_active": is_active, "changed_at_us": microseconds(event_ts)}
    was_active = bool(connection.execute(_select_is_active(table), key).scalar_one_or_none())
    stored = connection.execute(_upsert_later(connection.dialect, table), row).first()
    return Recorded(was_active, was_active if stored is None else is_active, is_latest=stored is not None)


def _subject_column(table: Table) -> Column[int]:
    return table.primary_key.columns.values()[0]


# Built once, because every cheer needs them: to build such a statement costs as much as to run it.
@cache
def _select_is_active(table: Table) -> Select[Any]:
    return select(table.c.is_active).where(*(column == bindparam(column.name) for column in table.primary_key.columns))


@lru_cache(maxsize=16)
def _upsert_later(dialect: Dialect, table: Table) -> Any:
    """Store a row unless one with the same key is as late, and return it if it is stored."""
    statement = upsert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=table.primary_key.columns.keys(),
        set_={"is_active": statement.excluded.is_active, "changed_at_us": statement.excluded.changed_at_us},
        where=statement.excluded.changed_at_us > table.c.changed_at_us,
    ).returning(table.c.is_active)


def take_back_toneless(
    connection: Connection, table: Table, *, subject_id: int, user_id: str, emoji: str, event_ts: str
) -> bool:
    """Take back a reaction that was stored without its tone, and return whether there was one."""
    where = (
        (_subject_column(table) == subject_id)
        & (table.c.user_id == user_id)
        & (table.c.source == toneless_source(emoji))
    )
    is_older = table.c.is_active & (table.c.changed_at_us < microseconds(event_ts))
    values = {"is_active": False, "changed_at_us": microseconds(event_ts)}
    return connection.execute(update(table).where(where, is_older).values(values)).rowcount == 1


def move_reactions_to_button(connection: Connection, win_id: int) -> None:
    """Keep the cheers of those who reacted to an announcement that is gone, as if they had pressed its button."""
    of_win = (win_cheers.c.win_id == win_id) & win_cheers.c.is_active
    reactions = of_win & (win_cheers.c.source != BUTTON)
    query = select(win_cheers.c.team_id, win_cheers.c.user_id, func.min(win_cheers.c.changed_at_us).label("since"))
    pressed = select(win_cheers.c.user_id).where(of_win, win_cheers.c.source == BUTTON)
    query = query.where(reactions, win_cheers.c.user_id.not_in(pressed))
    statement = upsert(connection.dialect, win_cheers)
    statement = statement.on_conflict_do_update(
        index_elements=win_cheers.primary_key.columns.keys(), set_={"is_active": True}
    )
    for row in connection.execute(query.group_by(win_cheers.c.team_id, win_cheers.c.user_id)).all():
        values = {"team_id": row.team_id, "win_id": win_id, "user_id": row.user_id, "source": BUTTON}
        connection.execute(statement, {**values, "is_active": True, "changed_at_us": row.since})
    connection.execute(update(win_cheers).where(reactions).values(is_active=False))


def microseconds(ts: str) -> int:
    """Return Slack's "1764000000.123456" as microseconds since 1970, exactly. Raises ValueError for anything else."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)


class Cheers(NamedTuple):
    """Who cheers something now, by user id, the earliest first; and the names of the emoji that they used most.

    There are at most `MAX_EMOJI` of these, the most used first.
    """

    user_ids: tuple[str, ...] = ()
    emoji: tuple[str, ...] = ()


@cache
def _select_cheers(table: Table, *, by_source: bool) -> Select[Any]:
    subject = _subject_column(table)
    query = (
        select(subject.label("subject"), table.c.user_id, table.c.source)
        .where(any_of(subject, "subjects"), table.c.is_active, _counts(table))
        .order_by(table.c.changed_at_us, table.c.user_id, table.c.source)
    )
    return query.where(table.c.source == bindparam("source")) if by_source else query


def _counts(table: Table) -> ColumnElement[bool]:
    """Whether a cheer counts, whichever way it came: it is of a person of the workspace, and not on their own win.

    People of another organization, people whose account is deactivated, and bots are none (`User.is_active`). Someone
    of whom Slack has said nothing yet counts until it does.
    """
    is_user = (users.c.team_id == table.c.team_id) & (users.c.user_id == table.c.user_id)
    is_persons = (table.c.user_id != SLACKBOT) & ~exists().where(is_user, users.c.is_active.is_(False))
    if table is not win_cheers:
        return is_persons
    is_authors = exists().where(wins.c.id == table.c.win_id, wins.c.author_id == table.c.user_id, wins.c.is_own)
    is_credited = exists().where(
        win_people.c.win_id == table.c.win_id,
        win_people.c.user_id == table.c.user_id,
        win_people.c.role.in_(THEIRS),
        or_(win_people.c.consent.is_(None), win_people.c.consent != Consent.REFUSED),
    )
    return is_persons & ~is_authors & ~is_credited


counts_on_win = _counts(win_cheers)
"""Whether a cheer on a win counts."""


def cheers_on(
    connection: Connection, table: Table, subject_ids: Sequence[int], *, source: str | None = None
) -> dict[int, Cheers]:
    """Return the cheers that each of `subject_ids` has now; with `source`, only those from there.

    Those that don't count are left out.
    """
    values: dict[str, object] = {"subjects": subject_ids}
    if source is not None:
        values["source"] = source
    given: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(_select_cheers(table, by_source=source is not None), values):
        given[row.subject].append((row.user_id, row.source))
    return {subject_id: _summary(given[subject_id]) for subject_id in subject_ids}


def _summary(given: Sequence[tuple[str, str]]) -> Cheers:
    """Put together the cheers on one subject, by user id and source, the earliest first."""
    if not given:
        return Cheers()
    used = {(user_id, emoji): None for user_id, source in given if (emoji := _emoji(source)) is not None}
    most_used = Counter(emoji for _, emoji in used).most_common(MAX_EMOJI)  # those used as often: the earliest first
    return Cheers(tuple(dict.fromkeys(user_id for user_id, _ in given)), tuple(emoji for emoji, _ in most_used))


def _emoji(source: str) -> str | None:
    """Return the name of the emoji that a cheer came with, without its tone; None for one that can't be written."""
    emoji = BUTTON_EMOJI if source == BUTTON else source.removeprefix(reaction_source("")).partition("::")[0]
    return emoji if _SAFE_EMOJI.fullmatch(emoji) else None
