"""What `/wins` answers about a channel: valid, said twice, and pinging no one, however the channel is set up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.domain.roundups import RoundupPart
from bot.views import pause, preview
from bot.views.help import HelpContext, help_text
from bot.views.next_roundup import next_roundup
from bot.views.roundup import roundup
from bot.views.translations import ENGLISH
from slack_standin.block_kit.validation import validate_message
from tests.domain.test_setups import setups
from tests.views.samples import refused_dates
from tests.views.test_views_are_valid import EVIL, NOW, assert_good, link, moments, named, parts, people, some


@dataclass(frozen=True)
class Known:
    """A channel as these words need it."""

    settings: ChannelSettings | None
    next_due_at: datetime | None
    unavailable_reason: Unavailability | None


channels = st.builds(
    Known,
    st.one_of(st.none(), setups),
    st.one_of(st.none(), moments),
    st.one_of(st.none(), st.sampled_from(Unavailability)),
)
set_up = st.builds(Known, setups, st.one_of(st.none(), moments), st.one_of(st.none(), st.sampled_from(Unavailability)))
days = st.dates(date(2030, 3, 1), date(2032, 1, 1))


@some
@given(st.one_of(st.none(), channels), st.booleans())
def test_help_is_valid_and_fits_on_one_screen(channel: Known | None, may_change: bool) -> None:
    said = help_text(ENGLISH, HelpContext(channel, may_change), now=NOW)
    assert_good(said)
    assert len(said["blocks"]) <= 6


@some
@given(parts(), st.one_of(st.none(), channels), people, st.integers(0, 10_000))
def test_a_preview_is_the_roundup_itself_in_a_frame(
    part: RoundupPart, channel: Known | None, known: dict[str, str], rest: int
) -> None:
    (shown,) = preview.preview(ENGLISH, [part], known, channel=channel, permalink=link, now=NOW)
    posted = roundup(ENGLISH, part, known, key="0" * 32, permalink=link, posted_at=NOW)
    assert shown["text"].partition("\n")[2] == posted["text"], "to the letter"
    without_buttons = [
        {name: value for name, value in block.items() if name != "accessory"}
        for block in posted["blocks"]
        if block["type"] != "actions"
    ]
    assert shown["blocks"][1:] == without_buttons
    whole = preview.with_rest(ENGLISH, shown, rest)
    assert_good(named(whole), limit=40_000)
    for win_ids in ([], [10**12]):
        assert_good(named(preview.with_buttons(ENGLISH, whole, win_ids)), limit=40_000)


@some
@given(st.one_of(st.none(), channels), st.integers(0, 10_000), st.one_of(st.none(), moments))
def test_what_post_says_is_valid(channel: Known | None, wins: int, next_due_at: datetime | None) -> None:
    assert next_roundup(ENGLISH, channel, now=NOW)
    for said in (
        preview.no_wins(ENGLISH, channel, now=NOW),
        preview.no_wins(ENGLISH, channel, left_count=wins, now=NOW),
        preview.posted(ENGLISH, wins, channel, now=NOW),
        preview.not_posted(ENGLISH),
    ):
        assert_good(said)
    asked = preview.confirm_post_now(
        ENGLISH, wins + 1, up_to=10**12, next_due_at=next_due_at, zone="Asia/Kolkata", target_channel_id="C2"
    )
    assert_good(named(asked))


@some
@given(set_up, days)
def test_what_pause_and_resume_say_is_valid(channel: Known, day: date) -> None:
    assert channel.settings is not None, "a channel with a roundup"
    schedule = channel.settings.schedule
    asked = pause.ask_which_pause(ENGLISH, channel, schedule, now=NOW)
    assert validate_message(asked) == []
    assert_good(asked)
    assert_good(pause.paused(ENGLISH, channel, now=NOW))
    for count in (1, 2, 40):
        skipped = [day + timedelta(days=each) for each in range(count)]
        assert_good(pause.skipped(ENGLISH, channel, skipped, today=NOW.date(), now=NOW))
    for said in (
        *(pause.nothing_to_skip, pause.resumed, pause.nothing_to_resume, pause.no_longer_next),
        *(pause.not_set_up, pause.already_paused),
    ):
        assert_good(said(ENGLISH, channel, now=NOW))


@pytest.mark.parametrize("typed", ["", "`", "x" * 4000, *EVIL])
def test_what_is_no_date_is_given_back_in_a_valid_way(typed: str) -> None:
    for refusal in refused_dates(typed):
        assert_good(pause.no_such_date(ENGLISH, refusal), as_typed=True, limit=40_000)
    for value in (None, "x"):
        assert_good(pause.no_pause(ENGLISH, typed, value=value), as_typed=True, limit=40_000)
