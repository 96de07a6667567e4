"""The wins that someone is in: others saved them, and credit or thank that person, or the person joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.consent import Preference
from bot.domain.credit import CreditStatus, named_in, status_of
from bot.domain.wins import Mention, Win


@dataclass(frozen=True)
class CreditedWin:
    """A win as someone who is in it reads it, with their own name: the user `person_id`, with this `preference`."""

    win: Win
    person_id: str
    status: CreditStatus
    preference: Preference | None = None

    @property
    def is_credited(self) -> bool:
        """Whether it is this person's win because its author says so."""
        return _is_among(self.win.credited, self.person_id) and not _is_among(self.win.joined, self.person_id)

    @property
    def is_thanked(self) -> bool:
        """Whether its author thanks them."""
        return _is_among(self.win.thanked, self.person_id)

    @property
    def has_more_people(self) -> bool:
        """Whether someone else is in it, besides its author."""
        return any(person.user_id not in (self.person_id, self.win.author.user_id) for person in self.win.people)


def as_read_by(win: Win, person_id: str, preference: Preference | None, *, now: datetime) -> CreditedWin:
    """Return a win as someone who is in it, with this preference, reads it at `now` (UTC)."""
    person = named_in(win, person_id) or Mention(person_id)
    return CreditedWin(win.for_person(person_id), person_id, status_of(win, person, preference, now=now), preference)


@dataclass(frozen=True)
class WinsOfOthers:
    """The latest wins that someone is in: those `asked` about, and the rest.

    `has_more_asked` if there are more that wait for their answer. `is_complete` is False if Slack did not say for each
    win whether they may see it.
    """

    wins: Sequence[CreditedWin] = ()
    asked: Sequence[CreditedWin] = ()
    has_more_asked: bool = False
    is_complete: bool = True

    @property
    def all_wins(self) -> list[Win]:
        """All of them, as the person reads them."""
        return [each.win for each in (*self.asked, *self.wins)]


NO_OTHERS = WinsOfOthers()


def _is_among(people: Sequence[Mention], user_id: str) -> bool:
    return any(person.user_id == user_id for person in people)
