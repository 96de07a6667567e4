"""What a search finds, page by page, and the page that a button leads to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from bot.domain.search_query import SearchQuery
from bot.domain.wins import Win

MAX_ENCODED_LENGTH = 2000
"""The most characters of a page as text, which a button carries."""


class UnknownName(Exception):
    """A search for a person or a channel that isn't known. `name` has its sign: "@zed", "#none"."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class FoundWins:
    """A page of what was found, the newest first, and the names in it.

    `positions` are those of the wins, and `has_more` says that there are older ones. `sees_public` is whether public
    channels were searched, `is_complete` is False if Slack did not say everything that the search depends on. It was
    made at `now` (UTC).
    """

    query: SearchQuery
    wins: Sequence[Win]
    positions: Sequence[int]
    has_more: bool
    names: Mapping[str, str]
    zone: str
    sees_public: bool
    is_complete: bool
    now: datetime


@dataclass(frozen=True)
class SearchPage:
    """A page of a search: what was `typed`, and the position before which each page up to this one begins.

    After about a hundred pages, the first ones of these positions are forgotten.
    """

    typed: str
    starts: tuple[int, ...] = ()

    @property
    def before(self) -> int | None:
        """The position before which this page begins; None for the first one."""
        return self.starts[-1] if self.starts else None

    def older(self, position: int) -> Self:
        """Return the page of the wins that are older than the one at a position."""
        page = replace(self, starts=(*self.starts, position))
        while len(page.to_json()) > MAX_ENCODED_LENGTH and len(page.starts) > 1:
            page = replace(page, starts=page.starts[1:])
        return page

    def newer(self) -> Self:
        """Return the page before this one."""
        return replace(self, starts=self.starts[:-1])

    def to_json(self) -> str:
        """Return it as text for a button or a view."""
        return json.dumps([self.typed, *self.starts], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, value: str) -> Self:
        """Read what `to_json` returned. Raises ValueError for anything else."""
        found = json.loads(value)
        if not isinstance(found, list):
            raise ValueError("no page")  # noqa: TRY004 - it is no error of the caller's
        typed, *starts = found
        if not (isinstance(typed, str) and all(type(start) is int and 0 <= start < 1 << 62 for start in starts)):
            raise ValueError("no page")
        return cls(typed, tuple(starts))
