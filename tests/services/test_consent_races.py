"""Two replicas at once: whatever two people do to a waiting win in the same moment, it is told once or not at all.

The first has done its work and not committed yet when the second begins.
"""

import copy
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import sleep

import pytest
from sqlalchemy import Connection, Engine

from bot.domain.consent import Preference
from bot.domain.deliveries import DeliveryKind
from bot.domain.win_edits import EditConflict, WinGone
from bot.domain.wins import parse_win
from bot.services import credit
from bot.services.credit import Press, PressResult
from bot.storage import consent as consent_queries
from bot.storage.database import engine
from tests.services.consent_scene import BEN, DMITRI, NOW, Scene

DRAFT = replace(parse_win("shipped the search with <@UBEN> and <@UDMITRI>", [BEN, DMITRI]), is_own=False)
WITHOUT_BEN = replace(parse_win("shipped the search with <@UDMITRI>", [DMITRI]), is_own=False)
WITHOUT_DMITRI = replace(parse_win("shipped the search with <@UBEN>", [BEN]), is_own=False)
OTHER_WORDS = replace(parse_win("shipped the door with <@UBEN> and <@UDMITRI>", [BEN, DMITRI]), is_own=False)
SECONDS_AHEAD = 0.05
"""How long the second is given to come as far as it can before the first commits."""
SECONDS_TO_MEET = 0.5
"""The same, where the second has to connect before the first goes on."""

Act = Callable[[Scene], object]
ACTS: dict[str, Act] = {
    "Ben says yes": lambda scene: scene.answer(is_yes=True, revision=0),
    "Dmitri says yes": lambda scene: scene.answer("UDMITRI", is_yes=True, revision=0),
    "Ben says no": lambda scene: scene.answer(is_yes=False, revision=0),
    "Ben takes his name out": lambda scene: scene.leave(),
    "Ben chooses to share": lambda scene: scene.chooses("UBEN", Preference.SHARE),
    "Ben chooses never": lambda scene: scene.chooses("UBEN", Preference.NEVER),
    "Dmitri chooses to share": lambda scene: scene.chooses("UDMITRI", Preference.SHARE),
    "Ana takes Ben out": lambda scene: scene.edit(WITHOUT_BEN),
    "Ana takes Dmitri out": lambda scene: scene.edit(WITHOUT_DMITRI),
    "Ana writes other words": lambda scene: scene.edit(OTHER_WORDS),
    "Ana makes it private": lambda scene: scene.make_private(),
    "Ana undoes it": lambda scene: scene.undo(),
}
YES_OF = {
    "UBEN": {"Ben says yes", "Ben chooses to share", "Ana takes Ben out"},
    "UDMITRI": {"Dmitri says yes", "Dmitri chooses to share", "Ana takes Dmitri out"},
}
"""What leaves nothing to wait for, of each of the two whose win it is."""
HIDES = {"Ana makes it private", "Ana undoes it"}
SAYS_NO = {"Ben says no", "Ben takes his name out", "Ben chooses never"}
PAIRS = [pair for pair in itertools.permutations(ACTS, 2) if {each.split()[0] for each in pair} != {"Ana"}]
USUAL_PAIRS = [
    ("Ben says yes", "Dmitri says yes"),
    ("Ben chooses to share", "Dmitri says yes"),
    ("Ana writes other words", "Ben says yes"),
    ("Ana takes Ben out", "Dmitri says yes"),
    ("Dmitri chooses to share", "Ana takes Ben out"),
    ("Ben says yes", "Ana undoes it"),
    ("Ben chooses never", "Ben says yes"),
]
"""With two replicas, those in which the second works with what the first is about to change."""


@pytest.fixture
def writing_engine(database_url: str) -> Iterator[Engine]:
    opened = engine(database_url, writes=True, pool_size=2)  # one for each replica
    yield opened
    opened.dispose()


def at_once(writing_engine: Engine, scene: Scene, first: str, second: str) -> None:
    """Let the second begin before the first has committed."""

    def act(name: str) -> None:
        with suppress(EditConflict, WinGone), writing_engine.begin() as connection:
            ACTS[name](replace_connection(scene, connection))

    with ThreadPoolExecutor(1) as other:
        with writing_engine.begin() as connection:
            ACTS[first](replace_connection(scene, connection))
            running = other.submit(act, second)
            sleep(SECONDS_AHEAD)
        running.result(timeout=20)


