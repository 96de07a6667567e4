"""Credit messages: what they say, and what their buttons do. Credit notes (credit_notes.py) have the same buttons.

consent.py decides who gets a credit message.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.consent import Consent, Preference
from bot.domain.credit import Credit, CreditStatus, is_only_thanked, named_in, status_of
from bot.domain.deliveries import DeliveryKind, DeliveryState, PendingOp
from bot.domain.permissions import Actor
from bot.domain.wins import Win
from bot.services import consent_answers
from bot.services import preferences as chosen_preferences
from bot.services.consent_answers import AnswerResult, LeaveResult
from bot.services.idempotency import ResultCode
from bot.storage import credit, deliveries, preferences, roundups, wins
from bot.storage.deliveries import Delivery


def load(connection: Connection, message: Delivery, *, now: datetime) -> Credit | None:
    """Return what a message to someone in a win says at `now`; None if there is nothing to say, or they want none."""
    win = None if message.win_id is None else wins.by_id(connection, message.team_id, message.win_id)
    user_id = message.recipient_id or ""
    person = None if win is None else named_in(win, user_id)
    if win is None or person is None or win.is_undone or win.is_private or win.channel_id is None:
        return None
    chosen = preferences.of_people(connection, message.team_id, [user_id])[user_id]
    status = status_of(win, person, chosen.preference, now=now)
    announcement = deliveries.of_win(connection, win.id) if win.is_shared else None
    explains = not credit.has_earlier_message(connection, message.team_id, user_id, before=message.id)
    if message.pending_op is PendingOp.POST:
        is_news = status in (CreditStatus.ASKED, CreditStatus.NAME_ASKED) or (explains and status is CreditStatus.NAMED)
        if not is_news or not chosen.wants_messages:
            return None
    return Credit(
        win=win.for_person(user_id),
        user_id=user_id,
        status=status,
        is_thanked=is_only_thanked(win, user_id),
        has_said_yes=person.consent is Consent.GIVEN,
        preference=chosen.preference,
        explains=explains,
        wants_messages=chosen.wants_messages,
        has_to_wait=announcement is not None and announcement.state in _ON_ITS_WAY,
        is_unposted=announcement is not None
        and announcement.state is DeliveryState.REJECTED
        and not _is_told(connection, win),
    )


def _is_told(connection: Connection, win: Win) -> bool:
    part = roundups.part_with(connection, win.id)
    return part is not None and part.state is DeliveryState.POSTED


_ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)


def forget_introduction(connection: Connection, message: Delivery) -> None:
    """Let someone who did not get a message, or has it no longer, be introduced by a later win."""
    credit.forget_introduction(connection, message.team_id, message.recipient_id or "")


class PressResult(ResultCode):
    """The result of a press of a button on a message to someone in a win."""

    DONE = "done"
    """The message itself shows it."""
    CHANGED = "changed"
    TOO_LATE = "too_late"
    NOT_IN_IT = "not_in_it"
    NOT_FOUND = "not_found"
    """As in `AnswerResult`."""
    LEFT_BUT_SHOWN = "left_but_shown"
    """As in `JoinResult`."""
    NOT_RECIPIENT = "not_recipient"


@dataclass(frozen=True)
class Press:
    """A press by someone on a message to them (in their conversation with the bot), whose delivery has the `key`.

    Slack need not be asked who they are: when the message was sent, it said that they are a member.
    """

    team_id: str
    channel_id: str
    message_ts: str
    user_id: str
    key: str

    @property
    def actor(self) -> Actor:
        """The person as permissions see them."""
        return Actor(self.user_id, is_active=True)


_PROBLEMS = {
    AnswerResult.CHANGED: PressResult.CHANGED,
    AnswerResult.TOO_LATE: PressResult.TOO_LATE,
    AnswerResult.NOT_IN_IT: PressResult.NOT_IN_IT,
    AnswerResult.NOT_FOUND: PressResult.NOT_FOUND,
}


def answer(connection: Connection, press: Press, *, revision: int, is_yes: bool, now: datetime) -> PressResult:
    """Store whether a win may be shared with the name of someone in it; `revision` is that of the win they read."""
    message = _pressed(connection, press)
    if message is None or message.win_id is None:
        return PressResult.NOT_RECIPIENT
    result = consent_answers.answer(
        connection,
        team_id=press.team_id,
        win_id=message.win_id,
        actor=press.actor,
        revision=revision,
        is_yes=is_yes,
        now=now,
    )
    _show(connection, message, press)
    return _PROBLEMS.get(result, PressResult.DONE)


def leave(connection: Connection, press: Press, *, now: datetime) -> PressResult:  # noqa: ARG001 - as every press
    """Take someone's name out of the win that their message is about."""
    message = _pressed(connection, press)
    if message is None or message.win_id is None:
        return PressResult.NOT_RECIPIENT
    result = consent_answers.leave(connection, team_id=press.team_id, win_id=message.win_id, actor=press.actor)
    _show(connection, message, press)
    return PressResult.DONE if result is LeaveResult.LEFT else PressResult(result.value)


def choose(connection: Connection, press: Press, preference: Preference, *, now: datetime) -> PressResult:
    """Store how someone wants to be named."""
    message = _pressed(connection, press)
    if message is None:
        return PressResult.NOT_RECIPIENT
    chosen_preferences.choose(connection, team_id=press.team_id, user_id=press.user_id, preference=preference, now=now)
    _show(connection, message, press)
    return PressResult.DONE


def set_messages(connection: Connection, press: Press, *, wants_messages: bool, now: datetime) -> PressResult:  # noqa: ARG001 - as every press
    """Stop the messages about wins to someone, or let them come again."""
    message = _pressed(connection, press)
    if message is None:
        return PressResult.NOT_RECIPIENT
    chosen_preferences.set_messages(
        connection, team_id=press.team_id, user_id=press.user_id, wants_messages=wants_messages
    )
    _show(connection, message, press)
    return PressResult.DONE


def _pressed(connection: Connection, press: Press) -> Delivery | None:
    """Return the message whose button its recipient has pressed."""
    message = deliveries.by_key(connection, press.team_id, press.key)
    if message is None or message.kind not in (DeliveryKind.CREDIT, DeliveryKind.CREDIT_NOTE):
        return None
    return message if message.recipient_id == press.user_id else None


def _show(connection: Connection, message: Delivery, press: Press) -> None:
    """Update a message after a press. This comes last, because a change of a win locks the win before its messages."""
    deliveries.mark_pressed(connection, message, press.message_ts, channel_id=press.channel_id)
    deliveries.request_update(connection, message.id)
