"""The Home tab: what needs an admin first, then one's last wins and channels, and then what admins oversee."""

from typing import Any

from bot.domain.home import HomeView, PageOffsets
from bot.views.admin_home import oversight, what_needs_you
from bot.views.channel_status import standing
from bot.views.ephemeral import my_win
from bot.views.format import Block, Names, context, header, section
from bot.views.paging import kept, turning
from bot.views.roundup import Link

_NO_WINS = "None yet. Log one in five seconds: type `/win fixed the flaky build` in any channel."
_NO_CHANNELS = (
    "I am in none of your channels yet. Type `/invite @Winsome` in one: I propose a schedule there, and post nothing "
    "before somebody says yes."
)
_UNASKED = "Slack does not tell me just now which channels you are in. Open this tab again in a moment."
_UNKNOWN = (
    "Slack does not tell me just now who you are, so what admins see is left out. Open this tab again in a moment."
)


def home(tab: HomeView, names: Names, *, link: Link, url: str) -> dict[str, Any]:
    """Show somebody their Home tab; `url` is the workspace's address, with a slash at its end."""
    blocks: list[Block] = []
    if tab.admin_overview is not None:
        blocks += what_needs_you(tab.admin_overview, tab.page_offsets, names, url=url)
    blocks.append(header("Your last wins"))
    blocks += [section(my_win(win, names, zone=tab.zone, link=link)) for win in tab.wins] or [section(_NO_WINS)]
    blocks.append(context("Only you see this. `/wins` shows more of them, and undoes them."))
    blocks.append(header("Your channels"))
    if tab.my_channels is None:
        blocks.append(section(_UNASKED))
    else:
        blocks += [standing(each, zone=tab.zone, now=tab.now) for each in tab.my_channels.items] or [
            section(_NO_CHANNELS)
        ]
        turned = tab.page_offsets
        blocks += turning(tab.my_channels, lambda first: PageOffsets(turned.problems, turned.channels, first))
    if tab.admin_overview is not None:
        blocks += oversight(tab.admin_overview, tab)
    if not tab.is_admin_known:
        blocks.append(context(_UNKNOWN))
    return {"type": "home", "blocks": blocks, "private_metadata": kept(tab.page_offsets)}
