"""Editions, and the workspace's roundup: what they tell, and where a win is told again."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, insert, select, union_all

from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.edition_composition import (
    MAX_THEMES,
    MIN_SHARING,
    EditionPart,
    EditionSection,
    ToldAgain,
    ToldWin,
)
from bot.domain.roundups import REGULAR, RoundupKind
from bot.domain.wins import LEARNED_TAG, Win, WinRole
from bot.storage import channels, wins
from bot.storage.channels import Channel
from bot.storage.cheers import cheerers_of
from bot.storage.columns import any_of
from bot.storage.deliveries import Delivery, request_updates, select_all
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.roundups import zone_of
from bot.storage.tables import channels as channels_table
from bot.storage.tables import climbs, deliveries, roundup_cheers, roundup_items, roundups, tags, win_people
from bot.storage.tables import wins as wins_table

MAX_OF_AUTHOR = 20
MAX_CANDIDATES = 800
MAX_STEPS = 200
"""The most wins that an edition chooses from: of each author, in all, and of climbs. Its themes count all wins."""

_is_edition = deliveries.c.kind == DeliveryKind.EDITION
_is_counted = roundup_items.c.section == EditionSection.THEME.value
"""Whether an item is of a win that the chart counts, and not of one that is told."""
_credited = (
    select(func.min(win_people.c.user_id))
    .where(win_people.c.win_id == wins_table.c.id, win_people.c.role == WinRole.CREDITED)
    .correlate(wins_table)
    .scalar_subquery()
)
_whose = case((wins_table.c.is_own, wins_table.c.author_id), else_=func.coalesce(_credited, wins_table.c.author_id))
"""The person (user id) whose win it is; of several, always the same one."""
_is_shared_theme = func.count(_whose.distinct()) >= MIN_SHARING


def exists(connection: Connection, channel: Channel, kind: RoundupKind, starts_on: date) -> bool:
    """Whether a channel has had this look back at a period, posted or not."""
    query = select(roundups.c.id).where(
        roundups.c.team_id == channel.team_id,
        roundups.c.channel_id == channel.channel_id,
        roundups.c.kind == kind,
        roundups.c.starts_on == starts_on,
    )
    return connection.execute(query.limit(1)).first() is not None


_is_abandoned = (
    select(deliveries.c.id)
    .where(
        deliveries.c.roundup_id == roundups.c.id,
        deliveries.c.part == 0,
        deliveries.c.state == DeliveryState.ABANDONED,
    )
    .exists()
)
_was_left = (
    select(roundups.c.id)
    .where(
        roundups.c.team_id == wins_table.c.team_id,
        roundups.c.channel_id == wins_table.c.channel_id,
        roundups.c.kind.in_(REGULAR),
        roundups.c.created_at > wins_table.c.created_at,
        ~_is_abandoned,
    )
    .exists()
)
"""Whether a roundup of its channel came after an open win was saved: it left it for the one after."""


def _told_in(team_id: str, channel_ids: Collection[str], start: datetime, end: datetime) -> ColumnElement[bool]:
    """Whether a win belongs to these channels in a period: it is in a roundup of theirs since, or in none yet.

    One that was left for a later roundup belongs to that one first.
    """
    in_roundup = (
        select(roundup_items.c.win_id)
        .join(roundups, roundups.c.id == roundup_items.c.roundup_id)
        .where(
            roundups.c.team_id == team_id,
            any_of(roundups.c.channel_id, channel_ids),
            roundups.c.kind.in_(REGULAR),
            roundups.c.due_at >= start,
        )
    )
    is_open = any_of(wins_table.c.channel_id, channel_ids) & wins_table.c.is_open
    still_open = select(wins_table.c.id).where(
        wins_table.c.team_id == team_id, is_open, ~wins_table.c.is_left, ~_was_left
    )
    is_theirs = wins_table.c.id.in_(union_all(in_roundup, still_open))
    in_period = (wins_table.c.created_at >= start) & (wins_table.c.created_at < end)
    return is_theirs & in_period & ~wins.is_hidden


def candidates(
    connection: Connection, team_id: str, channel_ids: Collection[str], start: datetime, end: datetime
) -> list[Win]:
    """Return wins that these channels show, saved from `start` to before `end` (UTC): some of each author, and steps
    of climbs.
    """
    is_theirs = _told_in(team_id, channel_ids, start, end)
    turn = func.row_number().over(partition_by=wins_table.c.author_id, order_by=wins_table.c.id.desc()).label("turn")
    numbered = select(wins_table.c.id, turn).where(is_theirs).subquery()
    of_everyone = (
        select(numbered.c.id)
        .where(numbered.c.turn <= MAX_OF_AUTHOR)
        .order_by(numbered.c.turn, numbered.c.id)
        .limit(MAX_CANDIDATES)
    )
    steps = select(wins_table.c.id).where(is_theirs, wins_table.c.climb_id.is_not(None))
    latest_steps = steps.order_by(wins_table.c.id.desc()).limit(MAX_STEPS)
    ids = {*connection.scalars(of_everyone), *connection.scalars(latest_steps)}
    return wins.by_ids(connection, team_id, sorted(ids))


def reached_between(
    connection: Connection, climb_ids: Collection[int], *, start: datetime | None, end: datetime
) -> set[int]:
    """Return which of these climbs (ids) were marked as reached from `start` to before `end` (UTC)."""
    query = select(climbs.c.id).where(any_of(climbs.c.id, climb_ids), climbs.c.reached_at < end)
    return set(connection.scalars(query if start is None else query.where(climbs.c.reached_at >= start)))


def themes_of(connection: Connection, channel: Channel, start: datetime, end: datetime) -> list[str]:
    """Return the tags that most of a channel's wins of a period share, of several people each."""
    is_theirs = _told_in(channel.team_id, [channel.channel_id], start, end)
    count = func.count()
    query = (
        select(tags.c.tag)
        .join(wins_table, wins_table.c.id == tags.c.win_id)
        .where(is_theirs, tags.c.tag != LEARNED_TAG)
        .group_by(tags.c.tag)
        .having(_is_shared_theme)
        .order_by(count.desc(), tags.c.tag)
        .limit(MAX_THEMES)
    )
    return list(connection.scalars(query))


