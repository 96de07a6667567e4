"""`/win help`: what Winsome can do, limited to what the reader can use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.channel_state import AWAY, ChannelState, HasRoundup, channel_state
from bot.domain.wins import MAX_LENGTH
from bot.views.format import Message, escape, message, section
from bot.views.next_roundup import next_roundup
from bot.views.schedule import describe_schedule
from bot.views.settings_change import emoji
from bot.views.translations import Translations


@dataclass(frozen=True)
class HelpContext:
    """What the help depends on: the channel (None if the bot doesn't know it), and whether the reader can change it."""

    channel: HasRoundup | None
    may_change: bool


def help_text(
    t: Translations,
    help_context: HelpContext | None,
    *,
    is_in_group: bool = False,
    missing_ways_in: Sequence[str] = (),
    now: datetime,
) -> Message:
    """Explain what Winsome can do; `help_context` is None in a direct message and in a group conversation.

    `missing_ways_in` are the optional scopes that aren't granted for hearing mentions and direct messages.
    """
    lines = [
        t.gettext("*Winsome collects your team's small wins and shares them in a roundup.*"),
        " ".join(
            [
                _win_help(t, is_shared=is_in_group or help_context is not None),
                _other_ways_in(t, missing_ways_in),
                t.gettext("Something went wrong and you learned from it? That counts: add `#learned`."),
            ]
        ),
        t.gettext(
            "*Cheer a win* with its button or any emoji. To take it back, use the button again or remove your "
            "reaction. *I was part of this* adds you to the win."
        ),
    ]
    search = t.gettext(
        "`/wins search build` finds wins. You can also search by `#tag`, `@person`, `in #channel`, or `last week`."
    )
    preferences = t.gettext(
        "`/wins preferences` sets how you're named in your teammates' wins, and whether I message you about them."
    )
    if help_context is None:
        wins = t.gettext(
            "`/wins` shows your recent wins and lets you edit them. To manage a roundup, use `/wins setup` in its "
            "channel."
        )
        lines.append(f"{wins} {search} {preferences}")
    else:
        wins = t.gettext(
            "`/wins` shows your recent wins and lets you edit them. Save one in a direct message with me and only you "
            "will see it."
        )
        lines.append(" ".join([wins, search, preferences, *_win_emoji(t, help_context.channel)]))
        no_pings = t.gettext("No pings, no rankings.")
        lines.append(f"{_roundup(t, help_context.channel, now)} {no_pings}")
        lines.append(_roundup_commands(t, help_context, now))
    return message("\n".join(lines), [section(line) for line in lines])


def _win_help(t: Translations, *, is_shared: bool) -> str:
    if is_shared:
        return t.gettext(
            "`/win fixed the flaky build with @ana #quality` saves a win (up to {limit} characters) and shares it "
            "here. No win is too small. Mention teammates to give them credit.",
            limit=MAX_LENGTH,
        )
    return t.gettext(
        "`/win said no to a meeting` saves a private win (up to {limit} characters). Only you can see it, and it's "
        "never in a roundup.",
        limit=MAX_LENGTH,
    )


def _other_ways_in(t: Translations, missing: Sequence[str]) -> str:
    match "app_mentions:read" in missing, "im:history" in missing:
        case False, False:
            return t.gettext(
                "`/win` alone opens a form. So does *Save as a win* in a message's menu, even in a thread. You can "
                "also mention me or send me a direct message."
            )
        case False, True:
            return t.gettext(
                "`/win` alone opens a form. So does *Save as a win* in a message's menu, even in a thread. You can "
                "also mention me."
            )
        case True, False:
            return t.gettext(
                "`/win` alone opens a form. So does *Save as a win* in a message's menu, even in a thread. You can "
                "also send me a direct message."
            )
    return t.gettext(
        "`/win` alone opens a form. If it's there, so does *Save as a win* in a message's menu, even in a thread."
    )


def _win_emoji(t: Translations, channel: HasRoundup | None) -> list[str]:
    """Say what the channel's emoji for wins does, if it has one."""
    if channel is None or channel.settings is None or channel.settings.win_emoji is None:
        return []
    shown = emoji(channel.settings.win_emoji)
    return [t.gettext("React to a message with {emoji} to suggest it as a win to its author.", emoji=shown)]


def _roundup(t: Translations, channel: HasRoundup | None, now: datetime) -> str:
    if channel is None or channel.settings is None or channel_state(channel, now) is not ChannelState.ON:
        return " ".join([next_roundup(t, channel, now=now), t.gettext("Wins are still saved.")])
    schedule = channel.settings.schedule
    posted = t.gettext(
        "This channel's roundup is posted {schedule}.", schedule=escape(describe_schedule(t, schedule, now=now))
    )
    return f"{posted} {next_roundup(t, channel, now=now)}"


def _roundup_commands(t: Translations, help_context: HelpContext, now: datetime) -> str:
    state = channel_state(help_context.channel, now)
    commands = [t.gettext("`/wins preview` shows what's in the next roundup.")]
    has_roundup = help_context.channel is not None and help_context.channel.settings is not None
    if has_roundup:
        commands.append(t.gettext("`/wins setup` shows its settings."))
    if help_context.may_change and has_roundup and state not in AWAY:
        commands.append(
            t.gettext(
                "Manage this channel's roundup: `/wins setup`, `/wins pause`, `/wins resume`, or `/wins post` to post "
                "it now."
            )
        )
    elif help_context.may_change and state is ChannelState.NOT_SET_UP:
        commands.append(t.gettext("Setting up a roundup takes a minute. Or use `/wins post` to share what's here now."))
    return " ".join(commands)
