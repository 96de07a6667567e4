"""The wins of a roundup by section: each in its own words, with who and what belongs to it below."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.roundup_composition import MAX_THEME_LENGTH, REST, Section, SectionKind
from bot.domain.roundups import RoundupPart, Step
from bot.domain.text import cut, on_one_line
from bot.domain.win_size import MAX_PEOPLE
from bot.domain.wins import Mention, Win, WinKind
from bot.views.cheer_buttons import cheer_told_win_button
from bot.views.format import Block, Names, cheered_by, escape, name, neutralise, section
from bot.views.permalinks import Permalink, view_message_link
from bot.views.translations import Translations
from bot.views.win_line import Detail, extras, headline, what, whose

Faces = Mapping[str, str]
"""User id to the address of a small picture."""
MAX_FACES = 3
"""The most faces below a win."""


@dataclass(frozen=True)
class Look:
    """How a roundup's wins are shown: how much of each, with whose names and faces, and where their links lead.

    `key` is that of the buttons, None leaves them out. There are faces above the wins, beside each, both or neither.
    """

    detail: Detail
    names: Names
    faces: Faces
    permalink: Permalink
    key: str | None = None
    has_faces_above: bool = True
    has_faces_beside: bool = True


def told(t: Translations, part: RoundupPart, look: Look) -> tuple[list[str], list[Block]]:
    """Return the lines of a part's wins, and their blocks."""
    lines: list[str] = []
    blocks: list[Block] = []
    for kind, wins in part.sections:
        if kind is not None and (part.number > 0 or len(part.sections) > 1 or kind != REST):
            title = heading(t, kind, is_first=part.number == 0 and not lines)
            lines.append(title)
            blocks.append(section(title))
        # The heading says of learnings what they are.
        is_said = kind is not None and kind.kind is SectionKind.LEARNINGS
        for win in (replace(each, kind=WinKind.WIN) if is_said else each for each in wins):
            details = _details(t, win, part.steps.get(win.id), look)
            footer = f"\n{' · '.join(details)}" if details else ""
            lines.append(f"• {headline(t, win, look.names, look.detail)}{footer}")
            button = {} if look.key is None else {"accessory": _button(t, win, look, look.key)}
            blocks += [section(what(t, win, look.names, look.detail), **button), _below(t, win, details, look)]
    return lines, blocks


def heading(t: Translations, kind: Section, *, is_first: bool = False) -> str:
    """Return the heading of a section; `is_first` if there are no wins above it."""
    match kind.kind:
        case SectionKind.CLIMBS:
            return t.gettext(":mountain: *One step further*")
        case SectionKind.THEME:
            return t.gettext(":sparkles: *{theme}*", theme=section_name(t, kind))
        case SectionKind.LEARNINGS:
            return t.gettext(":seedling: *What we learned*")
        case SectionKind.REST if is_first:
            return t.gettext(":sunny: *What went well*")
        case SectionKind.REST:
            return t.gettext(":sunny: *And more good things*")


def section_name(t: Translations, kind: Section) -> str:
    """Return what a section is called in a link, escaped."""
    match kind.kind:
        case SectionKind.CLIMBS:
            return t.pgettext("section", "One step further")
        case SectionKind.LEARNINGS:
            return t.pgettext("section", "What we learned")
        case SectionKind.REST:
            return t.pgettext("section", "More good things")
    theme = kind.theme or ""
    return escape(f"#{theme}" if len(theme) <= MAX_THEME_LENGTH else f"#{cut(theme, MAX_THEME_LENGTH - 1)}…")


def named_beside(wins: Sequence[Win]) -> list[Mention]:
    """Return those of the people whose wins they are whom the lines of wins name; the others are only counted there."""
    groups = (people for win in wins for people in (win.whose, win.others))
    return [each for people in groups for each in [who for who in people if not who.is_unnamed][:MAX_PEOPLE]]


def face_images(t: Translations, people: Sequence[Mention], names: Names, faces: Faces, *, limit: int) -> list[Block]:
    """Return the pictures of those of these people who are named and have one."""
    named = [each for each in people if not each.is_unnamed and each.user_id in faces]
    return [
        {"type": "image", "image_url": faces[each.user_id], "alt_text": name(t, each, names)} for each in named[:limit]
    ]


def cheers(t: Translations, cheered: Win | RoundupPart, look: Look) -> str:
    """Return who cheered, and the emoji that they used, or "" if no one did."""
    said = cheered_by(t, cheered.cheered_by, look.names, limit=look.detail.cheerers)
    emoji = [f":{each}:" for each in cheered.cheer_emoji] if said and look.detail.cheerers else []
    return " ".join([said, *emoji])


def _button(t: Translations, win: Win, look: Look, key: str) -> Block:
    button = cheer_told_win_button(t, win, look.names, key=key)
    return button | {"accessibility_label": t.gettext("Cheer this win")} if look.detail.is_bare else button


def _below(t: Translations, win: Win, details: Sequence[str], look: Look) -> Block:
    """Make the line below a win: whose it is, with their faces, and who and what belongs to it."""
    people = whose(t, win, look.names, look.detail)
    if win.kind is WinKind.LEARNING:
        first = t.gettext(":seedling: *{people} learned*", people=people)
    else:
        first = t.gettext("*{people}*", people=people)
    text = {"type": "mrkdwn", "text": " · ".join([first, *details]), "verbatim": True}
    shown = look.faces if look.has_faces_beside else {}
    images = face_images(t, named_beside([win]), look.names, shown, limit=MAX_FACES)
    return {"type": "context", "elements": [*images, text]}


def _details(t: Translations, win: Win, step: Step | None, look: Look) -> list[str]:
    """Return what belongs to a win and isn't in its text: people, thanks, its climb, cheers, and its message."""
    details = [
        *extras(t, replace(win, climb=None), look.names, look.detail),
        "" if look.detail.is_bare else _step(t, win, step),
        t.gettext(":checkered_flag: Climb reached") if step is not None and step.is_last else "",
        cheers(t, win, look),
        view_message_link(t, win, look.permalink, is_bare=look.detail.is_bare),
    ]
    return [each for each in details if each]


def _step(t: Translations, win: Win, step: Step | None) -> str:
    """Say which step of its climb a win is, or "" if it is in none."""
    if win.climb is None:
        return ""
    climb = neutralise(on_one_line(win.climb.name), {})
    ordinals = _ordinals(t, climb)
    if step is None:
        said = t.gettext("A step of “{climb}”", climb=climb)
    elif step.number <= len(ordinals):
        said = ordinals[step.number - 1]
    else:
        said = t.gettext("Step {number} of “{climb}”", number=step.number, climb=climb)
    return said


def _ordinals(t: Translations, climb: str) -> list[str]:
    return [
        t.gettext("First step of “{climb}”", climb=climb),
        t.gettext("Second step of “{climb}”", climb=climb),
        t.gettext("Third step of “{climb}”", climb=climb),
        t.gettext("Fourth step of “{climb}”", climb=climb),
        t.gettext("Fifth step of “{climb}”", climb=climb),
        t.gettext("Sixth step of “{climb}”", climb=climb),
        t.gettext("Seventh step of “{climb}”", climb=climb),
        t.gettext("Eighth step of “{climb}”", climb=climb),
        t.gettext("Ninth step of “{climb}”", climb=climb),
        t.gettext("Tenth step of “{climb}”", climb=climb),
    ]
