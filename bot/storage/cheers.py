"""Cheers: who cheered a win or a roundup. A person counts once, even with a button press and reactions.

Each reaction is stored, and each press that bot/services/cheers.py doesn't refuse (`record`). The queries say who
counts (`_counts`): whether a user is a bot may be known only later.
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
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from bot.domain.consent import Consent, Preference
from bot.domain.wins import CREDITED_ROLES, MAX_CHEERERS, Cheerers
from bot.domain.workspaces import SLACKBOT
from bot.storage.bulk_insert import upsert
from bot.storage.columns import any_of, before
from bot.storage.tables import preferences, users, win_cheers, win_people, wins

BUTTON = "button"
BUTTON_EMOJI = "clap"
"""The emoji on the button."""
MAX_EMOJI = 3
_TONE = "::"
"""What stands between an emoji and its skin tone."""
_SAFE_EMOJI = re.compile(r"[a-z0-9_+'-]+", re.ASCII)
"""A name that stands for an emoji between colons, and for nothing else."""


def reaction_source(emoji: str) -> str:
    """Return the source of a cheer by reaction: the emoji's name, with its skin tone.

    A person can react with one emoji in several tones, and take each of them back.
    """
    return f"reaction:{emoji}"


def toneless_source(emoji: str) -> str:
    """Return the source that a reaction has if it was stored while the tone was left out (before migration 0006)."""
    return f"{reaction_source(emoji.partition(_TONE)[0])}{_TONE}any-tone"


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

    `source` is how: `BUTTON`, or the `reaction_source` of an emoji. Each is a row of its own. Events come in any order
    and more than once: the latest one (by `event_ts`, as Slack writes it) decides about its row.
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
    person = (win_cheers.c.team_id, win_cheers.c.win_id, win_cheers.c.user_id)
    pressed = select(win_cheers.c.user_id).where(of_win, win_cheers.c.source == BUTTON)
    query = select(*person, literal(BUTTON), true(), func.min(win_cheers.c.changed_at_us))
    query = query.where(reactions, win_cheers.c.user_id.not_in(pressed)).group_by(*person)
    columns = ["team_id", "win_id", "user_id", "source", "is_active", "changed_at_us"]
    statement = upsert(connection.dialect, win_cheers).from_select(columns, query)
    statement = statement.on_conflict_do_update(
        index_elements=win_cheers.primary_key.columns.keys(), set_={"is_active": True}
    )
    connection.execute(statement)
    connection.execute(update(win_cheers).where(reactions).values(is_active=False))


def microseconds(ts: str) -> int:
    """Return Slack's "1764000000.123456" as microseconds since 1970, exactly. Raises ValueError for anything else."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds) * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)


@cache
def _select_people(table: Table, *, by_source: bool) -> Select[Any]:
    """Select who cheers any of the parameter `subjects`, each with their earliest cheer, without `except_user_id`."""
    people = select(table.c.user_id, func.min(table.c.changed_at_us).label("since")).group_by(table.c.user_id)
    people = people.where(_is_counted(table), table.c.user_id != bindparam("except_user_id"))
    return people.where(table.c.source == bindparam("source")) if by_source else people


@cache
def _select_cheerers(table: Table, *, by_source: bool) -> Select[Any]:
    """Select the first who cheer each of `subjects`, and one more, with how many there are."""
    subject = _subject_column(table)
    people = (
        _select_people(table, by_source=by_source).add_columns(subject.label("subject")).group_by(subject).subquery()
    )
    in_order = func.row_number().over(partition_by=people.c.subject, order_by=(people.c.since, people.c.user_id))
    total = func.count().over(partition_by=people.c.subject)
    ranked = select(people, in_order.label("position"), total.label("total")).subquery()
    return select(ranked).where(ranked.c.position <= MAX_CHEERERS + 1).order_by(ranked.c.position)


@cache
def _select_cheerers_of_any(table: Table) -> Select[Any]:
    people = _select_people(table, by_source=False).subquery()
    query = select(people.c.user_id, func.count().over().label("total"))
    return query.order_by(people.c.since, people.c.user_id).limit(MAX_CHEERERS + 1)


