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
from bot.views.channel_status import standing
from bot.views.format import Block, Names, button, channel, context, escape, header, name, section
from bot.views.paging import turning
from bot.views.settings_change import defaults

SWITCH_OFF = "home_switch_off"
TAKE_OVER = "home_take_over"
LINK = "home_link"
CHANGE_DEFAULTS = "home_defaults"
WHAT_WAS_CHANGED = "home_audit"

APPS = "https://api.slack.com/apps"

_LOST = {
    Unavailability.REMOVED: "I am not in {channel} any more, so its roundup can't come. Type `/invite @Winsome` in it, or switch "
    "the roundup off.",
    Unavailability.ARCHIVED: "{channel} is archived, so its roundup can't come. Unarchive it, or switch the roundup off.",
    Unavailability.DELETED: "{channel} was deleted, so its roundup can't come. Switch it off, and it is settled.",
}


def what_needs_you(told: AdminOverview, turned: PageOffsets, names: Names, *, url: str) -> list[Block]:
    """Show what needs an admin, each with what mends it; `url` is the workspace's address, with a slash at its end."""
    if not told.problems.total:
        return []
    blocks: list[Block] = [header("What needs you")]
    for problem in told.problems.items:
        said, buttons = _problem(problem, names, url)
        blocks += [section(said), {"type": "actions", "elements": buttons}]
    blocks += turning(told.problems, lambda first: PageOffsets(first, turned.channels, turned.my_channels))
    return [*blocks, {"type": "divider"}]


def oversight(told: AdminOverview, tab: HomeView) -> list[Block]:
    """Show every channel that an admin may see, what new ones begin with, and the way to the audit log."""
    turned = tab.page_offsets
    blocks: list[Block] = [{"type": "divider"}, header("Every channel")]
    if not told.channels.total:
        blocks.append(section("I know no channel yet. Type `/invite @Winsome` in one, and I propose a schedule."))
    blocks += [standing(each, zone=tab.zone, now=tab.now) for each in told.channels.items]
    blocks += turning(told.channels, lambda first: PageOffsets(turned.problems, first, turned.my_channels))
    if not told.is_complete:
        blocks.append(context("Some channels could not be checked just now. Open this tab again in a moment."))
    blocks.append({"type": "divider"})
    blocks.append(header("For new channels"))
    said = defaults(told.defaults)
    change = button(
        "Change", action_id=CHANGE_DEFAULTS, value="defaults", accessibility_label="Change what new channels begin with"
    )
    blocks.append(section(f"I propose a roundup {said}.", accessory=change))
    blocks.append(
        {"type": "actions", "elements": [button("What was changed", action_id=WHAT_WAS_CHANGED, value="newest")]}
    )
    return blocks


def _problem(problem: Problem, names: Names, url: str) -> tuple[str, Sequence[Block]]:
    match problem:
        case StuckDelivery():
            return owner_alert.line(problem), owner_alert.buttons(problem)
        case MissingScope(scope, reason):
            said = (
                f"*I lack the permission `{escape(scope)}`.* Without it this does not work: {escape(reason)}. Add it "
                "under OAuth & Permissions, install me again, then restart me."
            )
            return said.replace("& P", "&amp; P"), [_link("Open the app's settings", APPS)]
        case UnreachableChannel(channel_id, away, may_change):
            said = _LOST[away].format(channel=f"*{channel(channel_id)}*")
            opens = [] if away is Unavailability.DELETED else [_link("Open the channel", f"{url}archives/{channel_id}")]
            off = button("Switch it off", action_id=SWITCH_OFF, value=channel_id)
            return said, [*opens, *([off] if may_change else [])]
        case OrphanedChannel(channel_id, owner, may_change):
            who = escape(name(Mention(owner), names))
            said = (
                f"*{who} answers for the roundup of {channel(channel_id)}*, and their account is not in use any more. "
                "It still comes, but nobody is told when something goes wrong."
            )
            mine = button("I'll answer for it", action_id=TAKE_OVER, value=channel_id)
            return said, [mine] if may_change else [_link("Open the channel", f"{url}archives/{channel_id}")]


def _link(label: str, url: str) -> dict[str, Any]:
    return {**button(label, action_id=LINK, value="link"), "url": url}
