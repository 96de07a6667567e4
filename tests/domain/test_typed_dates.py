"""Someone types a date in one of the usual forms, or one that is none."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pause_dates import MAX_PAUSE, NotInFuture, Period, TooFar, is_pause, parse_pause
from bot.domain.typed_dates import Ambiguous, NoSuchDate, NotInCalendar, WrongWeekday, parse_date
from tests.domain.test_setups import any_of_them

TODAY = date(2026, 11, 29)  # a Sunday
TUESDAY = date(2030, 3, 5)
NINTH = date(2026, 12, 9)  # a Wednesday

DAYS = ["9", "09", "9th", "the 9th"]
MONTHS = ["December", "december", "DEC", "Dec", "Dec.", "Decem"]
YEARS = ["", " 2026", ", 2026"]
WEEKDAYS = ["", "Wednesday ", "wednesday, ", "Wed ", "Wed. ", "weds ", "on Wednesday the "]
DAY_AND_MONTH = [
    *(f"{day} {month}" for day, month in product(DAYS, MONTHS)),
    *(f"{month} {day}" for day, month in product(DAYS, MONTHS)),
    *(f"{day} of {month}" for day, month in product(DAYS, MONTHS)),
    *("9-Dec", "Dec-9", "9.Dec", "9. December", "9/Dec", "9dec", "dec9"),
]
NUMERIC = ["2026-12-09", "2026-12-9", "2026/12/09", "2026.12.09", "09-Dec-2026", "9/Dec/2026", "2026 Dec 9"]


@pytest.mark.parametrize("weekday", WEEKDAYS)
def test_a_day_and_a_month_in_every_form_with_and_without_weekday_and_year(weekday: str) -> None:
    for typed in [f"{weekday}{each}{year}" for each, year in product(DAY_AND_MONTH, YEARS)]:
        assert parse_date(typed, today=TODAY) == NINTH, typed
    for typed in [f"{weekday}{each}" for each in NUMERIC]:
        assert parse_date(typed, today=TODAY) == NINTH, typed


NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT = ("Mon", "Tue", "Tues", "Wed", "Weds", "Thu", "Thur", "Thurs", "Fri", "Sat", "Sun")
FORMS = ("{}", "{}.", "next {}", "this {}", "on {}")


@pytest.mark.parametrize("name", [*NAMES, *SHORT])
def test_a_weekday_is_the_next_one(name: str) -> None:
    weekday = next(index for index, full in enumerate(NAMES) if full.startswith(name[:3]))
    for form, today in product(FORMS, [TODAY + timedelta(days=each) for each in range(7)]):
        for typed in (form.format(name), form.format(name.lower()), form.format(name.upper())):
            found = parse_date(typed, today=today)
            assert found.weekday() == weekday
            assert timedelta(0) < found - today <= timedelta(days=7)


MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@pytest.mark.parametrize("name", [*MONTH_NAMES, *(name[:3] for name in MONTH_NAMES), "Sept", "Febr"])
def test_a_month_is_known_by_its_first_letters(name: str) -> None:
    month = next(index for index, full in enumerate(MONTH_NAMES, 1) if full.startswith(name[:3]))
    for typed in (f"3 {name}", f"{name} 3", f"{name.upper()}. 3rd"):
        assert (parse_date(typed, today=TODAY).month, parse_date(typed, today=TODAY).day) == (month, 3)


@any_of_them
@given(st.dates(date(2024, 1, 1), date(2104, 12, 31)), st.dates(date(2024, 1, 1), date(2100, 12, 31)))
def test_a_date_without_a_year_is_the_next_one_that_exists(day: date, today: date) -> None:
    found = parse_date(f"{day:%B} {day.day}", today=today)
    assert found >= today
    assert (found.month, found.day) == (day.month, day.day)
    between = [year for year in range(today.year, found.year) if exists(year, day) and date(year, *md(day)) >= today]
    assert between == []


def md(day: date) -> tuple[int, int]:
    return day.month, day.day


def exists(year: int, day: date) -> bool:
    return md(day) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


@any_of_them
@given(st.dates(date(2024, 1, 1), date(2100, 12, 31)), st.sampled_from(NAMES))
def test_a_weekday_that_contradicts_its_date_is_refused_with_both(day: date, name: str) -> None:
    typed = f"{name}, {day:%B} {day.day}, {day.year}"
    if NAMES[day.weekday()] == name:
        assert parse_date(typed, today=TODAY) == day
        return
    with pytest.raises(WrongWeekday) as refused:
        parse_date(typed, today=TODAY)
    assert (refused.value.day, NAMES[refused.value.weekday]) == (day, name)


@pytest.mark.parametrize(
    ("typed", "today", "meant"),
    [
        ("29 February", date(2030, 3, 5), date(2032, 2, 29)),
        ("29.2.", date(2030, 3, 5), date(2032, 2, 29)),
        ("29 Feb", date(2028, 2, 1), date(2028, 2, 29)),
        ("29 Feb", date(2028, 3, 1), date(2032, 2, 29)),
        ("Feb 29", date(2097, 1, 1), date(2104, 2, 29)),
        ("the 31st", date(2030, 3, 31), date(2030, 3, 31)),
        ("31st", date(2030, 4, 1), date(2030, 5, 31)),
        ("the 15th", date(2030, 12, 16), date(2031, 1, 15)),
        ("Monday the 15th", date(2030, 4, 1), date(2030, 4, 15)),
        ("Wednesday 3/4", date(2030, 3, 5), date(2030, 4, 3)),
        ("today", TUESDAY, TUESDAY),
        ("tomorrow at 4:00 PM", TUESDAY, date(2030, 3, 6)),
        ("２０３０－０３－０８", TUESDAY, date(2030, 3, 8)),
        ("Friday at 16:00", TUESDAY, date(2030, 3, 8)),
        *((f"Friday, March 8{each}", TUESDAY, date(2030, 3, 8)) for each in (" 16:00", ", 4pm", " 4:00 p.m.", " @ 16")),
        ("20. 3.", TUESDAY, date(2030, 3, 20)),
        ("20. 3. 2030", TUESDAY, date(2030, 3, 20)),
    ],
)
def test_no_date_is_moved(typed: str, today: date, meant: date) -> None:
    assert parse_date(typed, today=today) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("until 20 March", date(2030, 3, 20)),
        ("20th of March", date(2030, 3, 20)),
        ("march 20", date(2030, 3, 20)),
        ("Mar 20, 2030", date(2030, 3, 20)),
        ("2030-03-20", date(2030, 3, 20)),
        ("2 January", date(2031, 1, 2)),
        ("3/3", date(2031, 3, 3)),
        ("Monday", date(2030, 3, 11)),
        ("until tuesday", date(2030, 3, 12)),
        ("UNTIL Tues.", date(2030, 3, 12)),
        ("next friday", date(2030, 3, 8)),
        ("tomorrow", date(2030, 3, 6)),
        ("through Friday", date(2030, 3, 9)),
        ("until next week", date(2030, 3, 11)),
        ("through next week", date(2030, 3, 18)),
        ("until next month", date(2030, 4, 1)),
        ("through this month", date(2030, 4, 1)),
        ("2 weeks", date(2030, 3, 19)),
        ("for the next two weeks", date(2030, 3, 19)),
        ("for a month", date(2030, 4, 5)),
        ("one year", date(2031, 3, 5)),
        ("in 10 days", date(2030, 3, 15)),
        ("till the 20th of March", date(2030, 3, 20)),
        ("'til March 20", date(2030, 3, 20)),
        ("20/3", date(2030, 3, 20)),
        ("20.3.", date(2030, 3, 20)),
        ("3/20/2030", date(2030, 3, 20)),
        ("2030/3/20", date(2030, 3, 20)),
        ("4.4.", date(2030, 4, 4)),
        ("15/1", date(2031, 1, 15)),
        *(
            (f"{each}2{unit}", date(2030, 3, 19))
            for each in ("", "for ")
            for unit in ("w", " w", "wk", " wks", " Weeks")
        ),
        *((typed, date(2030, 3, 15)) for typed in ("10d", "10 days", "10days")),
        *((typed, date(2030, 5, 5)) for typed in ("2mo", "2 mths", "two months")),
        *((f"until {name}", date(2030, 4, 1)) for name in ("April", "apr", "Apr.")),
        ("until January", date(2031, 1, 1)),
        *((f"until {typed}", date(2031, 1, 1)) for typed in ("January 2031", "Jan. 2031", "jan, 2031")),
        ("through April", date(2030, 5, 1)),
        ("through March", date(2030, 4, 1)),
        ("december", Period(date(2030, 12, 1), date(2031, 1, 1))),
        ("for March", Period(date(2030, 3, 1), date(2030, 4, 1))),
        ("next week", Period(date(2030, 3, 11), date(2030, 3, 18))),
        ("for this week", Period(date(2030, 3, 4), date(2030, 3, 11))),
        ("Next  Month", Period(date(2030, 4, 1), date(2030, 5, 1))),
    ],
)
def test_pauses_as_people_type_them(typed: str, meant: date | Period) -> None:
    assert parse_pause(typed, today=TUESDAY) == meant


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("3/4", Ambiguous),
        ("03.04.2030", Ambiguous),
        ("5 March 2030", NotInFuture),
        ("5 March", NotInFuture),
        ("today", NotInFuture),
        ("yesterday", NotInFuture),
        ("until this week", NotInFuture),
        ("0 days", NotInFuture),
        ("400 days", TooFar),
        ("through 9999-12-31", TooFar),
        ("29 February", TooFar),
        ("31 February", NotInCalendar),
        ("", NoSuchDate),
        ("until", NoSuchDate),
        ("16:00", NoSuchDate),
        ("45/3", NotInCalendar),
        ("30/2/2030", NotInCalendar),
        ("Feb 29, 2031", NotInCalendar),
        ("Monday 31 April", NotInCalendar),
        ("until March", NotInFuture),
        ("until March 2030", NotInFuture),
        ("until March 2032", TooFar),
        ("December 9998", TooFar),
        ("until March 0000", NoSuchDate),
        ("through December 9999", NoSuchDate),
        ("20/3/30", Ambiguous),
        ("4/2/2031", Ambiguous),
        ("1/3", Ambiguous),
        ("20", NoSuchDate),
        ("32nd", NotInCalendar),
        ("Friday Monday", NoSuchDate),
        ("Tuesday, March 20", WrongWeekday),
        ("Tuesday 2030-03-20", WrongWeekday),
        ("Monday, March 4", WrongWeekday),
    ],
)
def test_what_is_no_end_of_a_pause(typed: str, refusal: type[NoSuchDate]) -> None:
    with pytest.raises(NoSuchDate) as refused:
        parse_pause(typed, today=TUESDAY)
    assert type(refused.value) is refusal
    assert is_pause(typed) is (refusal is not NoSuchDate)


@any_of_them
@given(
    st.one_of(st.text(max_size=40), st.from_regex(r"[0-9]{1,4}[./ -][0-9a-z]{1,9}[., /-]?[0-9]{0,4}", fullmatch=True))
)
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        pause = parse_pause(typed, today=TUESDAY)
    except NoSuchDate:
        return
    assert is_pause(typed)
    assert isinstance(pause, Period) or timedelta(0) < pause - TUESDAY <= MAX_PAUSE
