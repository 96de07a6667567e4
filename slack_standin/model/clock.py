"""The stand-in's clock: real time plus an offset that can be moved.

Message timestamps, event times and history follow this clock; acknowledgements, triggers and limits keep real time.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Real UTC time plus an offset in seconds, kept in `file` when one is given.

    The file holds the offset as a decimal number and is replaced atomically at every move, so that a bot in another
    process can follow. An existing file sets the initial offset; a missing one means no offset.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._offset = timedelta(seconds=float(file.read_text())) if file and file.exists() else timedelta()

    @property
    def offset(self) -> timedelta:
        """How far the clock is from real time."""
        return self._offset

    def now(self) -> datetime:
        """The present of the stand-in, as aware UTC."""
        return datetime.now(UTC) + self._offset

    def move_to(self, moment: datetime, *, force: bool = False) -> None:
        """Make `moment` the present; only `force` moves backwards."""
        if moment.tzinfo is None:
            raise ValueError("the clock moves to an aware datetime only")
        self.move_by(moment - self.now(), force=force)

    def move_on(self, moment: datetime) -> None:
        """Make `moment` the present, unless it has come by itself already."""
        self.move_by(max(moment - self.now(), timedelta()))

    def move_by(self, step: timedelta, *, force: bool = False) -> None:
        """Move the present by `step`; only `force` moves backwards."""
        if step < timedelta() and not force:
            raise ValueError("the clock moves forward only, unless forced")
        self._offset += step
        if self._file:
            fresh = self._file.with_name(self._file.name + ".new")
            fresh.write_text(f"{self._offset.total_seconds():.6f}\n")
            fresh.replace(self._file)
