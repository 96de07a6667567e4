"""How a message speaks of those who aren't named in it: as teammates."""

from collections.abc import Iterable

from bot.domain.markup import without_people
from bot.domain.wins import Mention
from bot.views.translations import Translations


def teammates(t: Translations, count: int, *, is_at_start: bool = False) -> str:
    """Return "a teammate" or "2 teammates", with a capital where a line or a sentence begins with it."""
    if is_at_start:
        return t.npgettext("people, at the start", "A teammate", "{count} teammates", count)
    return t.npgettext("people", "a teammate", "{count} teammates", count)


def without_unnamed(t: Translations, text: str, people: Iterable[Mention]) -> str:
    """Return what someone wrote (people as tokens) with teammates in place of those who are unnamed."""
    unnamed = {person.user_id: person.name or "" for person in people if person.is_unnamed}
    if not unnamed:
        return text
    return without_people(text, unnamed, lambda count, is_at_start: teammates(t, count, is_at_start=is_at_start))
