"""The form for a channel's roundup settings, and the read-only view for people who can't change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.audit_log import AuditEntry, Unavailability
from bot.domain.channel_settings import ChannelSettings
from bot.domain.channel_state import ChannelState, HasRoundup, channel_state, schedule_state
from bot.domain.permissions import ChannelRoles
from bot.domain.schedules import Schedule
from bot.domain.settings_form import (
    MAX_MANAGERS,
    Cadence,
    SettingsFormData,
)
from bot.views import form_options, settings_change
from bot.views.format import (
    Block,
    Names,
    capitalise_first,
    channel,
    context,
    escape,
    local_date_and_time,
    plain_text,
    section,
    user_name,
    weekday_and_date,
)
from bot.views.inputs import checkboxes, field, modal, multi_select, radio, select, warning, zone
from bot.views.next_roundup import describe_pause, describe_state, next_roundup
from bot.views.refusals import unavailability_help
from bot.views.schedule import describe_schedule
from bot.views.translations import Translations

CALLBACK_ID = "setup"


def errors(t: Translations) -> Mapping[str, str]:
    """Return what is shown under each field that is missing or invalid."""
    return {
        "weekdays": t.gettext("Choose at least one day."),
        "at": t.gettext("Choose a time, like 16:00."),
        "zone": t.gettext("Choose a time zone. Try typing a big city near you, or your country."),
        "posts_in": t.gettext("Choose a channel."),
        "starts_on": t.gettext("Choose a date."),
        "cadence": t.gettext("Choose how often to post."),
        "state": t.gettext("Choose on or off."),
        "quiet": t.gettext("Choose what to do if there are no wins."),
        "emoji": t.gettext("Use the name of one emoji, like :trophy:."),
        "more": t.gettext("Choose from these."),
        "managers": t.ngettext("Choose up to {count} person.", "Choose up to {count} people.", MAX_MANAGERS),
    }


@dataclass(frozen=True)
class Form:
    """What the form shows.

    `channel` is as it is stored, `stored_schedule` its schedule, or the suggested one. `settings` is what the entries
    make (None if they are incomplete), `dates` (UTC) the next roundups with them. `own_zone` is the reader's.
    `may_name_managers` says whether the reader can choose who else can change these settings. `warnings` are escaped
    sentences. `is_public` says that Slack shows the channel to everyone.
    """

    channel_id: str
    channel: HasRoundup
    stored_schedule: Schedule
    data: SettingsFormData
    settings: ChannelSettings | None
    dates: Sequence[datetime]
    own_zone: str | None
    may_name_managers: bool
    roles: ChannelRoles
    last_change: AuditEntry | None
    warnings: Sequence[str]
    now: datetime
    is_public: bool = False


def form(t: Translations, page: Form, names: Names, *, private_metadata: str) -> dict[str, Any]:
    """Ask for a channel's settings; `private_metadata` comes back with what is entered."""
    data = page.data
    blocks: list[Block] = [section(t.gettext("*Roundup for {channel}*", channel=channel(page.channel_id)))]
    if channel_state(page.channel, page.now) is ChannelState.NOT_SET_UP:
        suggestion = t.gettext("Here's a suggestion. Change anything you like, then save.")
        blocks.append(section(f"{describe_state(t, page.channel, now=page.now)} {suggestion}"))
    blocks += [warning(each) for each in page.warnings]
    if page.channel.unavailable_reason not in (None, Unavailability.DELETED):
        blocks.append(section(t.gettext("You can still save. Roundups will start once I can post there.")))
    blocks.append(_state_field(t, page))
    blocks += _schedule_fields(t, data, page.now)
    blocks.append(section(_schedule_preview(t, page)))
    target: dict[str, Any] = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if data.posts_in:
        target["initial_conversation"] = data.posts_in
    blocks.append(field("posts_in", t.gettext("Post in"), target))
    quiet_label = t.gettext("If there are no wins")
    blocks.append(select("quiet", quiet_label, form_options.quiet_policies(t), data.quiet, dispatch_action=False))
    if data.cadence != Cadence.DAILY:
        blocks.append(
            select("reminds", t.gettext("Reminder"), form_options.reminders(t), data.reminds, dispatch_action=False)
        )
    options = form_options.more(t, is_public=page.is_public)
    blocks.append(checkboxes("more", t.gettext("Also"), options, data.more, dispatch_action=False, optional=True))
    blocks.append(_emoji_field(t, data))
    if page.may_name_managers:
        blocks.append(_managers_field(t, data))
    blocks += _footer(t, page, names)
    return modal(t, CALLBACK_ID, _title(t), blocks, private_metadata=private_metadata, submit=t.gettext("Save changes"))


def confirm_off(t: Translations, page: Form, *, private_metadata: str) -> dict[str, Any]:
    """Ask whether roundups are to be turned off, with what they would be instead."""
    question = t.gettext("*Turn off roundups for {channel}?*", channel=channel(page.channel_id))
    effect = t.gettext(
        "No more roundups will be posted for this channel until someone turns them on again. Wins are still saved."
    )
    blocks = [warning(question), section(effect), _state_field(t, page)]
    if page.may_name_managers:
        blocks.append(_managers_field(t, page.data))  # the form keeps the chosen managers only in this field
    return modal(t, CALLBACK_ID, _title(t), blocks, private_metadata=private_metadata, submit=t.gettext("Turn off"))


