"""The emoji with which people of a channel say that a message is a win."""

import regex

MAX_LENGTH = 100
"""The most characters of an emoji's name in Slack."""
_NAME = regex.compile(r"[\p{L}\p{M}\p{N}_+'-]+")
_SKIN_TONE = regex.compile(r"::skin-tone-[2-6](?:-[2-6])?$")
_SAME = {
    "thumbsup": "+1",
    "collision": "boom",
    "grinning_face_with_star_eyes": "star-struck",
    "punch": "facepunch",
    "honeybee": "bee",
    "pencil": "memo",
}
"""Emoji that Slack has two names for."""


def parse_emoji(typed: str) -> str | None:
    """Return the name of an emoji typed with colons or without, "" if nothing was typed; None if it can't be one."""
    name = base_name(typed.strip().strip(":").casefold())
    if not name:
        return ""
    return name if len(name) <= MAX_LENGTH and _NAME.fullmatch(name) else None


def base_name(name: str) -> str:
    """Return the name of an emoji without its skin tone, as Slack names it in its events."""
    name = _SKIN_TONE.sub("", name)
    return _SAME.get(name, name)
