"""How busy the machine was with other things: a figure that was measured on a busy one says little.

Linux tells how much of the processors' time the host took away, and for how long something waited for the disk (which
includes what we wrote ourselves).
"""

import os
import time
from pathlib import Path

IDLE_LOAD = 0.5
"""The load average above which others are at work."""


class LoadMonitor:
    """Looks at the machine when it is made, and again when it is asked."""

    def __init__(self) -> None:
        self.load_before = os.getloadavg()[0]
        self._started = time.monotonic()
        self._stolen_before, self._all_before = _processor_time()
        self._waited_before = _disk_waits()

    @property
    def was_busy(self) -> bool:
        """Whether the machine was busy when it was first looked at."""
        return self.load_before > IDLE_LOAD

    def measurements(self) -> dict[str, float]:
        """Tell the load before, and since then the share of time that was stolen, and spent waiting for the disk."""
        stolen, everything = _processor_time()
        seconds = time.monotonic() - self._started
        return {
            "load_before": round(self.load_before, 2),
            "stolen": round((stolen - self._stolen_before) / max(1, everything - self._all_before), 3),
            "waited_for_disk": round((_disk_waits() - self._waited_before) / 1e6 / seconds, 3),
        }


def _processor_time() -> tuple[int, int]:
    ticks = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return ticks[7], sum(ticks)


def _disk_waits() -> int:
    """Microseconds in which someone waited for the disk; 0 where the kernel does not count them."""
    try:
        first = Path("/proc/pressure/io").read_text().splitlines()[0]
    except OSError:
        return 0
    return int(first.rpartition("total=")[2])
