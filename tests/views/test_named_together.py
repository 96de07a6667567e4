"""Whom a roundup and a look back name together: no one is left over as "1 other"."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.edition_composition import EditionPart, EditionSection, ToldWin
from bot.domain.roundups import RoundupKind, RoundupPart
from bot.domain.wins import Cheerers, Mention, Win
from bot.views.edition import edition
from bot.views.format import cheered_by
from bot.views.roundup import roundup
from bot.views.translations import ENGLISH
from tests.views.sample_data import NOW, link

NAMES = {f"U{number}": name for number, name in enumerate(("Ana", "Ben", "Chloe", "Dan", "Eva", "Farid", "Greta"))}
PEOPLE = [Mention(user_id) for user_id in NAMES]
SIX = "Ana, Ben, Chloe, Dan, Eva, and Farid"
FIVE = "Ana, Ben, Chloe, Dan, Eva, and 2 others"
SAID = pytest.mark.parametrize(("count", "said"), [(6, SIX), (7, FIVE)])


def wins(count: int, *, helper: bool = False) -> tuple[Win, ...]:
    """A win of each of so many people, or with the thanks of each."""
    plain = Win(1, "T1", "C1", PEOPLE[0], "shipped search", (), NOW, False, "1900000000.000001", Cheerers())
    return tuple(
        replace(plain, id=number, **({"thanked": (person,)} if helper else {"author": person}))
        for number, person in enumerate(PEOPLE[:count], 1)
    )


def lines_of_roundup(told: tuple[Win, ...]) -> list[str]:
    part = RoundupPart("C1", "C1", NOW, None, "UTC", False, 0, 1, len(told), told, Cheerers())
    text: str = roundup(ENGLISH, part, NAMES, key=None, permalink=link, posted_at=NOW)["text"]
    return text.splitlines()


@SAID
def test_a_roundup_names_the_people_in_it(count: int, said: str) -> None:
    assert f"With {said}" in lines_of_roundup(wins(count))


@SAID
def test_a_roundup_thanks_those_who_helped(count: int, said: str) -> None:
    assert f":raised_hands: Thanks to {said}, who had a hand in these." in lines_of_roundup(wins(count, helper=True))


@SAID
def test_a_look_back_names_the_people_in_it_and_shows_their_faces(count: int, said: str) -> None:
    told = tuple(ToldWin(win, EditionSection.QUOTE) for win in wins(count))
    part = EditionPart("C1", "C1", RoundupKind.MONTHLY, NOW, date(2030, 2, 1), "UTC", told)
    message = edition(ENGLISH, part, NAMES, permalink=link, posted_at=NOW)
    assert f"With {said}" in message["text"].splitlines()


@SAID
def test_those_who_cheered_are_named(count: int, said: str) -> None:
    assert cheered_by(ENGLISH, Cheerers.of(list(NAMES)[:count]), NAMES) == f"Cheered by {said}"


def test_where_there_is_little_room_fewer_are_named() -> None:
    assert cheered_by(ENGLISH, Cheerers.of(list(NAMES)[:6]), NAMES, limit=4) == (
        "Cheered by Ana, Ben, Chloe, Dan, and 2 others"
    )
