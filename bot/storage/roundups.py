"""Roundups: created in one transaction with their items and deliveries, and read as they are shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, bindparam, func, select, update

from bot.domain.deliveries import MAY_BE_POSTED, UNSENT, DeliveryKind, DeliveryState
from bot.domain.roundup_composition import Section, SectionKind, room
from bot.domain.roundups import REGULAR, RoundupKind, RoundupPart, Step, ThreadSection, section_now
from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.win_size import Size, note_size
from bot.domain.wins import Win, WinKind
from bot.storage import channels, climbs, deliveries, wins
from bot.storage.bulk_insert import BulkInsert
from bot.storage.channels import Channel
from bot.storage.cheers import cheerers_of, emoji_on
from bot.storage.columns import any_of, any_pair_of
from bot.storage.deliveries import Delivery
from bot.storage.delivery_conditions import is_deleted, is_unsent_roundup
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.roundup_items import ToldWins, assign_each, find_place, find_shown_place
from bot.storage.tables import channels as channels_table
from bot.storage.tables import deliveries as deliveries_table
from bot.storage.tables import roundup_cheers, roundup_items, roundups, tags
from bot.storage.tables import wins as wins_table

_insert_roundups = BulkInsert(
    roundups,
    *("team_id", "channel_id", "kind", "due_at", "starts_on", "opening", "posted_by", "is_quiet"),
    *("note", "note_by", "created_at"),
    returning=("team_id", "channel_id", "id"),
)


@dataclass(frozen=True)
class NewRoundup:
    """A channel's roundup of these wins (ids, by part), to be posted in `target_channel_id`.

    `sections` are by win; `starts_on` and `opening` are as in RoundupPart. Without parts it is the line of a quiet
    week. With `posted_by` (a user id) it is an early one.
    """

    channel: Channel
    parts: Sequence[Sequence[int]]
    target_channel_id: str
    due_at: datetime
    sections: Mapping[int, Section] = field(default_factory=dict)
    starts_on: date | None = None
    opening: str | None = None
    posted_by: str | None = None

    @property
    def has_note(self) -> bool:
        """Whether it takes the note that waits for the channel's next roundup: not if it has no wins."""
        return bool(self.parts and self.channel.next_note)


def create_each(connection: Connection, new: Sequence[NewRoundup], *, now: datetime) -> list[int]:
    """Store roundups of different channels, enqueue their messages, and return their ids.

    A roundup with wins takes the note that waits for it. Raises IntegrityError if a channel has a roundup of this kind
    for its `due_at`.
    """
    rows = [
        (
            *(each.channel.team_id, each.channel.channel_id),
            RoundupKind.SCHEDULED if each.posted_by is None else RoundupKind.EARLY,
            *(each.due_at, each.starts_on, each.opening, each.posted_by, not each.parts),
            *((each.channel.next_note, each.channel.next_note_by) if each.has_note else (None, None)),
            now,
        )
        for each in new
    ]
    id_of = {(team_id, channel_id): each_id for team_id, channel_id, each_id in _insert_roundups.run(connection, rows)}
    ids = [id_of[each.channel.team_id, each.channel.channel_id] for each in new]
    assign_each(
        connection,
        [ToldWins(each.channel.team_id, id_, each.parts, each.sections) for id_, each in zip(ids, new, strict=True)],
    )
    for each in new:
        if each.has_note:
            channels.set_next_note(connection, each.channel, note=None, user_id=None)
    messages = [
        NewDelivery(each.channel.team_id, each.target_channel_id, now, roundup_id=roundup_id, part=part)
        for roundup_id, each in zip(ids, new, strict=True)
        for part in range(len(each.parts) or 1)
    ]
    enqueue(connection, DeliveryKind.ROUNDUP, messages)
    return ids


def zone_of(channel: Channel | None) -> str:
    """Return the zone in which a channel's dates are shown."""
    return channel.settings.schedule.zone if channel and channel.settings else FALLBACK_ZONE


def free_due_at(connection: Connection, channel: Channel, now: datetime) -> datetime:
    """Return the due time of an early roundup: `now`, or just before it.

    No other roundup of the channel has it, and no scheduled one will: those are due at whole minutes.
    """
    candidate = now
    while (candidate.second, candidate.microsecond) == (0, 0) or connection.execute(
        select(roundups.c.id).where(_of_channel(channel), roundups.c.due_at == candidate)
    ).first():
        candidate -= timedelta(microseconds=1)
    return candidate


