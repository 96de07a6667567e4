"""The form for what new channels begin with."""

from typing import Any

from bot.domain.channel_settings import WorkspaceDefaults
from bot.domain.schedules import MonthlyOnWeekday, Rule, Weekly
from bot.views import settings_form
from bot.views.format import city, section
from bot.views.inputs import field, modal, multi_select, radio, select, zone

CALLBACK_ID = "defaults"
TITLE = "New channels"

WEEKLY, FORTNIGHTLY = "weekly", "fortnightly"
_RHYTHMS = {
    WEEKLY: "Every week",
    FORTNIGHTLY: "Every second week",
    "1": "Every month, the first such day",
    "2": "Every month, the second such day",
    "3": "Every month, the third such day",
    "4": "Every month, the fourth such day",
    "-1": "Every month, the last such day",
}
OWN_ZONE, FIXED_ZONE = "own", "this"
_ZONE_CHOICES = {OWN_ZONE: "Whoever sets the channel up", FIXED_ZONE: "This time zone:"}

ERRORS = {name: settings_form.ERRORS[name] for name in ("weekdays", "at", "zone", "quiet")} | {
    "rhythm": "Choose how often it comes.",
    "one_weekday": "Choose one day: in a month there is one roundup.",
    "whose": "Choose whose time it is.",
}
"""What is said under a field that is missing or wrong."""


def form(defaults: WorkspaceDefaults, *, private_metadata: str) -> dict[str, Any]:
    """Ask what new channels begin with; `keeps` comes back with what is entered."""
    zone_label = "" if defaults.zone is None else city(defaults.zone)
    at = {"type": "timepicker", "initial_time": f"{defaults.local_time:%H:%M}"}
    blocks = [
        section("What I propose to channels without a roundup. Those that have one keep theirs."),
        select("rhythm", "How often", _RHYTHMS, rhythm(defaults.rule), answers=False),
        multi_select(
            "weekdays", "On which days", settings_form.DAYS_OF_WEEK, _weekday_codes(defaults.rule), answers=False
        ),
        field("at", "At", at, answers=False),
        radio(
            "whose", "In the time of", _ZONE_CHOICES, OWN_ZONE if defaults.zone is None else FIXED_ZONE, answers=False
        ),
        zone("zone", "Time zone", defaults.zone, zone_label, answers=False, optional=True),
        select(
            "quiet",
            "When there are no wins to tell",
            settings_form.QUIET_POLICIES,
            defaults.quiet_policy,
            answers=False,
        ),
    ]
    return modal(CALLBACK_ID, TITLE, blocks, private_metadata=private_metadata, submit="Save")


def rhythm(rule: Rule) -> str:
    """Return the option of the form that stands for a rule; "" where none does."""
    match rule:
        case Weekly(_, 1):
            return WEEKLY
        case Weekly(_, 2):
            return FORTNIGHTLY
        case MonthlyOnWeekday(nth, _, 1):
            return str(nth)
    return ""


def _weekday_codes(rule: Rule) -> list[str]:
    match rule:
        case Weekly(weekdays):
            return [day.code for day in weekdays]
        case MonthlyOnWeekday(_, weekday):
            return [weekday.code]
    return []