def _state_field(t: Translations, page: Form) -> Block:
    states = form_options.states(t, page.stored_schedule, page.stored_schedule.local_date(page.now))
    return radio("state", t.gettext("Roundups"), states, page.data.state)


def _title(t: Translations) -> str:
    return t.gettext("Roundup settings")


def _emoji_field(t: Translations, data: SettingsFormData) -> Block:
    emoji: dict[str, Any] = {"type": "plain_text_input", "placeholder": plain_text(":trophy:"), "max_length": 150}
    if data.emoji:
        emoji["initial_value"] = data.emoji
    hint = t.gettext("When someone reacts to a message with it, I privately suggest the win to the message's author.")
    return field("emoji", t.gettext("Emoji for wins"), emoji, hint=hint, dispatch_action=False, optional=True)


def _managers_field(t: Translations, data: SettingsFormData) -> Block:
    people: dict[str, Any] = {"type": "multi_users_select", "max_selected_items": MAX_MANAGERS}
    if data.managers:
        people["initial_users"] = list(data.managers)
    hint = t.gettext("Workspace admins and the channel's creator always can. Guests can't.")
    label = t.gettext("Who else can change these settings")
    return field("managers", label, people, hint=hint, dispatch_action=False, optional=True)


def _schedule_fields(t: Translations, data: SettingsFormData, now: datetime) -> list[Block]:
    repeat = t.gettext("Repeat")
    blocks = [select("cadence", t.gettext("How often"), form_options.cadences(t), data.cadence)]
    match Cadence(data.cadence):
        case Cadence.DAILY:
            blocks.append(multi_select("weekdays", t.gettext("Days"), form_options.days_of_week(t), data.weekdays))
        case Cadence.WEEKLY:
            blocks.append(multi_select("weekdays", t.gettext("Days"), form_options.days_of_week(t), data.weekdays))
            blocks.append(select("every_weeks", repeat, form_options.week_intervals(t), data.every_weeks))
        case Cadence.ON_DAY:
            blocks.append(select("day", t.gettext("Day of the month"), form_options.days_of_month(t), data.day))
            blocks.append(select("every_months", repeat, form_options.month_intervals(t), data.every_months))
        case Cadence.ON_WEEKDAY:
            blocks.append(select("place", t.gettext("Week of the month"), form_options.weeks_of_month(t), data.place))
            blocks.append(select("weekday", t.gettext("Day"), form_options.days_of_week(t), data.weekday))
            blocks.append(select("every_months", repeat, form_options.month_intervals(t), data.every_months))
    if data.needs_start_date:
        day: dict[str, Any] = {"type": "datepicker"}
        if data.starts_on:
            day["initial_date"] = data.starts_on
        blocks.append(field("starts_on", t.gettext("Starting"), day))
    at: dict[str, Any] = {"type": "timepicker"}
    if data.at:
        at["initial_time"] = data.at
    blocks.append(field("at", t.gettext("Time"), at))
    label = form_options.zone_label(data.zone, now) if data.zone else ""
    blocks.append(zone("zone", t.gettext("Time zone"), data.zone, label))
    return blocks


def _schedule_preview(t: Translations, page: Form) -> str:
    """Return what the entries mean: the schedule in words, and its next dates."""
    if page.settings is None:
        return t.gettext("_Fill in the rest to see the next three dates._")
    schedule = page.settings.schedule
    lines = [f"*{escape(capitalise_first(describe_schedule(t, schedule.resumed(), now=page.now)))}*"]
    if schedule_state(schedule, schedule.local_date(page.now)) is not ChannelState.ON:
        lines.append(" ".join([describe_pause(t, schedule, now=page.now), t.gettext("Wins are still saved.")]))
    return "\n".join([*lines, *dates(t, page.dates, schedule.zone, page.own_zone, today=page.now.date())])


def dates(t: Translations, moments: Sequence[datetime], zone: str, own_zone: str | None, *, today: date) -> list[str]:
    """Return a line for each roundup: its date in the channel's zone and, if that differs, on the reader's clock."""
    return [f"• {escape(_date(t, moment, zone, own_zone, today))}" for moment in moments]


def _date(t: Translations, moment: datetime, zone: str, own_zone: str | None, today: date) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    text = local_date_and_time(t, there, zone, today=today)
    here = moment.astimezone(ZoneInfo(own_zone)) if own_zone else there
    if here.utcoffset() == there.utcoffset():
        return text
    time = f"{here:%H:%M}"
    if here.date() == there.date():
        return t.gettext("{date}, {time} your time", date=text, time=time)
    day = weekday_and_date(t, here.date())
    return t.gettext("{date}, {day} at {time} your time", date=text, day=day, time=time)


