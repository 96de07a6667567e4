"""The Home tab: what needs an admin first, then one's last wins and channels, and then what admins oversee."""

from typing import Any

from bot.domain.home import HomeView, PageOffsets
from bot.views.admin_home import admin_overview, admin_todo
from bot.views.channel_status import channel_status
from bot.views.ephemeral import my_win
from bot.views.format import Block, Names, context, header, section
from bot.views.paging import encode_offsets, pager
from bot.views.roundup import Permalink

_NO_WINS = "None yet. Log one in five seconds: type `/win fixed the flaky build` in any channel."
_NO_CHANNELS = (
    "I am in none of your channels yet. Type `/invite @Winsome` in one: I propose a schedule there, and post nothing "
    "before somebody says yes."
)
_CHANNELS_UNAVAILABLE = "Slack does not tell me just now which channels you are in. Open this tab again in a moment."
_USER_UNAVAILABLE = (
    "Slack does not tell me just now who you are, so what admins see is left out. Open this tab again in a moment."
)


def home(view: HomeView, names: Names, *, permalink: Permalink, url: str) -> dict[str, Any]:
    """Show somebody their Home tab; `url` is the workspace's address, with a slash at its end."""
    blocks: list[Block] = []
    if view.admin_overview is not None:
        blocks += admin_todo(view.admin_overview, view.page_offsets, names, url=url)
    blocks.append(header("Your last wins"))
    blocks += [section(my_win(win, names, zone=view.zone, permalink=permalink)) for win in view.wins] or [
        section(_NO_WINS)
    ]
    blocks.append(context("Only you see this. `/wins` shows more of them, and undoes them."))
    blocks.append(header("Your channels"))
    if view.my_channels is None:
        blocks.append(section(_CHANNELS_UNAVAILABLE))
    else:
        blocks += [channel_status(status, zone=view.zone, now=view.now) for status in view.my_channels.items] or [
            section(_NO_CHANNELS)
        ]
        offsets = view.page_offsets
        blocks += pager(view.my_channels, lambda first: PageOffsets(offsets.problems, offsets.channels, first))
    if view.admin_overview is not None:
        blocks += admin_overview(view.admin_overview, view)
    if not view.is_admin_known:
        blocks.append(context(_USER_UNAVAILABLE))
    return {"type": "home", "blocks": blocks, "private_metadata": encode_offsets(view.page_offsets)}
