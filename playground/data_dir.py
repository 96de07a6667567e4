"""The data directory of a sandbox: the stand-in's state, the bot's database, the clock and the bot's log.

A directory that is kept can be opened again later. Only an empty one, or one that a sandbox made, is accepted.
"""

import fcntl
import json
from pathlib import Path
from typing import IO, Any

from playground.bot_status import URL_FILE

STATE = "playground.json"
LOCK = "playground.lock"
DATABASE = "winsome.db"
FILES = (
    *(STATE, "clock", "fast-forward", "bot.log", URL_FILE, DATABASE),
    *(f"{DATABASE}{more}" for more in ("-wal", "-shm", ".lock")),
)


class UnusableFolder(Exception):
    """A folder that can't be a data directory; `args` say why."""


class DataDir:
    """A folder that one sandbox at a time uses; `is_kept` says whether it outlives the sandbox."""

    def __init__(self, folder: Path, *, is_kept: bool) -> None:
        """Lock the folder, and delete what an unfinished replay left in it. Raises UnusableFolder."""
        self.folder = folder.absolute()
        self.is_kept = is_kept
        self._lock = self._lock_folder()
        if not self._state.exists() or self.read() is None:
            self.clear()

    @property
    def database(self) -> Path:
        """The bot's database."""
        return self.folder / DATABASE

    @property
    def clock(self) -> Path:
        """The file that the bot's clock follows."""
        return self.folder / "clock"

    @property
    def log(self) -> Path:
        """What the bot logs."""
        return self.folder / "bot.log"

    def read(self) -> dict[str, Any] | None:
        """Return the state written last; None if there is none, because the replay did not finish."""
        state: dict[str, Any] | None = json.loads(self._state.read_text(encoding="utf-8"))
        return state

    def write(self, state: dict[str, Any] | None) -> None:
        """Replace the saved state."""
        fresh = self.folder / f"{STATE}.new"
        fresh.write_text(json.dumps(state, separators=(",", ":")), encoding="utf-8")
        fresh.replace(self._state)

    def clear(self) -> None:
        """Delete everything that a sandbox writes."""
        for name in FILES:
            (self.folder / name).unlink(missing_ok=True)
        self.write(None)

    def close(self) -> None:
        """Unlock the folder."""
        self._lock.close()

    @property
    def _state(self) -> Path:
        return self.folder / STATE

    def _lock_folder(self) -> IO[bytes]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            others = {path.name for path in self.folder.iterdir()} - {LOCK}
            if others and STATE not in others:
                raise UnusableFolder(f"{self.folder} holds other files; choose an empty folder")
            lock = (self.folder / LOCK).open("ab")
        except OSError as error:
            raise UnusableFolder(f"{self.folder} can't be used: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise UnusableFolder(f"another playground is running on {self.folder}") from None
        return lock
