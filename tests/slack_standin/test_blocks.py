"""Block Kit that Slack refuses is refused."""

from typing import Any

import pytest

from slack_standin import validate_blocks, validate_message
from slack_standin.block_kit.plain_text import plain_lines


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Cheer"), "action_id": "cheer", "value": "1"} | changes


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def section(**changes: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn("a win")} | changes


def rich(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(parts)}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def ask(element: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain("What?"), "element": element} | changes


def raw(words: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": words}


def chart(**changes: Any) -> dict[str, Any]:
    points = [{"label": "Mon", "value": 3}, {"label": "Tue", "value": 0.5}]
    lines = [{"name": "wins", "data": points}]
    drawn = {"type": "line", "series": lines, "axis_config": {"categories": ["Mon", "Tue"]}}
    return {"type": "data_visualization", "title": "Wins", "chart": drawn | changes}


def pie() -> dict[str, Any]:
    segments = [{"label": "A", "value": 2}]
    return {"type": "data_visualization", "title": "Who", "chart": {"type": "pie", "segments": segments}}


IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a cake"}
CARD = {"type": "card", "title": plain("A card"), "body": mrkdwn("of *wins*"), "actions": [button()]}
TASK = {"type": "task_card", "task_id": "1", "title": "Bake", "status": "complete"}
VIDEO = {
    "type": "video",
    "title": plain("A film"),
    "alt_text": "a film",
    "video_url": "https://example.com/v",
    "thumbnail_url": "https://example.com/t.png",
}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": {"text": plain("Good"), "value": "+"},
    "negative_button": {"text": plain("Bad"), "value": "-"},
}
WORDS = {"type": "rich_text_section", "elements": [{"type": "text", "text": "hi", "style": {"bold": True}}]}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("Really?"), "confirm": plain("Yes"), "deny": plain("No")}

GOOD = [
    section(),
    section(fields=[mrkdwn("x" * 2000)] * 10, accessory=button(style="primary", confirm=CONFIRM)),
    {"type": "section", "fields": [plain("only fields")]},
    section(accessory={"type": "overflow", "action_id": "more", "options": [option("a"), option("b")]}),
    section(accessory={"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a cake"}),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("a"), plain("b")]},
    actions(*[button(action_id=f"a{number}") for number in range(25)]),
    actions({"type": "static_select", "action_id": "s", "placeholder": plain("Pick"), "options": [option("a")]}),
    actions({"type": "conversations_select", "filter": {"exclude_bot_users": True}}),
    actions({"type": "datepicker", "initial_date": "2028-02-29"}, {"type": "timepicker", "initial_time": "23:59"}),
    actions({"type": "radio_buttons", "action_id": "r", "options": [option("a")], "initial_option": option("a")}),
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a cake", "title": plain("Cake")},
    {"type": "markdown", "text": "x" * 12_000},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, rich(WORDS)]]},
    rich(
        WORDS,
        {"type": "rich_text_list", "style": "bullet", "elements": [WORDS], "indent": 1},
        {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "tada"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "link", "url": "https://example.com", "text": "it"}]},
    ),
]

