"""The names that people know a time zone by, from CLDR's data in Babel and the tz database's list of countries."""

import pickle
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from babel import localedata
from babel.core import get_global
from babel.languages import get_official_languages

_OTHER_NAMES = {
    "AE": "UAE",
    "CD": "DRC",
    "CI": "Ivory Coast",
    "GB": "Great Britain, England, Scotland, Wales, Northern Ireland",
    "NL": "Holland",
    "SA": "KSA",
}
"""Names of countries, by code, that neither source has."""


@cache
def zone_names() -> Mapping[str, str]:
    """Return the names of each zone as one text: its city, country, codes and abbreviations, and its former ids.

    They are in English and in the languages of the country. It takes half a second the first time.
    """
    zones_of = defaultdict(list)
    for zone, territory in get_global("zone_territories").items():
        zones_of[territory].append(zone)
    territories_of = defaultdict(list)
    for territory in zones_of:
        for locale in _locales(territory):
            territories_of[locale].append(territory)
    names: dict[str, set[str]] = defaultdict(set)
    for alias, zone in get_global("zone_aliases").items():
        names[zone].add(alias)
    for territory, country in _tz_countries().items():
        for zone in zones_of[territory]:
            names[zone].update([country, _OTHER_NAMES.get(territory, ""), *_codes(territory)])
    for locale, territories in territories_of.items():
        data = _load(locale)
        for territory in territories:
            for zone in zones_of[territory]:
                names[zone].update(_names_in(data, zone, territory))
    names["UTC"] = {"Etc/UTC", "Etc/GMT"} | names["Etc/UTC"] | names["Etc/GMT"]
    return {zone: " ".join(sorted(words)) for zone, words in names.items()}


def _tz_countries() -> dict[str, str]:
    """Return the tz database's name of each country by its code: some, such as Turkey, have another one in CLDR."""
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if not line.startswith("#"))


def _locales(territory: str) -> list[str]:
    languages = ["root", "en", *get_official_languages(territory, de_facto=True)]
    locales = [locale for language in languages for locale in (language, f"{language}_{territory}")]
    return [locale for locale in dict.fromkeys(locales) if localedata.exists(locale)]


def _load(locale: str) -> dict[str, Any]:
    """Return what is particular to a locale, without what Babel would keep in memory of it."""
    path = Path(localedata.resolve_locale_filename(locale))
    return pickle.loads(path.read_bytes())  # type: ignore[no-any-return]  # noqa: S301 - a file of the library


def _codes(territory: str) -> list[str]:
    """Return the ISO 3166 codes of a country, and others that are in use: "US", "USA"."""
    return [territory, *(code for code, means in get_global("territory_aliases").items() if means == [territory])]


def _names_in(data: Mapping[str, Any], zone: str, territory: str) -> Iterator[str]:
    yield data.get("territories", {}).get(territory, "")
    yield data.get("time_zones", {}).get(zone, {}).get("city", "")
    for lengths in data.get("meta_zones", {}).get(get_global("meta_zones").get(zone), {}).values():
        if isinstance(lengths, Mapping):  # not the alias of another length
            yield from lengths.values()
