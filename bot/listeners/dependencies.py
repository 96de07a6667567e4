"""The dependencies of the listeners."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from bot.domain.win_limits import WinLimits
from bot.services.access import Access
from bot.services.channel_directory import ChannelDirectory
from bot.services.visibility import Visibility
from bot.slack.background import BackgroundTasks
from bot.slack.clients import SlackClients
from bot.slack.modals import Modals
from bot.slack.response_url import Respond
from bot.storage.database import Database
from bot.storage.deliveries import Lane


@dataclass(frozen=True)
class Dependencies:
    """The dependencies that each listener's `register(app, deps)` gets.

    `win_limits` are those of each person. `wake_sender` has the sender look for work in one lane, `wake_scheduler`
    starts the next tick now. `queue_user_lookup` (team id, user id) has Slack asked about a user soon. `bots_among`
    (team id, user ids) returns the bots among these users.
    """

    database: Database
    clients: SlackClients
    access: Access
    visibility: Visibility
    channel_directory: ChannelDirectory
    modals: Modals
    background: BackgroundTasks
    respond: Respond
    clock: Callable[[], datetime]
    win_limits: WinLimits
    queue_user_lookup: Callable[[str, str], None]
    bots_among: Callable[[str, Collection[str]], Awaitable[set[str]]]
    wake_sender: Callable[[Lane], None]
    wake_scheduler: Callable[[], None]