def last_early_at(connection: Connection, channel: Channel) -> datetime | None:
    """Return when (UTC) the channel's latest early roundup was posted, or None."""
    query = select(func.max(roundups.c.due_at)).where(_of_channel(channel), roundups.c.kind == RoundupKind.EARLY)
    last_due_at: datetime | None = connection.execute(query).scalar_one()
    return last_due_at


def return_note(connection: Connection, roundup_id: int) -> None:
    """Let the note of a roundup that is not posted wait for the channel's next one, unless another one waits."""
    row = connection.execute(select(roundups).where(roundups.c.id == roundup_id)).one()
    channel = channels.by_id(connection, row.team_id, row.channel_id)
    if row.note and channel is not None and channel.next_note is None:
        channels.set_next_note(connection, channel, note=row.note, user_id=row.note_by)


def _latest(kind: RoundupKind, column: Column[Any]) -> ColumnElement[Any]:
    """Return a column of a channel's latest roundup of a kind, which is the first in an index."""
    return (
        select(column)
        .where(
            roundups.c.team_id == channels_table.c.team_id,
            roundups.c.channel_id == channels_table.c.channel_id,
            roundups.c.kind == kind,
            roundups.c.is_quiet == bindparam("is_quiet"),
        )
        .order_by(roundups.c.due_at.desc())
        .limit(1)
        .scalar_subquery()
    )


# Among two kinds, all roundups would have to be sorted.
_select_openings = select(
    channels_table.c.team_id,
    channels_table.c.channel_id,
    *(_latest(kind, column) for kind in REGULAR for column in (roundups.c.due_at, roundups.c.opening)),
).where(any_pair_of(channels_table.c.team_id, channels_table.c.channel_id, "keys"))


def last_openings(
    connection: Connection, keys: Collection[tuple[str, str]], *, is_quiet: bool
) -> dict[tuple[str, str], str | None]:
    """Return the opening of the latest roundup of each channel (team id, channel id), or of its latest quiet line.

    None if there is none.
    """
    openings: dict[tuple[str, str], str | None] = dict.fromkeys(keys)
    for team_id, channel_id, *latest in connection.execute(_select_openings, {"keys": keys, "is_quiet": is_quiet}):
        found = [pair for pair in zip(latest[::2], latest[1::2], strict=True) if pair[0] is not None]
        openings[team_id, channel_id] = max(found, key=itemgetter(0))[1] if found else None
    return openings


def _of_channel(channel: Channel) -> ColumnElement[bool]:
    return (roundups.c.team_id == channel.team_id) & (roundups.c.channel_id == channel.channel_id)


def unsent_due_before(connection: Connection, *, due_before: datetime) -> list[Delivery]:
    """Return the deliveries of roundups due before `due_before` that are certainly unposted."""
    # The subquery runs for each unsent delivery, of which there are few; a join might start from all old roundups.
    due_at = select(roundups.c.due_at).where(roundups.c.id == deliveries_table.c.roundup_id).scalar_subquery()
    return deliveries.select_all(connection, is_unsent_roundup, due_at < due_before)


def redirect_to_own_channel(connection: Connection, team_id: str, channel_id: str) -> None:
    """Redirect the unsent parts of a channel's roundups to the channel itself."""
    own_ids = select(roundups.c.id).where(roundups.c.team_id == team_id, roundups.c.channel_id == channel_id)
    where = deliveries_table.c.roundup_id.in_(own_ids) & deliveries_table.c.state.in_(UNSENT)
    values = {"channel_id": channel_id, "revision": deliveries_table.c.revision + 1}
    connection.execute(update(deliveries_table).where(where).values(values))


def delete_elsewhere(connection: Connection, team_id: str, channel_id: str) -> None:
    """Request the deletion of what a channel's roundups and editions have posted in other channels, or may have."""
    own_ids = select(roundups.c.id).where(roundups.c.team_id == team_id, roundups.c.channel_id == channel_id)
    may_be_there = deliveries_table.c.state.in_((DeliveryState.POSTED, *MAY_BE_POSTED))
    is_elsewhere = deliveries_table.c.roundup_id.in_(own_ids) & (deliveries_table.c.channel_id != channel_id)
    for message in deliveries.select_all(connection, is_elsewhere, may_be_there):
        deliveries.request_delete(connection, message.id)


