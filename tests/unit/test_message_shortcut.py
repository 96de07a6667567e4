"""What the form starts with when "Save as a win" is used on a message."""

from typing import Any

import pytest

from bot.domain.wins import MAX_LENGTH
from bot.listeners.message_shortcut import entered_win
from bot.slack.message_payloads import message_shortcut
from bot.views.format import escape
from tests.unit.test_message_payloads import used_on


def started_with(message: dict[str, Any], **more: Any) -> Any:
    return entered_win(message_shortcut(used_on(message) | more), "UBOT")


def test_a_message_is_the_win_of_who_wrote_it_and_of_who_saves_it_where_an_app_did() -> None:
    assert started_with({"user": "UBEN", "text": "fixed"}).whose == ("UBEN",)
    assert started_with({"bot_id": "B1", "user": "UCI", "text": "deployed"}).whose == ("UANA",)


def test_who_is_mentioned_in_one_s_own_message_is_credited_and_in_that_of_another_is_not() -> None:
    said = "fixed with <@UCHLOE> and <@UANA>"
    assert started_with({"user": "UANA", "text": said}).whose == ("UANA", "UCHLOE")
    assert started_with({"bot_id": "B1", "user": "UCI", "text": said}).whose == ("UANA", "UCHLOE")
    assert started_with({"user": "UBEN", "text": said}).whose == ("UBEN",)


@pytest.mark.parametrize(("channel", "is_private"), [("C1", False), ("G1", False), ("D1", True)])
def test_what_was_said_between_two_people_is_for_the_saver_alone_at_first(channel: str, is_private: bool) -> None:
    entered = started_with({"user": "UBEN", "text": "fixed"}, channel={"id": channel, "name": "x"})
    assert (entered.is_private, entered.channel_id) == (is_private, None if is_private else channel)


@pytest.mark.parametrize("text", ["fixed it", "<@UBOT> fixed it", "hey <@UBOT>, fixed it", "/win fixed it"])
def test_the_win_says_nothing_to_the_bot(text: str) -> None:
    assert started_with({"user": "UBEN", "text": text}).text == "fixed it"


@pytest.mark.parametrize("unit", ["x", "word ", "長", "👩‍👩‍👧", "<https://example.test/a|a> ", "<@UBEN> "])
def test_a_long_message_is_cut_to_a_win_and_no_address_or_person_is_cut_in_two(unit: str) -> None:
    text = started_with({"user": "UBEN", "text": unit * 2000}).text
    assert len(text) <= MAX_LENGTH
    assert text.endswith("…")
    assert text.count("<") == text.count(">")
    assert "\u200d…" not in text


@pytest.mark.parametrize("sign", ["< 200 ms", "<3", "R&D"])
def test_a_sign_in_a_long_message_cuts_off_nothing_after_it(sign: str) -> None:
    said = f"Now {sign} " + "word " * 200
    assert started_with({"user": "UBEN", "text": escape(said)}).text == said[: MAX_LENGTH - 1].rstrip() + "…"
