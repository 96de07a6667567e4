"""Puts names, user text and dates into messages, escaped and short enough, and makes the blocks that hold them.

Slack escapes only `&`, `<` and `>` (docs.slack.dev, formatting-message-text). That leaves "@here" and bare addresses to
automatic parsing, so every text object here is `verbatim` and every message goes out with `parse: none`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.domain.markup import render, url_token
from bot.domain.text import cut, cut_bytes, on_one_line
from bot.domain.win_size import MAX_NAME_LENGTH, MAX_WIN_BYTES
from bot.domain.wins import MAX_CHEERERS, Cheerers, Mention, Win
from bot.views.teammates import teammates, without_unnamed
from bot.views.translations import Translations

Block = dict[str, Any]
Message = dict[str, Any]
Names = Mapping[str, str]
"""User id to name."""

MAX_SECTION_CHARACTERS = 3000
MAX_TEXT_BYTES = 4000
"""The most bytes of text, in UTF-8, that a message can be updated to; it can be posted with more."""
MAX_REPLY_CHARACTERS = 40_000
"""The most characters of the text of a message that is never updated."""
MAX_BLOCKS_CHARACTERS = 12_000
"""The most characters of text in the blocks of a message."""
MAX_DAYS = 7
"""The most dates of a list; the others are counted."""
MAX_VALUE_LENGTH = 2000
"""The most characters of a button's value."""
_YEAR_OMITTED_WITHIN = timedelta(days=330)

_BROKEN_TAIL = re.compile(r"(&[a-z]{0,3}|<[^<>]*)$")
# Characters that change the direction of the text after them (Unicode, annex 9), and invisible direction marks.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])


def escape(text: str) -> str:
    """Return `text` with Slack's three control characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Return one line of `text` in Slack's code style, escaped, without the characters that would end or turn it."""
    return f"`{escape(' '.join(_drop_bidi_controls(text).replace('`', '').split()))}`"


def shorten(text: str, limit: int) -> str:
    """Return escaped `text` in at most `limit` characters, with "…" in place of what is cut off."""
    if len(text) <= limit:
        return text
    return _BROKEN_TAIL.sub("", cut(text, limit - 1)).rstrip() + "…"


def shorten_to_bytes(text: str, limit: int) -> str:
    """Return escaped `text` in at most `limit` bytes of UTF-8, with "…" in place of what is cut off."""
    if len(text.encode()) <= limit:
        return text
    return _BROKEN_TAIL.sub("", cut_bytes(text, limit - len("…".encode()))).rstrip() + "…"


def name(t: Translations, person: Mention, names: Names, *, limit: int = MAX_NAME_LENGTH) -> str:
    """Return a person's name on one line, unescaped: from Slack, or as it was typed."""
    if person.is_unnamed:
        return teammates(t, 1)
    full_name = person.name_in(names) or t.pgettext("person", "Someone")
    label = on_one_line(_drop_bidi_controls(full_name))
    return _isolate_bidi(label if len(label) <= limit else cut(label, limit - 1) + "…")


def user_name(t: Translations, user_id: str, names: Names) -> str:
    """Return a user's name, escaped."""
    return escape(name(t, Mention(user_id), names))


def win_text(t: Translations, win: Win, names: Names) -> str:
    """Return a win's text, escaped: people as plain names, URLs as links, everything else inert.

    It is never cut: if the current names make it too long, it has those that were typed, with which it was accepted.
    """
    written = without_unnamed(t, win.text, win.everyone)
    text = neutralise(written, {person.user_id: name(t, person, names) for person in win.everyone})
    return text if len(text.encode()) <= MAX_WIN_BYTES else win_text_as_typed(t, win, names)


def win_text_as_typed(t: Translations, win: Win, names: Names) -> str:
    """Return a win's text, escaped, with the names that were typed: unlike Slack's names, they keep its length fixed.

    An address that was typed without "http://" stays plain text: a link would be twice as long.
    """
    written = without_unnamed(t, win.text, win.everyone)
    return neutralise(written, names_as_typed(t, win, names), has_short_links=False)


def names_as_typed(t: Translations, win: Win, names: Names) -> dict[str, str]:
    """Return the name of each person whom the text of a win may name, as in `name_as_typed`."""
    return {person.user_id: name_as_typed(t, person, names) for person in win.everyone}


def name_as_typed(t: Translations, person: Mention, names: Names) -> str:
    """Return a name as it was typed; one that wasn't typed is from Slack, cut to the length of the id."""
    if person.is_unnamed or person.name_in({}):
        return name(t, person, {})
    return name(t, person, names, limit=len(person.user_id))


def neutralise(text: str, names: Names, *, has_short_links: bool = True, max_bytes: int | None = None) -> str:
    """Return user text with names, escaped, so that it pings no one and its formatting can't reach beyond it."""
    render_url = _inert_url if has_short_links else _inert_long_url
    rendered = render(text, names, render_plain=_inert_text, render_url=render_url)
    return _isolate_bidi(rendered if max_bytes is None else shorten_to_bytes(rendered, max_bytes))