def _footer(t: Translations, page: Form, names: Names) -> list[Block]:
    lines = []
    if page.roles.owner_id is not None:
        owner = user_name(t, page.roles.owner_id, names)
        lines.append(t.gettext("{owner} is the contact for this roundup and hears about any problems.", owner=owner))
    if page.last_change is not None:
        change = settings_change.sentences(t, page.last_change, names, now=page.now)
        lines.append(" ".join([t.gettext("Last change:"), *change]))
    lines.append(
        t.gettext("Anyone here can view these settings with `/wins setup`. Changes are announced in the channel.")
    )
    return [context(line) for line in lines]


def settings(t: Translations, page: Form, names: Names) -> dict[str, Any]:
    """Show a channel's settings to a person who can't change them, and say who can."""
    blocks: list[Block] = [section(t.gettext("*Roundup for {channel}*", channel=channel(page.channel_id)))]
    blocks += [warning(each) for each in page.warnings]
    if channel_state(page.channel, page.now) is ChannelState.NOT_SET_UP:
        blocks.append(section(next_roundup(t, page.channel, now=page.now)))
    if page.channel.settings is not None and page.settings is not None:
        blocks += [section(_schedule_preview(t, page)), section("\n".join(_details(t, page.settings)))]
    blocks.append(context(_who_can_change(t, page.roles, names)))
    return modal(t, CALLBACK_ID, _title(t), [*blocks, *_footer(t, page, names)])


def _details(t: Translations, channel_settings: ChannelSettings) -> list[str]:
    target = channel_settings.target_channel_id
    lines = [
        t.gettext("Posts in this channel.")
        if target is None
        else t.gettext("Posts in {channel}.", channel=channel(target)),
        settings_change.describe_quiet_policy(t, channel_settings.quiet_policy),
    ]
    if channel_settings.sends_reminder:
        lines.append(t.gettext("Posts a reminder the day before."))
    lines += settings_change.describe_editions(t, channel_settings.editions)
    if channel_settings.joins_workspace_roundup:
        lines.append(t.gettext("The workspace roundup can include this channel's wins."))
    if channel_settings.win_emoji:
        emoji = settings_change.emoji(channel_settings.win_emoji)
        lines.append(t.gettext("Reacting to a message with {emoji} suggests it as a win.", emoji=emoji))
    return lines


def _who_can_change(t: Translations, roles: ChannelRoles, names: Names) -> str:
    sentence = (
        t.gettext("Workspace admins and the channel's creator can change these settings.")
        if roles.creator is None
        else t.gettext(
            "Workspace admins and {creator} (who created this channel) can change these settings.",
            creator=user_name(t, roles.creator, names),
        )
    )
    others = roles.manager_ids - {roles.creator}
    if not others:
        return sentence
    people = settings_change.list_people(t, others, names)
    return " ".join([sentence, t.gettext("{people} can change them too.", people=people)])


def saved_while_away(t: Translations, channel: HasRoundup, *, now: datetime) -> dict[str, Any]:
    """Confirm saved settings in a channel where the bot can't post."""
    text = " ".join([t.gettext("Saved."), next_roundup(t, channel, now=now)])
    return modal(t, CALLBACK_ID, _title(t), [section(text)])


def conflict_warning(t: Translations, last_change: AuditEntry | None, names: Names, *, now: datetime) -> str:
    """Say that someone else changed the settings meanwhile, and how to save all the same."""
    change = [] if last_change is None else settings_change.sentences(t, last_change, names, now=now)
    return " ".join(
        [
            t.gettext("These settings were changed while you had them open."),
            *change,
            t.gettext("Your edits are still here. Save again to apply them."),
        ]
    )


def no_access_modal(t: Translations, scopes: Sequence[str], *, now: datetime) -> dict[str, Any]:
    """Say what to do in a channel that the bot can't see: it is not a member, or `scopes` are missing."""
    text = next_roundup(t, None, now=now)
    return modal(t, CALLBACK_ID, _title(t), [section(_missing_scopes(t, scopes) if scopes else text)])


def warnings(
    t: Translations,
    channel: HasRoundup,
    target_unavailability: Unavailability | None,
    scopes: Sequence[str],
    *,
    now: datetime,
) -> list[str]:
    """Say what keeps roundups from being posted, and what to do: for the channel, its target, and missing scopes."""
    lines = []
    if channel.unavailable_reason is not None:
        lines.append(next_roundup(t, channel, now=now))
    if target_unavailability is not None:
        target = t.gettext("There's a problem with the channel you chose.")
        lines.append(f"{target} {unavailability_help(t, target_unavailability)}")
    if scopes:
        lines.append(_missing_scopes(t, scopes))
    return lines


def _missing_scopes(t: Translations, scopes: Sequence[str]) -> str:
    return t.ngettext(
        "I'm missing the {scopes} permission. Ask the person who installed Winsome to add it and reinstall the app.",
        "I'm missing the {scopes} permissions. Ask the person who installed Winsome to add them and reinstall the app.",
        len(scopes),
        scopes=t.join_and([f"`{escape(scope)}`" for scope in scopes]),
    )
