"""What a change to settings changed, field by field, in the words of the forms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.domain.channel_settings import ChannelSettings, WorkspaceDefaults
from bot.domain.settings_form import Cadence, SettingsFormData, from_settings
from bot.views import form_options
from bot.views.format import Names, channel, escape, list_days, month_and_day
from bot.views.schedule import zone_name
from bot.views.settings_change import emoji, list_people
from bot.views.translations import Translations


@dataclass(frozen=True)
class FieldValue:
    """The value of a field, and how it is shown, escaped."""

    value: Any
    shown: str


Fields = Mapping[str, FieldValue]
"""The fields by their labels, in the order of the form."""


def changed_fields(before: Fields, after: Fields) -> list[str]:
    """Return a line for each field of `after` that is new or has changed."""
    return [
        f"_{label}:_ {before[label].shown} → {field.shown}" if label in before else f"_{label}:_ {field.shown}"
        for label, field in after.items()
        if before.get(label) != field
    ]


def settings_fields(
    t: Translations, settings: ChannelSettings, names: Names, *, channel_id: str, now: datetime
) -> Fields:
    """Return what the form of a channel's settings shows, and the skipped dates ahead."""
    today = settings.schedule.local_date(now)
    data = from_settings(settings, channel_id=channel_id, today=today)
    skipped = sorted(day for day in settings.schedule.skipped_dates if day >= today)
    target = settings.target_channel_id or channel_id
    fields = {
        t.gettext("Roundups"): FieldValue(
            (data.state, settings.schedule.paused_until), form_options.state(t, settings.schedule, today)
        ),
        **_rule_fields(t, data, today),
        t.gettext("Time"): FieldValue(data.at, data.at or ""),
        t.gettext("Time zone"): FieldValue(data.zone, escape(zone_name(t, settings.schedule.zone))),
        t.gettext("Skipped dates"): FieldValue(
            skipped, list_days(t, skipped, today=today) if skipped else t.pgettext("date", "none")
        ),
        t.gettext("Post in"): FieldValue(target, channel(target)),
        t.gettext("If there are no wins"): FieldValue(data.quiet, form_options.quiet_policies(t)[data.quiet]),
    }
    if data.cadence != Cadence.DAILY:
        fields[t.gettext("Reminder")] = FieldValue(data.reminds, form_options.reminders(t)[data.reminds])
    options = form_options.more(t, is_public=True)
    more = t.join_and([options[each] for each in data.more]) or t.pgettext("choices", "nothing")
    fields[t.gettext("Also")] = FieldValue(data.more, more)
    win_emoji = emoji(settings.win_emoji) if settings.win_emoji else t.pgettext("emoji", "none")
    fields[t.gettext("Emoji for wins")] = FieldValue(settings.win_emoji, win_emoji)
    managers = list_people(t, data.managers, names) or t.pgettext("people", "no one")
    fields[t.gettext("Who else can change these settings")] = FieldValue(data.managers, managers)
    return fields


def _rule_fields(t: Translations, data: SettingsFormData, today: date) -> dict[str, FieldValue]:
    def chosen(options: Mapping[str, str], value: str) -> FieldValue:
        return FieldValue(value, options[value])

    weekdays = form_options.days_of_week(t)
    fields = {t.gettext("How often"): chosen(form_options.cadences(t), data.cadence)}
    match Cadence(data.cadence):
        case Cadence.DAILY | Cadence.WEEKLY:
            days = t.join_and([weekdays[code] for code in data.weekdays])
            fields[t.gettext("Days")] = FieldValue(data.weekdays, days)
        case Cadence.ON_DAY:
            fields[t.gettext("Day of the month")] = chosen(form_options.days_of_month(t), data.day)
        case Cadence.ON_WEEKDAY:
            fields[t.gettext("Week of the month")] = chosen(form_options.weeks_of_month(t), data.place)
            fields[t.gettext("Day")] = chosen(weekdays, data.weekday)
    match Cadence(data.cadence):
        case Cadence.WEEKLY:
            fields[t.gettext("Repeat")] = chosen(form_options.week_intervals(t), data.every_weeks)
        case Cadence.ON_DAY | Cadence.ON_WEEKDAY:
            fields[t.gettext("Repeat")] = chosen(form_options.month_intervals(t), data.every_months)
    if data.needs_start_date and data.starts_on is not None:
        starts_on = month_and_day(t, date.fromisoformat(data.starts_on), today=today)
        fields[t.gettext("Starting")] = FieldValue(data.starts_on, starts_on)
    return fields


def defaults_fields(t: Translations, defaults: WorkspaceDefaults) -> Fields:
    """Return what the form of the workspace's defaults shows."""
    suggested = defaults.default_settings(zone=None, today=date.min)
    data = replace(from_settings(suggested, channel_id="", today=date.min), starts_on=None)  # any day serves
    target = defaults.roundup_channel_id
    shown = t.pgettext("choices", "nothing") if target is None else channel(target)
    zone = t.gettext("The person who sets it up") if defaults.zone is None else zone_name(t, defaults.zone)
    return {
        **_rule_fields(t, data, date.min),
        t.gettext("Time"): FieldValue(data.at, data.at or ""),
        t.gettext("Time zone"): FieldValue(defaults.zone, escape(zone)),
        t.gettext("If there are no wins"): FieldValue(data.quiet, form_options.quiet_policies(t)[data.quiet]),
        t.gettext("Post a workspace roundup in"): FieldValue(target, shown),
    }
