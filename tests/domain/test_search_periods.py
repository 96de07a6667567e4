"""Periods of the past as people type them into a search. Today is Wednesday, March 6, 2030."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.search_periods import Period, read_period
from bot.domain.typed_dates import NoSuchDate

TODAY = date(2030, 3, 6)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("today", "2030-03-06", "2030-03-07"),
        ("yesterday", "2030-03-05", "2030-03-06"),
        ("this week", "2030-03-04", "2030-03-11"),
        ("last week", "2030-02-25", "2030-03-04"),
        ("Last Month", "2030-02-01", "2030-03-01"),
        ("this month", "2030-03-01", "2030-04-01"),
        ("last quarter", "2029-10-01", "2030-01-01"),
        ("this year", "2030-01-01", "2031-01-01"),
        ("last year", "2029-01-01", "2030-01-01"),
        ("the last 7 days", "2030-02-27", "2030-03-07"),
        ("past 3 months", "2029-12-06", "2030-03-07"),
        ("2029", "2029-01-01", "2030-01-01"),
        ("March 2029", "2029-03-01", "2029-04-01"),
        ("2029-12", "2029-12-01", "2030-01-01"),
        ("2030-03-05", "2030-03-05", "2030-03-06"),
        ("since March", "2030-03-01", None),
        ("since April", "2029-04-01", None),
        ("since 2029", "2029-01-01", None),
        ("since last week", "2030-02-25", None),
        ("since Friday", "2030-03-01", None),
        ("since March 1st", "2030-03-01", None),
        ("since 9 Dec", "2029-12-09", None),
        ("after February", "2030-03-01", None),
        ("before 2030", None, "2030-01-01"),
        ("before March 5", None, "2030-03-05"),
        ("until February", None, "2030-03-01"),
        ("till yesterday", None, "2030-03-06"),
        ("in December", "2029-12-01", "2030-01-01"),
        ("in march", "2030-03-01", "2030-04-01"),
        ("on Monday", "2030-03-04", "2030-03-05"),
        ("on wednesday", "2030-03-06", "2030-03-07"),
        ("on last friday", "2030-03-01", "2030-03-02"),
        ("during last month", "2030-02-01", "2030-03-01"),
        ("from January to February", "2030-01-01", "2030-03-01"),
        ("between 2028 and 2029", "2028-01-01", "2030-01-01"),
        ("from February to January", "2029-02-01", "2030-02-01"),
        ("since November until February", "2029-11-01", "2030-03-01"),
        ("between March 4 and January 10", "2029-03-04", "2030-01-11"),
        ("from Monday to Friday", "2030-02-25", "2030-03-02"),
        ("from March 2030 to 2029", "2030-03-01", "2030-01-01"),
        ("between March 1 and today", "2030-03-01", "2030-03-07"),
        ("March 1", "2030-03-01", "2030-03-02"),
        ("1 March 2029", "2029-03-01", "2029-03-02"),
        ("March 1st, 2029", "2029-03-01", "2029-03-02"),
        ("9 Dec", "2029-12-09", "2029-12-10"),
        ("the last two weeks", "2030-02-20", "2030-03-07"),
        ("3 days ago", "2030-03-03", "2030-03-04"),
        ("a week ago", "2030-02-25", "2030-03-04"),
        ("since two months ago", "2030-01-01", None),
        ("Q4 2029", "2029-10-01", "2030-01-01"),
        ("in Q1", "2030-01-01", "2030-04-01"),
        ("since q4", "2029-10-01", None),
        ("since Friday, March 1, 2030", "2030-03-01", None),
        ("since Friday, March 1", "2030-03-01", None),
        ("since Sunday, December 9", "2029-12-09", None),
        ("since the 15th", "2030-02-15", None),
        ("since 1st", "2030-03-01", None),
        ("on the 31st", "2030-01-31", "2030-02-01"),
        ("since 29 Feb", "2028-02-29", None),
        ("on last wednesday", "2030-02-27", "2030-02-28"),
        ("on last March 6", "2029-03-06", "2029-03-07"),
    ],
)
def test_a_period_is(typed: str, since: str | None, until: str | None) -> None:
    assert read_period(typed.split(), TODAY) == (Period(day(since), day(until)), len(typed.split()))


@pytest.mark.parametrize(
    ("typed", "count"), [("last week with docs", 2), ("since March the build", 2), ("2029 build", 1)]
)
def test_what_follows_a_period_is_left(typed: str, count: int) -> None:
    found = read_period(typed.split(), TODAY)
    assert found is not None
    assert found[1] == count


@pytest.mark.parametrize(
    "typed",
    [
        "march",
        "may",
        "friday",
        "q3",
        "feb 30",
        "fix 12",
        "long ago",
        "since",
        "since the rewrite",
        "12",
        "last",
        "in prod",
        "to",
        "between us",
    ],
)
def test_words_are_no_period(typed: str) -> None:
    assert read_period(typed.split(), TODAY) is None


@pytest.mark.parametrize(
    "typed", ["since 3/4", "on April 31", "before Monday, March 5 2030", "since 9999-12-31", "before 0001-01-01"]
)
def test_a_date_that_cannot_be_read_is_refused(typed: str) -> None:
    with pytest.raises(NoSuchDate):
        read_period(typed.split(), TODAY)


@given(
    st.lists(
        st.sampled_from(
            [
                "since",
                "last",
                "2",
                "week",
                "31",
                "feb",
                "0000",
                "9999",
                "years",
                "to",
                "between",
                "999",
                "-",
                "1/2",
                "²",
            ]
        ),
        min_size=1,
        max_size=7,
    )
)
def test_nothing_typed_is_an_error(words: list[str]) -> None:
    try:
        found = read_period(words, TODAY)
    except NoSuchDate:
        return
    assert found is None or 0 < found[1] <= len(words)
