"""What reaches the people in a win, on both databases. The notes after a roundup: see test_credit_notes.py."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, update

from bot.domain.consent import HOLD_PERIOD, Consent, Preference
from bot.domain.credit import CreditStatus
from bot.domain.deliveries import PendingOp
from bot.outbox import results
from bot.services import credit
from bot.services.credit import PressResult
from bot.slack.outcomes import Rejected, Succeeded
from bot.storage import preferences, tables, wins
from tests.services.credit_scene import BEN, NOW, Scene, scene_in
from tests.single import mark_sending, save_post


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    with scene_in(database_url) as opened:
        yield opened


def says(connection: Connection, win_id: int, consent: Consent) -> None:
    where = tables.win_people.c.win_id == win_id
    connection.execute(update(tables.win_people).where(where).values(consent=consent))


def test_the_first_message_explains_and_later_ones_only_ask(scene: Scene) -> None:
    first = scene.message(scene.win(BEN))
    said = scene.says(first)
    assert said is not None
    assert (said.status, said.explains, said.is_thanked) == (CreditStatus.NAMED, True, False)
    scene.sent(first)
    assert scene.says(scene.message(scene.win(BEN))) is None, "the roundup's note will tell"
    held = {"is_own": False, "consent": Consent.PENDING, "held_until": NOW + HOLD_PERIOD}
    question = scene.says(scene.message(scene.win(BEN, **held)))  # type: ignore[arg-type]
    assert question is not None
    assert (question.status, question.explains) == (CreditStatus.ASKED, False)
    thanks = scene.says(scene.sent(scene.message(scene.win(BEN, thanked=True))))
    assert thanks is not None
    assert thanks.is_thanked


def test_a_message_follows_what_is_said_of_the_win(scene: Scene) -> None:
    win_id = scene.win(BEN, is_own=False, consent=Consent.PENDING, held_until=NOW + HOLD_PERIOD)
    message = scene.sent(scene.message(win_id))
    assert scene.status(message) is CreditStatus.ASKED
    assert scene.status(message, now=NOW + HOLD_PERIOD) is CreditStatus.KEPT
    says(scene.connection, win_id, Consent.REFUSED)
    assert scene.status(message) is CreditStatus.DECLINED
    says(scene.connection, win_id, Consent.GIVEN)
    assert scene.status(message) is CreditStatus.WAITING
    is_win = tables.wins.c.id == win_id
    scene.connection.execute(update(tables.wins).where(is_win).values(held_until=None))
    assert scene.status(message) is CreditStatus.NAMED
    says(scene.connection, win_id, Consent.PENDING)
    assert scene.status(message) is CreditStatus.NAME_ASKED
    says(scene.connection, win_id, Consent.REFUSED)
    assert scene.status(message) is CreditStatus.LEFT
    says(scene.connection, win_id, Consent.GIVEN)
    preferences.choose(scene.connection, "T1", "UBEN", Preference.NEVER)
    assert scene.status(message) is CreditStatus.UNNAMED
    wins.undo(scene.connection, win_id, now=NOW)
    assert scene.says(message) is None


def test_who_has_stopped_the_messages_or_is_no_more_in_the_win_gets_none(scene: Scene) -> None:
    preferences.set_messages(scene.connection, "T1", "UBEN", wants_messages=False)
    message = scene.message(scene.win(BEN))
    assert scene.says(message) is None
    said = scene.says(scene.sent(message))
    assert said is not None, "what they have stays, with a way to turn the messages on again"
    assert not said.wants_messages
    assert scene.says(scene.message(scene.win(BEN), "UCHLOE")) is None
    assert scene.says(scene.message(scene.win(BEN, is_private=True))) is None


@pytest.mark.parametrize("way", ["cancelled", "refused", "deleted", "posted"])
def test_who_has_no_message_in_the_end_is_introduced_by_a_later_win(scene: Scene, way: str) -> None:
    assert preferences.introduce(scene.connection, "T1", "UBEN", now=NOW)
    message = scene.message(scene.win(BEN))
    if way == "cancelled":
        results.save_cancellation(scene.connection, message)
    elif way == "refused":
        save_post(scene.connection, message, Rejected("user_is_restricted"), now=NOW)
    else:
        posted = scene.sent(message)
        is_deletion = way == "deleted"
        results.save_change(scene.connection, posted, Succeeded("1.000001"), is_deletion=is_deletion, now=NOW)
    assert preferences.introduce(scene.connection, "T1", "UBEN", now=NOW) is (way != "posted")


def test_a_press_that_is_faster_than_slack_s_answer_to_the_post_says_where_the_message_is(scene: Scene) -> None:
    message = scene.message(scene.win(BEN))
    assert mark_sending(scene.connection, message, now=NOW)
    press = credit.Press("T1", "D1", "1.000001", "UBEN", message.key)
    assert credit.set_messages(scene.connection, press, wants_messages=False, now=NOW) is PressResult.DONE
    save_post(scene.connection, message, Succeeded("1.000001", "D1"), now=NOW)
    posted = scene.again(message.key)
    assert (posted.channel_id, posted.ts, posted.pending_op) == ("D1", "1.000001", PendingOp.UPDATE)
    someone_else = credit.Press("T1", "D2", "1.000001", "UCHLOE", message.key)
    assert credit.leave(scene.connection, someone_else, now=NOW) is PressResult.NOT_RECIPIENT
