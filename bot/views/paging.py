"""Pages of the lists on the Home tab, and the buttons that turn them."""

from collections.abc import Callable
from typing import Any

from bot.domain.home import Page, PageOffsets
from bot.views.format import Block, actions, button, context
from bot.views.translations import Translations

PREVIOUS_PAGE = "home_earlier"
NEXT_PAGE = "home_more"


def pager(t: Translations, page: Page[Any], offsets_from: Callable[[int], PageOffsets]) -> list[Block]:
    """Say which part of a list is shown, with buttons to the others.

    `offsets_from` returns the offsets of all lists with this one beginning at another item.
    """
    if page.total <= page.page_size:
        return []
    end = page.first + len(page.items)
    elements = []
    if page.first:
        value = encode_offsets(offsets_from(max(0, page.first - page.page_size)))
        elements.append(button(t.gettext("Previous"), action_id=PREVIOUS_PAGE, value=value))
    if end < page.total:
        elements.append(button(t.gettext("Next"), action_id=NEXT_PAGE, value=encode_offsets(offsets_from(end))))
    return [
        context(t.gettext("{first}–{last} of {total}", first=page.first + 1, last=end, total=page.total)),
        actions(*elements),
    ]


def encode_offsets(offsets: PageOffsets) -> str:
    """Return page offsets as text for a button or a view."""
    return f"{offsets.problems},{offsets.channels},{offsets.my_channels}"
