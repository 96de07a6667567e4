"""Every word of the bot comes from the catalog, as a whole message: seen in a language that brackets each message."""

import gettext
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel import localedata
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from bot import views
from bot.views import format as fmt
from bot.views.translations import ENGLISH, Translations
from tests.views import samples

VIEWS = Path(views.__path__[0])
CATALOG = VIEWS.parent / "locales" / "winsome.pot"
PHRASES = {
    *(
        "channel",
        "dates",
        "emoji",
        "date",
        "date pattern of CLDR",
        "date pattern of CLDR, the end of a period in one month",
        "period",
        "period in one month",
        "section",
        "people",
        "people, at the start",
        "person",
        "search",
        "schedule",
        "time zone",
        "choices",
        "look back",
        "day of the month",
    ),
    *(f"day of the month, ordinal form {form}" for form in ("one", "two", "few", "other")),
}
"""What may stand inside a sentence as a value."""

Message = tuple[str | None, str]
"""Context and message, or singular."""


class Brackets(gettext.NullTranslations):
    """A language that brackets each message, and each phrase in another way; it remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[Message] = set()

    def gettext(self, message: str) -> str:
        self.asked.add((None, message))
        return f"[[{message}]]"

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        self.asked.add((None, singular))
        return f"[[{singular if n == 1 else plural}]]"

    def pgettext(self, context: str, message: str) -> str:
        self.asked.add((context, message))
        return f"⟦{message}⟧"

    def npgettext(self, context: str, singular: str, plural: str, n: int) -> str:
        self.asked.add((context, singular))
        return f"⟦{singular if n == 1 else plural}⟧"


def bracketing() -> tuple[Translations, Brackets]:
    """Return the language, with the weekdays, months and lists of Greek, and its catalog."""
    catalog = Brackets()
    return Translations("el", catalog), catalog


def texts(part: Any) -> Iterator[str]:
    """Every text in a message or view that someone reads or hears."""
    if isinstance(part, dict):
        yield from (part[key] for key in ("text", "accessibility_label") if isinstance(part.get(key), str))
        for value in part.values():
            yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)


DATA = re.compile(
    r"<!date\^[^>]*>"  # a date on the reader's clock
    r"|<#\w+>"  # a channel
    r"|<https?:[^|>]*\||>"  # a link around its label
    r"|:[a-z_]+:"  # an emoji
    r"|\w+ \(\w+\), UTC[+-]\d\d:\d\d"  # an option for a time zone
    r"|^(Winsome|Berlin)$"
)


def problems(text: str) -> list[str]:
    """What in a text does not come from the catalog, or was put together of messages."""
    outside, depth, found = "", 0, []
    for token in re.split(r"(\[\[|\]\]|⟦|⟧)", DATA.sub(" ", text)):
        match token:
            case "[[":
                found += ["a message inside another"] if depth else []
                depth += 1
            case "⟦":
                depth += 1
            case "]]" | "⟧":
                depth -= 1
            case _ if not depth:
                outside += token
    return found + re.findall("[A-Za-z]+", outside)


def test_every_text_is_made_of_whole_messages_of_the_catalog() -> None:
    t, _ = bracketing()
    glued = {text: found for shown in samples.everything(t) for text in texts(shown) if (found := problems(text))}
    assert glued == {}


def test_every_message_of_the_catalog_is_among_the_samples() -> None:
    catalog = Brackets()
    for _ in samples.everything(Translations("en", catalog)):
        pass
    assert in_catalog() - catalog.asked == set()
    assert catalog.asked - in_catalog() == set(), "a message inside an f-string isn't found by `make messages`"
    assert {context for context, _ in catalog.asked} - {None} == PHRASES


def test_what_is_glued_or_not_in_the_catalog_is_found() -> None:
    t, _ = bracketing()
    whole = t.gettext("{author} paused roundups.", author="α")
    assert problems(fmt.paragraph(whole)["text"]) == []
    assert problems(f"• {whole} · <#C1>\n{whole}") == []
    assert problems("Paused.") == ["Paused"]
    assert problems(f"{whole} Next: <!date^1^{{time}}|16:00>") == ["Next"]
    assert problems(f"{t.gettext('Paused')}, until <!date^1^{{time}}|16:00>") == ["until"]
    assert problems(t.gettext("{what} today", what=t.gettext("Paused"))) == ["a message inside another"]
    assert problems(t.gettext("every {day}", day=t.pgettext("date", "Friday"))) == []


def in_catalog() -> set[Message]:
    with CATALOG.open("rb") as file:
        return {
            (message.context, message.id if isinstance(message.id, str) else message.id[0])
            for message in read_po(file)
            if message.id
        }


def test_the_catalog_has_the_messages_of_the_code() -> None:
    in_code = {
        (context, message if isinstance(message, str) else message[0])
        for _, _, message, _, context in extract_from_dir(VIEWS, keywords=DEFAULT_KEYWORDS)
    }
    assert in_catalog() == in_code, "`make messages` brings it up to date"


STIFF = re.compile(
    r"\b(somebody|anybody|nobody|everybody|whoever|anew|mend|shall|any more|by itself|no win is lost|not changed)\b"
    r"|\b(can|could|do|does|did|is|are|was|were|has|have|will|would)( not|not)\b"
    r"|(?<!&amp);|\.\.\.|\bI am\b",
    re.IGNORECASE,
)
"""What the bot does not say: it speaks plainly, in contractions and without semicolons."""


def test_the_bot_speaks_plainly() -> None:
    assert [message for _, message in in_catalog() if STIFF.search(message)] == []
    assert STIFF.search("I am not here; whoever asks...")


def test_a_form_says_what_it_saves() -> None:
    assert {(None, "Save changes"), (None, "Save win")} <= in_catalog()
    assert (None, "Save") not in in_catalog()


@pytest.mark.parametrize(("count", "said"), [(1, "1 win of α"), (2, "2 wins of α"), (0, "0 wins of α")])
def test_english_has_its_plural(count: int, said: str) -> None:
    assert ENGLISH.ngettext("{count} win of {who}", "{count} wins of {who}", count, who="α") == said
    assert ENGLISH.npgettext("people", "{count} win of {who}", "{count} wins of {who}", count, who="α") == said


def test_a_value_with_braces_is_left_as_it_is() -> None:
    assert ENGLISH.gettext("Win saved: {text}", text="{author} {0}") == "Win saved: {author} {0}"


def test_a_loaded_locale_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    t = Translations("de")
    t.load_locale()
    monkeypatch.setattr(localedata, "load", None)
    assert t.join_and(["Ana", "Ben"]) == "Ana und Ben"
    assert fmt.weekday_and_date(t, date(2030, 3, 8)) == "Freitag, März 8"
    with pytest.raises(TypeError):
        Translations("de_LI").load_locale()  # which no other test uses


def test_a_list_is_written_as_in_the_language() -> None:
    assert [ENGLISH.join_and(["a", "b", "c"][:number]) for number in (1, 2, 3)] == ["a", "a and b", "a, b, and c"]
    assert bracketing()[0].join_and(["a", "b"]) == "a και b"
