"""Who had no win, cheer or thanks in a period is in nothing that tells of it: not by name, id or number."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.domain.roundups import RoundupKind
from bot.storage.database import engine
from tests.project.paths import PROJECT
from tests.services.period_scene import (
    ELSEWHERE,
    OF_LAST_YEAR,
    ONLOOKER,
    PRESENT,
    TAGS,
    TEAM,
    Absent,
    Said,
    Week,
    in_a_branch,
    user_id,
    without_keys,
)
from tests.services.period_screens import SCREENS

MESSAGES = {
    DeliveryKind.ANNOUNCEMENT,
    DeliveryKind.ROUNDUP,
    DeliveryKind.EDITION,
    DeliveryKind.REMINDER,
    DeliveryKind.CREDIT,
    DeliveryKind.CREDIT_NOTE,
    DeliveryKind.LOOK_BACK,
    DeliveryKind.CLIMB_REACHED,
    DeliveryKind.JOINED,
    DeliveryKind.OWNER_ALERT,
}
"""The kinds of messages that tell of what happened, each of which is looked at."""
OF_NO_PERIOD = {
    DeliveryKind.OFFER: "it proposes a schedule",
    DeliveryKind.SETTINGS_CHANGE: "it tells who changed the settings",
    DeliveryKind.NOT_SHARED: "its reader's own win",
    DeliveryKind.NOT_REMOVED: "its reader's own win",
    DeliveryKind.ANSWER: "what its reader wrote",
    DeliveryKind.DIRECT_ANSWER: "what its reader wrote",
    DeliveryKind.SUGGESTION: "what its reader wrote",
    DeliveryKind.WELCOME: "it tells of no win",
    DeliveryKind.FORM_BUTTON: "it tells of no win",
}
"""The others, and why they can't tell."""

OUTPUTS = {
    "announcement",
    "reminder",
    "credit",
    "credit_note",
    "look_back",
    "climb_reached",
    "joined",
    "owner_alert",
    "scheduled roundup, part 1",
    "scheduled roundup, thread",
    "monthly edition, part 1",
    "quarterly edition, part 1",
    "yearly edition, part 1",
    "workspace edition, part 1",
    *SCREENS,
}
"""All that may tell of a week. What is new comes here, or into one of the lists of what can't."""

THAT_DIFFER = {"yearly edition, part 1", "joined", "owner_alert"}
"""Who won on the first of April is in the year, and in look backs that were skipped later, of which the owner is told.
An author was told who joined their win, and that they left it.
"""

VIEWS_LOOKED_AT = {
    "announcement", "audit_log", "cheer_buttons", "climb", "credit", "edition", "first_cheers", "home", "home_wins",
    "listed_win", "look_back", "my_wins", "credit_note", "next_roundup_form", "offer", "owner_alert", "preview",
    "roundup", "roundup_opening", "roundup_wins", "win_buttons", "win_line", "joining", "admin_home", "channel_status",
    "settings_change", "changed_fields", "next_roundup", "period", "schedule", "teammates", "paging", "preferences",
    "format", "translations", "inputs", "permalinks",
}  # fmt: skip
"""The views (modules) that make these."""
VIEWS_OF_NO_PERIOD = {
    "asking", "author_note", "credited_win", "edit_win", "ephemeral", "form_options", "help",
    "installed_manifest", "pause", "quiet_week", "refusals", "refused_delivery", "search",
    "settings_form", "suggestions", "thanks", "waiting", "win_form", "workspace_defaults", "zone_names",
}  # fmt: skip
"""What people search for or do themselves, settings, and questions: these tell of no period."""

