"""Roundups: composing what is due, posting one early, and giving up on one that is too late.

`create_due` stores a roundup with its messages in one transaction; bot/outbox/sender.py posts them, each as
bot/outbox/kinds/roundup.py loads it then.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain import roundup_composition
from bot.domain.audit_log import AuditAction
from bot.domain.channel_settings import ChannelUnreachable, QuietPolicy
from bot.domain.permissions import Action, Actor, check
from bot.domain.quiet_weeks import choose_prompt
from bot.domain.roundup_composition import Composition, OpenWin, period_start
from bot.domain.roundups import RoundupPart, Step, ThreadSection
from bot.domain.win_size import note_size, win_size
from bot.domain.wins import Cheerers, Win, WinKind
from bot.services import owner_alerts
from bot.storage import audit_log, channels, deliveries, due_channels, roundup_items, roundups, users, wins
from bot.storage.bulk_insert import pipelined
from bot.storage.channels import Channel
from bot.storage.deliveries import Delivery, Lane
from bot.storage.roundups import NewRoundup


def create_due(
    connection: Connection, *, channel_keys: Collection[tuple[str, str]], grace: timedelta, now: datetime
) -> list[Lane]:
    """Put the open wins of channels into their due roundups, enqueue the messages, and set the next dates.

    The channels (team id, channel id) may be of several workspaces. Returns those that the roundups are posted in. If
    several dates have passed, a roundup is that of the last one, with the wins of all. If that is longer ago than
    `grace`, it is abandoned at once: its wins stay open, what was to be just this time waits for the next one, and the
    owner gets an alert. If the date of the roundup that was to leave wins for later has passed as well, those are told,
    too.
    """
    claimed = due_channels.claim_roundups(connection, channel_keys, now)
    due = [(channel, _latest_due_at(channel, now)) for channel in claimed]
    # The roundup that was to leave them is over.
    wins.leave_none_for_later(connection, [channel.key for channel, at in due if at != channel.next_due_at])
    to_create = []
    for composed in _compose_each(connection, due):
        if composed.has_wins:
            to_create.append(composed)
        elif now - composed.at <= grace and _posts_quiet_line(connection, composed.channel, composed.at):
            to_create.append(_with_prompt(connection, composed))
    created_keys = {composed.channel.key for composed in to_create}
    with pipelined(connection):
        new = [_new_roundup(composed, due_at=composed.at) for composed in to_create]
        roundup_ids = roundups.create_each(connection, new, now=now)
        wins.leave_none_for_later(connection, [channel.key for channel, at in due if now - at <= grace])
        advanced = [(channel, at if channel.key in created_keys else None) for channel, at in due]
        due_channels.advance_roundups(connection, advanced, now=now)
    for composed, roundup_id in zip(to_create, roundup_ids, strict=True):
        if now - composed.at > grace:
            abandon(connection, roundup_id, now=now)
    return [(composed.channel.team_id, target_of(composed.channel)) for composed in to_create]


def _latest_due_at(channel: Channel, now: datetime) -> datetime:
    assert channel.next_due_at is not None, "a channel that is due has a date"
    return channel.schedule.latest(channel.next_due_at, now)


@dataclass(frozen=True)
class ComposedRoundup:
    """A roundup of a channel that may be created, for a moment: how it is composed, and its wins by id."""

    channel: Channel
    at: datetime
    composition: Composition
    wins: Mapping[int, Win]

    @property
    def has_wins(self) -> bool:
        """Whether it tells anything."""
        return bool(self.wins)


def compose(connection: Connection, channel: Channel, *, at: datetime, up_to: int | None = None) -> ComposedRoundup:
    """Compose the roundup of the channel's open wins that comes `at` a moment; `up_to` is the id of the last win."""
    (composed,) = _compose_each(connection, [(channel, at)], up_to=up_to)
    return composed