def _inert_text(text: str) -> str:
    return escape(_drop_bidi_controls(text).replace("```", "`\u200b`\u200b`"))


def _inert_url(url: str, typed: str) -> str:
    target = escape(_drop_bidi_controls(url).replace("`", "%60"))
    return f"<{target}>" if url == typed else f"<{target}|{_inert_text(typed)}>"


def _inert_long_url(url: str, typed: str) -> str:
    return _inert_url(url, typed) if url == typed else _inert_text(typed)


def link(url: str) -> str:
    """Return a link to an address, labelled with its host, so that it shows where it leads; "" if it leads nowhere."""
    try:
        parts = urlsplit(_drop_bidi_controls(url))
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    target = url_token(parts.geturl()).strip("<>")
    return f"<{escape(target)}|{_isolate_bidi(escape(cut(host.removeprefix('www.'), MAX_NAME_LENGTH)))}>"


def _drop_bidi_controls(text: str) -> str:
    return text if text.isascii() else text.translate(_BIDI_CONTROLS)


def _isolate_bidi(text: str) -> str:
    """Isolate right-to-left text, so that it does not reorder the sentence around it."""
    if not text.isascii() and any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text):
        return f"\u2068{text}\u2069"
    return text


def cheered_by(t: Translations, cheerers: Cheerers, names: Names, *, limit: int = MAX_CHEERERS) -> str:
    """Return "Cheered by Ben and Chloe", escaped, or "" if no one cheered. A `limit` of 0 only counts them."""
    if not cheerers:
        return ""
    if not limit:
        return t.ngettext("Cheered by {count} person", "Cheered by {count} people", cheerers.count)
    return t.gettext("Cheered by {people}", people=list_cheerers(t, cheerers, names, limit=limit))


def list_cheerers(t: Translations, cheerers: Cheerers, names: Names, *, limit: int) -> str:
    """Return up to `limit` names of those who cheer, as list_users does; of MAX_CHEERERS, all that are known."""
    limit = max(limit, len(cheerers.first)) if limit == MAX_CHEERERS else limit
    return list_users(t, cheerers.first, names, limit=limit, count=cheerers.count)


def list_users(t: Translations, user_ids: Sequence[str], names: Names, *, limit: int, count: int | None = None) -> str:
    """Return up to `limit` users' names as a list, escaped; the others, of `count` in all, are counted."""
    return list_people(t, [Mention(user_id) for user_id in user_ids], names, limit=limit, count=count)


def list_people(
    t: Translations,
    people: Sequence[Mention],
    names: Names,
    *,
    limit: int,
    count: int | None = None,
    as_typed: bool = False,
    is_at_start: bool = False,
) -> str:
    """Return up to `limit` names as a list, escaped, from Slack or `as_typed`; the others are counted.

    `people` are the first of a `count`; all of them without one.

    Those who are unnamed come last, together. If the list `is_at_start` of a line, it has a capital, except for names.
    """
    label = name_as_typed if as_typed else name
    named = [person for person in people if not person.is_unnamed]
    labels = [escape(label(t, person, names)) for person in named[:limit]]
    others = (len(people) if count is None else count) - len(labels)
    if others and len(labels) == len(named) < limit:
        labels.append(teammates(t, others, is_at_start=is_at_start and not named))
        others = 0
    if not others:
        return t.join_and(labels)
    shown = ", ".join(labels)
    return t.npgettext("people", "{people}, and {count} other", "{people}, and {count} others", others, people=shown)


def named_together(people: Sequence[Mention], *, limit: int) -> Sequence[Mention]:
    """Return those of these people whom a list names: up to `limit`, and one more rather than "1 other" alone."""
    return people if len(people) == limit + 1 else people[:limit]


def date_and_time(t: Translations, moment: datetime, zone: str) -> str:
    """Return a moment (aware) as Slack's date token, which each reader sees on their own clock.

    Its fallback, for clients that can't show the token, is the time in `zone`: "Friday, December 4 at 16:00 (Berlin)".
    """
    local = moment.astimezone(ZoneInfo(zone))
    shown = t.pgettext("date", "{day} at {time}", day="{day_divider_pretty}", time="{time}")
    return f"<!date^{int(moment.timestamp())}^{shown}|{local_date_and_time(t, local, zone)}>"


def local_date_and_time(t: Translations, local: datetime, zone: str, *, today: date | None = None) -> str:
    """Return "Friday, December 4 at 16:00 (Berlin)" for a moment in the IANA zone `zone`."""
    day, time = weekday_and_date(t, local.date(), today=today), f"{local:%H:%M}"
    return t.pgettext("date", "{day} at {time} ({city})", day=day, time=time, city=city(zone))


def weekday_and_date(t: Translations, day: date, *, today: date | None = None) -> str:
    """Return "Friday, December 4", with the year if `today` is given and the day isn't within 330 days of it."""
    pattern = t.pgettext("date pattern of CLDR", "EEEE, MMMM d")
    if today is not None and not _is_year_clear(day, today):
        pattern = t.pgettext("date pattern of CLDR", "EEEE, MMMM d, y")
    return format_date(day, pattern, locale=t.locale)


