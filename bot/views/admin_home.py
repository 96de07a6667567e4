"""The admin part of the Home tab: problems with their fixes, all channels, and the defaults for new ones."""

from collections.abc import Sequence

from bot.domain.audit_log import Unavailability
from bot.domain.channel_settings import WorkspaceDefaults
from bot.domain.home import (
    AdminOverview,
    ChannelStatus,
    HomeView,
    MissingScope,
    PageOffsets,
    Problem,
)
from bot.domain.owner_alerts import StuckDelivery
from bot.views import owner_alert
from bot.views.channel_status import channel_status
from bot.views.format import Block, actions, button, confirmation, context, escape, header, section
from bot.views.installed_manifest import APPS, link_button, ways_in_that_are_off
from bot.views.paging import pager
from bot.views.permalinks import Permalink
from bot.views.settings_change import describe_defaults, describe_quiet_policy, describe_workspace_roundup
from bot.views.translations import Translations

TURN_OFF = "home_switch_off"
TAKE_OVER = "home_take_over"
CHANGE_DEFAULTS = "home_defaults"
OPEN_AUDIT_LOG = "home_audit"


def admin_todo(
    t: Translations,
    overview: AdminOverview,
    view: HomeView,
    *,
    permalink: Permalink,
    url: str,
) -> list[Block]:
    """List what needs an admin, each with its fix; `url` is the workspace's address, with a slash at its end."""
    if not overview.problems.total:
        return []
    blocks: list[Block] = [header(t.gettext("Needs your attention"))]
    for problem in overview.problems.items:
        text, buttons = _problem(t, problem, view, permalink, url)
        blocks.append(text)
        if buttons:
            blocks.append(actions(*buttons))
    offsets = view.page_offsets
    blocks += pager(t, overview.problems, lambda first: PageOffsets(first, offsets.channels, offsets.my_channels))
    return [*blocks, {"type": "divider"}]


def admin_overview(t: Translations, overview: AdminOverview, view: HomeView) -> list[Block]:
    """Show the other channels that an admin may see, the defaults for new ones, and a button to the audit log."""
    offsets = view.page_offsets
    blocks: list[Block] = []
    if overview.other_channels.total:
        blocks += [{"type": "divider"}, header(t.gettext("Other channels"))]
    blocks += [channel_status(t, status, zone=view.zone, now=view.now) for status in overview.other_channels.items]
    blocks += pager(t, overview.other_channels, lambda first: PageOffsets(offsets.problems, first, offsets.my_channels))
    if not overview.is_complete:
        blocks.append(context(t.gettext("I couldn't check some channels with Slack. Reopen this tab to try again.")))
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
        section(" ".join([suggestion, *_other_defaults(t, overview.defaults)]), accessory=edit),
        actions(history),
        *ways_in_that_are_off(t, overview.missing_ways_in),
    ]


def _other_defaults(t: Translations, defaults: WorkspaceDefaults) -> list[str]:
    return [describe_quiet_policy(t, defaults.quiet_policy), describe_workspace_roundup(t, defaults)]


def _problem(
    t: Translations, problem: Problem, view: HomeView, permalink: Permalink, url: str
) -> tuple[Block, Sequence[Block]]:
    """Return what is wrong, and the buttons for what can be done about it."""
    match problem:
        case StuckDelivery():
            return section(owner_alert.line(t, problem, permalink)), owner_alert.buttons(t, problem)
        case MissingScope(scope):
            missing = t.gettext("*I'm missing the `{scope}` permission.*", scope=escape(scope))
            fix = t.gettext("Add it under OAuth &amp; Permissions, reinstall the app, then restart Winsome.")
            text = " ".join(filter(None, [missing, _without_scope(t, scope), fix]))
            return section(text), [link_button(t.gettext("Open app settings"), APPS)]
        case ChannelStatus():
            return channel_status(t, problem, zone=view.zone, now=view.now), _fixes(t, problem, url)


def _fixes(t: Translations, status: ChannelStatus, url: str) -> list[Block]:
    buttons = []
    if status.unavailable_reason is not Unavailability.DELETED:
        buttons.append(link_button(t.gettext("View channel"), f"{url}archives/{status.channel_id}"))
    if status.is_unreachable and status.may_change:
        buttons.append(_turn_off(t, status.channel_id))
    if status.is_orphaned and status.may_change:
        buttons.append(button(t.gettext("Make me the contact"), action_id=TAKE_OVER, value=status.channel_id))
    return buttons


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


def _turn_off(t: Translations, channel_id: str) -> Block:
    label = t.gettext("Turn off roundup")
    dialog = confirmation(
        t,
        t.gettext("Turn off this roundup?"),
        t.gettext(
            "No more roundups will be posted for this channel until someone turns them on again. Wins are still saved."
        ),
        confirm=label,
        is_danger=True,
    )
    return button(label, action_id=TURN_OFF, value=channel_id, confirm=dialog)