def _compose_each(
    connection: Connection, due: Sequence[tuple[Channel, datetime]], *, up_to: int | None = None
) -> list[ComposedRoundup]:
    """Compose the roundups of several channels, each of which comes at a moment."""
    keys = [channel.key for channel, _ in due]
    found = wins.for_next_roundups(connection, keys)
    open_wins = {key: [win for win in found[key] if up_to is None or win.id <= up_to] for key in keys}
    all_wins = [win for each in open_wins.values() for win in each]
    known = users.by_keys(connection, {(win.team_id, user_id) for win in all_wins for user_id in win.user_ids})
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (team_id, user_id), user in known.items():
        names[team_id][user_id] = user.name
    steps = roundups.steps_of(connection, all_wins)
    openings = roundups.last_openings(connection, keys, is_quiet=False)
    return [
        _composed(
            channel,
            at,
            open_wins[channel.key],
            names=names[channel.team_id],
            steps=steps,
            last_opening=openings[channel.key],
        )
        for channel, at in due
    ]


def _composed(
    channel: Channel,
    at: datetime,
    open_wins: Sequence[Win],
    *,
    names: Mapping[str, str],
    steps: Mapping[int, Step],
    last_opening: str | None,
) -> ComposedRoundup:
    zone = ZoneInfo(roundups.zone_of(channel))
    day = at.astimezone(zone).date()
    composition = roundup_composition.compose(
        [_open_win(win, names, steps.get(win.id)) for win in open_wins],
        day=day,
        starts_on=period_start(
            day,
            last=channel.schedule.date_before(day) if channel.settings is not None else None,
            saved_on=(_first_read_at(win).astimezone(zone).date() for win in open_wins),
        ),
        last_opening=last_opening,
        is_elsewhere=target_of(channel) != channel.channel_id,
        note=note_size(channel.next_note),
    )
    return ComposedRoundup(channel, at, composition, {win.id: win for win in open_wins})


def _first_read_at(win: Win) -> datetime:
    """Return when (UTC) the channel was told of a win, so that no heading tells that it waited for the people in it.

    One that wasn't announced counts from when it was saved.
    """
    return win.created_at if win.message_ts is None else datetime.fromtimestamp(float(win.message_ts), UTC)


def _open_win(win: Win, names: Mapping[str, str], step: Step | None) -> OpenWin:
    return OpenWin(
        win.id,
        win.whose[0].user_id,
        win.created_at,
        win.cheered_by.count,
        win_size(win, names),
        is_learning=win.kind is WinKind.LEARNING,
        tags=win.tags,
        climb_id=None if win.climb is None else win.climb.id,
        is_last_step=step is not None and step.is_last,
        with_ids=tuple(person.user_id for person in win.whose[1:]),
    )


def preview(connection: Connection, channel: Channel, *, now: datetime) -> list[RoundupPart]:
    """Return the parts that the channel's roundup would have if it were posted `now`."""
    composed = compose(connection, channel, at=now)
    composition = composed.composition
    win_by_id = {win.id: win for win in wins.with_emoji(connection, list(composed.wins.values()))}
    in_thread = Counter(
        composition.sections[win_id] for part in composition.parts[1:] for win_id in part if composition.sections
    )
    return [
        RoundupPart(
            channel_id=channel.channel_id,
            target_channel_id=target_of(channel),
            due_at=now,
            next_due_at=channel.next_due_at,
            zone=roundups.zone_of(channel),
            is_quiet=False,
            number=number,
            part_count=len(composition.parts),
            win_count=len(composed.wins),
            wins=tuple(win_by_id[win_id] for win_id in win_ids),
            cheered_by=Cheerers(),
            note=channel.next_note,
            note_by=channel.next_note_by,
            starts_on=composition.starts_on,
            opening=composition.opening,
            section_of=composition.sections,
            steps=roundups.steps_of(connection, composed.wins.values()),
            thread=tuple(ThreadSection(section, count, None) for section, count in in_thread.items())
            if number == 0
            else (),
        )
        for number, win_ids in enumerate(composition.parts)
    ]


@dataclass(frozen=True)
class PostResult:
    """The result of a request to post a roundup early: how many wins it has, 0 if there is none."""

    win_count: int

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {"result": "posted", "win_count": self.win_count}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a stored result. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(int(data["win_count"]))


