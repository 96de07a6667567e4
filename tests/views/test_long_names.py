"""Long names cut no win: it is shown to its end, in messages that Slack takes and can update."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.roundups import RoundupPart
from bot.domain.win_size import max_line_bytes
from bot.domain.wins import Cheerers, Mention, TooLong, Win, parse_win
from bot.views import ephemeral, my_wins
from bot.views.announcement import announcement
from bot.views.roundup import roundup
from bot.views.translations import ENGLISH
from slack_standin.block_kit.validation import text_length
from tests.examples import examples

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
always_the_same = settings(max_examples=examples(25), derandomize=True, database=None, deadline=None)


def link(channel_id: str, ts: str) -> str:
    return f"https://{'a' * 21}.enterprise.slack.com/archives/{channel_id}/p{ts}"


short_names = st.one_of(st.none(), st.sampled_from(["a", "&", "א", "\U0001e900", "ben.okafor", "\u3164"]))
long_names = st.sampled_from(["&" * 80, "Ж" * 80, "א" * 80, "🎉" * 80, "n" * 80, "\u3164" * 80, "क्षि" * 20, "```" * 20])


@always_the_same
@given(st.lists(short_names, max_size=240), st.lists(long_names, min_size=240, max_size=240), st.text(max_size=60))
def test_a_win_is_shown_to_its_end_whatever_people_are_called(
    typed: list[str | None], called: list[str], text: str
) -> None:
    crowd = [Mention(f"U{number:03}", name) for number, name in enumerate(typed)]
    known = {f"U{number:03}": name for number, name in enumerate(called)}
    try:
        draft = parse_win(f"{text} {''.join(person.token for person in crowd)} shipped to the end", crowd)
    except TooLong:
        return
    few, more = (Cheerers.of(list(known)[:count]) for count in (3, 9))
    win = Win(1, "T1", "C1", Mention("U239"), draft.text, draft.credited, NOW, False, None, few)
    pressed = replace(win, cheered_by=more)
    part = RoundupPart("C1", "C1", NOW, NOW, "UTC", False, 0, 1, 1, (win,), Cheerers())
    for message in (
        announcement(ENGLISH, pressed, known, key=KEY, permalink=link),
        roundup(ENGLISH, part, known, key=KEY, permalink=link, posted_at=NOW),
        my_wins.my_wins(ENGLISH, [win] * 10, known, zone="UTC", permalink=link, now=NOW),
        ephemeral.win_saved(ENGLISH, draft, 1, is_private=False),
    ):
        assert "to the end" in message["text"]
        assert "to the end" in json.dumps(message["blocks"])
        assert text_length(message["blocks"]) <= 12_000
    assert len(announcement(ENGLISH, pressed, known, key=KEY, permalink=link)["text"].encode()) <= 4000
    unnamed = replace(win, credited=tuple(replace(person, is_unnamed=True) for person in win.credited))
    for each in (win, unnamed):
        part = replace(part, number=1, wins=(each,))
        line = roundup(ENGLISH, part, known, key=None, permalink=link, posted_at=NOW)["text"]
        assert len(line.partition("\n")[2].encode()) + 1 <= max_line_bytes(win, known)