def create(
    connection: Connection,
    channel: Channel,
    kind: RoundupKind,
    told: Sequence[ToldAgain],
    *,
    target_channel_id: str,
    due_at: datetime,
    starts_on: date,
    opening: str | None = None,
    now: datetime,
) -> int:
    """Store an edition of these wins, enqueue its message, and return its id.

    `starts_on` and `opening` are as in EditionPart. Raises IntegrityError if the channel has one of this kind for
    `due_at`.
    """
    row = {
        "team_id": channel.team_id,
        "channel_id": channel.channel_id,
        "kind": kind,
        "due_at": due_at,
        "starts_on": starts_on,
        "opening": opening,
        "created_at": now,
    }
    roundup_id: int = connection.execute(insert(roundups), row).inserted_primary_key[0]  # type: ignore[index]
    _add_items(connection, channel.team_id, roundup_id, [(each.win_id, each.section, None) for each in told], first=0)
    new = NewDelivery(channel.team_id, target_channel_id, now, roundup_id=roundup_id)
    enqueue(connection, DeliveryKind.EDITION, [new])
    return roundup_id


def add_themes(
    connection: Connection,
    channel: Channel,
    roundup_id: int,
    themes: Collection[str],
    *,
    start: datetime,
    end: datetime,
    first: int,
) -> None:
    """Store which wins of a period the chart of an edition counts; their places begin with `first`."""
    query = (
        select(tags.c.win_id, tags.c.tag)
        .join(wins_table, wins_table.c.id == tags.c.win_id)
        .where(_told_in(channel.team_id, [channel.channel_id], start, end), tags.c.tag.in_(sorted(themes)))
        .order_by(tags.c.win_id, tags.c.tag)
    )
    items = [(row.win_id, EditionSection.THEME, row.tag) for row in connection.execute(query)]
    _add_items(connection, channel.team_id, roundup_id, items, first=first)


