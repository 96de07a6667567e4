"""The folder of a stage: what the stand-in knows, the bot's database, the clock and the bot's log.

On a shelf that is kept, the next stage finds it all again. It is not mistaken for a folder of somebody's: only one that
was empty, or a shelf already, becomes one.
"""

import fcntl
import json
from pathlib import Path
from typing import IO, Any

from playground.bot_status import URL_FILE

STATE = "playground.json"
LOCK = "playground.lock"
DATABASE = "winsome.db"
OURS = (
    *(STATE, "clock", "hurry", "bot.log", URL_FILE, DATABASE),
    *(f"{DATABASE}{more}" for more in ("-wal", "-shm", ".lock")),
)


class Unusable(Exception):
    """A folder that can't be a shelf; `args` say why."""


class Shelf:
    """A folder that one stage at a time uses; `is_kept` says whether anybody will look for its state."""

    def __init__(self, folder: Path, *, is_kept: bool) -> None:
        """Raises Unusable."""
        self.folder = folder.absolute()
        self.is_kept = is_kept
        self._lock = self._locked()
        if not self._state.exists():
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
        """Return the state that was written last; None if there is none, for the past was not told to its end."""
        state: dict[str, Any] | None = json.loads(self._state.read_text(encoding="utf-8"))
        return state

    def write(self, state: dict[str, Any] | None) -> None:
        """Keep a state instead of the one before."""
        fresh = self.folder / f"{STATE}.new"
        fresh.write_text(json.dumps(state, separators=(",", ":")), encoding="utf-8")
        fresh.replace(self._state)

    def clear(self) -> None:
        """Forget everything."""
        for name in OURS:
            (self.folder / name).unlink(missing_ok=True)
        self.write(None)

    def close(self) -> None:
        """Let somebody else have the folder."""
        self._lock.close()

    @property
    def _state(self) -> Path:
        return self.folder / STATE

    def _locked(self) -> IO[bytes]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            others = {path.name for path in self.folder.iterdir()} - {LOCK}
            if others and STATE not in others:
                raise Unusable(f"{self.folder} holds other things; give it a folder of its own")
            lock = (self.folder / LOCK).open("ab")
        except OSError as error:
            raise Unusable(f"{self.folder} can't be used: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise Unusable(f"another playground is running on {self.folder}") from None
        return lock
