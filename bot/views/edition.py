"""Editions: looks back at a channel's wins, in their authors' words, and the workspace's roundup."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from babel.dates import format_date

from bot.domain.edition_composition import WORKSPACE_OPENING_COUNT, EditionPart, EditionSection, labelled
from bot.domain.editions import Edition
from bot.domain.roundup_composition import MAX_BLOCKS
from bot.domain.roundups import RoundupKind
from bot.domain.text import on_one_line
from bot.domain.win_size import json_length
from bot.domain.wins import Win, WinKind
from bot.views.format import (
    MAX_TEXT_BYTES,
    Block,
    Message,
    Names,
    channel,
    cheered_by,
    context,
    date_and_time,
    header,
    list_people,
    message,
    named_together,
    neutralise,
    section,
    shorten_to_bytes,
)
from bot.views.permalinks import Permalink, view_message_link
from bot.views.roundup_opening import LATE_AFTER
from bot.views.roundup_wins import Faces, face_images, named_beside
from bot.views.translations import Translations
from bot.views.win_line import DETAILS, FULL, Detail, extras, headline, reason_of

MAX_NAMES, MAX_FACES = 5, 9
"""The most people that are named together, unless there is only one more, and the most faces before them."""
SHORTENED = (400, 200, 90)
"""The most bytes of a win in an edition with little room, which edits may have taken."""


class _Look(NamedTuple):
    """How much room there is. A win takes at most `max_bytes`, if that is given."""

    detail: Detail = FULL
    max_bytes: int | None = None
    has_people: bool = False
    """Whether the people are named together below the opening, with their faces."""


_LOOKS = (
    _Look(has_people=True),
    *(_Look(detail) for detail in DETAILS),
    *(_Look(DETAILS[-1], most) for most in SHORTENED),
)


_LineOf = Callable[[Win], str]


class _Writer:
    """Writes the text and the blocks of a message together."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.blocks: list[Block] = []

    def title(self, text: str) -> None:
        self._add(text, header(text))

    def heading(self, text: str) -> None:
        self._add(text, section(text))

    def win(self, text: str) -> None:
        self._add(f"• {text}", section(text))

    def note(self, text: str) -> None:
        if text:
            self._add(text, context(text))

    def people(self, text: str, images: Sequence[Block]) -> None:
        self._add(text, context(text, images=images))

    def _add(self, line: str, block: Block) -> None:
        self.lines.append(line)
        self.blocks.append(block)


def edition(
    t: Translations,
    part: EditionPart,
    names: Names,
    *,
    permalink: Permalink,
    posted_at: datetime,
    faces: Faces | None = None,
    has_chart: bool = True,
) -> Message:
    """Render an edition, or the workspace's roundup, as detailed as Slack allows in an update.

    `faces` are by user id.
    """
    for look in _LOOKS:
        written = _write(
            t, part, names, look, permalink=permalink, posted_at=posted_at, faces=faces or {}, has_chart=has_chart
        )
        text = "\n".join(written.lines)
        if len(text.encode()) <= MAX_TEXT_BYTES and json_length(written.blocks) <= MAX_BLOCKS:
            break
    return message(text, written.blocks)


def _write(
    t: Translations,
    part: EditionPart,
    names: Names,
    look: _Look,
    *,
    permalink: Permalink,
    posted_at: datetime,
    faces: Faces,
    has_chart: bool,
) -> _Writer:
    def line(win: Win) -> str:
        return _win_line(t, win, names, permalink, look)

    out = _Writer()
    out.title(_title(t, part))
    out.heading(_opening(t, part))
    if posted_at - part.due_at > LATE_AFTER:
        due = date_and_time(t, part.due_at, part.zone)
        out.note(t.gettext("Sorry I'm late! This was due {date}.", date=due))
    if look.has_people:
        _write_people(t, out, part, names, faces)
    if part.kind is RoundupKind.WORKSPACE:
        _write_channels(out, part, line_of=line)
    else:
        _write_climbs(t, out, part, line_of=line)
        _write_themes(t, out, part, has_chart=has_chart)
        quotes = part.in_section(EditionSection.QUOTE)
        _write_section(out, t.gettext("*In your own words*"), [line(win) for win in quotes])
        thanked = [_thanks_line(t, win, names, permalink, look) for win in part.in_section(EditionSection.THANKS)]
        _write_section(out, t.gettext(":raised_hands: *Thanks along the way*"), [each for each in thanked if each])
        # The heading says of these what they are.
        learnings = [replace(win, kind=WinKind.WIN) for win in part.in_section(EditionSection.LEARNING)]
        _write_section(out, t.gettext("*What you learned along the way*"), [line(win) for win in learnings])
    out.note(cheered_by(t, part.cheered_by, names, limit=look.detail.cheerers))
    return out