def _add_items(
    connection: Connection,
    team_id: str,
    roundup_id: int,
    items: Sequence[tuple[int, EditionSection, str | None]],
    *,
    first: int,
) -> None:
    rows = [
        {
            "team_id": team_id,
            "roundup_id": roundup_id,
            "part": 0,
            "position": position,
            "section": section.value,
            "theme": theme,
            "win_id": win_id,
            "is_regular": False,
        }
        for position, (win_id, section, theme) in enumerate(items, first)
    ]
    if rows:
        connection.execute(insert(roundup_items), rows)


def load(connection: Connection, roundup_id: int) -> EditionPart | None:
    """Read an edition as it is to be shown now: without hidden wins and, of a workspace's roundup, without those of
    channels that are private or take no part. None if it is gone.
    """
    row = connection.execute(select(roundups).where(roundups.c.id == roundup_id)).one_or_none()
    if row is None or row.starts_on is None:
        return None
    items = connection.execute(
        select(roundup_items.c.win_id, roundup_items.c.section)
        .where(roundup_items.c.roundup_id == roundup_id, ~_is_counted)
        .order_by(roundup_items.c.position)
    ).all()
    found = {win.id: win for win in wins.by_ids(connection, row.team_id, [item.win_id for item in items])}
    shown = {win.id: win for win in found.values() if win.is_shared}
    if row.kind is RoundupKind.WORKSPACE:
        allowed = taking_part(connection, row.team_id)
        shown = {win_id: win for win_id, win in shown.items() if win.channel_id in allowed}
    climb_ids = {win.climb.id for win in shown.values() if win.climb is not None}
    channel = channels.by_id(connection, row.team_id, row.channel_id)
    posted_in = select(deliveries.c.channel_id).where(deliveries.c.roundup_id == roundup_id)
    return EditionPart(
        channel_id=row.channel_id,
        target_channel_id=connection.execute(posted_in).scalar() or row.channel_id,
        kind=row.kind,
        due_at=row.due_at,
        starts_on=row.starts_on,
        zone=zone_of(channel),
        told=tuple(ToldWin(shown[item.win_id], EditionSection(item.section)) for item in items if item.win_id in shown),
        themes=_theme_counts(connection, roundup_id),
        reached=frozenset(reached_between(connection, climb_ids, start=None, end=row.due_at)),
        cheered_by=cheerers_of(connection, roundup_cheers, [roundup_id])[roundup_id],
        opening=row.opening,
    )


def _theme_counts(connection: Connection, roundup_id: int) -> tuple[tuple[str, int], ...]:
    """Return how many wins share each theme now, the most shared first."""
    still_tagged = (tags.c.win_id == roundup_items.c.win_id) & (tags.c.tag == roundup_items.c.theme)
    count = func.count()
    query = (
        select(roundup_items.c.theme, count)
        .join(wins_table, wins_table.c.id == roundup_items.c.win_id)
        .join(tags, still_tagged)
        .where(
            roundup_items.c.roundup_id == roundup_id,
            _is_counted,
            ~wins.is_hidden,
        )
        .group_by(roundup_items.c.theme)
        .having(_is_shared_theme)
        .order_by(count.desc(), roundup_items.c.theme)
    )
    return tuple((theme, number) for theme, number in connection.execute(query))


def hidden_in(connection: Connection, roundup_id: int) -> list[int]:
    """Return the hidden wins (ids) that an edition told."""
    query = (
        select(wins_table.c.id)
        .join(roundup_items, roundup_items.c.win_id == wins_table.c.id)
        .where(
            roundup_items.c.roundup_id == roundup_id,
            ~_is_counted,
            wins.is_hidden,
        )
    )
    return list(connection.scalars(query))


