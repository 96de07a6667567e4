"""The gallery in the documents is what the roundups of its weeks say now, and Slack takes all of it."""

import re

import pytest

from bot.domain.roundup_composition import MAX_BLOCKS, MAX_TEXT, MAX_WINS
from bot.domain.win_size import json_length
from bot.views.format import Message
from slack_standin.block_kit.validation import validate_message
from tests.gallery.__main__ import GALLERY, render_all
from tests.gallery.later import Later
from tests.gallery.weeks import Week, text_of

pytestmark = pytest.mark.xdist_group("the gallery")  # one process renders it

Gallery = dict[Week | Later, list[Message]]


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    """The messages of each example."""
    return render_all()


def test_the_gallery_is_what_the_roundups_say(gallery: Gallery) -> None:
    for week, messages in gallery.items():
        assert (GALLERY / f"{week.name}.txt").read_text(encoding="utf-8") == text_of(week.title, messages), (
            f"{week.title}: run `make gallery`, and read it"
        )


def test_slack_takes_and_updates_each_message_of_the_gallery(gallery: Gallery) -> None:
    for week, messages in gallery.items():
        for message in messages:
            assert validate_message(message) == [], week.title
            assert len(message["text"].encode()) <= MAX_TEXT, week.title
            assert json_length(message["blocks"]) <= MAX_BLOCKS, week.title


def test_five_hundred_wins_are_each_told_once_and_the_first_message_links_each_section(gallery: Gallery) -> None:
    (messages,) = (messages for week, messages in gallery.items() if week.name == "five-hundred")
    first, *thread = [str(message["text"]) for message in messages]
    told = [int(number) for text in (first, *thread) for number in re.findall(r", number (\d+)", text)]
    assert sorted(told) == list(range(1, 501))
    assert first.count("\n• ") <= MAX_WINS
    linked = re.findall(r"\?thread_ts=[\d.]+&amp;cid=\w+\|([^>]+)>", first)
    headings = [heading for text in thread for heading in re.findall(r"^:\w+: \*(.+)\*$", text, re.MULTILINE)]
    assert linked == ["#docs", "#quality", "#support", "More good things"]
    assert list(dict.fromkeys(headings)) == ["#docs", "#quality", "#support", "And more good things"]
