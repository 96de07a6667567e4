"""Reading what someone typed out of the form in which Slack sends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.wins import Mention
from bot.slack.command_text import parse, readable
from slack_standin.block_kit.markup import escape_entities

ANA = Mention("U012AB", "ana")


@pytest.mark.parametrize(
    ("sent", "meant", "people"),
    [
        ("fixed it", "fixed it", []),
        ("", "", []),
        ("with <@U012AB|ana>", "with <@U012AB>", [ANA]),
        ("with <@U012AB>", "with <@U012AB>", [Mention("U012AB")]),
        ("with <@U012AB|>", "with <@U012AB>", [Mention("U012AB")]),
        ("with <@W012AB|ana> of the grid", "with <@W012AB> of the grid", [Mention("W012AB", "ana")]),
        ("<@U012AB|ana>, <@U012AB|ana> and <@U2|ben>", "<@U012AB>, <@U012AB> and <@U2>", [ANA, Mention("U2", "ben")]),
        ("<@U012AB|@ana>", "<@U012AB>", [ANA]),
        ("<@U012AB|a &amp; b>", "<@U012AB>", [Mention("U012AB", "a & b")]),
        ("<@B012AB|bot>", "@bot", []),
        ("in <#C1|general>", "in #general", []),
        ("in <#C1|>", "in (a private channel)", []),
        ("in <#C1>", "in (a private channel)", []),
        ("see <https://example.test/a?b=1&amp;c=2>", "see <https://example.test/a?b=1&c=2>", []),
        ("see <https://example.test|our page>", "see <https://example.test>", []),
        ("see <https://evil.test|https://slack.com>", "see <https://evil.test>", []),
        ("see <http://example.test|example.test>", "see <http://example.test|example.test>", []),
        ("“<https://a.test/b>”<https://c.test>。", "“<https://a.test/b>”<https://c.test>。", []),
        ("see <https://a.test/&lt;!x y&gt;>", "see <https://a.test/%3C!x%20y%3E>", []),
        ("see <HTTPS://A.test> <tel:1> <javascript:x>", "see <HTTPS://A.test> tel:1 javascript:x", []),
        ("to <mailto:ana@example.test|ana@example.test>", "to ana@example.test", []),
        ("to <mailto:ana@example.test>", "to ana@example.test", []),
        ("on <!date^1392734382^{date_num}|18 February>", "on 18 February", []),
        ("for <!subteam^S012|@crew>", "for @crew", []),
        ("for <!here> <!channel> <!everyone>", "for @here @channel @everyone", []),
        ("for <!here|here>", "for @here", []),
        ("for <!subteam^S012>", "for @subteam", []),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2", []),
        ("typed &amp;lt;!channel&amp;gt;", "typed &lt;!channel&gt;", []),
        ("typed &lt;@U012AB&gt;", "typed <@U012AB>", []),
        ("&quot;quoted&quot; &#39; &nbsp;", "&quot;quoted&quot; &#39; &nbsp;", []),
        ("a < b", "a < b", []),
        ("<> <|> <@> <#> <!>", None, []),
        ("<<@U012AB|ana>>", "<<@U012AB>>", [ANA]),
        ("a\x00b\x1bc\ud800d", "abcd", []),
        ("one\ntwo\tthree", "one\ntwo\tthree", []),
    ],
)
def test_what_slack_sends_is_read_as_it_was_meant(sent: str, meant: str | None, people: list[Mention]) -> None:
    text, mentions = parse(sent)
    assert mentions == people
    if meant is not None:
        assert text == meant


@given(st.text())
def test_whatever_people_type_is_given_back_as_they_typed_it(typed: str) -> None:
    text, people = parse(escape_entities(typed))
    assert people == []
    separators = dict.fromkeys(map(ord, "\v\f\x1c\x1d\x1e\x1f"), " ")
    seen = "".join(one for one in typed.translate(separators) if one in "\n\t" or ord(one) >= 32)
    assert text == seen.encode("utf-8", "ignore").decode()


@given(st.text(alphabet="<>@#!|^&;aluUC1 :/tpgm\x00\ud800", max_size=60))
def test_nothing_that_slack_may_send_is_unreadable(sent: str) -> None:
    text, people = parse(sent)
    text.encode()
    for person in people:
        assert person.token in text
        assert person.name is None or person.name.encode()


def test_what_is_given_back_has_names_and_bare_addresses() -> None:
    assert readable("with <@U012AB|ana> “<https://a.test>” &amp; <@U2>") == "with @ana “https://a.test” & @U2"