def telling(connection: Connection, win_id: int) -> list[Delivery]:
    """Return the messages of editions that tell a win."""
    is_theirs = (roundup_items.c.win_id == win_id) & ~_is_counted
    return select_all(connection, _is_edition, deliveries.c.roundup_id.in_(_roundup_ids(is_theirs)))


def request_updates_with(connection: Connection, win_id: int, *, can_wait: bool = True) -> None:
    """Request an update of the editions that tell or count a win."""
    ids = _roundup_ids(roundup_items.c.win_id == win_id)
    request_updates(connection, _is_edition & deliveries.c.roundup_id.in_(ids), can_wait=can_wait)


def request_updates_of_climb(connection: Connection, climb_id: int) -> None:
    """Request an update, which can wait, of the editions that tell steps of a climb."""
    steps = select(wins_table.c.id).where(wins_table.c.climb_id == climb_id)
    ids = _roundup_ids(roundup_items.c.win_id.in_(steps))
    request_updates(connection, _is_edition & deliveries.c.roundup_id.in_(ids), can_wait=True)


def _roundup_ids(condition: ColumnElement[bool]) -> Select[Any]:
    return select(roundup_items.c.roundup_id).where(condition)


# The workspace's roundup.


def taking_part(connection: Connection, team_id: str) -> set[str]:
    """Return the channels whose wins the workspace's roundup may tell: public ones that agreed to it."""
    agreed = channels_table.c.joins_workspace_roundup & channels_table.c.is_private.is_(False)
    query = select(channels_table.c.channel_id).where(channels_table.c.team_id == team_id, agreed)
    return set(connection.scalars(query))


def all_taking_part(connection: Connection) -> list[tuple[str, str]]:
    """Return the channels (team id, channel id) of every workspace that take part in its roundup."""
    columns = (channels_table.c.team_id, channels_table.c.channel_id)
    query = select(*columns).where(channels_table.c.joins_workspace_roundup).order_by(*columns)
    return [(row.team_id, row.channel_id) for row in connection.execute(query)]


def last_workspace_due_at(connection: Connection, team_id: str) -> datetime | None:
    """Return when (UTC) the last roundup of the workspace was due, posted or not; None if it had none."""
    is_theirs = (roundups.c.team_id == team_id) & (roundups.c.kind == RoundupKind.WORKSPACE)
    due_at: datetime | None = connection.execute(select(func.max(roundups.c.due_at)).where(is_theirs)).scalar_one()
    return due_at


def last_workspace_opening(connection: Connection, team_id: str) -> str | None:
    """Return the opening of the last roundup of the workspace that wasn't given up; None if there is none."""
    is_theirs = (roundups.c.team_id == team_id) & (roundups.c.kind == RoundupKind.WORKSPACE)
    query = select(roundups.c.opening).where(is_theirs, ~_is_abandoned).order_by(roundups.c.due_at.desc()).limit(1)
    opening: str | None = connection.execute(query).scalar()
    return opening


def told_in_workspace(connection: Connection, win_ids: Collection[int]) -> set[int]:
    """Return which of these wins (ids) a workspace's roundup has told."""
    query = (
        select(roundup_items.c.win_id)
        .join(roundups, roundups.c.id == roundup_items.c.roundup_id)
        .where(any_of(roundup_items.c.win_id, win_ids), roundups.c.kind == RoundupKind.WORKSPACE)
    )
    return set(connection.scalars(query))


def request_workspace_updates(connection: Connection, team_id: str, channel_id: str) -> None:
    """Request an update of the workspace's roundups that tell wins of a channel."""
    told = (
        select(roundup_items.c.roundup_id)
        .join(wins_table, wins_table.c.id == roundup_items.c.win_id)
        .join(roundups, roundups.c.id == roundup_items.c.roundup_id)
        .where(
            roundups.c.team_id == team_id,
            roundups.c.kind == RoundupKind.WORKSPACE,
            wins_table.c.channel_id == channel_id,
        )
    )
    request_updates(connection, _is_edition & deliveries.c.roundup_id.in_(told), can_wait=False)
