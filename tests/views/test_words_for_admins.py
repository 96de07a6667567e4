"""What Winsome says about settings: each message is one that Slack takes, says all twice, and pings no one."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.audit_log import AuditAction, AuditEntry, Unavailability
from bot.domain.channel_settings import ChannelSettings, ChannelUnreachable, Conflict, UnknownTarget, WouldLeak
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.offers import Offer, Reminder
from bot.domain.owner_alerts import OwnerAlert, StuckDelivery
from bot.domain.permissions import Action, ChannelRoles, NotAllowed, SlackUnavailable
from bot.domain.schedules import Schedule
from bot.domain.slack_errors import ErrorMeaning
from bot.views import owner_alert, refusals
from bot.views.offer import offer, reminder
from bot.views.settings_change import change_notice, sentences
from bot.views.translations import ENGLISH
from slack_standin.block_kit.validation import validate_message
from slack_standin.block_kit.views import validate_view
from tests import pings
from tests.domain.test_schedules import schedules
from tests.domain.test_setups import defaults, setups
from tests.views.sample_data import link
from tests.views.test_views_are_valid import NOW, assert_good, matters, moments, named, people, some, user_ids

Values = st.SearchStrategy[tuple[Any, Any]]

_away = st.sampled_from(Unavailability).map(lambda why: {"unavailable_reason": why.value})
_owners = user_ids.map(lambda user_id: {"owner": user_id})
_wins = st.integers(1, 10**6).map(lambda wins: {"wins": wins, "roundup_id": 1})
_adjusted = st.fixed_dictionaries(
    {"note": st.none() | st.text("abc<&@#!*`", min_size=1, max_size=300), "left": st.integers(0, 100)}
)
_written = setups.map(ChannelSettings.to_json)
_chosen = defaults.map(lambda chosen: chosen.to_json())
VALUES: dict[AuditAction, Values] = {
    AuditAction.CONFIGURED: st.tuples(st.none(), _written),
    AuditAction.SETTINGS_CHANGED: st.tuples(_written, _written),
    AuditAction.OWNER_CHANGED: st.tuples(_owners, _owners),
    AuditAction.POSTED_EARLY: st.tuples(st.none(), _wins),
    AuditAction.NEXT_ROUNDUP_CHANGED: st.tuples(_adjusted, _adjusted).filter(lambda both: both[0] != both[1]),
    AuditAction.DELIVERY_RESOLVED: st.tuples(st.none(), st.sampled_from([{"state": "posted"}, {"state": "pending"}])),
    AuditAction.DEFAULTS_CHANGED: st.tuples(_chosen, _chosen),
    AuditAction.BOT_LEFT: st.tuples(st.none(), _away),
    AuditAction.BOT_RETURNED: st.tuples(_away, st.none()),
    AuditAction.CHANNEL_ID_CHANGED: st.just(({"channel_id": "C1"}, {"channel_id": "C3"})),
    AuditAction.BECAME_PRIVATE: st.tuples(_written, _written),
}
"""What the audit log holds of a change of each kind, before and after."""
IN_CHANNELS = [kind for kind in AuditAction if kind is not AuditAction.DEFAULTS_CHANGED]


@st.composite
def changes(draw: st.DrawFn, kinds: Sequence[AuditAction]) -> AuditEntry:
    kind = draw(st.sampled_from(kinds))
    before, after = draw(VALUES[kind])
    return AuditEntry(
        id=draw(st.integers(1, 10**12)),
        team_id="T1",
        channel_id=None if kind is AuditAction.DEFAULTS_CHANGED else "C1",
        actor_id=draw(st.one_of(st.none(), user_ids)),
        action=kind,
        before=before,
        after=after,
        created_at=NOW,
        next_due_at=draw(st.one_of(st.none(), moments)),
    )


@some
@given(st.lists(matters(), max_size=30).map(tuple), st.lists(changes(IN_CHANNELS), max_size=30).map(tuple), people)
def test_a_note_is_valid(told: tuple[StuckDelivery, ...], news: tuple[AuditEntry, ...], known: dict[str, str]) -> None:
    assume(told or news)
    said = owner_alert.owner_alert(ENGLISH, OwnerAlert(told, news), known, permalink=link, now=NOW)
    assert validate_message(said) == []
    assert_good(named(said), posted=True)


def test_what_does_not_fit_into_one_note_is_counted() -> None:
    stuck = StuckDelivery("key", DeliveryKind.ROUNDUP, "C1", DeliveryState.NEEDS_REVIEW, None, NOW, "Europe/Berlin")
    text = owner_alert.owner_alert(ENGLISH, OwnerAlert((stuck,) * 20), {}, permalink=link, now=NOW)["text"]
    shown = text.count("Do you see it there?")
    assert 0 < shown < 20
    assert f"And {20 - shown} more." in text


@pytest.mark.parametrize(("zone", "told"), [("Europe/Berlin", "16:00 (Berlin)"), ("No/Where", "15:00 (UTC)")])
def test_what_needs_attention_is_told_although_its_channel_s_zone_can_t_be_read(zone: str, told: str) -> None:
    stuck = StuckDelivery("key", DeliveryKind.ROUNDUP, "C1", DeliveryState.NEEDS_REVIEW, None, NOW, zone)
    assert told in owner_alert.owner_alert(ENGLISH, OwnerAlert((stuck,), ()), {}, permalink=link, now=NOW)["text"]


@pytest.mark.parametrize("kind", IN_CHANNELS)
@some
@given(st.data(), people, st.sampled_from(["C1", "C2"]))
def test_a_change_is_told_in_one_line(kind: AuditAction, data: Any, known: dict[str, str], channel_id: str) -> None:
    said = change_notice(ENGLISH, data.draw(changes([kind])), known, channel_id=channel_id, now=NOW)
    assert validate_message(said) == []
    assert_good(named(said), posted=True)
    assert len(said["blocks"]) == 1
    assert "\n" not in said["text"]


@some
@given(changes([AuditAction.DEFAULTS_CHANGED]), people)
def test_new_defaults_are_told_in_one_line(change: AuditEntry, known: dict[str, str]) -> None:
    told = " ".join(sentences(ENGLISH, change, known, now=NOW))
    assert "\n" not in told
    assert pings.problems({"text": told}, posted=False) == []


offers = st.builds(
    Offer,
    channel_id=st.just("C1"),
    recipient_id=st.just("U001"),
    settings=st.builds(
        lambda chosen, zone: chosen.default_settings(zone=zone, today=NOW.date()),
        defaults,
        st.sampled_from([None, "UTC"]),
    ),
    first_due_at=st.one_of(st.none(), moments),
    may_accept=st.booleans(),
    channel_roles=st.builds(ChannelRoles, st.one_of(st.none(), user_ids)),
    has_saved_win=st.booleans(),
)


@some
@given(offers, people)
def test_an_offer_has_buttons_for_who_may_accept_it_and_words_for_others(made: Offer, known: dict[str, str]) -> None:
    said = offer(ENGLISH, made, known, now=NOW)
    assert_good(said, posted=True)
    buttons = [element for block in said["blocks"] if block["type"] == "actions" for element in block["elements"]]
    assert len(buttons) == (2 if made.may_accept else 0)
    if made.may_accept:
        assert ChannelSettings.from_json(json.loads(buttons[0]["value"])) == made.settings


@some
@given(schedules, moments)
def test_a_reminder_is_valid(schedule: Schedule, due_at: datetime) -> None:
    assert_good(reminder(ENGLISH, Reminder("C1", due_at, schedule), permalink=link), posted=True)


REFUSALS = [
    *(NotAllowed(act) for act in Action),
    *(ChannelUnreachable(why) for why in Unavailability),
    *(SlackUnavailable(), SlackUnavailable("no", ErrorMeaning.MISSING_SCOPE), Conflict(), WouldLeak(), UnknownTarget()),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=repr)
def test_a_refusal_is_valid_wherever_it_is_shown(refusal: refusals.Refusal) -> None:
    said = refusals.explain_refusal(ENGLISH, refusal)
    assert_good(said)
    assert validate_view(refusals.error_modal(ENGLISH, said), "modal") == []
    plain = refusals.plain_text(said)
    assert 0 < len(plain) <= 2000
    assert not re.search("[`<>]|&(amp|lt|gt);", plain)