def _write_people(t: Translations, out: _Writer, part: EditionPart, names: Names, faces: Faces) -> None:
    """Write whose wins are told, with the faces of those whom the text names, unless it is one person's."""
    told = (person for each in part.told for person in (*each.win.whose, *each.win.others))
    people = list({person.user_id: person for person in told if not person.is_unnamed}.values())
    if len(people) > 1:
        first = named_together(people, limit=MAX_NAMES)
        said = t.gettext("With {people}", people=list_people(t, people, names, limit=len(first)))
        quoted = [each.win for each in part.told if each.section is not EditionSection.THANKS]
        named = {person.user_id for person in (*first, *named_beside(quoted))}
        pictured = [person for person in people if person.user_id in named]
        out.people(said, face_images(t, pictured, names, faces, limit=MAX_FACES))


def _write_section(out: _Writer, heading: str, lines: Sequence[str]) -> None:
    if lines:
        out.heading(heading)
        for each in lines:
            out.win(each)


def _write_climbs(t: Translations, out: _Writer, part: EditionPart, *, line_of: _LineOf) -> None:
    """Write each climb with its steps, and below them wins that have left their climb since."""
    steps = part.in_section(EditionSection.CLIMB)
    climbs = {win.climb.id: win.climb.name for win in steps if win.climb is not None}
    for climb_id, name in climbs.items():
        of_climb = [replace(win, climb=None) for win in steps if win.climb and win.climb.id == climb_id]
        heading = _climb_heading(t, name, has_several=len(of_climb) > 1, is_reached=climb_id in part.reached)
        _write_section(out, heading, [line_of(win) for win in of_climb])
    left = [line_of(win) for win in steps if win.climb is None]
    _write_section(out, t.gettext("*Steps along the way*"), left)


def _climb_heading(t: Translations, name: str, *, has_several: bool, is_reached: bool) -> str:
    climb = neutralise(on_one_line(name), {})
    if is_reached and has_several:
        return t.gettext(":checkered_flag: *{climb}*: step by step, and the goal is reached", climb=climb)
    if is_reached:
        return t.gettext(":checkered_flag: *{climb}*: the goal is reached", climb=climb)
    if has_several:
        return t.gettext(":mountain: *{climb}*: step by step", climb=climb)
    return t.gettext(":mountain: *{climb}*: one step further", climb=climb)


def _write_themes(t: Translations, out: _Writer, part: EditionPart, *, has_chart: bool) -> None:
    """Write how many wins share each theme, in words and, where Slack draws it, as a chart."""
    themes = labelled(part.themes)
    if not themes:
        return
    words = [f"{neutralise(label, {})} ({count})" for label, count in themes]
    text = t.gettext("Wins by theme: {themes}", themes=", ".join(words))
    out.note(text)
    if has_chart:
        out.blocks.append(_chart(t, themes))


def _chart(t: Translations, themes: Sequence[tuple[str, int]]) -> Block:
    """Make Slack's chart block (docs.slack.dev, data-visualization-block), which the SDK doesn't know."""
    return {
        "type": "data_visualization",
        "title": t.gettext("Wins by theme"),
        "chart": {
            "type": "bar",
            "series": [
                {
                    "name": t.gettext("Wins"),
                    "data": [{"label": label, "value": count} for label, count in themes],
                }
            ],
            "axis_config": {"categories": [label for label, _ in themes]},
        },
    }


def _write_channels(out: _Writer, part: EditionPart, *, line_of: _LineOf) -> None:
    by_channel: dict[str, list[str]] = {}
    for win in part.in_section(EditionSection.CHANNEL):
        by_channel.setdefault(win.channel_id or "", []).append(line_of(win))
    for channel_id, lines in by_channel.items():
        _write_section(out, f"*{channel(channel_id)}*", lines)


