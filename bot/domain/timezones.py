"""Searches the time zones that a person may choose."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
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
_LARGEST_OF_COUNTRY = (
    *("America/Toronto", "America/Mexico_City", "America/Santiago", "America/Argentina/Buenos_Aires"),
    *("Europe/Amsterdam", "Europe/Lisbon", "Europe/Madrid", "Europe/Moscow", "Asia/Almaty", "Asia/Jakarta"),
    *("Asia/Nicosia", "Asia/Seoul", "Asia/Ulaanbaatar"),
)
"""The zones where most people of their country live, if the order would put another one first."""
_OFFSET = re.compile(
    r"(?<!\w)(?:utc|gmt)? ?(?P<sign>[+-]) ?(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d)|[.,](?P<fraction>\d{1,2}))?(?!\w)"
)
_MINUS_SIGNS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
# Letters with a stroke and the like, which Unicode doesn't decompose.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th", "æ": "ae", "œ": "oe"}
)
_LEFT_OUT = dict.fromkeys(map(ord, ".'\u2018\u2019\u02bb\u02bc`\u00b4"))


@cache
def all_zones() -> tuple[str, ...]:
    """Return the IANA names of all zones that are named after places, and UTC, in alphabetical order."""
    return tuple(sorted(name for name in available_timezones() if name.startswith(_REGIONS) or name == "UTC"))


def search(typed: str, *, names: Mapping[str, str], now: datetime, first: Iterable[str] = ()) -> list[str]:
    """Return the zones (at most `MAX_RESULTS`) that match what was typed, whatever its accents and case.

    Each word begins one of the zone's: of its IANA name, its abbreviations, or its other `names` by zone. "UTC+1" is
    the difference from UTC at `now` (aware). If nothing was typed, return those of `first` and a few well-known ones.
    """
    text = typed.casefold().translate(_MINUS_SIGNS)
    offsets = [_minutes(match) for match in _OFFSET.finditer(text)]
    words = _fold(_OFFSET.sub(" ", text))
    if not (words or offsets):
        known = set(all_zones())
        return list(dict.fromkeys([*first, *(zone for zone in _WELL_KNOWN if zone in known)]))
    ranked = []
    for zone in all_zones():
        known_words = _words(f"{zone} {' '.join(_abbreviations(zone, now.year))} {names.get(zone, '')}")
        has_all = all(any(known.startswith(word) for known in known_words) for word in words)
        if has_all and all(_offset_minutes(zone, now) == offset for offset in offsets):
            ranked.append((_rank(zone, words, known_words), zone))
    return [zone for _, zone in sorted(ranked)][:MAX_RESULTS]


def _rank(zone: str, words: list[str], known_words: frozenset[str]) -> tuple[bool, ...]:
    """Return how a match is sorted: whole words, then cities that begin with the first word, then the largest."""
    city = " ".join(_fold(zone.rpartition("/")[2]))
    return (
        not known_words.issuperset(words),
        not city.startswith(" ".join(words[:1])),
        zone not in _WELL_KNOWN,
        zone not in _LARGEST_OF_COUNTRY,
    )


def utc_offset(zone: str, now: datetime) -> str:
    """Return how far a zone is from UTC at `now` (aware): "UTC+05:30"."""
    minutes = _offset_minutes(zone, now)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _offset_minutes(zone: str, now: datetime) -> int:
    delta = now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return int(delta.total_seconds()) // 60


def _minutes(offset: re.Match[str]) -> int:
    minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or float(f".{offset['fraction'] or 0}") * 60)
    return -minutes if offset["sign"] == "-" else minutes


@cache
def _abbreviations(zone: str, year: int) -> frozenset[str]:
    """Return the abbreviations of a zone in a year, such as CET and CEST; those that are numbers are left out."""
    moments = (datetime(year, month, 1, tzinfo=ZoneInfo(zone)) for month in (1, 7))
    return frozenset(name for moment in moments if (name := moment.tzname() or "").isalpha())


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(_fold(text))


def _fold(text: str) -> list[str]:
    """Return the words of a text without accents, case and punctuation."""
    text = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_LEFT_OUT).translate(_PLAIN_LETTERS)
    letters = (character for character in text if unicodedata.category(character)[0] != "M")
    return "".join(letter if letter.isalnum() else " " for letter in letters).split()