def request_part_update(connection: Connection, roundup_id: int, number: int) -> None:
    """Request an update of one message of a roundup, which can wait."""
    is_part = (deliveries_table.c.roundup_id == roundup_id) & (deliveries_table.c.part == number)
    for part in deliveries.select_all(connection, is_part):
        deliveries.request_update(connection, part.id, can_wait=True)


def request_count_update(connection: Connection, part: Delivery) -> None:
    """Request an update of the first message of a roundup, which counts the wins of `part`, if that is another one."""
    if part.roundup_id is not None and part.part:
        request_part_update(connection, part.roundup_id, 0)


def has_win(connection: Connection, roundup_id: int, win_id: int) -> bool:
    """Whether a win has a place in a roundup, shown or not."""
    is_item = (roundup_items.c.roundup_id == roundup_id) & (roundup_items.c.win_id == win_id)
    return connection.execute(select(roundup_items.c.win_id).where(is_item).limit(1)).first() is not None


def part_with(connection: Connection, win_id: int) -> Delivery | None:
    """Return the message of the channel's roundup that tells a win; None if no roundup does."""
    return _part_at(connection, find_shown_place(connection, win_id))


def part_with_place(connection: Connection, win_id: int) -> Delivery | None:
    """Return the message of the channel's roundup in which a win has a place, shown or not, or None."""
    return _part_at(connection, find_place(connection, win_id))


def _part_at(connection: Connection, place: tuple[int, int] | None) -> Delivery | None:
    if place is None:
        return None
    roundup_id, number = place
    return next((part for part in deliveries.of_roundup(connection, roundup_id) if part.part == number), None)


_part_count = select(func.count()).where(deliveries_table.c.roundup_id == roundups.c.id).scalar_subquery()
# Looked up for each item: without statistics, PostgreSQL would join the items with all wins, for each roundup.
_is_shown = select(~wins.is_hidden).where(wins_table.c.id == roundup_items.c.win_id).scalar_subquery()
_win_count = (
    select(func.count()).select_from(roundup_items).where(roundup_items.c.roundup_id == roundups.c.id, _is_shown)
)
_posted_in = select(func.min(deliveries_table.c.channel_id)).where(deliveries_table.c.roundup_id == roundups.c.id)
_select_roundups = select(
    roundups,
    _part_count.label("parts"),
    _win_count.scalar_subquery().label("wins"),
    _posted_in.scalar_subquery().label("posted_in"),
).where(any_of(roundups.c.id, "roundups"))


def load_parts(
    connection: Connection, numbered_parts: Collection[tuple[int, int]]
) -> dict[tuple[int, int], RoundupPart]:
    """Read parts of roundups (each with its number) as they are to be shown now, without those that are gone."""
    ids = sorted({roundup_id for roundup_id, _ in numbered_parts})
    rows = {row.id: row for row in connection.execute(_select_roundups, {"roundups": ids})}
    channel_of = channels.by_keys(connection, {(row.team_id, row.channel_id) for row in rows.values()})
    cheered_by = cheerers_of(connection, roundup_cheers, ids)
    emoji = emoji_on(connection, roundup_cheers, [each for each in ids if cheered_by[each]])
    told = wins.of_roundups(connection, numbered_parts)
    sections = _sections(connection, numbered_parts)
    steps = steps_of(connection, [win for each in told.values() for win in each])
    loaded = {}
    for roundup_id, number in numbered_parts:
        if (row := rows.get(roundup_id)) is None:
            continue
        channel, shown = channel_of.get((row.team_id, row.channel_id)), told[roundup_id, number]
        loaded[roundup_id, number] = RoundupPart(
            channel_id=row.channel_id,
            target_channel_id=row.posted_in,
            due_at=row.due_at,
            next_due_at=_shown_next_due_at(channel, row.posted_in),
            zone=zone_of(channel),
            is_quiet=row.is_quiet,
            number=number,
            part_count=row.parts,
            win_count=row.wins,
            wins=tuple(shown),
            cheered_by=cheered_by[roundup_id],
            cheer_emoji=emoji.get(roundup_id, ()),
            kind=row.kind,
            starts_on=row.starts_on,
            opening=row.opening,
            note=row.note,
            note_by=row.note_by,
            section_of=sections[roundup_id, number],
            steps={win.id: steps[win.id] for win in shown if win.id in steps},
            thread=_thread(connection, roundup_id) if number == 0 and row.parts > 1 else (),
        )
    return loaded


