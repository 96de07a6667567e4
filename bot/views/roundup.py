"""The roundup: a channel's wins since the last one, by section, in a message that is whole in itself, and a thread."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.roundup_composition import MAX_BLOCKS, MAX_WINS_WITHOUT_SECTIONS
from bot.domain.roundups import RoundupPart
from bot.domain.win_size import json_length
from bot.domain.wins import MAX_CHEERERS, Mention
from bot.views import roundup_opening as opening
from bot.views.cheer_buttons import CHEER
from bot.views.format import (
    MAX_SECTION_CHARACTERS,
    MAX_TEXT_BYTES,
    Block,
    Message,
    Names,
    actions,
    button,
    context,
    header,
    list_people,
    longest_text,
    message,
    named_together,
    section,
)
from bot.views.next_roundup import next_on
from bot.views.permalinks import Permalink, message_url
from bot.views.quiet_week import quiet_line
from bot.views.roundup_wins import Faces, Look, cheers, face_images, named_beside, section_name, told
from bot.views.translations import Translations
from bot.views.win_line import DETAILS, FULL

MAX_NAMES = 5
"""The most people that are named together above or below the wins, unless there is only one more."""
MAX_FACES = 9
"""The most faces above the wins."""
_WHERE_FACES_ARE = ((True, True), (False, True), (True, False))
"""Above the wins and beside each, as far as there is room."""
_LITTLE_ROOM = 300
"""The most bytes of a note where there is little room."""
ADD_WIN = "add_win"
"""Opens the form of a win, for the channel that is its value; the roundup stays as it is."""
HERE = "-"
"""The value for the channel that the button is in."""
DIVIDER: Block = {"type": "divider"}


def roundup(
    t: Translations,
    part: RoundupPart,
    names: Names,
    *,
    key: str | None,
    permalink: Permalink,
    posted_at: datetime,
    ts: str | None = None,
    faces: Faces | None = None,
) -> Message:
    """Render one message of a roundup, as detailed as Slack allows in an update.

    `key` is that of its Cheer buttons, None leaves them out. `ts` is its own, `faces` are by user id.
    """
    if part.is_quiet:
        return quiet_line(t, part)
    looks = [
        *(Look(FULL, names, faces or {}, permalink, key, *where) for where in _WHERE_FACES_ARE),
        *(Look(detail, names, {}, permalink, key) for detail in DETAILS),
    ]
    for look in looks:
        lines, blocks = (
            _reply(t, part, look) if part.number > 0 else _first_message(t, part, look, posted_at=posted_at, ts=ts)
        )
        text = "\n".join(lines)
        fits = len(text.encode()) <= MAX_TEXT_BYTES and json_length(blocks) <= MAX_BLOCKS
        if fits and longest_text(blocks) <= MAX_SECTION_CHARACTERS:
            break
    return message(text, blocks)


def _reply(t: Translations, part: RoundupPart, look: Look) -> tuple[list[str], list[Block]]:
    title = t.gettext("More wins ({number} of {count})", number=part.number + 1, count=part.part_count)
    lines, blocks = told(t, part, look)
    return [title, *lines], [context(title), *blocks]


def _first_message(
    t: Translations, part: RoundupPart, look: Look, *, posted_at: datetime, ts: str | None
) -> tuple[list[str], list[Block]]:
    title = opening.title(t, part)
    people, people_block = _people(t, part, look)
    note = opening.note(t, part, look.names, max_bytes=_LITTLE_ROOM if look.detail.is_bare else None)
    first, *more = opening.lines(t, part, posted_at=posted_at)
    lines, blocks = told(t, part, look)
    thanks = _thanks(t, part, look)
    closing = _closing(t, part, look, ts)
    return (
        [each for each in (title, people, note, first, *more, *lines, thanks, *closing) if each],
        [
            header(title),
            *people_block,
            *([section(note)] if note else []),
            section(first),
            *(context(line) for line in more),
            DIVIDER,
            *blocks,
            DIVIDER,
            *([section(thanks)] if thanks else []),
            *([context("\n".join(closing))] if closing else []),
            *_buttons(t, look.key, part),
        ],
    )


def _people(t: Translations, part: RoundupPart, look: Look) -> tuple[str, list[Block]]:
    """Return whose wins they are, with the faces of those whom the text names; nothing for a few wins, or where there
    is little room.
    """
    people = _once([person for win in part.wins for person in (*win.whose, *win.others) if not person.is_unnamed])
    if len(part.wins) <= MAX_WINS_WITHOUT_SECTIONS or len(people) < 2 or look.detail.cheerers < MAX_CHEERERS:
        return "", []
    first = named_together(people, limit=MAX_NAMES)
    said = t.gettext("With {people}", people=list_people(t, people, look.names, limit=len(first)))
    named = {person.user_id for person in (*first, *named_beside(part.wins))}
    pictured = [person for person in people if person.user_id in named]
    images = face_images(t, pictured, look.names, look.faces if look.has_faces_above else {}, limit=MAX_FACES)
    return said, [context(said, images=images)]


def _thanks(t: Translations, part: RoundupPart, look: Look) -> str:
    """Thank those who had a hand in the wins; a few wins say it themselves.

    Teammates aren't counted: who is unnamed in one win may be named for another, or be unnamed in both, and a count of
    them together would tell which.
    """
    helped = [person for win in part.wins for person in (*win.others, *win.thanked)]
    people = _once([person for person in helped if not person.is_unnamed])
    if len(part.wins) <= MAX_WINS_WITHOUT_SECTIONS or not people or look.detail.cheerers < MAX_CHEERERS:
        return ""
    shown = list_people(t, people, look.names, limit=len(named_together(people, limit=MAX_NAMES)))
    return t.gettext(":raised_hands: Thanks to {people}, who had a hand in these.", people=shown)


def _once(people: Sequence[Mention]) -> list[Mention]:
    by_id: Mapping[str, Mention] = {person.user_id: person for person in reversed(people)}
    return list(dict.fromkeys(by_id[person.user_id] for person in people))


def _closing(t: Translations, part: RoundupPart, look: Look, ts: str | None) -> list[str]:
    closing = [cheers(t, part, look), _in_thread(t, part, look, ts)]
    closing.append(t.gettext("Did we miss one? Add it with `/win`."))
    if part.next_due_at is not None:
        closing.append(next_on(t, part.next_due_at, part.zone))
    return [line for line in closing if line]


def _in_thread(t: Translations, part: RoundupPart, look: Look, ts: str | None) -> str:
    """Say how many wins the thread has, and in which sections, which are links once they are posted."""
    count = part.win_count - len(part.wins)
    if part.part_count == 1 or not count:
        return ""
    if not part.thread or look.detail.is_bare:
        return t.ngettext(":point_down: {count} more in the thread", ":point_down: {count} more in the thread", count)
    names = []
    for each in part.thread:
        label = section_name(t, each.section)
        if ts is not None and each.ts is not None:
            url = message_url(look.permalink, part.target_channel_id, each.ts, thread_ts=ts)
            names.append(f"<{url}|{label}>")
        else:
            names.append(label)
    return t.ngettext(
        ":point_down: {count} more in the thread: {sections}",
        ":point_down: {count} more in the thread: {sections}",
        count,
        sections=" · ".join(names),
    )


def _buttons(t: Translations, key: str | None, part: RoundupPart) -> list[Block]:
    if key is None:
        return []
    label = t.ngettext(":clap: Cheer it", ":clap: Cheer them all", part.win_count)
    cheer = button(label, action_id=CHEER, value=key)
    source = HERE if part.target_channel_id == part.channel_id else part.channel_id
    add = button(t.gettext("Add a win"), action_id=ADD_WIN, value=source)
    return [actions(cheer, add)]
