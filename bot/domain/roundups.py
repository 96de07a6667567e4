"""A roundup: one posted celebration of a channel's period, in one message or several."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.roundup_composition import REST, Section, SectionKind
from bot.domain.wins import Cheerers, Win, WinKind


class RoundupKind(StrEnum):
    """Why a roundup was created."""

    SCHEDULED = "scheduled"
    """It was due by the channel's schedule."""
    EARLY = "manual"
    """A person posted it before its date. "manual" is what databases already have."""
    MONTHLY = "monthly"
    """An edition: see bot/domain/editions.py."""
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    WORKSPACE = "workspace"
    """The roundup of a workspace's public channels that agreed to it."""


REGULAR = (RoundupKind.SCHEDULED, RoundupKind.EARLY)
"""The roundups of a channel, one of which tells each of its wins. The other kinds tell wins again."""


@dataclass(frozen=True)
class Step:
    """Which step of its climb a win is, as far as others may see: the first is 1. The last one reaches it."""

    number: int
    is_last: bool = False


@dataclass(frozen=True)
class ThreadSection:
    """A section of a roundup's thread; `ts` is that of the message in which it begins, None while it isn't posted."""

    section: Section
    win_count: int
    ts: str | None


@dataclass(frozen=True)
class RoundupPart:
    """One message of a roundup: part `number` (from 0) of `part_count`, with its wins in order.

    `due_at` is when the roundup is due and `next_due_at` when the next one is (UTC); `zone` is the channel's.
    `target_channel_id` is the channel that gets it. `win_count` counts the wins of all parts. If it `is_quiet`, it is
    the line of a week without wins. It looks back from `starts_on`, a local date. `opening` says which of the openings
    it has. `note` is what the user `note_by` says at its top. `cheered_by` and `cheer_emoji` are those of the whole
    roundup, as of a win. `section_of` has the section that each win (id) was put in, `steps` say which step of a climb
    a win is, and `thread` has the sections of the other messages.
    """

    channel_id: str
    target_channel_id: str
    due_at: datetime
    next_due_at: datetime | None
    zone: str
    is_quiet: bool
    number: int
    part_count: int
    win_count: int
    wins: tuple[Win, ...]
    cheered_by: Cheerers
    kind: RoundupKind = RoundupKind.SCHEDULED
    starts_on: date | None = None
    opening: str | None = None
    note: str | None = None
    note_by: str | None = None
    cheer_emoji: tuple[str, ...] = ()
    section_of: Mapping[int, Section] = field(default_factory=dict)
    steps: Mapping[int, Step] = field(default_factory=dict)
    thread: tuple[ThreadSection, ...] = ()

    @property
    def sections(self) -> list[tuple[Section | None, list[Win]]]:
        """The wins by section, as they are now, each in order; None for a roundup without sections."""
        told: dict[Section | None, list[Win]] = {}
        for win in self.wins:
            told.setdefault(shown_section(win, self.section_of.get(win.id)), []).append(win)
        kinds = list(SectionKind)
        return sorted(told.items(), key=lambda item: -1 if item[0] is None else kinds.index(item[0].kind))

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names are needed to show this part."""
        note_by = (self.note_by,) if self.note_by else ()
        users = [*(user_id for win in self.wins for user_id in win.user_ids), *self.cheered_by.first, *note_by]
        return tuple(dict.fromkeys(users))


def shown_section(win: Win, composed: Section | None) -> Section | None:
    """Return the section in which a win is shown now: it may have been edited since."""
    if composed is None:
        return None
    return section_now(composed, is_learning=win.kind is WinKind.LEARNING, is_step=win.climb is not None, tags=win.tags)


def section_now(composed: Section, *, is_learning: bool, is_step: bool, tags: Collection[str]) -> Section:
    """Return the section of a win that was composed into this one: it may have been edited since."""
    if is_learning:
        return Section(SectionKind.LEARNINGS)
    if composed.kind is SectionKind.CLIMBS and is_step:
        return composed
    return composed if composed.kind is SectionKind.THEME and composed.theme in tags else REST
