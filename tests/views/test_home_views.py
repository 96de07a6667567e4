"""The longest Home, log and form of defaults are ones that Slack takes, and no one is pinged by them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.audit_log import AuditAction, AuditEntry, Unavailability
from bot.domain.channel_settings import ChannelSettings, QuietPolicy, WorkspaceDefaults
from bot.domain.climbs import Climb
from bot.domain.credit import CreditStatus
from bot.domain.credited_wins import CreditedWin, WinsOfOthers
from bot.domain.deliveries import DeliveryKind, DeliveryState
from bot.domain.first_cheers import MAX_SHOWN
from bot.domain.home import (
    AdminOverview,
    ChannelStatus,
    HomeView,
    LastRoundup,
    MissingScope,
    MyClimb,
    Page,
    PageOffsets,
    Problem,
)
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.recurrence import MonthlyOnDay, MonthlyOnWeekday, Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.wins import MAX_LENGTH, Cheerers, Mention, Win
from bot.listeners.audit_log import PAGE_SIZE
from bot.listeners.home import MAX_ASKED, MAX_WINS_OF_OTHERS
from bot.services.home import MAX_CHANNELS, MAX_CLIMBS, MAX_MY_CHANNELS, MAX_PROBLEMS, MAX_WINS
from bot.slack.installed_manifest import WAYS_IN
from bot.slack.manifest import SCOPES
from bot.views import audit_log, workspace_defaults
from bot.views.channel_status import OPEN_SETTINGS
from bot.views.home import home
from bot.views.translations import ENGLISH
from slack_standin.block_kit.views import is_too_large, validate_view
from tests import pings as pinging
from tests.examples import examples
from tests.views.sample_data import link

NOW = datetime(2030, 3, 8, 15, 0, tzinfo=UTC)
EVIL = "<!channel> @here <@U012AB> & " * 3
ZONE = "America/Argentina/ComodRivadavia"
NAMES = {f"U{number:03}": EVIL[:80] for number in range(40)}
SETUP = ChannelSettings(
    Schedule(
        MonthlyOnDay(31, 1),
        date(2030, 1, 1),
        time(16),
        ZONE,
        skipped_dates=frozenset(date(2030, m, 28) for m in range(4, 9)),
    ),
    target_channel_id="C0ELSEWHERE",
    quiet_policy=QuietPolicy.LINE,
    wants_reminder=True,
    manager_ids=frozenset(NAMES),
)


def standing(number: int, **changes: Any) -> ChannelStatus:
    made = ChannelStatus(
        f"C{number:011}",
        SETUP,
        Unavailability.REMOVED,
        NOW,
        "U001",
        is_owner_inactive=True,
        may_change=True,
        last_roundup=None,
    )
    return replace(made, **changes)


def problems() -> list[Problem]:
    held = [
        StuckDelivery(
            f"{n:032}", DeliveryKind.ROUNDUP, f"C{n:011}", DeliveryState.NEEDS_REVIEW, "timeout", NOW, ZONE, f"C{n:011}"
        )
        for n in range(15)
    ]
    parked = [
        StuckDelivery(f"{n:032}", DeliveryKind.ROUNDUP, f"C{n:011}", DeliveryState.REJECTED, EVIL, NOW, ZONE)
        for n in range(15)
    ]
    lost = [standing(n, unavailable_reason=away) for n, away in enumerate([*Unavailability] * 5)]
    orphaned = [standing(n, unavailable_reason=None, may_change=n % 2 == 0) for n in range(9)]
    return [*held, *parked, *lost, *map(MissingScope, SCOPES), *orphaned]


def win(number: int) -> Win:
    people = tuple(Mention(user_id, EVIL[:80]) for user_id in NAMES)
    text = (EVIL * 100)[: MAX_LENGTH - 20]
    return Win(number, "T1", "C1", people[0], text, people[:3], NOW, is_undone=False, message_ts="1900000000.000001",
               cheered_by=Cheerers.of(NAMES))  # fmt: skip


EVERYTHING = {
    "wins": MAX_WINS,
    "uncheered": MAX_SHOWN,
    "climbs": MAX_CLIMBS,
    "others": MAX_WINS_OF_OTHERS,
    "asked": MAX_ASKED,
    "own": 200,
    "elsewhere": 200,
}
"""How much of each there may be for a Home to show."""
CHANNELS = [
    standing(1000 + number, last_roundup=LastRoundup(NOW, NOW if state == DeliveryState.POSTED else None, state))
    for number, state in enumerate((list(DeliveryState) * 60)[:400])
]


def tab(first: int = 0, *, is_admin: bool = True, is_known: bool = True, **sizes: int) -> HomeView:
    """A Home with so much of everything; its lists begin at `first`."""
    size = EVERYTHING | sizes
    own, elsewhere = CHANNELS[: size["own"]], CHANNELS[200 : 200 + size["elsewhere"]]
    wins = [replace(win(n), created_at=NOW - timedelta(days=400 + 7 * n)) for n in range(size["wins"])]
    overview = AdminOverview(
        Page.from_list(problems(), first, MAX_PROBLEMS),
        Page.from_list(elsewhere, first, MAX_CHANNELS),
        is_complete=False,
        defaults=WorkspaceDefaults(),
        missing_ways_in=list(WAYS_IN),
    )
    return HomeView(
        wins=wins,
        my_channels=Page.from_list(own, first, MAX_MY_CHANNELS) if is_known else None,
        admin_overview=overview if is_admin else None,
        is_admin_known=is_known and is_admin,
        zone=ZONE,
        page_offsets=PageOffsets(first, first, first),
        now=NOW,
        uncheered=[win(number) for number in range(size["uncheered"])],
        climbs=[
            MyClimb(Climb(n, "T1", None, EVIL[:80], "U001", NOW, reached_at=NOW, reached_by="U001"), 200, NOW)
            for n in range(size["climbs"])
        ],
        is_first_time=True,
        others=WinsOfOthers(
            [CreditedWin(win(number), "U001", CreditStatus.NAMED) for number in range(size["others"])],
            [CreditedWin(win(number), "U001", CreditStatus.ASKED) for number in range(size["asked"])],
            has_more_asked=True,
            is_complete=False,
        ),
        wants_messages=False,
        wants_look_back=False,
    )


def shown(view: HomeView) -> dict[str, Any]:
    """A Home as Slack is given it."""
    url = f"https://{'x' * 60}.test/"
    return home(ENGLISH, view, NAMES, permalink=lambda channel, ts: f"https://x.test/{channel}/{ts}", url=url)


@pytest.mark.parametrize("first", [*range(0, 60, MAX_PROBLEMS)])
def test_the_longest_home_is_one_that_slack_takes(first: int) -> None:
    assert len(problems()) == 60
    view = shown(tab(first))
    assert validate_view(view, "home") == []
    assert not is_too_large(view)
    assert len(view["blocks"]) <= 97, "there is room for more"
    assert pinging.problems(view, posted=False) == []


@settings(deadline=None, max_examples=examples(60))
@given(
    sizes=st.fixed_dictionaries({name: st.integers(0, most) for name, most in EVERYTHING.items()}),
    first=st.integers(0, 200),
    is_admin=st.booleans(),
    is_known=st.booleans(),
)
def test_a_home_of_any_size_has_room_and_shows_each_of_its_channels_once(
    first: int, sizes: dict[str, int], *, is_admin: bool, is_known: bool
) -> None:
    made = tab(first, is_admin=is_admin, is_known=is_known, **sizes)
    view = shown(made)
    assert len(view["blocks"]) <= 97
    listed = [
        block["text"]["text"].split("*")[1]
        for block in view["blocks"]
        if block.get("accessory", {}).get("action_id") == OPEN_SETTINGS
    ]
    own = made.my_channels.items if made.my_channels else []
    others = made.admin_overview.other_channels.items if made.admin_overview else []
    channels = [f"<#{each.channel_id}>" for each in (*own, *others)]
    assert [each for each in listed if each in channels] == channels


def pings(view: dict[str, Any]) -> list[str]:
    """What in the texts of a view Slack would take for a mention."""
    said = json.dumps(view, ensure_ascii=False)
    return [mark for mark in ("<!channel", "<!here", "<!everyone", "<!subteam", "<@U") if mark in said]


def test_every_kind_of_change_is_told_in_a_log_that_slack_takes() -> None:
    before = replace(SETUP, target_channel_id=None, manager_ids=frozenset()).to_json()
    values: dict[AuditAction, tuple[Any, Any]] = {
        AuditAction.CONFIGURED: (None, SETUP.to_json()),
        AuditAction.SETTINGS_CHANGED: (before, SETUP.to_json()),
        AuditAction.OWNER_CHANGED: ({"owner": "U001"}, {"owner": "U002"}),
        AuditAction.POSTED_EARLY: (None, {"wins": 7, "roundup_id": 1}),
        AuditAction.NEXT_ROUNDUP_CHANGED: (None, {"note": "Well done, <!here>!", "left": 2}),
        AuditAction.DELIVERY_RESOLVED: ({"state": DeliveryState.NEEDS_REVIEW}, {"state": "posted"}),
        AuditAction.DEFAULTS_CHANGED: (WorkspaceDefaults().to_json(), WorkspaceDefaults(zone=ZONE).to_json()),
        AuditAction.BOT_LEFT: (None, {"unavailable_reason": "removed"}),
        AuditAction.BOT_RETURNED: ({"unavailable_reason": "removed"}, None),
        AuditAction.CHANNEL_ID_CHANGED: ({"channel_id": "C1"}, {"channel_id": "C2"}),
        AuditAction.BECAME_PRIVATE: (SETUP.to_json(), before),
    }
    assert set(values) == set(AuditAction)
    entries = [
        AuditEntry(
            number, "T1", None if kind is AuditAction.DEFAULTS_CHANGED else "C1", "U001", kind, *values[kind], NOW
        )
        for number, kind in enumerate([AuditAction.SETTINGS_CHANGED] * PAGE_SIZE + list(AuditAction))
    ]
    for page in (entries[:PAGE_SIZE], entries[PAGE_SIZE:]):
        view = audit_log.log(ENGLISH, page, NAMES, visible={"C1"}, zone=ZONE, has_older=True, is_newest=False)
        assert validate_view(view, "modal") == []
        assert not is_too_large(view)
        assert pings(view) == []
        assert "C0ELSEWHERE" not in json.dumps(view)


@pytest.mark.parametrize(
    "rule", [Weekly((Weekday.MONDAY, Weekday.SUNDAY), 2), MonthlyOnWeekday(-1, Weekday.FRIDAY), MonthlyOnDay(31)]
)
def test_the_form_of_the_defaults_is_one_that_slack_takes(rule: Any) -> None:
    assert (
        validate_view(
            workspace_defaults.form(
                ENGLISH, WorkspaceDefaults(rule, time(9), ZONE, QuietPolicy.LINE), private_metadata="7"
            ),
            "modal",
        )
        == []
    )


def test_a_page_that_is_past_the_end_is_the_last_one() -> None:
    assert Page.from_list(list(range(45)), 600, 20).items == [40, 41, 42, 43, 44]
    assert Page.from_list([], 20, 20).items == []
    assert Page.from_list(list(range(40)), 40, 20).first == 20


@pytest.mark.parametrize("wins", [[], [win(1)]])
def test_home_points_to_more_wins_only_where_there_are_some(wins: list[Win]) -> None:
    view = HomeView(wins, None, None, False, ZONE, PageOffsets(), NOW)
    said = json.dumps(home(ENGLISH, view, NAMES, permalink=link, url=""))
    assert ("Use `/wins` to see more" in said) is bool(wins)
    assert ("No wins yet" in said) is (not wins)
