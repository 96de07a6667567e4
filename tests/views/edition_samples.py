"""Looks back and the workspace's roundup, in every section and for every opening."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

from bot.domain.edition_composition import KIND_OF_EDITION, EditionPart, EditionSection, ToldWin
from bot.domain.editions import Edition
from bot.domain.roundups import RoundupKind
from bot.domain.wins import Cheerers, ClimbOfWin
from bot.views.edition import edition
from bot.views.translations import Translations
from tests.views.sample_data import NAMES, NOW, WEEK, ZONE, full_wins, link, win, wins_with_unnamed_people

STARTS_ON = date(2030, 1, 1)
SECTIONS = (EditionSection.CLIMB, EditionSection.QUOTE, EditionSection.THANKS, EditionSection.LEARNING)
FACES = dict.fromkeys(NAMES, "https://avatars.slack-edge.com/48.png")
THEMES = (("ετικέτα", 5), ("τάξη", 2), ("αβγδε" * 9, 2))


def looks_back() -> Iterator[EditionPart]:
    """Every edition, with and without what it may have."""
    reached, step = (replace(win(), climb=ClimbOfWin(number, "ανάβαση")) for number in (7, 8))
    steps = [ToldWin(each, EditionSection.CLIMB) for each in (reached, step)]
    told = [*steps, *steps, ToldWin(win(), EditionSection.CLIMB)]
    told += [ToldWin(each, section) for section in SECTIONS for each in (*full_wins(), *wins_with_unnamed_people())]
    for kind, month in product(KIND_OF_EDITION.values(), range(1, 13)):
        part = EditionPart("C1", "C1", kind, NOW, date(2030, month, 1), ZONE, tuple(told), THEMES, frozenset({7}))
        part = replace(part, starts_on=date(2027 + month % 4, 1, 1)) if kind is RoundupKind.YEARLY else part
        yield part if month == 1 else replace(part, told=part.told[:1])  # the other months differ in their first lines
        yield replace(part, told=part.told[:1], target_channel_id="C2")
    yield replace(part, target_channel_id="C2", due_at=NOW - WEEK, cheered_by=Cheerers.of(["U1", "U2"]))
    yield replace(part, told=tuple(steps))
    yield replace(part, told=(ToldWin(win(), EditionSection.QUOTE),), themes=THEMES[:2])


def of_the_workspace() -> Iterator[EditionPart]:
    """A workspace's roundup, of several weeks."""
    told = tuple(ToldWin(each, EditionSection.CHANNEL) for each in (win(), win("C2"), *full_wins()))
    for week in range(3):
        starts_on = STARTS_ON + timedelta(weeks=week)
        yield EditionPart("C9", "C9", RoundupKind.WORKSPACE, NOW, starts_on, ZONE, told)


def of_editions(t: Translations) -> Iterator[dict[str, Any]]:
    """Every branch of their words."""
    assert set(KIND_OF_EDITION) == set(Edition)
    for part in (*looks_back(), *of_the_workspace()):
        yield edition(t, part, NAMES, permalink=link, posted_at=NOW, faces=FACES)
        yield edition(t, part, NAMES, permalink=link, posted_at=NOW, has_chart=False)