def month_and_day(t: Translations, day: date, *, today: date) -> str:
    """Return "January 3", with the year unless the day is within 330 days."""
    if not _is_year_clear(day, today):
        return full_date(t, day)
    return format_date(day, t.pgettext("date pattern of CLDR", "MMMM d"), locale=t.locale)


def full_date(t: Translations, day: date) -> str:
    """Return "January 3, 2027"."""
    return format_date(day, t.pgettext("date pattern of CLDR", "MMMM d, y"), locale=t.locale)


def list_days(t: Translations, days: Sequence[date], *, today: date) -> str:
    """Return "Friday, January 3" for one day, and several days as a list; of very many, the others are counted."""
    if len(days) == 1:
        return weekday_and_date(t, days[0], today=today)
    shown = [month_and_day(t, day, today=today) for day in days[:MAX_DAYS]]
    others = len(days) - len(shown)
    if not others:
        return t.join_and(shown)
    return t.npgettext("dates", "{days}, and {count} more", "{days}, and {count} more", others, days=", ".join(shown))


def _is_year_clear(day: date, today: date) -> bool:
    return timedelta(0) <= day - today <= _YEAR_OMITTED_WITHIN


def city(zone: str) -> str:
    """Return the city in the name of an IANA zone ("New York"), or the whole name if it has none."""
    return zone if zone.startswith("Etc/") else zone.rpartition("/")[2].replace("_", " ")


def capitalise_first(text: str) -> str:
    """Return text with a capital at its start."""
    return text[:1].upper() + text[1:]


def channel(channel_id: str) -> str:
    """Return a channel mention; Slack shows its name only to people who can see the channel."""
    return f"<#{escape(channel_id)}>"


def mrkdwn(text: str) -> Block:
    """Make a text object of escaped text."""
    return {"type": "mrkdwn", "text": shorten(text, MAX_SECTION_CHARACTERS), "verbatim": True}


def plain_text(text: str) -> Block:
    """Make a plain text object, of text that is not escaped."""
    return {"type": "plain_text", "text": text, "emoji": True}


def section(text: str, **rest: Any) -> Block:
    """Make a section of escaped text."""
    return {"type": "section", "text": mrkdwn(text), **rest}


def plain_section(text: str) -> Block:
    """Make a section of what someone wrote, which Slack shows unchanged; it is not escaped."""
    return {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}


def context(text: str, *, images: Sequence[Block] = ()) -> Block:
    """Make a context block, Slack's small print, of escaped text, with small images before it."""
    return {"type": "context", "elements": [*images, mrkdwn(text)]}


def header(text: str) -> Block:
    """Make a header of plain text."""
    return {"type": "header", "text": plain_text(text)}


def button(
    label: str, *, action_id: str, value: str, accessibility_label: str | None = None, confirm: Block | None = None
) -> Block:
    """Make a button; a screen reader says `accessibility_label` instead of the label."""
    element: Block = {"type": "button", "text": plain_text(label), "action_id": action_id, "value": value}
    if accessibility_label is not None:
        element["accessibility_label"] = shorten(accessibility_label, 75)
    if confirm is not None:
        element["confirm"] = confirm
    return element


def actions(*elements: Block) -> Block:
    """Make a row of buttons, menus or date pickers."""
    return {"type": "actions", "elements": list(elements)}


def confirmation(t: Translations, title: str, text: str, *, confirm: str, is_danger: bool = False) -> Block:
    """Make the dialog that asks before an action; `confirm` is the label of the button that goes ahead.

    `is_danger` marks an action that can't be taken back; `text` then says what is lost.
    """
    return {
        "style": "danger" if is_danger else "primary",
        "title": plain_text(title),
        "text": plain_text(text),
        "confirm": plain_text(confirm),
        "deny": plain_text(t.gettext("Cancel")),
    }


def message(text: str, blocks: Sequence[Block]) -> Message:
    """Make a message; `text` is the escaped plain-text fallback, which says all that the blocks say."""
    return {"text": shorten_to_bytes(text, MAX_TEXT_BYTES), "blocks": list(blocks)}


def reply(text: str, blocks: Sequence[Block]) -> Message:
    """Make a message that is never updated, so that its text may be longer."""
    return {"text": shorten(text, MAX_REPLY_CHARACTERS), "blocks": list(blocks)}


def text_length(value: Any) -> int:
    """Return the characters of all text in blocks, which Slack limits together."""
    if isinstance(value, list):
        return sum(map(text_length, value))
    if not isinstance(value, dict):
        return 0
    return sum(
        len(each) if key == "text" and isinstance(each, str) else text_length(each) for key, each in value.items()
    )


def longest_text(value: Any) -> int:
    """Return the characters of the longest text in blocks, which Slack limits to `MAX_SECTION_CHARACTERS`."""
    if isinstance(value, list):
        return max(map(longest_text, value), default=0)
    if not isinstance(value, dict):
        return 0
    return max(
        (len(each) if key == "text" and isinstance(each, str) else longest_text(each) for key, each in value.items()),
        default=0,
    )


def paragraph(text: str) -> Message:
    """Make a message of one paragraph of escaped text."""
    return message(text, [section(text)])
