"""Lists on the Home tab that are too long for it: their pages, and the buttons that turn them."""

from collections.abc import Callable
from typing import Any

from bot.domain.home import Page, PageOffsets
from bot.views.format import Block, button, context

TURN_BACK = "home_earlier"
TURN_ON = "home_more"


def turning(page: Page[Any], turned: Callable[[int], PageOffsets]) -> list[Block]:
    """Say which part of a list is shown, with buttons to the others; `turned` makes of a beginning where that leads."""
    if page.total <= page.page_size:
        return []
    until = page.first + len(page.items)
    elements = []
    if page.first:
        elements.append(button("Back", action_id=TURN_BACK, value=kept(turned(max(0, page.first - page.page_size)))))
    if until < page.total:
        elements.append(button("Show more", action_id=TURN_ON, value=kept(turned(until))))
    return [
        context(f"{page.first + 1} to {until} of {page.total}"),
        {"type": "actions", "elements": elements},
    ]


def kept(turned: PageOffsets) -> str:
    """Return how far the pages are turned, as text for a button or a view."""
    return f"{turned.problems},{turned.channels},{turned.my_channels}"