NEWER = [
    ("message", ask({"type": "plain_text_input", "max_length": 10}), "What? [plain_text_input]"),
    ("message", chart(), "Wins\nwins: Mon 3, Tue 0.5"),
    ("message", pie(), "Who\nA: 2"),
    (
        "message",
        {
            "type": "data_table",
            "caption": "Wins",
            "rows": [[raw("who"), raw("wins")], [raw("Ana"), {"type": "raw_number", "value": 3}]],
        },
        "Wins\nwho | wins\nAna | 3",
    ),
    ("message", CARD, "A card\nof *wins*\n[Cheer]"),
    ("home", {"type": "carousel", "elements": [CARD, CARD]}, "A card\nof *wins*\n[Cheer]\n" * 2),
    (
        "message",
        {"type": "container", "title": plain("Box"), "child_blocks": [{"type": "header", "text": plain("In it")}]},
        "Box\nIn it",
    ),
    ("message", {"type": "plan", "title": "A cake", "tasks": [TASK]}, "A cake\nBake (complete)"),
    ("message", {"type": "context_actions", "elements": [FEEDBACK]}, "[Good] [Bad]"),
    (
        "message",
        {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain("Delete")}]},
        "[Delete]",
    ),
    ("modal", {"type": "alert", "text": plain("Careful"), "level": "warning"}, "Careful"),
    ("modal", ask({"type": "file_input", "max_files": 2}), "What? [file_input]"),
    ("modal", VIDEO, "A film (a film)"),
    ("message", {"type": "file", "external_id": "1", "source": "remote"}, "(file)"),
]
MISPLACED = [
    ("message", {"type": "alert", "text": plain("Careful")}),
    ("modal", {"type": "carousel", "elements": [CARD]}),
    ("modal", {"type": "container", "title": plain("Box"), "child_blocks": [section()]}),
    ("home", chart()),
    ("home", {"type": "plan", "title": "A cake"}),
    ("message", ask({"type": "file_input"})),
]
FAULTY = [
    (chart(axis_config={"categories": ["Mon"]}), "labels must match"),
    (chart(series=[]), "no fewer than 1"),
    ({"type": "data_visualization", "title": "x" * 51, "chart": chart()["chart"]}, "less than 51"),
    ({"type": "data_table", "caption": "c", "rows": [[raw("a")]]}, "no fewer than 2"),
    ({"type": "data_table", "caption": "c", "rows": [[rich()], [raw("a")]]}, "can't stand in the header"),
    ({"type": "card", "icon": IMAGE}, "one of hero_image"),
    ({"type": "carousel", "elements": [CARD] * 11}, "no more than 10"),
    ({"type": "container", "child_blocks": [section()]}, "title or rich_text_title"),
    ({"type": "container", "title": plain("x"), "child_blocks": [ask({"type": "datepicker"})]}, "unsupported"),
    ({"type": "task_card", "task_id": "1", "title": "x", "status": "lost"}, "must be one of"),
    (VIDEO | {"title": plain("x" * 200)}, "less than 200"),
    (ask(button()), "unsupported element type: button"),
    (ask({"type": "plain_text_input", "min_length": 5, "max_length": 2}), "must not exceed"),
    (ask({"type": "number_input"}), "is_decimal_allowed"),
    ({"type": "input", "element": {"type": "datepicker"}}, "missing required field: label"),
    ({"type": "context_actions", "elements": [FEEDBACK] * 6}, "no more than 5"),
    ({"type": "context_actions", "elements": [button()]}, "unsupported element type"),
]

