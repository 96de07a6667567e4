"""What someone reads who writes to the bot, or whose message gets the emoji for wins."""

from collections.abc import Iterator
from typing import Any

from bot.views import suggestions
from bot.views.translations import Translations
from tests.views.sample_data import link


def of_suggestions(t: Translations) -> Iterator[dict[str, Any]]:
    """The answers to each topic, the suggestion, and the welcome."""
    for text in ("το έργο μας", "hello", "thanks", "έργο;", "/wins", "save this", "help", "ok"):
        yield suggestions.answer(t, text, unsaved_id=7)
    yield suggestions.suggestion(t, "trophy", link=link("C1", "1900000000.000100"), unsaved_id=7)
    for can_write in (True, False):
        for is_introduced in (True, False):
            yield suggestions.welcome(t, can_write=can_write, is_introduced=is_introduced)
    yield suggestions.own_message(t)