undone_each_time = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Nothing of an example is stored, so the next may have the same connection. To find a smaller one takes minutes."""
people = st.integers(0, len(PRESENT) - 1)
some_people = st.lists(people, max_size=3, unique=True).map(tuple)
said = st.builds(
    Said,
    people,
    credited=some_people,
    thanked=some_people,
    cheered_by=some_people,
    joined_by=some_people,
    is_learning=st.integers(0, 4).map(lambda drawn: drawn == 0),
    tags=st.lists(st.sampled_from(TAGS), max_size=4, unique=True).map(tuple),
    is_step=st.booleans(),
)
weeks = st.builds(Week, st.lists(said, max_size=6).map(tuple), some_people)

FULL = Week(
    (
        Said(0, thanked=(1,), cheered_by=(2,), tags=TAGS, is_step=True),
        Said(1, cheered_by=(0,), joined_by=(2,), tags=TAGS, is_step=True),
        *(Said(number % 3, tags=TAGS[:3], is_learning=number == 7) for number in range(16)),
    ),
    cheered_by=(2,),
)
"""A week with all that there can be, in which Dagobert has nothing."""


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[Connection]:
    opened = engine(sqlite_url, writes=True)
    with opened.connect() as made:
        yield made
    opened.dispose()


def outputs_of(connection: Connection, week: Week, *, absent_team: str = TEAM) -> dict[str, list[str]]:
    with in_a_branch(connection, absent_team=absent_team) as scene:
        scene.happens(week, SCREENS)
    return scene.outputs


def traces(everything: str, names: set[str]) -> set[str]:
    """Return which of these people are somewhere in what is shown: by name, by id, or with their face."""
    return {name for name in names if name.lower() in everything.lower() or user_id(name) in everything}


def assert_tells_of_no_one_else(outputs: dict[str, list[str]], week: Week) -> None:
    assert outputs.keys() <= OUTPUTS, "what is new is entered here"
    for output, shown in outputs.items():
        nothing = {*PRESENT, *Absent, OF_LAST_YEAR, ONLOOKER} - week.people
        if output.startswith("yearly"):
            nothing -= {Absent.WON_ON_APRIL_1}  # is in the year
        for each in shown:
            assert traces(each, nothing) == set(), output


def test_every_kind_of_message_and_every_view_is_entered() -> None:
    assert MESSAGES | OF_NO_PERIOD.keys() == set(DeliveryKind)
    assert not MESSAGES & OF_NO_PERIOD.keys()
    views = {path.stem for path in (PROJECT / "bot" / "views").glob("*.py")} - {"__init__"}
    assert views == VIEWS_LOOKED_AT | VIEWS_OF_NO_PERIOD
    assert not VIEWS_LOOKED_AT & VIEWS_OF_NO_PERIOD
    kinds = {output.split()[0] for output in OUTPUTS}
    assert set(RoundupKind) - kinds == {RoundupKind.EARLY}, "an early roundup is composed as the scheduled one"


def test_a_full_week_is_told_everywhere_and_of_no_one_else(connection: Connection) -> None:
    outputs = outputs_of(connection, FULL)
    assert {output for output, shown in outputs.items() if shown} == OUTPUTS, "nothing is left unseen"
    assert_tells_of_no_one_else(outputs, FULL)
    everything = json.dumps(outputs, ensure_ascii=False)
    assert traces(everything, set(PRESENT)) == {"Abelard", "Brunhild", "Clotilde"}, "and it would be seen"


def assert_holds_of_no_one_else(connection: Connection, week: Week) -> None:
    """Check names and ids, and that all is the same where those who had nothing are elsewhere.

    So there is no number, no gap and no order either by which they could be told.
    """
    here, without = (outputs_of(connection, week, absent_team=team) for team in (TEAM, ELSEWHERE))
    assert_tells_of_no_one_else(here, week)
    assert here.keys() - THAT_DIFFER == without.keys() - THAT_DIFFER
    for output, shown in here.items():
        if output not in THAT_DIFFER:
            assert [without_keys(each) for each in shown] == [without_keys(each) for each in without[output]], output


@pytest.mark.timeout(400)
@settings(undone_each_time, max_examples=3)
@given(week=weeks)
def test_no_output_tells_of_who_had_nothing(connection: Connection, week: Week) -> None:
    assert_holds_of_no_one_else(connection, week)


@pytest.mark.deep
@pytest.mark.timeout(1800)
@settings(undone_each_time, max_examples=40)
@given(week=weeks)
def test_no_output_of_many_weeks_tells_of_who_had_nothing(connection: Connection, week: Week) -> None:
    assert_holds_of_no_one_else(connection, week)