BAD = [
    (section(text=mrkdwn("")), "/blocks/0/text/text", "more than 0"),
    (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text", "less than 3001"),
    (section(fields=[mrkdwn("x" * 2001)]), "/blocks/0/fields/0/text", "less than 2001"),
    (section(fields=[mrkdwn("x")] * 11), "/blocks/0/fields", "no more than 10"),
    ({"type": "section"}, "/blocks/0", "text or fields"),
    (section(colour="red"), "/blocks/0", "additional field: colour"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text", "less than 151"),
    ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type", "unsupported text type"),
    ({"type": "context", "elements": [mrkdwn("x")] * 11}, "/blocks/0/elements", "no more than 10"),
    ({"type": "context", "elements": [button()]}, "/blocks/0/elements/0/type", "unsupported element"),
    (actions(), "/blocks/0/elements", "no fewer than 1"),
    (actions(button(), button()), "/blocks/0/elements/1/action_id", "duplicate action_id"),
    (actions(button(text=plain("x" * 76))), "/blocks/0/elements/0/text/text", "less than 76"),
    (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value", "less than 2001"),
    (actions(button(style="loud")), "/blocks/0/elements/0/style", "must be one of"),
    (actions(button(url="not a link")), "/blocks/0/elements/0/url", "form"),
    (actions({"type": "button", "action_id": "a"}), "/blocks/0/elements/0", "missing required field: text"),
    (actions(button(confirm={"title": plain("Sure?")})), "/blocks/0/elements/0/confirm", "missing required"),
    (
        section(accessory={"type": "checkboxes", "options": [option(str(number)) for number in range(11)]}),
        "/blocks/0/accessory/options",
        "no more than 10",
    ),
    (
        section(accessory={"type": "static_select", "options": [option("a")], "initial_option": option("b")}),
        "/blocks/0/accessory",
        "not among",
    ),
    (
        section(accessory={"type": "static_select", "options": [option("a" * 76)]}),
        "/blocks/0/accessory",
        "less than 76",
    ),
    *(
        (section(accessory={"type": "datepicker", "initial_date": day}), "/blocks/0/accessory/initial_date", "a date")
        for day in ("2030-02-29", "2030-13-01", "20300301", "1 March 2030", 20300301)
    ),
    *(
        (section(accessory={"type": "timepicker", "initial_time": time}), "/blocks/0/accessory/initial_time", "form")
        for time in ("24:00", "29:00", "9:00x", "09:60")
    ),
    (section(accessory={"type": "conversations_select", "filter": {}}), "/blocks/0/accessory/filter", "at least one"),
    (section(block_id="x" * 256), "/blocks/0/block_id", "less than 256"),
    ({"type": "image", "alt_text": "nothing"}, "/blocks/0", "exactly one of"),
    ({"type": "markdown", "text": "x" * 12_001}, "/blocks/0/text", "less than 12001"),
    ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101}, "/blocks/0/rows", "no more than 100"),
    ({"type": "alert"}, "/blocks/0/type", "unsupported block type: alert"),
    ({"text": mrkdwn("x")}, "/blocks/0", "missing required field: type"),
    (
        rich({"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}),
        "/blocks/0/elements/0",
        "more than",
    ),
    ("a string", "/blocks/0", "must be an object"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_what_slack_shows_is_accepted(block: dict[str, Any]) -> None:
    assert validate_blocks([block]) == []


@pytest.mark.parametrize(("block", "pointer", "words"), BAD)
def test_what_slack_refuses_is_refused_with_a_pointer(block: Any, pointer: str, words: str) -> None:
    problems = validate_blocks([block])
    assert any(words in problem and f"json-pointer:{pointer}" in problem for problem in problems), problems


@pytest.mark.parametrize(("surface", "block", "shown"), NEWER)
def test_the_newer_blocks_are_accepted_and_readable(surface: Any, block: dict[str, Any], shown: str) -> None:
    assert validate_blocks([block], surface) == []
    assert "\n".join(plain_lines([block], str)) == shown.strip()


@pytest.mark.parametrize(("surface", "block"), MISPLACED)
def test_a_block_stands_only_where_slack_shows_it(surface: Any, block: dict[str, Any]) -> None:
    assert "unsupported" in " ".join(validate_blocks([block], surface))


@pytest.mark.parametrize(("block", "words"), FAULTY)
def test_the_newer_blocks_have_limits(block: dict[str, Any], words: str) -> None:
    assert words in " ".join(validate_blocks([block]))


def test_a_message_has_fifty_blocks_a_modal_a_hundred() -> None:
    assert validate_blocks([section()] * 50) == []
    assert "no more than 50" in validate_blocks([section()] * 51)[0]
    assert validate_blocks([section()] * 100, "modal") == []


def test_tables_and_markdown_stay_in_messages() -> None:
    assert validate_blocks([{"type": "markdown", "text": "x"}], "home")


def test_what_blocks_share_is_counted_across_them() -> None:
    markdown = {"type": "markdown", "text": "x" * 7000}
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}
    twice = section(block_id="same")
    row = [raw("x" * 3000)]
    wide = {"type": "data_table", "caption": "Wins", "rows": [row, row]}
    assert validate_blocks([wide, table]) == []
    assert "tables hold more than 10000 characters" in validate_blocks([wide, table | {"rows": [row, row]}])[0]
    assert "tables hold more than 10000 characters" in validate_blocks([wide | {"rows": [row] * 4}])[0]
    assert "12000 characters together" in validate_blocks([markdown, markdown])[0]
    assert "no more than 1 block of type table" in validate_blocks([table, table])[0]
    assert "duplicate block_id: same" in validate_blocks([twice, twice])[0]


def test_a_message_is_checked_around_its_blocks_too() -> None:
    assert validate_message({"text": "hi", "blocks": [section()], "response_type": "ephemeral"}) == []
    assert "less than 40001" in validate_message({"text": "x" * 40_001})[0]
    assert "must be one of" in validate_message({"text": "hi", "response_type": "everybody"})[0]
    assert "additional field: blokcs" in validate_message({"text": "hi", "blokcs": []})[0]
    nested = {"event_type": "win", "event_payload": {"deep": {"er": 1}}}
    assert "invalid_metadata_schema" in validate_message({"text": "hi", "metadata": nested})[0]
