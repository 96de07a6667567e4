"""The state machine for a few seconds, with --deep for minutes; `python -m tests.stateful` runs it for longer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.wins import Win
from bot.storage.deliveries import Lane
from tests.databases import KINDS, Databases
from tests.stateful import run
from tests.stateful.machine import Machine

STEPS = 160
STEPS_TO_BREAK = 320
"""In which a broken bot is found at the latest."""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
def test_each_win_is_posted_once_or_still_open_or_undone(all_databases: Databases, kind: str, is_deep: bool) -> None:
    steps = 8000 if is_deep else STEPS
    report = run(lambda: all_databases.make(kind), seed=7, steps=steps)
    print(*report.violations, sep="\n\n")  # pytest shortens what an assertion compares
    assert report.violations == []
    assert report.steps >= steps


def test_a_message_that_waits_for_names_heeds_a_retry_after_that_comes_meanwhile(sqlite_url: str) -> None:
    class Played(Machine):
        database_url = sqlite_url

    played = Played()
    both = (("T1", "C1"), [0]), (("T1", "C2"), [1])
    played.configure_some(up={where for where, _ in both})
    played.run_for(60.0)
    for where, who in both:
        played.save(where, who)
    played.run_for(60.0)
    played.clock.leapt += timedelta(days=2)  # names are asked for again
    played.slack.faults["users.info"] = [("", 0), ("timeout", 0)]
    played.slack.faults["chat.postMessage"] = [("ratelimited", 40)]
    for where, who in both:
        played.save(where, who)
    played.let_time_pass(60.0)
    assert played.slack.violations == []
    assert len([message for message in played.slack.messages if message.win_numbers]) == 4
    played.teardown()


@pytest.mark.deep
def test_the_machine_sees_a_bot_that_marks_a_post_after_sending_it(
    monkeypatch: pytest.MonkeyPatch, all_databases: Databases
) -> None:
    """What the machine is for: the usual outbox, which sends again whatever has no certain answer."""
    from bot.storage import deliveries

    def mark_interrupted(connection: Any, delivery: Any) -> bool:
        deliveries.requeue_unsent(connection, delivery.id, None, attempt=delivery.attempts)
        return True

    monkeypatch.setattr(deliveries, "mark_interrupted", mark_interrupted)
    report = run(all_databases.sqlite, seed=4, steps=STEPS_TO_BREAK, until_broken=True)
    assert any("posted twice" in broken or "posted again" in broken for broken in report.violations)


@pytest.mark.deep
def test_the_machine_sees_a_bot_that_names_people_unasked(
    monkeypatch: pytest.MonkeyPatch, all_databases: Databases
) -> None:
    from bot.storage import wins

    monkeypatch.setattr(wins, "is_named", lambda *_, **__: True)
    report = run(all_databases.sqlite, seed=3, steps=STEPS_TO_BREAK, until_broken=True)
    assert any("no one is named who does not want it" in broken for broken in report.violations)


@pytest.mark.deep
def test_the_machine_sees_a_bot_that_waits_for_no_one(
    monkeypatch: pytest.MonkeyPatch, all_databases: Databases
) -> None:
    from bot.services import consent

    monkeypatch.setattr(consent, "_is_waiting", lambda *_: False)
    report = run(all_databases.sqlite, seed=1, steps=STEPS, until_broken=True)
    assert any("without consent" in broken for broken in report.violations)


@pytest.mark.deep
def test_the_machine_sees_a_bot_that_tells_what_was_left_for_later(
    monkeypatch: pytest.MonkeyPatch, all_databases: Databases
) -> None:
    from bot.storage import wins

    def for_next_roundups(connection: Connection, keys: Sequence[Lane]) -> dict[Lane, list[Win]]:
        return {key: wins.open_in(connection, *key) for key in keys}

    monkeypatch.setattr(wins, "for_next_roundups", for_next_roundups)
    report = run(all_databases.sqlite, seed=33, steps=STEPS, until_broken=True)
    assert any("were left for later" in broken for broken in report.violations)
