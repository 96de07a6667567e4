"""Checks whole views against the table of Block Kit limits.

Source: docs.slack.dev/reference/views, @slack/types 3.2.0 views.d.ts.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.block_kit.blocks import Surface
from slack_standin.block_kit.elements import plain
from slack_standin.block_kit.rules import Flag, Rule, Shape, String, Typed, problem
from slack_standin.block_kit.validation import validate_blocks

MAX_BYTES = 250_000
"""Slack says 250 kB (`view_too_large`); the smaller reading is used."""


class _ViewBlocks:
    """The blocks of a view; no more than one element has the focus."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def problems(self, value: Any, at: str) -> Iterator[str]:
        yield from validate_blocks(value, self._surface, at=at)
        if json.dumps(value).count('"focus_on_load": true') > 1:
            yield problem("only one element may have focus_on_load", at)


def _submit_for_inputs(view: Mapping[str, Any], at: str) -> Iterator[str]:
    blocks = view.get("blocks")
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if "input" in kinds and "submit" not in view:
        yield problem("submit is required when there are input blocks", f"{at}/submit")


_COMMON: Mapping[str, Rule] = {
    "private_metadata": String(3000, least=0),
    "callback_id": String(255, least=0),
    "external_id": String(255, least=0),
}
VIEW = Typed(
    {
        "modal": Shape(
            {
                **_COMMON,
                "blocks": _ViewBlocks("modal"),
                "title": plain(24),
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": Flag(),
                "notify_on_close": Flag(),
                "submit_disabled": Flag(),
            },
            ("title", "blocks"),
            _submit_for_inputs,
        ),
        "home": Shape({**_COMMON, "blocks": _ViewBlocks("home")}, ("blocks",)),
    },
    "view type",
)


def validate_view(view: Any, kind: Surface) -> list[str]:
    """Return what is wrong with a view of this kind."""
    return list(VIEW.only(kind).problems(view, "/view"))


def is_too_large(view: Any) -> bool:
    """Whether Slack would call it view_too_large."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > MAX_BYTES
