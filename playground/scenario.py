"""The language of scenarios: who is there, and who does what when.

    starts 2026-11-23 in Europe/Berlin
    person ana "Ana Ruiz" in Europe/Berlin, admin
    channel #general: ana, ben
    channel #random without the bot: ana
    Mon 09:10 ben says in #general: good morning
    Mon 09:12 ana types in #general: /win fixed the flaky build
    Mon 09:15 ben answers "flaky build" in #general: at last!
    Mon 09:20 ben presses "Cheer" on "flaky build" in #general
    Mon 09:21 ben reacts :tada: to "flaky build" in #general
    Tue 10:00 ben takes :tada: back from "flaky build" in #general
    Tue 10:30 ben uses "Save as a win" on "at last" in #general
    Tue 10:31 ben enters in "What happened?": we waited two years for this
    Tue 10:31 ben submits the form
    Wed 10:00 ana uses "Save a win" in #general
    Wed 10:30 ana says in their DM: hello
    Wed 11:00 ana invites the bot to #random
    Fri 16:00 ana sees "This week's wins" in #general
    Fri 16:30 nothing happens

Each line of the week is one step; a day that is earlier in the week than the one before it is in the next week.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

THEIR_DM = "their DM"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SCENARIOS = Path(__file__).with_name("scenarios")


class InvalidScenario(Exception):
    """A line that is not in the language of scenarios, or that names what there isn't."""


@dataclass(frozen=True)
class PersonLine:
    """A person; `zone` is an IANA name, or None where Slack gives no time zone."""

    name: str
    real_name: str
    zone: str | None
    is_admin: bool = False
    is_owner: bool = False
    is_guest: bool = False


@dataclass(frozen=True)
class ChannelLine:
    """A channel with the names of its members."""

    name: str
    members: tuple[str, ...]
    private: bool
    with_bot: bool


@dataclass(frozen=True)
class Types:
    """A person types a command."""

    person: str
    channel: str
    line: str


@dataclass(frozen=True)
class Presses:
    """A person presses the button `label` on the last message that contains `text`."""

    person: str
    label: str
    text: str
    channel: str


@dataclass(frozen=True)
class Reacts:
    """A person adds a reaction to the last message that contains `text`, or takes it back (`adds` is False)."""

    person: str
    emoji: str
    text: str
    channel: str
    adds: bool


@dataclass(frozen=True)
class Says:
    """A person posts a message, in the thread of the last message that contains `under` if that is given."""

    person: str
    channel: str
    text: str
    under: str | None


@dataclass(frozen=True)
class Uses:
    """A person uses a shortcut, on the last message that contains `text` or else on none."""

    person: str
    name: str
    text: str | None
    channel: str


@dataclass(frozen=True)
class Enters:
    """A person enters text into the field with this label, in the form that they have open."""

    person: str
    label: str
    text: str


@dataclass(frozen=True)
class Submits:
    """A person submits the form that they have open."""

    person: str


@dataclass(frozen=True)
class Sees:
    """A person waits until a new message that contains `text` is there."""

    person: str
    text: str
    channel: str


@dataclass(frozen=True)
class Invites:
    """A person invites the bot to a channel that is declared `without the bot`."""

    person: str
    channel: str


Action = Types | Presses | Reacts | Says | Uses | Enters | Submits | Sees | Invites | None


@dataclass(frozen=True)
class Step:
    """An action at an aware time; without an action only time passes."""

    at: datetime
    action: Action


@dataclass(frozen=True)
class Scenario:
    """People, channels and steps, ready to be played."""

    people: tuple[PersonLine, ...]
    channels: tuple[ChannelLine, ...]
    steps: tuple[Step, ...]


_STARTS = re.compile(r"starts (\d{4}-\d\d-\d\d) in (\S+)")
_PERSON = re.compile(r'person (\w+) "([^"]+)"(?: in ([^\s,]+))?(?:, (admin|owner|guest))?')
_CHANNEL = re.compile(r"(private )?channel #([\w-]+)( without the bot)?: (.+)")
_STEP = re.compile(rf"({'|'.join(DAYS)}) (\d\d:\d\d) (.+)")
_TYPES = re.compile(r"(\w+) types in (#[\w-]+|their DM): (.+)")
_SAYS = re.compile(r"(\w+) says in (#[\w-]+|their DM): (.+)")
_ANSWERS = re.compile(r'(\w+) answers "([^"]+)" in (#[\w-]+): (.+)')
_PRESSES = re.compile(r'(\w+) presses "([^"]+)" on "([^"]+)" in (#[\w-]+)')
_USES = re.compile(r'(\w+) uses "([^"]+)"(?: on "([^"]+)")? in (#[\w-]+)')
_ENTERS = re.compile(r'(\w+) enters in "([^"]+)": (.+)')
_SUBMITS = re.compile(r"(\w+) submits the form")
_INVITES = re.compile(r"(\w+) invites the bot to (#[\w-]+)")
_SEES = re.compile(r'(\w+) sees "([^"]+)" in (#[\w-]+)')
_REACTS = re.compile(r'(\w+) reacts :([\w+-]+): to "([^"]+)" in (#[\w-]+)')
_TAKES_BACK = re.compile(r'(\w+) takes :([\w+-]+): back from "([^"]+)" in (#[\w-]+)')