@cache
def _select_emoji(table: Table) -> Select[Any]:
    """Select how many people used each emoji on each of `subjects`, and since when."""
    subject = _subject_column(table)
    name = func.substr(table.c.source, len(reaction_source("")) + 1)
    emoji = case((table.c.source == BUTTON, BUTTON_EMOJI), else_=before(name, _TONE))
    columns = (subject.label("subject"), table.c.user_id, emoji.label("emoji"), table.c.changed_at_us)
    used = select(*columns).where(_is_counted(table)).subquery()
    people, since = func.count(used.c.user_id.distinct()), func.min(used.c.changed_at_us)
    query = select(used.c.subject, used.c.emoji, people.label("people"), since.label("since"))
    return query.group_by(used.c.subject, used.c.emoji)


_prefers_never = exists().where(
    preferences.c.team_id == win_people.c.team_id,
    preferences.c.user_id == win_people.c.user_id,
    preferences.c.preference == Preference.NEVER,
)
has_agreed = or_(win_people.c.consent.is_(None), win_people.c.consent == Consent.GIVEN)
"""Whether someone's name may be read in a win, unless they prefer "never by name"."""
is_read_as_theirs = win_people.c.role.in_(CREDITED_ROLES) & has_agreed & ~_prefers_never
"""Whether others read that a win is someone's (`is_named` in bot/domain/consent.py): only these can't cheer it.

If the cheers of someone who is unnamed didn't count, a name that goes from "Cheered by" would say who "a teammate" is,
and one that comes back that they said no.
"""


def _is_counted(table: Table) -> ColumnElement[bool]:
    """Whether a row is a cheer on one of `subjects` that counts now."""
    return any_of(_subject_column(table), "subjects") & table.c.is_active & _counts(table)


def _counts(table: Table) -> ColumnElement[bool]:
    """Whether a cheer counts, whichever way it came: it is of a person of the workspace, and not on their own win, as
    others read it.

    People of another organization, people whose account is deactivated, and bots are none (`User.is_active`). Someone
    of whom Slack has said nothing yet counts until it does.
    """
    is_user = (users.c.team_id == table.c.team_id) & (users.c.user_id == table.c.user_id)
    is_persons = (table.c.user_id != SLACKBOT) & ~exists().where(is_user, users.c.is_active.is_(False))
    if table is not win_cheers:
        return is_persons
    is_authors = exists().where(wins.c.id == table.c.win_id, wins.c.author_id == table.c.user_id, wins.c.is_own)
    is_in_win = (win_people.c.win_id == table.c.win_id) & (win_people.c.user_id == table.c.user_id)
    return is_persons & ~is_authors & ~exists().where(is_in_win, is_read_as_theirs)


counts_on_win = _counts(win_cheers)
"""Whether a cheer on a win counts."""


def cheerers_of(
    connection: Connection,
    table: Table,
    subject_ids: Sequence[int],
    *,
    source: str | None = None,
    except_user_id: str = "",
) -> dict[int, Cheerers]:
    """Return who cheers each of `subject_ids` now, except `except_user_id`; with `source`, only from there."""
    values: dict[str, object] = {"subjects": subject_ids, "except_user_id": except_user_id}
    if source is not None:
        values["source"] = source
    first: defaultdict[int, list[str]] = defaultdict(list)
    counts: Counter[int] = Counter()
    for row in connection.execute(_select_cheerers(table, by_source=source is not None), values):
        first[row.subject].append(row.user_id)
        counts[row.subject] = row.total
    return {each: Cheerers.of(first[each], counts[each]) for each in subject_ids}


def cheerers_of_any(
    connection: Connection, table: Table, subject_ids: Sequence[int], *, except_user_id: str = ""
) -> Cheerers:
    """Return who cheers any of `subject_ids` now, each once, except `except_user_id`."""
    values = {"subjects": subject_ids, "except_user_id": except_user_id}
    rows = connection.execute(_select_cheerers_of_any(table), values).all()
    return Cheerers.of((row.user_id for row in rows), rows[0].total) if rows else Cheerers()


def emoji_on(connection: Connection, table: Table, subject_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the names of the emoji that most of those who cheer each of `subject_ids` used, the most used first.

    There are at most `MAX_EMOJI`; of those used as often, the earliest come first.
    """
    if not subject_ids:
        return {}
    used: defaultdict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for row in connection.execute(_select_emoji(table), {"subjects": subject_ids}):
        if _SAFE_EMOJI.fullmatch(row.emoji):
            used[row.subject].append((-row.people, row.since, row.emoji))
    return {each: tuple(emoji for _, _, emoji in sorted(used[each])[:MAX_EMOJI]) for each in subject_ids}
