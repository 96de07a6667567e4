"""Roundups: composing and posting them."""

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class PostResult:
    """What came of a request to post a roundup early: how many wins it has, 0 if there is none."""

    win_count: int

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {"result": "posted", "win_count": self.win_count}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read a stored result. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(int(data["win_count"]))
