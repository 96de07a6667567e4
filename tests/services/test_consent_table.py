"""The table of consent (consent_table.py), each cell on a real database: what the channel reads, and who is asked.

People of every preference come into wins at every moment, and then something happens to the win: no message that the
channel ever got says a name without consent, and a win that may be told is told once.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind
from tests.databases import filling_engine
from tests.services.consent_scene import Scene, draft_with, draft_without
from tests.services.consent_table import (
    IS_SHOWN,
    PREFERENCES,
    Act,
    Moment,
    Named,
    Prefers,
    Read,
    afterwards,
    at_first,
)


@pytest.fixture
def writing_engine(database_url: str) -> Iterator[Engine]:
    opened = filling_engine(database_url)  # one transaction for the whole table takes longer than the bot may
    yield opened
    opened.dispose()


def says_no_then_yes(scene: Scene, _: Named) -> None:
    scene.answer(is_yes=False)
    scene.now += timedelta(days=3)
    scene.answer(is_yes=True)


def says_yes_late(scene: Scene, _: Named) -> None:
    scene.now += timedelta(days=14, seconds=1)
    scene.answer(is_yes=True)


def leaves_but_edited(scene: Scene, named: Named) -> None:
    scene.leave()
    scene.edit(draft_with(named, "shipped the search again"))


def leaves_but_named_again(scene: Scene, named: Named) -> None:
    scene.leave()
    scene.edit(draft_without(named))
    scene.settle()
    scene.edit(draft_with(named))


def chooses(*preferences: Preference) -> Callable[[Scene, Named], None]:
    def choose(scene: Scene, _: Named) -> None:
        for preference in preferences:
            scene.chooses("UBEN", preference)
            scene.settle()

    return choose


ACTS: dict[Act, Callable[[Scene, Named], None]] = {
    Act.NOTHING: lambda *_: None,
    Act.YES: lambda scene, _: scene.answer(is_yes=True),
    Act.NO: lambda scene, _: scene.answer(is_yes=False),
    Act.NO_THEN_YES: says_no_then_yes,
    Act.LATE_YES: says_yes_late,
    Act.LEAVES: lambda scene, _: scene.leave(),
    Act.LEAVES_BUT_EDITED: leaves_but_edited,
    Act.LEAVES_BUT_NAMED_AGAIN: leaves_but_named_again,
    Act.SHARES: chooses(Preference.SHARE),
    Act.ASKS: chooses(Preference.ASK),
    Act.NEVER: chooses(Preference.NEVER),
    Act.NEVER_THEN_ASKS: chooses(Preference.NEVER, Preference.ASK),
    Act.NEVER_THEN_SHARES: chooses(Preference.NEVER, Preference.SHARE),
}


USUAL_MOMENTS = {"sqlite": (Moment.SAVED, Moment.TOLD), "postgresql": (Moment.SAVED,)}
"""When something happens afterwards, in the usual size: one of all acts in each cell, the same in every run."""
ALL_MOMENTS = (Named.THANKED_IN_OWN, Named.WHOSE)
"""Those who come into a win at the other moments, too, in the usual size: on SQLite, and then nothing happens."""


@pytest.mark.timeout(600)  # with --deep
def test_each_cell(writing_engine: Engine, *, is_deep: bool) -> None:
    usual, chance = USUAL_MOMENTS[writing_engine.dialect.name], random.Random(2030)
    wrong = []
    with writing_engine.connect() as connection:
        scene = Scene(connection)
        for named, prefers, moment in itertools.product(Named, Prefers, Moment):
            is_usual = moment in usual or (named in ALL_MOMENTS and writing_engine.dialect.name == "sqlite")
            if not (is_deep or is_usual):
                continue
            acts = tuple(Act) if is_deep else chance.sample(tuple(Act), k=1 if moment in usual else 0)
            with scene.branch() as begun:
                begun.chooses("UBEN", PREFERENCES[prefers])
                begun.comes_in(named, moment)
                problems = list(at_first_problems(begun, named, prefers, moment))
                wrong += [f"{named}; {prefers}; {moment}: {problem}" for problem in problems]
                for what in acts if not problems else ():
                    with begun.branch() as ended:
                        found = problems_afterwards(ended, named, prefers, moment, what)
                        wrong += [f"{named}; {prefers}; {moment}; {what}: {problem}" for problem in found]
        connection.rollback()
    assert wrong == []


def at_first_problems(scene: Scene, named: Named, prefers: Prefers, moment: Moment) -> Iterator[str]:
    """Yield what is not as the table says after Ben has come into a win."""
    expected, is_asked = at_first(named, prefers, moment)
    if scene.reads() is not expected:
        yield f"the channel reads {scene.reads()}, and not {expected}"
    waits = expected is Read.NOTHING
    if scene.win.is_held is not waits:
        yield f"it is {'not ' if waits else ''}held"
    if is_asked and scene.questions() != 1:
        yield f"Ben is asked {scene.questions()} times"
    if waits and not is_asked and scene.questions():
        yield "Ben is asked, who prefers never to be named"
    if expected is not Read.NAME and scene.was_named():
        yield "the channel was told the name without consent"


def problems_afterwards(scene: Scene, named: Named, prefers: Prefers, moment: Moment, what: Act) -> Iterator[str]:
    """Let something happen, and then the roundup come, and yield what is not as the table says."""
    was_named = scene.reads() is Read.NAME
    ACTS[what](scene, named)
    scene.settle()
    scene.roundup()
    scene.settle()
    expected = afterwards(named, prefers, moment, what)
    if scene.reads() is not expected:
        yield f"in the end the channel reads {scene.reads()}, and not {expected}"
        return
    if not was_named and expected is not Read.NAME and scene.was_named():
        yield "the channel was told the name without consent, for a while"
    for kind in (DeliveryKind.ANNOUNCEMENT, DeliveryKind.ROUNDUP):
        if scene.times(kind) != int(expected is not Read.NOTHING):
            yield f"{scene.times(kind)} messages are there of the kind {kind}"
    if scene.questions() > 1:
        yield "Ben is asked again"


@pytest.mark.parametrize("prefers", [Prefers.ASK, Prefers.NEVER])
@pytest.mark.parametrize("named", [Named.IN_OWN, Named.WHOSE])
def test_no_message_says_the_name_of_who_is_taken_out_of_a_win_but_not_out_of_its_text(
    writing_engine: Engine, named: Named, prefers: Prefers
) -> None:
    with writing_engine.connect() as connection:
        scene = Scene(connection)
        scene.chooses("UBEN", PREFERENCES[prefers])
        scene.comes_in(named, Moment.TOLD)
        assert scene.reads() is Read.TEAMMATE
        for text in ("shipped the search", "shipped the search again"):
            scene.edit(replace(draft_with(named, text), credited=(), is_own=True))
            scene.settle()
            assert scene.reads() is Read.TEAMMATE
        scene.chooses("UBEN", Preference.NEVER)
        scene.chooses("UBEN", Preference.ASK)
        scene.settle()
        assert scene.reads() is Read.TEAMMATE
        assert not scene.was_named()
        connection.rollback()


@pytest.mark.parametrize("channel_id", ["C1", None], ids=["only me", "in a direct message"])
def test_a_win_that_ana_keeps_for_herself_asks_and_tells_no_one(writing_engine: Engine, channel_id: str | None) -> None:
    with writing_engine.connect() as connection:
        begun = Scene(connection)
        for named, prefers in itertools.product(Named, (Prefers.NONE, Prefers.ASK)):
            with begun.branch() as scene:
                scene.chooses("UBEN", PREFERENCES[prefers])
                scene.save(draft_with(named), is_private=True, channel_id=channel_id)
                scene.edit(draft_without(named))
                scene.edit(draft_with(named))
                scene.answer(is_yes=True)
                scene.leave()
                scene.chooses("UBEN", Preference.SHARE)
                scene.settle()
                scene.roundup()
                scene.settle()
                assert (scene.reads(), scene.history) == (Read.NOTHING, [])
                assert (scene.questions(), scene.questions("UCHLOE")) == (0, 0)
                assert "UBEN" in {each.user_id for each in scene.win.people}
        connection.rollback()


def test_the_table_is_whole() -> None:
    for named in Named:
        for prefers in Prefers:
            for moment in Moment:
                read, is_asked = at_first(named, prefers, moment)
                assert read is not Read.NOTHING or moment not in IS_SHOWN, "what was told stays told"
                assert not (is_asked and read is Read.NAME), "who is named is not asked"
                assert not (is_asked and prefers in (Prefers.SHARE, Prefers.NEVER)), "who has chosen is not asked"
                for what in Act:
                    after = afterwards(named, prefers, moment, what)
                    said_yes = what in (Act.YES, Act.NO_THEN_YES, Act.LATE_YES, Act.SHARES, Act.NEVER_THEN_SHARES)
                    assert after is not Read.NAME or read is Read.NAME or said_yes, "only a yes shows a name"
