"""Climbs without a database: who may do what with one, what stands first among suggestions, and its name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.climbs import (
    MAX_SUGGESTIONS,
    Climb,
    ClimbAction,
    ClimbRelation,
    NextStepOf,
    StepSuggestion,
    may_with_climb,
    ranked,
    relation_to_climb,
)
from bot.domain.entered_win import EnteredWin
from bot.domain.wins import Cheerers, Mention, Win

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
SHARED = Climb(1, "T1", "C1", "Faster builds", "UANA", NOW, shared_at=NOW)
UNSHARED = replace(SHARED, shared_at=None)
PRIVATE = replace(UNSHARED, channel_id=None)


def win(number: int, author: str = "UANA", text: str = "did it", **changes: Any) -> Win:
    created_at = NOW + timedelta(minutes=number)
    return replace(Win(number, "T1", "C1", Mention(author), text, (), created_at, False, None, Cheerers()), **changes)


STEPS = [win(1), win(2, "UBEN"), win(3, "UHELD", held_until=NOW), win(4, "UHIDDEN", is_private=True)]
OWN = [win(1, channel_id=None, is_private=True)]
RELATIONS = {
    "author of a shared step": (SHARED, STEPS, "UBEN", ClimbRelation.STEP_AUTHOR),
    "who began it": (SHARED, STEPS, "UANA", ClimbRelation.STEP_AUTHOR),
    "author of a step that waits": (SHARED, STEPS, "UHELD", ClimbRelation.READER),
    "author of a step made private": (SHARED, STEPS, "UHIDDEN", ClimbRelation.READER),
    "anyone else": (SHARED, STEPS, "UCHLOE", ClimbRelation.READER),
    "anyone else, no step shown": (SHARED, STEPS[2:], "UCHLOE", ClimbRelation.STRANGER),
    "author of the only step, which waits": (SHARED, STEPS[2:], "UHELD", ClimbRelation.READER),
    "anyone else, not shared yet": (UNSHARED, STEPS[1:3], "UCHLOE", ClimbRelation.STRANGER),
    "author of its first win, not shared yet": (UNSHARED, STEPS[1:3], "UBEN", ClimbRelation.STRANGER),
    "who began it, not shared yet": (UNSHARED, STEPS[:3], "UANA", ClimbRelation.STARTER),
    "their own private wins": (PRIVATE, OWN, "UANA", ClimbRelation.STEP_AUTHOR),
    "someone else's private wins": (PRIVATE, OWN, "UBEN", ClimbRelation.STRANGER),
}
TABLE: dict[ClimbRelation, set[str]] = {
    ClimbRelation.STRANGER: set(),
    ClimbRelation.READER: {"see"},
    ClimbRelation.STARTER: {"see", "rename"},
    ClimbRelation.STEP_AUTHOR: {"see", "rename", "mark_reached"},
}


@pytest.mark.parametrize("who", RELATIONS)
def test_what_someone_is_to_a_climb(who: str) -> None:
    climb, steps, user_id, relation = RELATIONS[who]
    assert relation_to_climb(climb, steps, user_id) is relation
    assert relation_to_climb(climb, steps, user_id, is_active=False) is ClimbRelation.STRANGER


@pytest.mark.parametrize("relation", ClimbRelation)
def test_who_may_do_what_with_a_climb(relation: ClimbRelation) -> None:
    allowed = {action.value for action in ClimbAction if may_with_climb(action, relation, is_in_channel=True)}
    assert allowed == TABLE[relation]
    assert not any(may_with_climb(action, relation, is_in_channel=False) for action in ClimbAction)


def alone(number: int, author: str, text: str, *tags: str) -> StepSuggestion:
    found = win(number, author, text, tags=tags)
    return StepSuggestion(None, found, (found,))


def test_climbs_come_first_then_one_s_own_then_what_is_like_it_then_the_newest() -> None:
    old, new = alone(1, "UANA", "walked the dog"), alone(9, "UANA", "went home")
    tagged, worded = alone(2, "UANA", "tuned it", "build"), alone(3, "UANA", "measured the slow build server")
    of_ben = alone(8, "UBEN", "measured the slow build server", "build")
    step = win(4, "UBEN", "made tea")
    climb = StepSuggestion(SHARED, step, (step,))
    found = ranked([new, old, of_ben, worded, climb, tagged], user_id="UANA", text="the build server", tags=["build"])
    assert found == [climb, tagged, worded, new, old, of_ben]


def test_no_more_is_suggested_than_slack_shows() -> None:
    many = [alone(number, "UANA", "did it") for number in range(1, 150)]
    found = ranked(many, user_id="UANA", text="", tags=())
    assert [each.latest.id for each in found] == list(range(149, 149 - MAX_SUGGESTIONS, -1))


@pytest.mark.parametrize("step_of", [None, NextStepOf(climb_id=3), NextStepOf(win_id=4, name="Faster builds")])
def test_what_was_chosen_is_kept_with_what_is_entered(step_of: NextStepOf | None) -> None:
    entered = EnteredWin("did it", step_of=step_of)
    assert EnteredWin.from_json(entered.to_json()) == entered


def test_what_an_earlier_release_kept_is_read() -> None:
    kept = EnteredWin("did it").to_json().replace(', "step_of": null', "")
    assert "step_of" not in kept
    assert EnteredWin.from_json(kept) == EnteredWin("did it")
