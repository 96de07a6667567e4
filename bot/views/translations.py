"""Messages in a language: whole sentences from a gettext catalog, filled in through named placeholders."""

import gettext
from collections.abc import Callable, Sequence
from functools import cached_property

from babel import Locale
from babel.lists import format_list


class Translations:
    """The messages of one language; the first parameter of every view.

    A message is a whole sentence, line or label. `pgettext` is for phrases alone, which are put into a sentence as a
    value, such as "every Friday at 16:00", with its role as the context. Values are put in as they are: escape them.
    """

    def __init__(self, language: str = "en", catalog: gettext.NullTranslations | None = None) -> None:
        """Take a CLDR language and its catalog; without a catalog, messages stay in the English of the source."""
        self._language = language
        catalog = catalog or gettext.NullTranslations()
        self._gettext: Callable[[str], str] = catalog.gettext
        self._ngettext: Callable[[str, str, int], str] = catalog.ngettext
        self._pgettext: Callable[[str, str], str] = catalog.pgettext
        self._npgettext: Callable[[str, str, str, int], str] = catalog.npgettext

    @cached_property
    def locale(self) -> Locale:
        """CLDR's data on the language, which is read on first use: see `load_locale`."""
        return Locale(self._language)

    def load_locale(self) -> None:
        """Read CLDR's data (50 ms, 5 MB) now, so that the first sentence with a list or a date need not."""
        self.join_and(("", ""))

    def gettext(self, message: str, /, **values: object) -> str:
        """Return a message with its placeholders filled in."""
        translated = self._gettext(message)
        return translated.format_map(values) if values else translated

    def ngettext(self, singular: str, plural: str, count: int, /, **values: object) -> str:
        """Return the form of a message for a number, which is its placeholder `count`."""
        return self._ngettext(singular, plural, count).format(count=count, **values)

    def pgettext(self, context: str, phrase: str, /, **values: object) -> str:
        """Return a phrase for use inside a message."""
        return self._pgettext(context, phrase).format_map(values)

    def npgettext(self, context: str, singular: str, plural: str, count: int, /, **values: object) -> str:
        """Return the form of a phrase for a number, which is its placeholder `count`."""
        return self._npgettext(context, singular, plural, count).format(count=count, **values)

    def join_and(self, items: Sequence[str]) -> str:
        """Return "a", "a and b" or "a, b, and c", as the language writes lists."""
        return items[0] if len(items) == 1 else format_list(items, locale=self.locale)


ENGLISH = Translations()
