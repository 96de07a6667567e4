"""What Slack sends about people's messages: what they say, who wrote them, and where they are."""

from typing import Any

import pytest

from bot.domain.wins import MessageSource
from bot.slack import message_text
from bot.slack.message_payloads import message_shortcut, message_to_bot
from bot.slack.payloads import Malformed

TS, PARENT = "1900000000.000200", "1900000000.000100"


def used_on(message: dict[str, Any]) -> dict[str, Any]:
    """A shortcut that Ana uses on a message in C1."""
    return {
        "type": "message_action",
        "callback_id": "save_message",
        "team": {"id": "T1", "domain": "team"},
        "user": {"id": "UANA", "name": "ana"},
        "channel": {"id": "C1", "name": "general"},
        "message_ts": TS,
        "message": {"type": "message", "ts": TS, **message},
        "response_url": "https://hooks.slack.com/app/1",
        "trigger_id": "1.2",
    }


def written(event: dict[str, Any]) -> dict[str, Any]:
    """A message to the bot, as an event."""
    message = {"type": "app_mention", "user": "UBEN", "text": "hello", "ts": TS, "channel": "C1", **event}
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": message}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "a < b with "},
                {"type": "user", "user_id": "UBEN"},
                {"type": "emoji", "name": "tada"},
            ],
        },
        {
            "type": "rich_text_list",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text"}, {"type": {}}, 5]}],
        },
        {
            "type": "rich_text_list",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}],
        },
    ],
}
BUTTONS = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Press"}}]}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": " shipped <https://a.example|it> "}, "shipped <https://a.example|it>"),
        ({"text": "shipped", "blocks": [section("other")]}, "shipped"),
        ({"text": "", "blocks": [section("shipped *it*"), BUTTONS]}, "shipped *it*"),
        ({"text": "This content can't be displayed.", "blocks": [section("shipped")]}, "shipped"),
        ({"blocks": [RICH]}, "a &lt; b with <@UBEN>:tada:\none"),
        (
            {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Big"}}, section("news")]},
            "Big\nnews",
        ),
        ({"text": "", "attachments": [{"pretext": "From CI", "title": "Build 7", "text": "passed"}]}, None),
        ({"text": "", "files": [{"name": "shot.png", "title": "shot"}]}, ""),
        ({"text": "\u200b"}, ""),
        ({}, ""),
        ({"text": 5, "blocks": {"type": "section"}, "attachments": "x"}, ""),
        ({"text": None, "blocks": [None, 3, {"type": 4, "text": ["deep"]}]}, ""),
        ({"text": "x" * 50_000}, "x" * 12_000),
    ],
)
def test_what_a_message_says_is_its_text_or_that_of_its_blocks(message: dict[str, Any], text: str | None) -> None:
    said = message_text.of(message)
    assert said == text or (text is None and sorted(said.split("\n")) == ["Build 7", "From CI", "passed"])


def test_a_message_nested_without_end_is_read_to_a_depth() -> None:
    nested: Any = section("deepest")
    for _ in range(900):
        nested = [{"elements": [nested]}]
    assert message_text.of({"blocks": nested}) == ""


def test_a_shortcut_names_the_message_and_its_author() -> None:
    shortcut = message_shortcut(used_on({"user": "UBEN", "text": "fixed"}))
    assert (shortcut.user_id, shortcut.author_id, shortcut.text) == ("UANA", "UBEN", "fixed")
    assert shortcut.source == MessageSource("C1", TS)
    assert shortcut.user_team_id == "T1"


@pytest.mark.parametrize(("thread_ts", "parent"), [(PARENT, PARENT), (TS, None), (None, None)])
def test_a_reply_names_its_thread_and_a_parent_is_its_own(thread_ts: str | None, parent: str | None) -> None:
    message = {"user": "UBEN", "text": "fixed", "thread_ts": thread_ts}
    assert message_shortcut(used_on(message)).source == MessageSource("C1", TS, parent)
    asked = message_to_bot(written(message))
    assert asked is not None
    assert asked.source == MessageSource("C1", TS, parent)


@pytest.mark.parametrize(
    "message",
    [
        {"bot_id": "B1", "user": "UBOT"},
        {"bot_id": "B1", "subtype": "bot_message"},
        {"user": "USLACKBOT"},
        {},
        {"user": {"id": "UBEN"}},
    ],
)
def test_an_app_is_no_author(message: dict[str, Any]) -> None:
    assert message_shortcut(used_on({"text": "done", **message})).author_id is None


@pytest.mark.parametrize(
    "more",
    [{"user": None}, {"channel": {}}, {"team": {"id": "<!here>"}}, {"message": "x"}, {"message": {"ts": "now"}}],
)
def test_a_forged_shortcut_is_malformed(more: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        message_shortcut(used_on({"text": "x"}) | more)


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B1"},
        {"user": None},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
    ],
)
def test_what_no_person_wrote_is_not_for_the_bot(event: dict[str, Any]) -> None:
    assert message_to_bot(written(event)) is None


@pytest.mark.parametrize("event", [{"ts": "x"}, {"channel": 5}, {"thread_ts": "x"}])
def test_a_forged_message_is_malformed(event: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        message_to_bot(written(event))


def test_a_message_in_the_conversation_with_the_bot_is_direct() -> None:
    direct = message_to_bot(written({"type": "message", "channel": "D1", "channel_type": "im"}))
    assert direct is not None
    assert direct.is_direct