_select_sections = select(
    roundup_items.c.roundup_id,
    roundup_items.c.part,
    roundup_items.c.win_id,
    roundup_items.c.section,
    roundup_items.c.theme,
).where(any_pair_of(roundup_items.c.roundup_id, roundup_items.c.part, "parts"), roundup_items.c.section.is_not(None))


def _sections(
    connection: Connection, numbered_parts: Collection[tuple[int, int]]
) -> dict[tuple[int, int], dict[int, Section]]:
    """Return the sections of the wins (by id) in each part."""
    sections: dict[tuple[int, int], dict[int, Section]] = {part: {} for part in numbered_parts}
    for row in connection.execute(_select_sections, {"parts": numbered_parts}):
        sections[row.roundup_id, row.part][row.win_id] = Section(SectionKind(row.section), row.theme)
    return sections


def steps_of(connection: Connection, told: Collection[Win]) -> dict[int, Step]:
    """Return which step of its climb each of these wins (by id) is, as far as others may see."""
    climb_ids = {win.climb.id for win in told if win.climb is not None}
    return climbs.shared_steps(connection, climb_ids) if climb_ids else {}


_has_theme = (
    select(tags.c.win_id).where(tags.c.win_id == roundup_items.c.win_id, tags.c.tag == roundup_items.c.theme).exists()
)
_select_thread = (
    select(
        roundup_items.c.section,
        roundup_items.c.theme,
        wins_table.c.kind,
        wins.is_known_step.label("is_step"),
        _has_theme.label("has_theme"),
        select(deliveries_table.c.ts)
        .where(
            deliveries_table.c.roundup_id == roundup_items.c.roundup_id,
            deliveries_table.c.part == roundup_items.c.part,
            ~is_deleted,
        )
        .scalar_subquery()
        .label("ts"),
    )
    .join(wins_table, wins_table.c.id == roundup_items.c.win_id)
    .where(roundup_items.c.roundup_id == bindparam("roundup"), roundup_items.c.part > 0, ~wins.is_hidden)
    .order_by(roundup_items.c.part, roundup_items.c.position)
)


def _thread(connection: Connection, roundup_id: int) -> tuple[ThreadSection, ...]:
    """Return the sections of the messages after the first, in order, with the message in which each begins."""
    found: dict[Section, tuple[int, str | None]] = {}
    for row in connection.execute(_select_thread, {"roundup": roundup_id}):
        if row.section is not None:
            composed = Section(SectionKind(row.section), row.theme)
            section = section_now(
                composed,
                is_learning=row.kind is WinKind.LEARNING,
                is_step=row.is_step,
                tags=(row.theme,) if row.has_theme else (),
            )
            count, ts = found.get(section, (0, row.ts))
            found[section] = (count + 1, ts)
    return tuple(ThreadSection(section, count, ts) for section, (count, ts) in found.items())


def request_thread_links(connection: Connection, roundup_id: int, number: int) -> None:
    """Request an update of a roundup's first message if a section begins in message `number`, which is posted now."""
    in_thread = (roundup_items.c.roundup_id == roundup_id) & (roundup_items.c.part > 0)
    begins = (
        select(func.min(roundup_items.c.part))
        .select_from(roundup_items.join(wins_table, wins_table.c.id == roundup_items.c.win_id))
        .where(in_thread, roundup_items.c.section.is_not(None), ~wins.is_hidden)
        .group_by(roundup_items.c.section, roundup_items.c.theme)
    )
    if number in connection.scalars(begins).all():
        request_part_update(connection, roundup_id, 0)


def room_in(connection: Connection, roundup_id: int, number: int) -> Size:
    """Return the room that the wins of one message of a roundup have together."""
    row = connection.execute(_select_roundups, {"roundups": [roundup_id]}).one()
    is_in_section = (roundup_items.c.roundup_id == roundup_id) & roundup_items.c.section.is_not(None)
    found = select(roundup_items.c.section, roundup_items.c.theme).where(is_in_section).distinct()
    sections = [Section(SectionKind(each.section), each.theme) for each in connection.execute(found)]
    return room(sections, number=number, has_thread=row.parts > 1, note=note_size(row.note))


def _shown_next_due_at(channel: Channel | None, posted_in: str) -> datetime | None:
    """Return the due time that a roundup may show: not that of a private channel in another one."""
    if channel is None or (channel.is_private and posted_in != channel.channel_id):
        return None
    return channel.next_due_at
