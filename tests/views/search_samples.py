"""What a search shows, with every branch of its words: see samples.py."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.found_wins import FoundWins, SearchPage, UnknownName
from bot.domain.search_periods import Period
from bot.domain.search_query import LongSearch, SearchQuery, UnclearSearch
from bot.domain.typed_dates import Ambiguous, NotInCalendar
from bot.views import search
from bot.views.translations import Translations
from tests.views.sample_data import NAMES, NOW, TODAY, ZONE, full_wins, link, win

DAY = timedelta(days=1)
ALONE = (SearchQuery(("έργο",)), SearchQuery(tags=("ετικέτα",)), SearchQuery(people=("U0",)))
PERIODS = (Period(TODAY), Period(None, TODAY), Period(TODAY, TODAY + DAY), Period(TODAY, TODAY + 9 * DAY))


def of_search(t: Translations) -> Iterator[dict[str, Any]]:
    query = SearchQuery(
        ("έργο", "<b> & c"), ("ετικέτα",), ("U0", "U99"), ("α",), ("C1",), ("κανάλι",), (("C2", "ετικέτα"),), PERIODS[0]
    )
    wins = [win(), win(None, 2), win(cheers=1), *full_wins()]
    found = FoundWins(query, wins, range(len(wins)), True, NAMES, ZONE, sees_public=True, is_complete=True, now=NOW)
    page = SearchPage("έργο", (7, 5))
    yield search.results(t, found, page, permalink=link)
    for period in PERIODS:
        for sees_public, is_complete in ((True, True), (False, True), (False, False)):
            empty = FoundWins(
                SearchQuery(period=period),
                [],
                [],
                False,
                NAMES,
                ZONE,
                sees_public=sees_public,
                is_complete=is_complete,
                now=NOW,
            )
            yield search.results(t, empty, SearchPage(""), permalink=link)
    for searched in (query, replace(query, period=Period()), *ALONE):
        yield search.results(t, replace(empty, query=searched), SearchPage(""), permalink=link)
    refused: list[search.SearchRefusal] = [UnclearSearch("…"), LongSearch("έργο"), UnknownName("@α"), UnknownName("#α")]
    for refusal in (*refused, Ambiguous("3/4"), NotInCalendar("31 β")):
        yield search.refused(t, refusal)
    yield search.channel_not_looked_up(t)
    yield search.search_modal(t, SearchPage(""))
    yield search.search_modal(t, page, search.results(t, found, page, permalink=link))
    yield {"blocks": search.tag_menu(t, full_wins())}