def names() -> list[str]:
    """Return the names of the scenarios that ship."""
    return sorted(path.stem for path in SCENARIOS.glob("*.txt"))


def load(name: str, *, first: date | None = None) -> Scenario:
    """Read a scenario that ships, by name, or any file, by path. Raises InvalidScenario or FileNotFoundError.

    `first` replaces the day on which it starts.
    """
    path = SCENARIOS / f"{name}.txt" if name in names() else Path(name)
    return read(path.read_text(encoding="utf-8"), first=first)


def read(text: str, *, first: date | None = None) -> Scenario:
    """Read a scenario. Raises InvalidScenario with the line."""
    people: list[PersonLine] = []
    channels: list[ChannelLine] = []
    week: list[str] = []
    begins: tuple[date, ZoneInfo] | None = None
    for line in _lines(text):
        if found := _STARTS.fullmatch(line):
            begins = (first or _date(found[1]), _zone(found[2]))
        elif found := _PERSON.fullmatch(line):
            if found[3]:
                _zone(found[3])
            people.append(
                PersonLine(
                    found[1],
                    found[2],
                    found[3],
                    is_admin=found[4] == "admin",
                    is_owner=found[4] == "owner",
                    is_guest=found[4] == "guest",
                )
            )
        elif found := _CHANNEL.fullmatch(line):
            members = tuple(member.strip() for member in found[4].split(","))
            channels.append(ChannelLine(found[2], members, private=bool(found[1]), with_bot=not found[3]))
        else:
            week.append(line)
    if begins is None:
        raise InvalidScenario("a scenario begins with its start: starts 2026-11-23 in Europe/Berlin")
    played = Scenario(tuple(people), tuple(channels), tuple(_steps(week, *begins)))
    _check_names(played)
    return played


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("//"):
            yield re.sub(r"(?<=\S) {2,}", " ", stripped)


def _steps(lines: list[str], first: date, zone: ZoneInfo) -> Iterator[Step]:
    before = datetime.combine(first, time(), tzinfo=zone)
    for line in lines:
        found = _STEP.fullmatch(line)
        if found is None:
            raise InvalidScenario(line)
        day = before.date() + timedelta(days=(DAYS.index(found[1]) - before.weekday()) % 7)
        at = datetime.combine(day, _time(found[2]), tzinfo=zone)
        yield Step(at, _action(found[3]))
        before = at


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidScenario(f"{text} isn't a date") from None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidScenario(f"{text} isn't a time of day") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidScenario(f"there is no time zone {name}") from None


def _check_names(scenario: Scenario) -> None:
    """Raise InvalidScenario if there is no step, or if a person or a channel is used but not declared."""
    if not scenario.steps:
        raise InvalidScenario("a scenario needs at least one step")
    people = {person.name for person in scenario.people}
    places = {f"#{channel.name}" for channel in scenario.channels} | {THEIR_DM}
    used = [(name, people) for channel in scenario.channels for name in channel.members]
    for step in scenario.steps:
        if step.action is not None:
            used.append((step.action.person, people))
            used.append((getattr(step.action, "channel", THEIR_DM), places))  # what is done in a form is in no channel
    for name, declared in used:
        if name not in declared:
            raise InvalidScenario(f"{name} isn't declared")


def _action(text: str) -> Action:
    if text == "nothing happens":
        return None
    return _text_action(text) or _form_action(text) or _reaction_or_press(text)


def _text_action(text: str) -> Action:
    """Return the action of a command or a message, or None."""
    if found := _TYPES.fullmatch(text):
        return Types(found[1], found[2], found[3])
    if found := _SAYS.fullmatch(text):
        return Says(found[1], found[2], found[3], None)
    if found := _ANSWERS.fullmatch(text):
        return Says(found[1], found[3], found[4], found[2])
    return None


def _form_action(text: str) -> Action:
    """Return the action of a shortcut or in a form, or None."""
    if found := _USES.fullmatch(text):
        return Uses(found[1], found[2], found[3], found[4])
    if found := _ENTERS.fullmatch(text):
        return Enters(found[1], found[2], found[3])
    if found := _SUBMITS.fullmatch(text):
        return Submits(found[1])
    return None


def _reaction_or_press(text: str) -> Action:
    """Return any other action. Raises InvalidScenario."""
    if found := _INVITES.fullmatch(text):
        return Invites(found[1], found[2])
    if found := _SEES.fullmatch(text):
        return Sees(found[1], found[2], found[3])
    if found := _PRESSES.fullmatch(text):
        return Presses(found[1], found[2], found[3], found[4])
    if found := _REACTS.fullmatch(text):
        return Reacts(found[1], found[2], found[3], found[4], adds=True)
    if found := _TAKES_BACK.fullmatch(text):
        return Reacts(found[1], found[2], found[3], found[4], adds=False)
    raise InvalidScenario(text)
