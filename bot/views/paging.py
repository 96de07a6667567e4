"""Lists on the Home tab that are too long for it: their pages, and the buttons that turn them."""

from collections.abc import Callable
from typing import Any

from bot.domain.home import Page, PageOffsets
from bot.views.format import Block, button, context

PREVIOUS_PAGE = "home_earlier"
NEXT_PAGE = "home_more"


def pager(page: Page[Any], offsets_from: Callable[[int], PageOffsets]) -> list[Block]:
    """Say which part of a list is shown, with buttons to the others; `turned` makes of a beginning where that leads."""
    if page.total <= page.page_size:
        return []
    end = page.first + len(page.items)
    elements = []
    if page.first:
        elements.append(
            button(
                "Back", action_id=PREVIOUS_PAGE, value=encode_offsets(offsets_from(max(0, page.first - page.page_size)))
            )
        )
    if end < page.total:
        elements.append(button("Show more", action_id=NEXT_PAGE, value=encode_offsets(offsets_from(end))))
    return [
        context(f"{page.first + 1} to {end} of {page.total}"),
        {"type": "actions", "elements": elements},
    ]


def encode_offsets(offsets: PageOffsets) -> str:
    """Return how far the pages are turned, as text for a button or a view."""
    return f"{offsets.problems},{offsets.channels},{offsets.my_channels}"
