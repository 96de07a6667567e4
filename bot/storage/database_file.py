"""Watches the SQLite file: SQLite goes on writing to one that was removed, where no one would find it again."""

import logging
import os
from pathlib import Path

from bot.storage.unavailable import DatabaseLost

logger = logging.getLogger(__name__)


class DatabaseFile:
    """The file at `path` and its write-ahead log, as they were when the bot opened them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identities: dict[str, tuple[int, int]] = {}
        self._size = 0
        self._is_lost = False

    def check(self) -> None:
        """Raises DatabaseLost if one of the files is gone, is another one, or has become smaller.

        An existing file that is overwritten by one of at least its size isn't noticed.
        """
        problem = self._problem()
        if problem is not None and not self._is_lost:
            logger.critical(self._advice(problem))
        self._is_lost = problem is not None
        if problem is not None:
            raise DatabaseLost(self._advice(problem))

    def _problem(self) -> str | None:
        for path in (str(self.path), f"{self.path}-wal"):
            try:
                found = os.stat(path)  # noqa: PTH116 - it is asked twice for each commit
            except OSError:
                if path in self._identities:
                    return f"{path} was removed"
                continue
            identity = found.st_dev, found.st_ino
            if self._identities.setdefault(path, identity) != identity:
                return f"{path} was replaced"
            if path.endswith("-wal"):
                continue
            if found.st_size < self._size:
                return f"{path} was truncated"
            self._size = found.st_size
        return None

    def _advice(self, problem: str) -> str:
        return (
            f"{problem} while Winsome was running, so nothing is saved now. Stop Winsome, put the database or a "
            "backup in place, and start it again."
        )
