"""Looks back: once a month, someone who has asked for it gets one of their wins of a year ago, in private."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind, PendingOp
from bot.domain.look_back import LookBack, nearest
from bot.domain.working_hours import next_working_moment
from bot.services import credit_notes
from bot.services.credit import Press, PressResult
from bot.storage import consent, deliveries, look_backs, preferences, users, wins
from bot.storage.deliveries import Delivery
from bot.storage.enqueue import NewDelivery, enqueue


def send_due(connection: Connection, team_id: str, user_id: str, *, now: datetime) -> bool:
    """Enqueue a look back to someone who is due one, and return whether there is one to be posted.

    It waits for a working hour of a day without a note, and until they have a win of a year ago.
    """
    consent.lock_people(connection, [(team_id, user_id)], changes_them=True)
    user = users.by_id(connection, team_id, user_id)
    if user is None or not user.is_active or user.is_guest:
        return False
    win = nearest(look_backs.wins_of_a_year_ago(connection, team_id, user_id, now), now)
    if win is None:
        return False
    zone = credit_notes.zone_of(connection, team_id, user_id, win.channel_id)
    if not credit_notes.may_message(connection, team_id, user_id, zone, now=now):
        return False
    if not look_backs.claim(connection, team_id, user_id, now=now):
        return False
    new = NewDelivery(team_id, user_id, now, win_id=win.id, recipient_id=user_id)
    enqueue(connection, DeliveryKind.LOOK_BACK, [new])
    return True


def load(connection: Connection, message: Delivery, *, now: datetime) -> LookBack | None:
    """Return what a look back says at `now`; None if the win is gone, or they want none."""
    user_id = message.recipient_id or ""
    win = None if message.win_id is None else wins.by_id(connection, message.team_id, message.win_id)
    if win is None or win.is_undone or win.author.user_id != user_id or not win.is_own:
        return None
    wants = preferences.of_people(connection, message.team_id, [user_id])[user_id].wants_look_back
    is_post = message.pending_op is PendingOp.POST
    if is_post and not wants:
        return None
    zone = credit_notes.zone_of(connection, message.team_id, user_id, win.channel_id)
    has_to_wait = is_post and next_working_moment(now, zone) > now
    return LookBack(user_id, win.for_author(), zone, wants, has_to_wait)


def choose(connection: Connection, press: Press, *, wants_look_back: bool) -> PressResult:
    """Stop the looks back to someone, or let them come again, by a button of one."""
    message = deliveries.by_key(connection, press.team_id, press.key)
    if message is None or message.kind != DeliveryKind.LOOK_BACK or message.recipient_id != press.user_id:
        return PressResult.NOT_RECIPIENT
    preferences.set_look_back(connection, press.team_id, press.user_id, wants_look_back=wants_look_back)
    deliveries.mark_pressed(connection, message, press.message_ts, channel_id=press.channel_id)
    deliveries.request_update(connection, message.id)
    return PressResult.DONE
