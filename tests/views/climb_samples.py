"""A climb's page, the line that says that it is reached, and what the form of a win says of climbs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.domain.climbs import Climb, ClimbPage, NextStepOf, StepSuggestion
from bot.domain.wins import ClimbOfWin
from bot.views import climb as view
from bot.views.announcement import announcement
from bot.views.format import paragraph
from bot.views.my_wins import my_wins
from bot.views.translations import Translations
from tests.views.sample_data import BEN, NAMES, NOW, ZONE, full_wins, link, win

CLIMB = Climb(7, "T1", "C1", "ανάβαση", "U0", NOW, shared_at=NOW)
REACHED = replace(CLIMB, reached_at=NOW, reached_by="U1")
STEP = replace(win(), climb=ClimbOfWin(7, "ανάβαση"))


def of_climbs(t: Translations) -> Iterator[dict[str, Any]]:
    """Every branch of their words."""
    yield announcement(t, STEP, NAMES, key="κ", permalink=link)
    yield my_wins(t, [STEP], NAMES, zone=ZONE, permalink=link, now=NOW)
    steps = full_wins()
    hidden = replace(win(), held_until=NOW)
    page = ClimbPage(CLIMB, (*steps, hidden), 0, 5, 20, may_rename=True, may_mark=True, reader_id="U0", zone=ZONE)
    own = replace(page, climb=replace(CLIMB, channel_id=None, shared_at=None), steps=(win(None),))
    pages = [
        *(page, own, replace(page, climb=REACHED), replace(page, may_rename=False, may_mark=False)),
        *(replace(page, first=first, total=60) for first in (0, 20, 56)),
    ]
    for each in pages:
        yield view.page(t, each, NAMES, private_metadata="{}", permalink=link)
    yield view.page(t, page, NAMES, private_metadata="{}", permalink=link, notice=view.not_yours(t))
    yield view.page(t, page, NAMES, private_metadata="{}", permalink=link, notice=view.no_change(t))
    yield view.rename_form(t, CLIMB, private_metadata="{}")
    yield view.reached_line(t, REACHED, NAMES)
    yield from (view.gone(t), view.not_in_channel(t, "C1"), view.failed_to_open(t))
    for text in view.step_errors(t).values():
        yield paragraph(text)
    suggestions = [
        StepSuggestion(CLIMB, win(), (win(),)),
        *(StepSuggestion(None, each, (each,)) for each in (win(), win(author=BEN))),
    ]
    for group in view.option_groups(t, suggestions, NAMES, user_id="U0"):
        yield {"text": "", "blocks": [{"type": "actions", "elements": [_menu(group)]}]}


def _menu(group: dict[str, Any]) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "win_next_step_of", "option_groups": [group]}


STARTS = NextStepOf(win_id=1, name="ανάβαση")
CONTINUES = NextStepOf(climb_id=7)
