"""The form for the workspace's defaults: what the bot suggests in channels without a roundup."""

from collections.abc import Mapping
from typing import Any

from bot.domain.channel_settings import WorkspaceDefaults
from bot.domain.recurrence import MonthlyOnWeekday, Rule, Weekly
from bot.views import form_options, settings_form
from bot.views.format import city, section
from bot.views.inputs import field, modal, multi_select, radio, select, warning, zone
from bot.views.settings_change import describe_defaults, describe_quiet_policy, describe_workspace_roundup
from bot.views.translations import Translations

CALLBACK_ID = "defaults"
WEEKLY, FORTNIGHTLY = "weekly", "fortnightly"
OWN_ZONE, FIXED_ZONE = "own", "this"


def errors(t: Translations) -> Mapping[str, str]:
    """Return what is shown under each field that is missing or invalid."""
    return {
        **{name: text for name, text in settings_form.errors(t).items() if name in ("weekdays", "at", "zone", "quiet")},
        "rhythm": t.gettext("Choose how often to post."),
        "one_weekday": t.gettext("Choose just one day for a monthly roundup."),
        "whose": t.gettext("Choose a time zone."),
        "roundup_in": t.gettext("Choose a public channel that I'm in. To invite me, type `/invite @Winsome` there."),
    }


def form(
    t: Translations, defaults: WorkspaceDefaults, *, private_metadata: str, current: WorkspaceDefaults | None = None
) -> dict[str, Any]:
    """Ask for the workspace's defaults; `private_metadata` comes back with what is entered.

    `current` is what they are now, if someone changed them while the form was open.
    """
    zone_label = "" if defaults.zone is None else city(defaults.zone)
    zone_choices = {OWN_ZONE: t.gettext("The person who sets it up"), FIXED_ZONE: t.gettext("A fixed time zone")}
    zone_choice = OWN_ZONE if defaults.zone is None else FIXED_ZONE
    at = {"type": "timepicker", "initial_time": f"{defaults.local_time:%H:%M}"}
    days, chosen_days = form_options.days_of_week(t), _weekday_codes(defaults.rule)
    blocks = [
        *([] if current is None else [warning(_conflict(t, current))]),
        section(t.gettext("I'll suggest this schedule in channels without a roundup. Existing roundups won't change.")),
        select("rhythm", t.gettext("How often"), _rhythms(t), rhythm(defaults.rule), dispatch_action=False),
        multi_select("weekdays", t.gettext("Days"), days, chosen_days, dispatch_action=False),
        field("at", t.gettext("Time"), at, dispatch_action=False),
        radio("whose", t.gettext("Time zone"), zone_choices, zone_choice, dispatch_action=False),
        zone(
            "zone",
            t.gettext("Fixed time zone (optional)"),
            defaults.zone,
            zone_label,
            dispatch_action=False,
            optional=True,
        ),
        select(
            "quiet",
            t.gettext("If there are no wins"),
            form_options.quiet_policies(t),
            defaults.quiet_policy,
            dispatch_action=False,
        ),
    ]
    roundup_in: dict[str, Any] = {"type": "conversations_select", "filter": {"include": ["public"]}}
    if defaults.roundup_channel_id is not None:
        roundup_in["initial_conversation"] = defaults.roundup_channel_id
    hint = t.gettext("At the time above, with wins from the public channels whose settings allow it.")
    label = t.gettext("Post a workspace roundup in")
    blocks.append(field("roundup_in", label, roundup_in, dispatch_action=False, optional=True, hint=hint))
    title, submit = t.gettext("New channel defaults"), t.gettext("Save changes")
    return modal(t, CALLBACK_ID, title, blocks, private_metadata=private_metadata, submit=submit)


def _conflict(t: Translations, current: WorkspaceDefaults) -> str:
    return " ".join(
        [
            t.gettext("These settings were changed while you had them open."),
            t.gettext("Now I suggest a roundup {schedule}.", schedule=describe_defaults(t, current)),
            describe_quiet_policy(t, current.quiet_policy),
            describe_workspace_roundup(t, current),
            t.gettext("Your edits are still here. Save again to apply them."),
        ]
    )


def _rhythms(t: Translations) -> dict[str, str]:
    return {
        WEEKLY: t.gettext("Every week"),
        FORTNIGHTLY: t.gettext("Every 2 weeks"),
        "1": t.gettext("Monthly, first"),
        "2": t.gettext("Monthly, second"),
        "3": t.gettext("Monthly, third"),
        "4": t.gettext("Monthly, fourth"),
        "-1": t.gettext("Monthly, last"),
    }


def rhythm(rule: Rule) -> str:
    """Return the form's option for a rule, or "" if it has none."""
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
