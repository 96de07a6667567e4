"""The row of notes and looks back can fail: it counts what is lost and doubled."""

import pytest

from bot.outbox.sender import Sender
from bot.slack.outcomes import Outcome
from bot.storage.deliveries import Delivery
from bot.views.format import Message
from tests.chaos.scenarios import notes_and_editions
from tests.chaos.scenarios.notes_and_editions import Count, count
from tests.chaos.test_scenarios import SEED, SIZES
from tests.databases import Databases

DUE = {"ana": ["one", "two"], "ben": ["three"]}


def test_one_message_with_all_that_is_due_is_neither_lost_nor_doubled() -> None:
    assert count(DUE, {"ana": ["one and two"], "ben": ["three"]}) == Count(lost=0, doubled=0)


def test_no_message_and_one_without_all_that_is_due_are_lost() -> None:
    assert count(DUE, {"ana": ["one"], "ben": []}) == Count(lost=2, doubled=0)


def test_each_message_more_is_doubled() -> None:
    assert count(DUE, {"ana": ["one and two", "two", "one and two"], "ben": ["three"]}) == Count(lost=0, doubled=2)


def test_what_is_unconfirmed_is_not_lost_whether_it_came_or_not() -> None:
    texts = {"ana": ["one and two"], "ben": []}
    expected = Count(lost=0, doubled=0, unconfirmed=2, unconfirmed_told=1)
    assert count(DUE, texts, ["ana", "ben"]) == expected


def test_what_is_unconfirmed_and_came_twice_is_doubled() -> None:
    texts = {"ana": ["one and two", "one and two"], "ben": ["three"]}
    assert count(DUE, texts, ["ana"]).doubled == 1


@pytest.mark.deep
@pytest.mark.timeout(300)
async def test_a_bot_that_posts_each_message_twice_does_not_meet_the_goal(all_databases: Databases) -> None:
    size = SIZES["notes_and_editions"]
    result = await notes_and_editions.run(all_databases, database="sqlite", seed=SEED, size=size, before_run=post_twice)
    assert not result.is_met
    assert result.numbers["doubled"] > 0
    assert result.numbers["notes doubled"] > 0


def post_twice() -> None:
    """Let the sender of this process ask for each post once more, whatever came of the first."""
    original = Sender._try_post

    async def twice(self: Sender, delivery: Delivery, message: Message, parent_ts: str | None) -> Outcome:
        await original(self, delivery, message, parent_ts)
        return await original(self, delivery, message, parent_ts)

    Sender._try_post = twice  # type: ignore[method-assign]