def _win_line(t: Translations, win: Win, names: Names, permalink: Permalink, look: _Look) -> str:
    text = headline(t, win, names, look.detail)
    if look.max_bytes is not None:
        return shorten_to_bytes(text, look.max_bytes)
    link = view_message_link(t, win, permalink, is_bare=look.detail.is_bare)
    details = [*extras(t, win, names, look.detail), link]
    footer = " · ".join(filter(None, details))
    return f"{text}\n{footer}" if footer else text


def _thanks_line(t: Translations, win: Win, names: Names, permalink: Permalink, look: _Look) -> str:
    text = _who_thanked(t, win, names, look.detail)
    if look.max_bytes is not None:
        return shorten_to_bytes(text, look.max_bytes)
    link = view_message_link(t, win, permalink, is_bare=look.detail.is_bare)
    return " · ".join(filter(None, [text, link])) if text else ""


def _who_thanked(t: Translations, win: Win, names: Names, detail: Detail) -> str:
    """Return "Ben thanked Ana: her patience", escaped, or "" if no one is thanked anymore."""
    if not win.thanked:
        return ""
    author = list_people(t, [win.author], names, limit=1, as_typed=detail.is_bare, is_at_start=True)
    people = list_people(t, win.thanked, names, limit=detail.people, as_typed=detail.is_bare)
    reason = reason_of(t, win, names, detail)
    if not reason:
        return t.gettext("*{author}* thanked {people}", author=author, people=people)
    return t.gettext("*{author}* thanked {people}: {reason}", author=author, people=people, reason=reason)


def _title(t: Translations, part: EditionPart) -> str:
    last = part.ends_on - timedelta(days=1)
    match part.edition:
        case Edition.MONTHLY:
            return t.gettext(":sunrise_over_mountains: Looking back at {month}", month=_month(t, part.starts_on))
        case Edition.QUARTERLY:
            first = format_date(part.starts_on, t.pgettext("date pattern of CLDR", "LLLL"), locale=t.locale)
            return t.gettext(
                ":sunrise_over_mountains: Looking back at {first} to {last}", first=first, last=_month(t, last)
            )
        case Edition.YEARLY:
            return t.gettext(":sunrise_over_mountains: Looking back at {year}", year=str(part.starts_on.year))
    return t.gettext(":sparkles: Wins from across the workspace")


def _month(t: Translations, day: date) -> str:
    return format_date(day, t.pgettext("date pattern of CLDR", "LLLL y"), locale=t.locale)


def _opening(t: Translations, part: EditionPart) -> str:
    if part.edition is None:
        openings = [
            t.ngettext(
                "A win from across the workspace, in the words of those who got there.",
                "A few wins from channels across the workspace, in the words of the people who got there.",
                len(part.told),
            ),
            t.gettext("What moved forward in other corners of the workspace lately."),
            t.ngettext(
                "A win from next door, and the people behind it.",
                "Wins from next door, and the people behind them.",
                len(part.told),
            ),
        ]
        assert len(openings) == WORKSPACE_OPENING_COUNT, "one of them was chosen"
        number = part.starts_on.toordinal() // 7 if part.opening is None else int(part.opening)
        return openings[number % len(openings)]
    openings = _openings(t, part) if part.target_channel_id == part.channel_id else _openings_elsewhere(t, part)
    periods = (part.starts_on.year * 12 + part.starts_on.month - 1) // part.edition.months
    # Each takes its turns in another order, so that those that come on the same day open differently.
    number = {Edition.MONTHLY: periods, Edition.QUARTERLY: -periods, Edition.YEARLY: 2 * periods + 2}[part.edition]
    return openings[number % len(openings)]


def _openings(t: Translations, part: EditionPart) -> list[str]:
    return [
        t.gettext("Small steps, and what they became."),
        t.gettext("A moment to see how far you've come."),
        t.ngettext(
            "You did this, one small win at a time.", "You did all this one small win at a time.", len(part.told)
        ),
        t.gettext("Before what's next, here's what you did."),
    ]


def _openings_elsewhere(t: Translations, part: EditionPart) -> list[str]:
    """Return as many lines for another channel than its own, whose readers are others, so that none says "you"."""
    source = channel(part.channel_id)
    return [
        t.gettext("What {channel} got done, one small win at a time.", channel=source),
        t.gettext("A moment to see how far {channel} has come.", channel=source),
        t.gettext("Here's what the small steps in {channel} became.", channel=source),
        t.gettext("Before what's next, here's what {channel} did.", channel=source),
    ]
