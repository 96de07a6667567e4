"""What can't be taken back asks first, and says what is lost: one table has every press, and how to take it back."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from bot.domain.entered_win import EnteredWin
from bot.domain.wins import Win
from bot.views import edit_win, my_wins, preview
from bot.views.translations import ENGLISH
from tests.project.action_ids import interactive_ids
from tests.views.sample_data import NAMES, NOW, link, win
from tests.views.samples import everything

pytestmark = pytest.mark.xdist_group("all buttons")  # one process makes them
ASKS = {
    "start_win_over": "what was entered in the form is gone",
    "remove_from_win": "the person can't join again",
    "delete_win": "the announcement and its cheers are gone",
    "undo_listed_win": "the announcement and its cheers are gone",
    "home_switch_off": "no more roundups are posted",
    "delivery_is_there": "its wins are in no other roundup",
}
"""The presses that ask first, and why."""
ASKS_IF_IT_MAY_BE_THERE = {"post_delivery": "the message may be in the channel twice"}
"""These ask only where it is not known whether the message is there."""
ASKS_IN_A_PREVIEW = {"post_roundup_now": "elsewhere it is the answer to the question that `/wins post` asks"}
ASKS_WHO_SEES_IT = {
    "credit_leave": "others no longer read their name",
    "make_win_private": "the message disappears from its channel",
    "share_win_again": "everyone in the channel sees it",
    "mark_climb_reached": "the channel is told",
    "leave_listed_win": "the name comes off a message that others may have read",
}
"""These can be taken back, and ask because others see what happens."""
DOES_NOT_ASK = {
    "accept_offer": "the settings can be changed",
    "audit_newest": "changes nothing",
    "audit_older": "changes nothing",
    "change_offer": "opens a form",
    "add_win": "opens a form",
    "climb_earlier": "changes nothing",
    "climb_later": "changes nothing",
    "cheer": "the cheer can be removed",
    "cheer_listed_win": "the cheer can be removed in the channel",
    "cheer_told_win": "the cheer can be removed",
    "edit_listed_win": "opens a form",
    "edit_win": "opens a form",
    "decline_listed_win": "they can still say yes",
    "credit_choose_ask": "the buttons beside it change it",
    "credit_choose_never": "the buttons beside it change it",
    "credit_choose_share": "the buttons beside it change it",
    "credit_no": "the win waits, and a yes is still possible",
    "credit_resume": "the button stops them again",
    "credit_stop": "the button starts them again",
    "credit_yes": "it is the answer to the question",
    "dismiss_delivery": "the message stays as it is, and the change history names the choice",
    "just_this_time": "opens a form",
    "look_back_resume": "the button beside it stops them",
    "look_back_stop": "the button starts them again",
    "note_thank_someone": "opens a form",
    "join_win": "they can remove themselves, and the author can remove them",
    "leave_win": "they can join again",
    "home_audit": "opens a modal",
    "home_defaults": "opens a form",
    "home_earlier": "changes nothing",
    "home_link": "changes nothing",
    "home_look_back_off": "the button in its place starts them again",
    "home_look_back_on": "the button in its place stops them",
    "home_more": "changes nothing",
    "home_settings": "opens a form",
    "home_take_over": "someone else can take it over",
    "open_climb": "opens a modal",
    "open_preferences": "opens a form",
    "open_win_form": "opens a form",
    "pause_roundup": "`/wins resume`",
    "post_roundup_not_now": "changes nothing",
    "preview_roundup": "changes nothing",
    "preview_settings": "opens a form",
    "retry_change": "it asks Slack once more",
    "rename_climb": "opens a form",
    "resume_notes": "the button beside it stops them",
    "run_command": "it does what the command does, which asks by itself",
    "save_as_win": "the win can be undone",
    "save_win_again": "the win can be undone",
    "search_newer": "changes nothing",
    "search_older": "changes nothing",
    "share_listed_win": "that is what was asked, and they can remove themselves",
    "skip_roundup": "`/wins resume`",
    "stop_notes": "the button beside it starts them again",
    "say_how_they_helped": "opens a form",
    "take_back_reached": "it can be marked as reached again",
    "take_back_cheer": "the win can be cheered again",
    "thank_first": "the win can be edited",
    "thank_second": "the win can be edited",
    "thank_third": "the win can be edited",
    "undo_win": "it stands in the reply to the win just saved, and gives the text back",
}
"""The other presses, and how to take each back."""


def buttons(value: Any) -> Iterator[dict[str, Any]]:
    """Every button in a message or view."""
    if isinstance(value, list):
        for each in value:
            yield from buttons(each)
    elif isinstance(value, dict):
        if value.get("type") == "button":
            yield value
        for each in value.values():
            yield from buttons(each)


@cache
def all_buttons() -> list[dict[str, Any]]:
    """Every button that the bot ever shows. To make them takes seconds."""
    return list(buttons(list(everything(ENGLISH))))


def test_every_press_is_in_the_table() -> None:
    pressed = {button["action_id"] for button in all_buttons()}
    tables = (ASKS, ASKS_IF_IT_MAY_BE_THERE, ASKS_IN_A_PREVIEW, ASKS_WHO_SEES_IT, DOES_NOT_ASK)
    assert pressed == {action for table in tables for action in table}
    assert pressed <= {name for kind, name in interactive_ids() if kind == "action"}


@pytest.mark.parametrize("action", ASKS)
def test_what_cannot_be_taken_back_asks_wherever_it_is_offered(action: str) -> None:
    shown = [button for button in all_buttons() if button["action_id"] == action]
    assert shown
    for button in shown:
        assert button["confirm"]["style"] == "danger"
        assert button["confirm"]["deny"]["text"] == "Cancel"


@pytest.mark.parametrize("action", ASKS_WHO_SEES_IT)
def test_what_others_see_asks_and_says_what_happens(action: str) -> None:
    shown = [button for button in all_buttons() if button["action_id"] == action]
    assert shown
    for button in shown:
        assert button["confirm"]["style"] == "primary"
        assert button["confirm"]["deny"]["text"] == "Cancel"


@pytest.mark.parametrize("action", DOES_NOT_ASK)
def test_what_can_be_taken_back_does_not_ask(action: str) -> None:
    assert not [button for button in all_buttons() if button["action_id"] == action and "confirm" in button]


def test_posting_again_asks_where_the_message_may_be_there() -> None:
    asked = {
        (button["text"]["text"], "confirm" in button)
        for button in all_buttons()
        if button["action_id"] == "post_delivery"
    }
    assert asked == {("No, post it", True), ("Post it", False)}


@pytest.mark.parametrize(
    ("cheers", "channel_id", "said"),
    [
        (0, "C1", "from its channel and from any roundup. You"),
        (1, "C1", "with its 1 cheer. You"),
        (3, "C1", "with its 3 cheers. You"),
        (0, None, "You'll get your text back."),
    ],
)
def test_deleting_says_what_is_lost(cheers: int, channel_id: str | None, said: str) -> None:
    listed = my_wins.my_wins(ENGLISH, [win(channel_id, cheers)], NAMES, zone="UTC", permalink=link, now=NOW)
    button = next(each for each in buttons(listed) if "confirm" in each)
    assert said in button["confirm"]["text"]["text"]


def test_deleting_promises_to_remove_no_message_that_the_bot_cannot() -> None:
    in_a_group = replace(win(), message_ts=None)
    listed = my_wins.my_wins(ENGLISH, [in_a_group], NAMES, zone="UTC", permalink=link, now=NOW)
    button = next(each for each in buttons(listed) if "confirm" in each)
    assert button["confirm"]["text"]["text"] == "It won't be in any roundup. You'll get your text back."


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (win(), "It'll be removed from its channel and from any roundup, and only you will see it. Its cheers are"),
        (replace(win(), message_ts=None), "Only you will see it, and it won't be in any roundup."),
        (replace(win(), is_private=True), "I'll post it in its channel again, with the cheers it had"),
    ],
    ids=["make private", "make private what the bot can't remove", "share again"],
)
def test_hiding_and_sharing_a_win_says_what_goes_and_what_comes(shown: Win, said: str) -> None:
    form = edit_win.form(ENGLISH, shown, EnteredWin("έργο", ("U0",)), private_metadata="")
    asks = [each for each in buttons(form) if each["action_id"] in ("make_win_private", "share_win_again")]
    (text,) = [each["confirm"]["text"]["text"] for each in asks]
    assert text.startswith(said)


def test_posting_asks_in_a_preview_and_not_twice() -> None:
    shown = preview.with_buttons(ENGLISH, preview.not_posted(ENGLISH), [3, 7])
    (asks,) = [button for button in buttons(shown) if button["action_id"] == "post_roundup_now"]
    assert asks["confirm"]["title"]["text"] == "Post these 2 wins now?"
    assert asks["confirm"]["text"]["text"] == "They won't be in a later roundup."
    question = preview.confirm_post_now(ENGLISH, 2, up_to=7, next_due_at=None, zone="UTC", target_channel_id=None)
    assert not [button for button in buttons(question) if "confirm" in button]