def post_now(
    connection: Connection, actor: Actor, team_id: str, channel_id: str, *, up_to: int, now: datetime
) -> PostResult:
    """Create a roundup early, of the open wins whose id is at most `up_to`.

    The scheduled roundup keeps its date, and has the wins that come after this one. Raises NotAllowed or
    ChannelUnreachable.
    """
    channel = channels.lock(connection, team_id, channel_id)
    check(actor, Action.CHANGE, channel.roles)
    if channel.unavailable_reason is not None:
        raise ChannelUnreachable(channel.unavailable_reason)
    composed = compose(connection, channel, at=now, up_to=up_to)
    win_count = len(composed.wins)
    if win_count:
        due_at = roundups.free_due_at(connection, channel, now)
        new = _new_roundup(composed, due_at=due_at, posted_by=actor.user_id)
        (roundup_id,) = roundups.create_each(connection, [new], now=now)
        wins.leave_none_for_later(connection, [channel.key])
        audit_log.add(
            connection,
            AuditAction.POSTED_EARLY,
            team_id=team_id,
            channel_id=channel_id,
            actor_id=actor.user_id,
            after={"wins": win_count, "roundup_id": roundup_id},
            next_due_at=channel.next_due_at,
            now=now,
        )
    return PostResult(win_count)


def abandon(connection: Connection, roundup_id: int, *, now: datetime) -> None:
    """Give up each part of a roundup, or of an edition, that is stored too late to be posted: see `abandon_part`."""
    for delivery in deliveries.of_roundup(connection, roundup_id):
        abandon_part(connection, delivery, now=now)


def abandon_part(connection: Connection, delivery: Delivery, *, now: datetime) -> bool:
    """Give up one part of a roundup that is certainly not posted and too late: its wins are open again.

    The note at its top waits for the channel's next roundup, unless there is another one by now. The first part no
    longer counts the wins of another one.

    The owner gets an alert. Returns False, and changes nothing, if the part may have been posted.
    """
    if delivery.roundup_id is None or not deliveries.abandon(connection, delivery.id):
        return False
    roundup_items.reopen(connection, delivery.roundup_id, delivery.part)
    if delivery.part == 0:
        roundups.return_note(connection, delivery.roundup_id)
    roundups.request_count_update(connection, delivery)
    owner_alerts.alert_about_delivery(connection, delivery, is_given_up=True, now=now)
    return True


def target_of(channel: Channel) -> str:
    """Return the channel that a roundup is posted in: its own one if that is private, whatever was chosen before."""
    return channel.channel_id if channel.is_private else channel.posts_in


def _new_roundup(composed: ComposedRoundup, *, due_at: datetime, posted_by: str | None = None) -> NewRoundup:
    return NewRoundup(
        composed.channel,
        composed.composition.parts,
        target_of(composed.channel),
        due_at,
        composed.composition.sections,
        starts_on=composed.composition.starts_on,
        opening=composed.composition.opening,
        posted_by=posted_by,
    )


def _with_prompt(connection: Connection, composed: ComposedRoundup) -> ComposedRoundup:
    """Return a roundup without wins with the prompt that its quiet line ends with, which is stored as an opening."""
    channel = composed.channel
    last = roundups.last_openings(connection, [channel.key], is_quiet=True)[channel.key]
    prompt = choose_prompt(channel.schedule.date_of(composed.at), int(last) if last else None)
    return replace(composed, composition=replace(composed.composition, opening=str(prompt)))


def _posts_quiet_line(connection: Connection, channel: Channel, due_at: datetime) -> bool:
    """Whether a channel without wins gets the line of a quiet week: not if its wins were posted early, or all left."""
    if channel.settings is None or channel.settings.quiet_policy is not QuietPolicy.LINE:
        return False
    if wins.left_in(connection, channel.team_id, channel.channel_id):
        return False
    last_early_at = roundups.last_early_at(connection, channel)
    if last_early_at is None:
        return True
    # None, or later than this date, if the early roundup came after the one before.
    next_due_at = channel.schedule.next_after(last_early_at)
    return next_due_at is not None and next_due_at < due_at
