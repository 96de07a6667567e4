"""What admins see on Home: what needs them, with what mends it; every channel; what new channels begin with."""

from collections.abc import Sequence
from typing import Any

from bot.domain.audit_log import Unavailability
from bot.domain.home import (
    AdminOverview,
    HomeView,
    MissingScope,
    OrphanedChannel,
    PageOffsets,
    Problem,
    UnreachableChannel,
)
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.wins import Mention
from bot.views import owner_alert
from bot.views.channel_status import channel_status
from bot.views.format import Block, Names, button, channel, context, escape, header, name, section
from bot.views.paging import pager
from bot.views.settings_change import defaults

SWITCH_OFF = "home_switch_off"
TAKE_OVER = "home_take_over"
OPEN_LINK = "home_link"
CHANGE_DEFAULTS = "home_defaults"
OPEN_AUDIT_LOG = "home_audit"

APPS = "https://api.slack.com/apps"

_UNREACHABLE = {
    Unavailability.REMOVED: "I am not in {channel} any more, so its roundup can't come. "
    "Type `/invite @Winsome` in it, or switch "
    "the roundup off.",
    Unavailability.ARCHIVED: "{channel} is archived, so its roundup can't come. "
    "Unarchive it, or switch the roundup off.",
    Unavailability.DELETED: "{channel} was deleted, so its roundup can't come. Switch it off, and it is settled.",
}


def admin_todo(overview: AdminOverview, offsets: PageOffsets, names: Names, *, url: str) -> list[Block]:
    """Show what needs an admin, each with what mends it; `url` is the workspace's address, with a slash at its end."""
    if not overview.problems.total:
        return []
    blocks: list[Block] = [header("What needs you")]
    for problem in overview.problems.items:
        text, buttons = _problem(problem, names, url)
        blocks += [section(text), {"type": "actions", "elements": buttons}]
    blocks += pager(overview.problems, lambda first: PageOffsets(first, offsets.channels, offsets.my_channels))
    return [*blocks, {"type": "divider"}]


def admin_overview(overview: AdminOverview, view: HomeView) -> list[Block]:
    """Show every channel that an admin may see, what new ones begin with, and the way to the audit log."""
    offsets = view.page_offsets
    blocks: list[Block] = [{"type": "divider"}, header("Every channel")]
    if not overview.channels.total:
        blocks.append(section("I know no channel yet. Type `/invite @Winsome` in one, and I propose a schedule."))
    blocks += [channel_status(status, zone=view.zone, now=view.now) for status in overview.channels.items]
    blocks += pager(overview.channels, lambda first: PageOffsets(offsets.problems, first, offsets.my_channels))
    if not overview.is_complete:
        blocks.append(context("Some channels could not be checked just now. Open this tab again in a moment."))
    blocks.append({"type": "divider"})
    blocks.append(header("For new channels"))
    text = defaults(overview.defaults)
    change = button(
        "Change", action_id=CHANGE_DEFAULTS, value="defaults", accessibility_label="Change what new channels begin with"
    )
    blocks.append(section(f"I propose a roundup {text}.", accessory=change))
    blocks.append(
        {"type": "actions", "elements": [button("What was changed", action_id=OPEN_AUDIT_LOG, value="newest")]}
    )
    return blocks


def _problem(problem: Problem, names: Names, url: str) -> tuple[str, Sequence[Block]]:
    match problem:
        case StuckDelivery():
            return owner_alert.line(problem), owner_alert.buttons(problem)
        case MissingScope(scope, reason):
            text = (
                f"*I lack the permission `{escape(scope)}`.* Without it this does not work: {escape(reason)}. Add it "
                "under OAuth & Permissions, install me again, then restart me."
            )
            return text.replace("& P", "&amp; P"), [_link_button("Open the app's settings", APPS)]
        case UnreachableChannel(channel_id, unavailability, may_change):
            text = _UNREACHABLE[unavailability].format(channel=f"*{channel(channel_id)}*")
            open_buttons = (
                []
                if unavailability is Unavailability.DELETED
                else [_link_button("Open the channel", f"{url}archives/{channel_id}")]
            )
            switch_off = button("Switch it off", action_id=SWITCH_OFF, value=channel_id)
            return text, [*open_buttons, *([switch_off] if may_change else [])]
        case OrphanedChannel(channel_id, owner, may_change):
            owner_name = escape(name(Mention(owner), names))
            text = (
                f"*{owner_name} answers for the roundup of {channel(channel_id)}*, "
                "and their account is not in use any more. "
                "It still comes, but nobody is told when something goes wrong."
            )
            take_over = button("I'll answer for it", action_id=TAKE_OVER, value=channel_id)
            return text, [take_over] if may_change else [
                _link_button("Open the channel", f"{url}archives/{channel_id}")
            ]


def _link_button(label: str, url: str) -> dict[str, Any]:
    return {**button(label, action_id=OPEN_LINK, value="link"), "url": url}
