"""How a look back, or the workspace's roundup, opens, and what it says of thanks and of what was learned."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from bot.domain.edition_composition import EditionPart, EditionSection, ToldWin
from bot.domain.roundups import RoundupKind
from bot.domain.wins import Mention, Win, WinKind
from bot.views.edition import edition
from bot.views.translations import ENGLISH
from tests.views.sample_data import NAMES, NOW, ZONE, link, win


def openings(kind: RoundupKind, section: EditionSection, *, win_count: int) -> set[str]:
    """The lines with which twelve editions in a row open that tell so many wins."""
    told = (ToldWin(win(), section),) * win_count
    starts = [
        date(2030, 1, 1) + timedelta(weeks=number) if kind is RoundupKind.WORKSPACE else date(2030, number + 1, 1)
        for number in range(12)
    ]
    parts = [EditionPart("C1", "C1", kind, NOW, starts_on, ZONE, told) for starts_on in starts]
    texts = [edition(ENGLISH, part, NAMES, permalink=link, posted_at=NOW)["text"] for part in parts]
    return {text.splitlines()[1] for text in texts}


@pytest.mark.parametrize(
    ("kind", "section", "of_one", "of_two"),
    [
        (
            RoundupKind.WORKSPACE,
            EditionSection.CHANNEL,
            {
                "A win from across the workspace, in the words of those who got there.",
                "A win from next door, and the people behind it.",
            },
            {
                "A few wins from channels across the workspace, in the words of the people who got there.",
                "Wins from next door, and the people behind them.",
            },
        ),
        (
            RoundupKind.MONTHLY,
            EditionSection.QUOTE,
            {"You did this, one small win at a time."},
            {"You did all this one small win at a time."},
        ),
    ],
)
def test_an_edition_of_one_win_does_not_open_as_if_there_were_several(
    kind: RoundupKind, section: EditionSection, of_one: set[str], of_two: set[str]
) -> None:
    assert openings(kind, section, win_count=1) - openings(kind, section, win_count=2) == of_one
    assert openings(kind, section, win_count=2) - openings(kind, section, win_count=1) == of_two


def opening_elsewhere(kind: RoundupKind, starts_on: date) -> str:
    """The line with which a look back opens that is posted in another channel than its own."""
    part = EditionPart("C1", "C2", kind, NOW, starts_on, ZONE, (ToldWin(win(), EditionSection.QUOTE),))
    text = edition(ENGLISH, part, NAMES, permalink=link, posted_at=NOW)["text"]
    return str(text.splitlines()[1])


@pytest.mark.parametrize(
    ("kind", "months"), [(RoundupKind.MONTHLY, 1), (RoundupKind.QUARTERLY, 3), (RoundupKind.YEARLY, 12)]
)
def test_in_another_channel_no_two_in_a_row_open_alike_and_none_says_you(kind: RoundupKind, months: int) -> None:
    starts = [date(2030 + month // 12, month % 12 + 1, 1) for month in range(0, 12 * months, months)]
    lines = [opening_elsewhere(kind, starts_on) for starts_on in starts]
    assert all(one != other for one, other in pairwise(lines))
    for line in lines:
        assert line.count("<#C1>") == 1
        assert not re.search(r"\byou", line, re.IGNORECASE), line


def test_in_another_channel_those_of_one_day_open_differently() -> None:
    of_new_year = [
        (RoundupKind.MONTHLY, date(2030, 12, 1)),
        (RoundupKind.QUARTERLY, date(2030, 10, 1)),
        (RoundupKind.YEARLY, date(2030, 1, 1)),
    ]
    assert len({opening_elsewhere(*each) for each in of_new_year}) == 3


def lines_of(section: EditionSection, told: Win) -> list[str]:
    """The lines of a month's look back with this win."""
    part = EditionPart("C1", "C1", RoundupKind.MONTHLY, NOW, date(2030, 2, 1), ZONE, (ToldWin(told, section),))
    names = {"U0": "Ana", "U1": "Ben"}
    text: str = edition(ENGLISH, part, names, permalink=link, posted_at=NOW)["text"]
    return text.splitlines()


@pytest.mark.parametrize(
    ("reason", "said"), [("her patience", "• *Ana* thanked Ben: her patience"), (None, "• *Ana* thanked Ben")]
)
def test_thanks_say_whose_they_are(reason: str | None, said: str) -> None:
    thanked = replace(win(), credited=(), thanked=(Mention("U1"),), reason=reason)
    (line,) = (line for line in lines_of(EditionSection.THANKS, thanked) if line.startswith("•"))
    assert line.partition(" · ")[0] == said


def test_below_what_was_learned_no_line_says_so_again() -> None:
    learned = replace(win(), kind=WinKind.LEARNING, credited=())
    lines = lines_of(EditionSection.LEARNING, learned)
    assert lines[lines.index("*What you learned along the way*") + 1] == "• *Ana:* έργο"
    assert "• :seedling: *Ana learned:* έργο" in lines_of(EditionSection.CLIMB, learned)
