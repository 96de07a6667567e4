"""Notes after roundups: at most one a day to each person in them, with the cheers, credit and thanks they got.

A posted roundup stores who is in it (`add_due`). A day later, in working hours, what is due to someone is gathered into
one note (`send_due`). What it says is loaded when it is posted or updated (`load`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.domain.credit_notes import Note, ToldChannel, is_in, people_in, told_win
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.schedules import is_zone
from bot.domain.wins import Win
from bot.domain.working_hours import next_working_day, next_working_moment
from bot.storage import channels, consent, credit, credit_notes, deliveries, preferences, roundups, users
from bot.storage.cheers import cheerers_of_any
from bot.storage.credit_notes import PostedRoundup
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue
from bot.storage.tables import roundup_cheers

DELAY = timedelta(hours=24)
"""How long after the last post of a roundup its notes are due: people need time to cheer."""
RETRY_AFTER = timedelta(minutes=10)
"""How long until it is checked again whether someone's last note was posted."""


def add_due(connection: Connection, posted: Sequence[PostedRoundup], *, now: datetime) -> None:
    """Store, once, who is in the wins that posted roundups of a workspace tell, and when they are due a note."""
    claimed = credit_notes.claim(connection, [roundup.id for roundup in posted], now=now)
    new = [roundup for roundup in posted if roundup.id in claimed]
    if not new:
        return
    (team_id,) = {roundup.team_id for roundup in new}
    told = credit_notes.wins_told(connection, team_id, sorted(claimed))
    posted_at = credit_notes.last_posts_at(connection, claimed)
    people = {roundup: people_in(told[roundup.id]) for roundup in new}
    found = users.zones(connection, team_id, set().union(*people.values()))
    zones = {user_id: zone for user_id, zone in found.items() if zone is not None and is_zone(zone)}
    needed = {(team_id, roundup.channel_id) for roundup, user_ids in people.items() if not user_ids <= zones.keys()}
    of_channels = channels.by_keys(connection, needed) if needed else {}
    notes = []
    for roundup, user_ids in people.items():
        channel_zone = roundups.zone_of(of_channels.get((team_id, roundup.channel_id)))
        for user_id in user_ids:
            zone = zones.get(user_id, channel_zone)
            notes.append((roundup, user_id, next_working_moment(posted_at.get(roundup.id, now) + DELAY, zone)))
    credit_notes.add(connection, notes)


def zone_of(connection: Connection, team_id: str, user_id: str, channel_id: str | None) -> str:
    """Return the zone of someone, as Slack said last, or else that of the channel's schedule."""
    user_zone = users.zones(connection, team_id, [user_id]).get(user_id)
    if user_zone is not None and is_zone(user_zone):
        return user_zone
    return roundups.zone_of(None if channel_id is None else channels.by_id(connection, team_id, channel_id))


def send_due(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> bool:
    """Enqueue a note to someone about all that is due to them, and return whether there is one to be posted.

    What can't be told on this day is due on the next one. If nothing came, or they want no messages, it is done.
    """
    consent.lock_people(connection, [(team_id, user_id)], changes_them=True)
    due = credit_notes.due(connection, team_id, user_id, now=now)
    if not due:
        return False
    zone = zone_of(connection, team_id, user_id, credit_notes.channels_of(connection, due)[due[0]])
    last = credit_notes.last_sent(connection, team_id, user_id)
    later = next_working_moment(now, zone) if last is None else _next_time(last, zone, now=now)
    if last is not None and last.kind == DeliveryKind.CREDIT_NOTE and credit_notes.is_waiting(last):
        credit_notes.finish(connection, team_id, user_id, due, delivery_id=last.id, now=now)
        deliveries.request_update(connection, last.id)  # so that it is loaded again if it is about to be posted
        return True
    if later > now:
        credit_notes.postpone(connection, team_id, user_id, due, due_at=later)
        return False
    wants_messages = preferences.of_people(connection, team_id, [user_id])[user_id].wants_messages
    if not wants_messages or not _came(connection, team_id, user_id, due):
        credit_notes.finish(connection, team_id, user_id, due, delivery_id=None, now=now)
        return False
    new = NewDelivery(team_id, user_id, now, recipient_id=user_id)
    (key,) = enqueue(connection, DeliveryKind.CREDIT_NOTE, [new])
    enqueued = deliveries.by_key(connection, team_id, key)
    assert enqueued is not None, "it has just been enqueued"
    credit_notes.finish(connection, team_id, user_id, due, delivery_id=enqueued.id, now=now)
    return True


def _next_time(last: Delivery, zone: str, *, now: datetime) -> datetime:
    """Return when (UTC) someone may get another message like `last`: the next working moment on another local day."""
    if last.state in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN):
        return next_working_moment(now + RETRY_AFTER, zone)  # it may still be posted, on this day or another
    sent_at, tz = last.attempted_at or last.created_at, ZoneInfo(zone)
    if sent_at.astimezone(tz).date() < now.astimezone(tz).date():
        return next_working_moment(now, zone)
    return next_working_day(now, zone)