def replace_connection(scene: Scene, connection: Connection) -> Scene:
    """Return the same scene in another transaction."""
    replaced = copy.copy(scene)
    replaced.connection = connection
    return replaced


@pytest.mark.timeout(600)  # with --deep
def test_a_win_that_waits_for_two_is_told_once_or_not_at_all(writing_engine: Engine, is_deep: bool) -> None:
    """SQLite has one writer, so that the second always waits until the first has committed: one pair does."""
    wrong, now = [], NOW
    usual = USUAL_PAIRS if writing_engine.dialect.name != "sqlite" else USUAL_PAIRS[:1]
    for first, second in PAIRS if is_deep else usual:
        with writing_engine.begin() as connection:
            scene = Scene(connection, now)
            for each in ("UBEN", "UDMITRI"):
                scene.chooses(each, Preference.ASK)
            scene.save(DRAFT)
        at_once(writing_engine, scene, first, second)
        with writing_engine.begin() as connection:
            scene.connection = connection
            scene.settle()
            scene.roundup()
            scene.settle()
            is_shown, times = bool(scene.in_channel()), scene.times(DeliveryKind.ANNOUNCEMENT)
            asked = (scene.questions(), scene.questions("UDMITRI"))
            is_held = scene.win.is_held
            scene.undo()
            scene.settle()
            now = scene.now
        done = {first, second}
        is_yes_to_old_words = first.startswith("Ana") and second.endswith("says yes")
        agreed = all(done & yes for yes in YES_OF.values()) and not is_yes_to_old_words
        if agreed and not done & HIDES and (not is_shown or times != 1):
            wrong.append(f"{first}; {second}: it is lost, or told {times} times")
        if not agreed and is_shown:
            wrong.append(f"{first}; {second}: it is told without consent")
        if not is_shown and not is_held and not done & HIDES:
            wrong.append(f"{first}; {second}: it waits for no one, and is not told")
        if done & HIDES and is_shown:
            wrong.append(f"{first}; {second}: it is shown, though it is hidden")
        if scene.was_named() and (done & SAYS_NO):
            wrong.append(f"{first}; {second}: he is named, though he said no")
        if max(asked) > 1:
            wrong.append(f"{first}; {second}: asked {asked} times")
    assert wrong == []


def test_a_press_on_a_question_waits_for_an_edit_that_has_begun(writing_engine: Engine) -> None:
    """PostgreSQL would end one of the two with an error if each had locked what the other waits for."""
    presses: dict[str, Callable[..., PressResult]] = {
        "yes": partial(credit.answer, revision=0, is_yes=True),
        "leave": credit.leave,
        "share": partial(credit.choose, preference=Preference.SHARE),
    }
    for name, service in presses.items():
        with writing_engine.begin() as connection:
            scene = Scene(connection)
            scene.chooses("UBEN", Preference.ASK)
            scene.save(DRAFT)
            scene.settle()
            (question,) = consent_queries.credit_messages(connection, scene.win_id, ["UBEN"])
        press = Press("T1", question.channel_id, str(question.ts), "UBEN", question.key)

        def act(service: Callable[..., PressResult] = service, press: Press = press) -> PressResult:
            with writing_engine.begin() as connection:
                return service(connection, press, now=NOW)

        with ThreadPoolExecutor(1) as other:
            with writing_engine.begin() as connection:
                consent_queries.lock_people(connection, [("T1", "UBEN"), ("T1", "UDMITRI")])
                consent_queries.lock_win(connection, "T1", scene.win_id)
                running = other.submit(act)
                sleep(SECONDS_TO_MEET)
                replace_connection(scene, connection).edit(OTHER_WORDS)
            result = running.result(timeout=20)
        assert result is (PressResult.CHANGED if name == "yes" else PressResult.DONE)
        with writing_engine.begin() as connection:
            scene.connection = connection
            scene.undo()
            scene.settle()
