"""What someone types into a search is read as words, tags, people, channels and periods."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.search_periods import Period
from bot.domain.search_query import LongSearch, SearchQuery, UnclearSearch, read_query
from bot.domain.typed_dates import NoSuchDate

TODAY = date(2030, 3, 6)
MARCH = Period(date(2030, 3, 1))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("flaky build", {"words": ("flaky", "build")}),
        ("#Quality", {"tags": ("quality",)}),
        ("<@UBEN>", {"people": ("UBEN",)}),
        ("from <@UBEN>", {"people": ("UBEN",)}),
        ("from:<@UBEN> build", {"people": ("UBEN",), "words": ("build",)}),
        ("with <@UBEN> and <@UANA>", {"people": ("UBEN", "UANA"), "words": ("and",)}),
        ("@ben", {"names": ("ben",)}),
        ("by @Ben, build", {"names": ("Ben",), "words": ("build",)}),
        ("in <#C1|product>", {"channels": ("C1",)}),
        ("in <#C1>", {"channels": ("C1",)}),
        ("in:<#C1|product>", {"channels": ("C1",)}),
        ("<#C1|product>", {"channels_or_tags": (("C1", "product"),)}),
        ("<#C1|>", {"channels": ("C1",)}),
        ("in #product", {"channel_names": ("product",)}),
        ("in:#2024-plans", {"channel_names": ("2024-plans",)}),
        ("build since March", {"words": ("build",), "period": MARCH}),
        ("after:2030-02-28", {"period": MARCH}),
        ("since March build in <#C1>", {"words": ("build",), "channels": ("C1",), "period": MARCH}),
        ('"since March"', {"words": ("since March",)}),
        ("“2029” build", {"words": ("2029", "build")}),
        ('"unfinished', {"words": ("unfinished",)}),
        ("last week this month", {"period": Period(date(2030, 3, 1), date(2030, 3, 4))}),
        ("in:general from:ana", {"channel_names": ("general",), "names": ("ana",)}),
        ("in:March", {"period": Period(date(2030, 3, 1), date(2030, 4, 1))}),
        ("<@UBEN>'s wins", {"people": ("UBEN",), "words": ("wins",)}),
        ("@ben's wins", {"names": ("ben",), "words": ("wins",)}),
        ("@Ben’s.", {"names": ("Ben",)}),
        ("from:ana's", {"names": ("ana",)}),
        ("<@UBEN>, <@UANA> & docs", {"people": ("UBEN", "UANA"), "words": ("docs",)}),
        ("in production", {"words": ("in", "production")}),
        ("build in #!", {"words": ("build",)}),
        ("from:... build", {"words": ("build",)}),
        ("@'s build", {"words": ("build",)}),
        ("from scratch", {"words": ("from", "scratch")}),
        ("#123", {"words": ("#123",)}),
        ("2029", {"period": Period(date(2029, 1, 1), date(2030, 1, 1))}),
        ("検索", {"words": ("検索",)}),
    ],
)
def test_a_search_is_read(typed: str, expected: dict[str, Any]) -> None:
    assert read_query(typed, today=TODAY) == SearchQuery(**expected)


@pytest.mark.parametrize("typed", ["", " ", "!!!", '""', "-", "…", "\u200b", "in:#", "from:...", "@'s", "by:\u200b"])
def test_nothing_to_look_for_is_refused(typed: str) -> None:
    with pytest.raises(UnclearSearch):
        read_query(typed, today=TODAY)


def test_a_long_search_is_refused() -> None:
    with pytest.raises(LongSearch):
        read_query("x" * 601, today=TODAY)


def test_an_unclear_date_is_refused() -> None:
    with pytest.raises(NoSuchDate):
        read_query("build since 3/4", today=TODAY)


def test_a_channel_without_in_is_the_channel_or_the_tag() -> None:
    assert read_query("<#C1|Quality>", today=TODAY).terms == [["/C1", "#quality"]]


@pytest.mark.parametrize(
    ("typed", "names", "words"),
    [
        ("@Ana Lopez", ("Ana Lopez",), ()),
        ("from:Ana Lopez's build", ("Ana Lopez",), ("build",)),
        ("@Ana Maria Lopez, build", ("Ana Maria Lopez",), ("build",)),
        ("@Ben build @Ana Lopez", ("Ben", "Ana Lopez"), ("build",)),
        ('@Ana "Lopez"', ("Ana",), ("Lopez",)),
        ("@Ana since March Lopez", ("Ana",), ("Lopez",)),
        ("@Ana build Lopez", ("Ana",), ("build", "Lopez")),
    ],
)
def test_the_words_after_a_name_may_be_the_rest_of_it(
    typed: str, names: tuple[str, ...], words: tuple[str, ...]
) -> None:
    read = read_query(typed, today=TODAY)
    known = {"Ana", "Ana Lopez", "Ana Maria Lopez"}.intersection([*read.names, *read.full_names])
    query = read.with_full_names(known)
    assert (query.names, query.words, query.period) == (names, words, read.period)


@given(
    st.lists(
        st.sampled_from(
            ["<@U1>", "<#C1|x>", "in", "from", "#a", "@b", '"', "since", "2029", "week", "last", "<", "in:"]
        )
        | st.text(max_size=5),
        max_size=12,
    ).map(" ".join)
)
def test_nothing_typed_is_an_error(typed: str) -> None:
    try:
        query = read_query(typed, today=TODAY)
    except (UnclearSearch, NoSuchDate):
        return
    assert not query.is_empty
    assert all(term and not term.isspace() for group in query.terms for term in group)
