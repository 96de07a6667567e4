"""The admin part of the Home tab: problems with their fixes, all channels, and the defaults for new ones."""

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
from bot.views import owner_alert
from bot.views.channel_status import channel_status
from bot.views.format import Block, Names, button, channel, confirmation, context, escape, header, section, user_name
from bot.views.paging import pager
from bot.views.roundup import Permalink
from bot.views.settings_change import describe_defaults, describe_quiet_policy
from bot.views.translations import Translations

SWITCH_OFF = "home_switch_off"
TAKE_OVER = "home_take_over"
OPEN_LINK = "home_link"
CHANGE_DEFAULTS = "home_defaults"
OPEN_AUDIT_LOG = "home_audit"

APPS = "https://api.slack.com/apps"


def admin_todo(
    t: Translations,
    overview: AdminOverview,
    offsets: PageOffsets,
    names: Names,
    *,
    permalink: Permalink,
    url: str,
) -> list[Block]:
    """List what needs an admin, each with its fix; `url` is the workspace's address, with a slash at its end."""
    if not overview.problems.total:
        return []
    blocks: list[Block] = [header(t.gettext("Needs your attention"))]
    for problem in overview.problems.items:
        text, buttons = _problem(t, problem, names, permalink, url)
        blocks += [section(text), {"type": "actions", "elements": buttons}]
    blocks += pager(t, overview.problems, lambda first: PageOffsets(first, offsets.channels, offsets.my_channels))
    return [*blocks, {"type": "divider"}]


def admin_overview(t: Translations, overview: AdminOverview, view: HomeView) -> list[Block]:
    """Show every channel that an admin may see, the defaults for new ones, and a button to the audit log."""
    offsets = view.page_offsets
    blocks: list[Block] = [{"type": "divider"}, header(t.gettext("All channels"))]
    if not overview.channels.total:
        blocks.append(
            section(
                t.gettext("I'm not in any channels yet. Type `/invite @Winsome` in one and I'll suggest a schedule.")
            )
        )
    blocks += [channel_status(t, status, zone=view.zone, now=view.now) for status in overview.channels.items]
    blocks += pager(t, overview.channels, lambda first: PageOffsets(offsets.problems, first, offsets.my_channels))
    if not overview.is_complete:
        blocks.append(context(t.gettext("Some channels couldn't be checked. Reopen this tab to try again.")))
    edit = button(
        t.gettext("Edit defaults"),
        action_id=CHANGE_DEFAULTS,
        value="defaults",
        accessibility_label=t.gettext("Edit defaults for new channels"),
    )
    history = button(t.gettext("View change history"), action_id=OPEN_AUDIT_LOG, value="newest")
    suggestion = t.gettext("I'll suggest a roundup {schedule}.", schedule=describe_defaults(t, overview.defaults))
    return [
        *blocks,
        {"type": "divider"},
        header(t.gettext("Defaults for new channels")),
        section(f"{suggestion} {describe_quiet_policy(t, overview.defaults.quiet_policy)}", accessory=edit),
        {"type": "actions", "elements": [history]},
    ]


def _problem(
    t: Translations, problem: Problem, names: Names, permalink: Permalink, url: str
) -> tuple[str, Sequence[Block]]:
    match problem:
        case StuckDelivery():
            return owner_alert.line(t, problem, permalink), owner_alert.buttons(t, problem)
        case MissingScope(scope):
            missing = t.gettext("*I'm missing the `{scope}` permission.*", scope=escape(scope))
            fix = t.gettext("Add it under OAuth &amp; Permissions, reinstall the app, then restart Winsome.")
            text = " ".join(filter(None, [missing, _without_scope(t, scope), fix]))
            return text, [_link_button(t.gettext("Open app settings"), APPS)]
        case UnreachableChannel(channel_id, unavailability, may_change):
            buttons = []
            if unavailability is not Unavailability.DELETED:
                buttons.append(_view_channel(t, url, channel_id))
            if may_change:
                buttons.append(_turn_off(t, channel_id))
            return _unreachable(t, channel_id, unavailability), buttons
        case OrphanedChannel(channel_id, owner, may_change):
            text = t.gettext(
                "*{owner} is the contact for {channel}'s roundup*, but that account is deactivated. Roundups still "
                "post, but no one hears about problems.",
                owner=user_name(t, owner, names),
                channel=channel(channel_id),
            )
            if may_change:
                return text, [button(t.gettext("Make me the contact"), action_id=TAKE_OVER, value=channel_id)]
            return text, [_view_channel(t, url, channel_id)]


def _without_scope(t: Translations, scope: str) -> str:  # noqa: PLR0911 - one for each scope
    match scope:
        case "commands":
            return t.gettext("Without it, I can't respond to `/win` and `/wins`.")
        case "chat:write":
            return t.gettext("Without it, I can't announce wins or post roundups.")
        case "reactions:read":
            return t.gettext("Without it, I can't count reactions as cheers.")
        case "users:read":
            return t.gettext("Without it, I can't show names, suggest time zones, or tell who's an admin or a guest.")
        case "channels:read":
            return t.gettext("Without it, I can't tell who created a channel, who's in it, or when it's archived.")
        case "groups:read":
            return t.gettext(
                "Without it, I can't tell who created a private channel, who's in it, or when it's archived."
            )
    return ""


def _unreachable(t: Translations, channel_id: str, unavailability: Unavailability) -> str:
    where = channel(channel_id)
    match unavailability:
        case Unavailability.REMOVED:
            return t.gettext(
                "I was removed from *{channel}*, so its roundup is on hold. Type `/invite @Winsome` there, or turn the "
                "roundup off.",
                channel=where,
            )
        case Unavailability.ARCHIVED:
            return t.gettext(
                "*{channel}* is archived, so its roundup is on hold. Unarchive it, or turn the roundup off.",
                channel=where,
            )
        case Unavailability.DELETED:
            return t.gettext("*{channel}* was deleted. Turn off its roundup to clear this.", channel=where)


def _turn_off(t: Translations, channel_id: str) -> Block:
    label = t.gettext("Turn off roundup")
    dialog = confirmation(
        t,
        t.gettext("Turn off this roundup?"),
        t.gettext(
            "No more roundups will be posted for this channel until someone turns them on again in its settings. Wins "
            "are still saved."
        ),
        confirm=label,
        is_danger=True,
    )
    return button(label, action_id=SWITCH_OFF, value=channel_id, confirm=dialog)


def _view_channel(t: Translations, url: str, channel_id: str) -> Block:
    return _link_button(t.gettext("View channel"), f"{url}archives/{channel_id}")


def _link_button(label: str, url: str) -> dict[str, Any]:
    return {**button(label, action_id=OPEN_LINK, value="link"), "url": url}
