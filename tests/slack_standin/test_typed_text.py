"""What people type, as Slack sends it: escaped, with addresses as links, and as the blocks of Slack's composer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slack_standin import StandIn
from slack_standin.block_kit.composer import rich_text
from slack_standin.block_kit.markup import stored
from slack_standin.block_kit.plain_text import plain_lines, readable_markup
from slack_standin.block_kit.validation import validate_blocks
from slack_standin.people.escaping import escape_message

from .conftest import MANIFEST

Part = dict[str, Any]


def text(words: str, *styles: str) -> Part:
    return {"type": "text", "text": words} | ({"style": dict.fromkeys(styles, True)} if styles else {})


def section(*elements: Part) -> Part:
    return {"type": "rich_text_section", "elements": list(elements)}


def listed(style: str, *items: str, indent: int = 0) -> Part:
    elements = [section(text(item)) for item in items]
    return {"type": "rich_text_list", "style": style, "indent": indent, "elements": elements, "border": 0}


@pytest.mark.parametrize(
    ("markup", "parts"),
    [
        ("", []),
        ("hi", [section(text("hi"))]),
        ("a\n\nb", [section(text("a\n\nb"))]),
        ("1 &lt; 2 &amp;&amp; 3", [section(text("1 < 2 && 3"))]),
        ("<@U1> hi", [section({"type": "user", "user_id": "U1"}, text(" hi"))]),
        ("<#C1|general>", [section({"type": "channel", "channel_id": "C1"})]),
        (
            "<!here> <!subteam^S1|@crew>",
            [section({"type": "broadcast", "range": "here"}, text(" "), {"type": "usergroup", "usergroup_id": "S1"})],
        ),
        ("<https://a.example/?b=1&amp;c>", [section({"type": "link", "url": "https://a.example/?b=1&c"})]),
        ("<http://a.com|a.com>", [section({"type": "link", "url": "http://a.com", "text": "a.com"})]),
        (
            ":tada::+1::skin-tone-3:",
            [section({"type": "emoji", "name": "tada"}, {"type": "emoji", "name": "+1", "skin_tone": 3})],
        ),
        ("at 10:30:45 in std::map::it", [section(text("at 10:30:45 in std::map::it"))]),
        (
            "*b* _i_ ~s~ `c`",
            [
                section(
                    text("b", "bold"),
                    text(" "),
                    text("i", "italic"),
                    text(" "),
                    text("s", "strike"),
                    text(" "),
                    text("c", "code"),
                )
            ],
        ),
        ("*both _here_*", [section(text("both ", "bold"), text("here", "bold", "italic"))]),
        ("*<@U1>*", [section({"type": "user", "user_id": "U1", "style": {"bold": True}})]),
        ("2*3*4 snake_case_x * no *", [section(text("2*3*4 snake_case_x * no *"))]),
        ("`*a*`", [section(text("*a*", "code"))]),
        (
            "&gt; one\n&gt; two\nend",
            [{"type": "rich_text_quote", "elements": [text("one\ntwo")]}, section(text("end"))],
        ),
        (
            "so:\n```\nx = *1*\n```\nend",
            [
                section(text("so:")),
                {"type": "rich_text_preformatted", "elements": [text("x = *1*")]},
                section(text("end")),
            ],
        ),
        (
            "so:\n• one\n• two\n    • in\nend",
            [
                section(text("so:")),
                listed("bullet", "one", "two"),
                listed("bullet", "in", indent=1),
                section(text("end")),
            ],
        ),
        ("1. one\n2. two", [listed("ordered", "one", "two")]),
        ("2. not a list", [section(text("2. not a list"))]),
    ],
)
def test_the_composer_makes_blocks_of_the_text(markup: str, parts: list[Part]) -> None:
    assert rich_text(markup) == ([{"type": "rich_text", "elements": parts}] if parts else [])


@given(st.text(alphabet="ab1 \n\t<>@#!|^&;:*_~`.-•>U", max_size=80) | st.text(max_size=40))
def test_whatever_people_write_makes_valid_blocks_that_lose_no_letter(written: str) -> None:
    markup = stored(written)
    assert stored(markup) == markup
    blocks = rich_text(markup)
    assert validate_blocks(blocks) == []
    shown = "".join(plain_lines(blocks, lambda one: readable_markup(one, {})))
    assert [letter for letter in shown if letter.isalpha()] == [
        letter for letter in readable_markup(markup, {}) if letter.isalpha()
    ]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("see example.com.", "see <http://example.com|example.com>."),
        (
            "(www.example.co.uk/a_(b)?c=1&d)",
            "(<http://www.example.co.uk/a_(b)?c=1&amp;d|www.example.co.uk/a_(b)?c=1&amp;d>)",
        ),
        ("“https://a.example/docs”", "“<https://a.example/docs>”"),
        ("Example.COM:8080/x, y", "<http://Example.COM:8080/x|Example.COM:8080/x>, y"),
        ("ana@example.com", "<mailto:ana@example.com|ana@example.com>"),
        ("e.g. v1.2, file.txt, 3.com.x, done.Next", "e.g. v1.2, file.txt, 3.com.x, done.Next"),
        ("`@ana example.com` @ana", "`@ana example.com` <@{ana}>"),
        ("@Ana and @ANA", "<@{ana}> and <@{ana}>"),
        ("@Zoë", "<@{zoe}>"),
        ("- one\n* two\n*three*", "• one\n• two\n*three*"),
        ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
    ],
)
def test_what_is_typed_becomes_markup(typed: str, sent: str) -> None:
    slack = StandIn(MANIFEST)
    ana, zoe = slack.add_person("ana"), slack.add_person("zk", display_name="Zoë")
    assert escape_message(typed, slack.world.workspace_of(ana), ana) == sent.format(ana=ana.id, zoe=zoe.id)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("a &lt; b &amp; c", "a &lt; b &amp; c"),
        ("&nbsp; &quot;", "&amp;nbsp; &amp;quot;"),
        *[(one, one) for one in ("<@U1>", "<#C1|x>", "<!here>", "<https://a.example|b>", "<mailto:a@b.c>")],
        ("<@> <!> <http:>", "&lt;@&gt; &lt;!&gt; &lt;http:&gt;"),
        ("<b>bold</b> <3", "&lt;b&gt;bold&lt;/b&gt; &lt;3"),
    ],
)
def test_text_is_kept_as_slack_gives_it_back(given_text: str, kept: str) -> None:
    assert stored(given_text) == kept
