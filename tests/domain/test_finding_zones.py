"""Someone types where they are, and finds the time zone."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import timezones
from bot.domain.schedules import is_zone
from bot.domain.timezones import MAX_RESULTS, all_zones, utc_offset
from bot.views.form_options import zone_label
from bot.views.zone_names import zone_names
from tests.domain.test_setups import any_of_them

NOW = datetime(2026, 11, 29, tzinfo=UTC)
OTHER_LANGUAGES = ("en", "fr", "es", "pl", "tr", "ar", "hi")


def search(typed: str, *, first: Sequence[str] = ()) -> list[str]:
    return timezones.search(typed, names=zone_names(), now=NOW, first=first)


def test_every_zone_is_one_that_the_clocks_know() -> None:
    assert len(all_zones()) > 300
    for zone in all_zones():
        assert ZoneInfo(zone).key == zone
        assert is_zone(zone)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        *(("new york", "America/New_York"), ("New_York", "America/New_York"), ("york", "America/New_York")),
        *(("kolk", "Asia/Kolkata"), ("utc", "UTC"), (" UTC ", "UTC"), ("berlin", "Europe/Berlin")),
        *(
            ("europe/berlin", "Europe/Berlin"),
            ("Berlin Europe", "Europe/Berlin"),
            ("buenos", "America/Argentina/Buenos_Aires"),
        ),
    ],
)
def test_what_was_meant_comes_first(typed: str, first: str) -> None:
    assert search(typed)[0] == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        *(("São Paulo", "America/Sao_Paulo"), ("sao paulo", "America/Sao_Paulo"), ("SA\u0303O", "America/Sao_Paulo")),
        *(("zürich", "Europe/Zurich"), ("ZURICH", "Europe/Zurich"), ("København", "Europe/Copenhagen")),
        *(("kobenhavn", "Europe/Copenhagen"), ("St. John's", "America/St_Johns"), ("Wien", "Europe/Vienna")),
        *(("CET", "Europe/Berlin"), ("cest", "Europe/Berlin"), ("GMT", "Europe/London"), ("BST", "Europe/London")),
        *(("PST", "America/Los_Angeles"), ("PT", "America/Los_Angeles"), ("est", "America/New_York")),
        *(("CST", "America/Chicago"), ("IST", "Asia/Kolkata"), ("JST", "Asia/Tokyo"), ("AEST", "Australia/Sydney")),
        *(("SGT", "Asia/Singapore"), ("BRT", "America/Sao_Paulo"), ("MEZ", "Europe/Berlin")),
        *(("Brazil", "America/Sao_Paulo"), ("Brasil", "America/Sao_Paulo"), ("Deutschland", "Europe/Berlin")),
        *(("Germany", "Europe/Berlin"), ("UK", "Europe/London"), ("usa", "America/Chicago"), ("India", "Asia/Kolkata")),
        *(("Turkey", "Europe/Istanbul"), ("Türkiye", "Europe/Istanbul"), ("Czech Republic", "Europe/Prague")),
        *(
            ("UAE", "Asia/Dubai"),
            ("Holland", "Europe/Amsterdam"),
            ("England", "Europe/London"),
            ("U.S.A.", "America/Chicago"),
        ),
        *(("Great Britain", "Europe/London"), ("Ivory Coast", "Africa/Abidjan"), ("DRC", "Africa/Kinshasa")),
        *(("Netherlands", "Europe/Amsterdam"), ("Portugal", "Europe/Lisbon"), ("Spain", "Europe/Madrid")),
        *(("Canada", "America/Toronto"), ("Mexico", "America/Mexico_City"), ("Chile", "America/Santiago")),
        *(("Russia", "Europe/Moscow"), ("Korea", "Asia/Seoul"), ("Argentina", "America/Argentina/Buenos_Aires")),
        *(("Etc/UTC", "UTC"), ("Zulu", "UTC"), ("+5.5", "Asia/Kolkata"), ("UTC-3,5", "America/St_Johns")),
        *(("日本", "Asia/Tokyo"), ("भारत", "Asia/Kolkata")),
        *(("Eastern Time", "America/New_York"), ("UTC+1", "Africa/Lagos"), ("gmt -3", "America/Sao_Paulo")),
        *(("+05:30", "Asia/Kolkata"), ("UTC\u22123", "America/Sao_Paulo"), ("Berlin UTC+1", "Europe/Berlin")),
    ],
)
def test_a_zone_is_found_by_accent_abbreviation_country_and_offset(typed: str, first: str) -> None:
    assert search(typed)[0] == first


@pytest.fixture
def step(is_deep: bool) -> int:
    """Which zones are looked for: each in the large size, otherwise every sixth."""
    return 1 if is_deep else 6


def test_what_is_shown_of_a_zone_finds_it(step: int) -> None:
    for zone in all_zones()[::step]:
        assert zone in search(zone_label(zone, NOW))


@pytest.mark.parametrize(
    "language",
    [*("de", "pt", "vi", "ja"), *(pytest.param(each, marks=pytest.mark.deep) for each in OTHER_LANGUAGES)],
)
def test_a_zone_is_found_by_its_city_in_a_language_of_its_country(language: str) -> None:
    cities = Locale(language).time_zones
    for zone, territory in get_global("zone_territories").items():
        is_official = language in ("en", *get_official_languages(territory, de_facto=True))
        city = cities.get(zone, {}).get("city")
        if zone in all_zones() and city and is_official:
            plain = "".join(each for each in unicodedata.normalize("NFD", city) if not unicodedata.combining(each))
            for typed in {city, city.upper(), unicodedata.normalize("NFD", city), plain}:
                assert zone in search(typed), typed


def test_every_zone_is_found_by_its_country_and_its_abbreviations(step: int) -> None:
    english = Locale("en")
    for zone, territory in sorted(get_global("zone_territories").items())[::step]:
        if zone not in all_zones() or territory == "001":
            continue
        for country in (english.territories[territory], territory):
            found = search_once(country)
            assert zone in found or len(found) == MAX_RESULTS, country
        local = [datetime(NOW.year, month, 1, tzinfo=ZoneInfo(zone)) for month in (1, 7)]
        for abbreviation in filter(str.isalpha, (each.tzname() or "" for each in local)):
            found = search_once(abbreviation.lower())
            assert zone in found or len(found) == MAX_RESULTS, abbreviation


@cache
def search_once(typed: str) -> list[str]:
    return search(typed)


@any_of_them
@given(
    st.one_of(
        st.text(max_size=30), st.sampled_from(["a", "e", "/", "_", "am", "america", "\x00", "\ud800", "(", "x" * 5000])
    )
)
def test_whatever_is_typed_finds_zones_or_nothing(typed: str) -> None:
    found = search(typed)
    assert len(found) <= MAX_RESULTS
    assert len(set(found)) == len(found)
    assert all(is_zone(zone) for zone in found)


def test_who_types_nothing_sees_some_that_many_know_and_their_own_first() -> None:
    assert search("")[0] == "America/Los_Angeles"
    assert {"UTC", "Europe/Berlin", "Asia/Kolkata"} <= set(search(" "))
    assert search("", first=["Asia/Tokyo"])[0] == "Asia/Tokyo"
    assert sorted(search("", first=["Asia/Tokyo"])) == sorted(search(""))


def test_the_distance_from_utc_is_that_of_the_day() -> None:
    winter, summer = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 7, 1, tzinfo=UTC)
    assert [utc_offset("Europe/Berlin", day) for day in (winter, summer)] == ["UTC+01:00", "UTC+02:00"]
    assert utc_offset("Asia/Kolkata", winter) == "UTC+05:30"
    assert utc_offset("America/St_Johns", winter) == "UTC-03:30"
    assert utc_offset("UTC", winter) == "UTC+00:00"
