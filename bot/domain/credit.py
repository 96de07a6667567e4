"""What reaches the people whom a win credits or thanks: a message about one win. The notes: see credit_notes.py."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from bot.domain.consent import Consent, Preference
from bot.domain.wins import Mention, Win


class CreditStatus(Enum):
    """The status of a win for someone who is in it."""

    ASKED = auto()
    """It waits for their answer."""
    WAITING = auto()
    """It isn't shared yet, and there is nothing that they have to do."""
    DECLINED = auto()
    """It isn't shared: they said no, or prefer not to be named."""
    KEPT = auto()
    """It was not shared in time, and stays between its author and the people in it."""
    NAMED = auto()
    """It is shared with their name."""
    NAME_ASKED = auto()
    """It is shared, and others read "a teammate" until they answer: they were added later, or asked to be asked after
    "never by name".
    """
    UNNAMED = auto()
    """It is shared, and others read "a teammate", as they prefer."""
    LEFT = auto()
    """It is shared, and they took their name out of it."""


@dataclass(frozen=True)
class Credit:
    """A win as someone who is in it reads it, and what they chose.

    `is_thanked`: they made it possible, and it is not theirs. `has_said_yes` to this win. The message `explains` what
    Winsome does and asks how they want to be named, if it is the first of its kind that they get. It `has_to_wait` as
    long as the win's announcement, to which it links, is still to be posted. The win `is_unposted` if it is shared, and
    no message in its channel shows it, because Slack refused that.
    """

    win: Win
    user_id: str
    status: CreditStatus
    is_thanked: bool
    has_said_yes: bool
    preference: Preference | None
    explains: bool
    wants_messages: bool
    has_to_wait: bool = False
    is_unposted: bool = False

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names the message needs."""
        return self.win.user_ids


def part_in(win: Win, user_id: str) -> Mention | None:
    """Return someone as its author named them in a win; None for the author, and for someone who only joined."""
    if user_id == win.author.user_id:
        return None
    if any(person.user_id == user_id for person in win.joined):
        return next((person for person in win.thanked if person.user_id == user_id), None)
    return win.person(user_id)


def named_in(win: Win, user_id: str) -> Mention | None:
    """Return someone in a win who isn't its author."""
    joined = next((person for person in win.joined if person.user_id == user_id), None)
    return part_in(win, user_id) if joined is None or user_id == win.author.user_id else joined


def is_only_thanked(win: Win, user_id: str) -> bool:
    """Whether someone made a win possible, and it is not theirs."""
    return all(person.user_id != user_id for person in win.credited)


def status_of(win: Win, person: Mention, preference: Preference | None, *, now: datetime) -> CreditStatus:
    """Return the status at `now` (UTC) of a win for a person in it, who has this preference."""
    if win.held_until is not None:
        return CreditStatus.KEPT if now >= win.held_until else _status_of_held(person, preference)
    if person.consent is Consent.REFUSED:
        return CreditStatus.LEFT
    if preference is Preference.NEVER:
        return CreditStatus.UNNAMED
    return CreditStatus.NAME_ASKED if person.consent is Consent.PENDING else CreditStatus.NAMED


def _status_of_held(person: Mention, preference: Preference | None) -> CreditStatus:
    if person.consent is Consent.REFUSED:
        return CreditStatus.DECLINED
    is_asked = person.consent is Consent.PENDING and preference is not Preference.NEVER
    return CreditStatus.ASKED if is_asked else CreditStatus.WAITING
