"""Searches the time zones that a person may choose."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

MAX_RESULTS = 100
"""The most options of a Slack select (docs.slack.dev, block-kit: options)."""
_REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_WELL_KNOWN = (
    *("America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York", "America/Sao_Paulo"),
    *("Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Kyiv", "Africa/Lagos", "Africa/Johannesburg"),
    *("Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"),
    *("Pacific/Auckland", "UTC"),
)


@cache
def all_zones() -> tuple[str, ...]:
    """Return the IANA names of all zones that are named after places, and UTC, in alphabetical order."""
    return tuple(sorted(name for name in available_timezones() if name.startswith(_REGIONS) or name == "UTC"))


def search(typed: str, *, first: Iterable[str] = ()) -> list[str]:
    """Return the zones (at most `MAX_RESULTS`) that match what was typed.

    If nothing was typed, return those of `first` and a few well-known ones.
    """
    words = typed.lower().replace("_", " ").replace("/", " ").split()
    if not words:
        known = set(all_zones())
        return list(dict.fromkeys([*first, *(zone for zone in _WELL_KNOWN if zone in known)]))
    found = [zone for zone in all_zones() if all(word in _search_text(zone) for word in words)]
    # Cities that begin with the first word come first.
    return sorted(found, key=lambda zone: not _search_text(zone).rpartition("/")[2].startswith(words[0]))[:MAX_RESULTS]


def utc_offset(zone: str, now: datetime) -> str:
    """Return how far a zone is from UTC at `now` (aware): "UTC+05:30"."""
    delta = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = int(delta.total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _search_text(zone: str) -> str:
    return zone.lower().replace("_", " ")
