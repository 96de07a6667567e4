"""What people wrote: shown as they wrote it, inert, and never cut within a character or a link."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.wins import Cheerers, Mention, Win
from bot.views.announcement import announcement
from bot.views.format import neutralise
from bot.views.translations import ENGLISH
from tests import pings
from tests.examples import examples

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
some = settings(max_examples=examples(50), derandomize=True, database=None, deadline=None)
KEY = "0123456789abcdef0123456789abcdef"


def link(channel_id: str, ts: str) -> str:
    return f"https://acme.slack.com/archives/{channel_id}/p{ts}"


def test_a_text_that_is_shortened_is_not_cut_within_a_character_or_a_mark() -> None:
    names = {f"U{number:03}": "&" * 40 for number in range(100)}
    crowd = tuple(Mention(user_id, "a") for user_id in names)
    for extra in range(12):
        text = "x" * extra + " " + " ".join(person.token for person in crowd)
        win = Win(1, "T1", "C1", Mention("U000"), text, crowd, NOW, False, None, Cheerers())
        told = announcement(ENGLISH, win, names, key=KEY, permalink=link)
        for shown in (told["text"], told["blocks"][0]["text"]["text"]):
            assert re.search(r"&(?!amp;|lt;|gt;)", shown) is None, "half an entity shows as it is"
            assert shown.rfind("<") <= shown.rfind(">"), "half a link shows as it is"


def test_a_link_that_is_shortened_is_not_half_a_link() -> None:
    names = {f"U{number:03}": "n" * 40 for number in range(80)}
    crowd = tuple(Mention(user_id, "a") for user_id in names)
    for links in range(1, 12):
        text = " ".join(person.token for person in crowd)[: 5 * 66] + " https://example.test/a" * links
        win = Win(1, "T1", "C1", Mention("U000"), text, crowd, NOW, False, None, Cheerers())
        shown = announcement(ENGLISH, win, names, key=KEY, permalink=link)["blocks"][0]["text"]["text"]
        assert shown.count("<") == shown.count(">")


@some
@given(st.text(max_size=300))
def test_inert_text_holds_no_control_sequence(text: str) -> None:
    shown = neutralise(text, {})
    assert pings.problems({"text": shown}, posted=False) == []
    assert re.search(r"[\u202a-\u202e\u2067\u200e\u200f\u061c]", shown) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("https://example.test/a?b=1&c=2.", "<https://example.test/a?b=1&amp;c=2>."),
        ("(https://example.test)", "(<https://example.test>)"),
        ("see https://en.wikipedia.org/wiki/Ada_(programming_language)", None),
        ("https://example.test/<!channel>", "<https://example.test/>&lt;!channel&gt;"),
        ("https://example.test|https://slack.com", "<https://example.test>|<https://slack.com>"),
        ("fixed <http://main.py|main.py>", "fixed <http://main.py|main.py>"),
        ("at <http://a.test?b&c|a.test?b&c>", "at <http://a.test?b&amp;c|a.test?b&amp;c>"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("תודה", "\u2068תודה\u2069"),
    ],
)
def test_what_people_wrote_is_shown_as_they_wrote_it(text: str, shown: str | None) -> None:
    expected = shown or "see <https://en.wikipedia.org/wiki/Ada_(programming_language)>"
    assert neutralise(text, {}) == expected