def may_message(connection: Connection, team_id: str, user_id: str, zone: str, *, now: datetime) -> bool:
    """Whether someone may get an unrequested message now: at work in their `zone`, and one on each day."""
    last = credit_notes.last_sent(connection, team_id, user_id)
    return (next_working_moment(now, zone) if last is None else _next_time(last, zone, now=now)) <= now


def load(connection: Connection, message: Delivery, *, now: datetime) -> Note | None:
    """Return what a note says at `now`; None if there is nothing to say, or they want none."""
    user_id = message.recipient_id or ""
    roundup_ids = credit_notes.roundups_of(connection, message)
    channels_told = _told(connection, message.team_id, user_id, roundup_ids)
    wants_messages = preferences.of_people(connection, message.team_id, [user_id])[user_id].wants_messages
    is_post = message.pending_op is PendingOp.POST
    if not channels_told or (is_post and not wants_messages):
        return None
    zone = zone_of(connection, message.team_id, user_id, channels_told[0].channel_id)
    note = Note(user_id, channels_told, wants_messages, has_to_wait=is_post and next_working_moment(now, zone) > now)
    return note if note.brought_something else None


def whom_to_thank(connection: Connection, team_id: str, key: str, user_id: str, *, now: datetime) -> str | None:
    """Return the one other person (user id) whom someone's note names; None if it isn't theirs, or names several."""
    message = deliveries.by_key(connection, team_id, key)
    if message is None or message.kind != DeliveryKind.CREDIT_NOTE or message.recipient_id != user_id:
        return None
    note = load(connection, message, now=now)
    named = () if note is None else note.named_others
    return named[0] if len(named) == 1 else None


def _came(connection: Connection, team_id: str, user_id: str, roundup_ids: Sequence[int]) -> bool:
    return any(each.brought_something for each in _told(connection, team_id, user_id, roundup_ids))


def _told(connection: Connection, team_id: str, user_id: str, roundup_ids: Sequence[int]) -> tuple[ToldChannel, ...]:
    """Return what the roundups told of someone, by channel, in the order of the roundups."""
    wins_told = credit_notes.wins_told(connection, team_id, roundup_ids, user_id=user_id)
    theirs = {
        roundup_id: found for roundup_id, told in wins_told.items() if (found := _known_to(connection, told, user_id))
    }
    was_told = credit.told_of(connection, [win.id for found in theirs.values() for win in found])
    by_channel: dict[str, list[int]] = {}
    for roundup_id, channel_id in credit_notes.channels_of(connection, theirs).items():
        by_channel.setdefault(channel_id, []).append(roundup_id)
    return tuple(
        ToldChannel(
            channel_id,
            tuple(
                told_win(win, user_id, was_told=(win.id, user_id) in was_told) for each in ids for win in theirs[each]
            ),
            cheerers_of_any(connection, roundup_cheers, ids, except_user_id=user_id),
        )
        for channel_id, ids in by_channel.items()
    )


def _known_to(connection: Connection, told: Sequence[Win], user_id: str) -> list[Win]:
    """Return those of the wins that someone is in, if they know Winsome: they save wins, or were introduced to it."""
    found = [win for win in told if is_in(win, user_id)]
    if any(win.author.user_id == user_id or _joined(win, user_id) for win in found):
        return found
    if not found:
        return []
    chosen = preferences.of_people(connection, found[0].team_id, [user_id])[user_id]
    return found if chosen.introduced_at is not None else []


def _joined(win: Win, user_id: str) -> bool:
    return any(person.user_id == user_id for person in win.joined)
