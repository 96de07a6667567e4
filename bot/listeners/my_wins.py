"""`/wins mine`, and `/wins` alone: somebody reads their last wins, privately, and may undo each."""

from sqlalchemy import Connection

from bot.domain.schedules import FALLBACK_ZONE
from bot.listeners.wins import Subcommand
from bot.slack import payloads
from bot.storage import users, wins
from bot.storage.database import Database
from bot.views import ephemeral
from bot.views.format import Message
from bot.views.roundup import Permalink

MAX_WINS = 10


def create_list_my_wins(database: Database, *, link: Permalink) -> Subcommand:
    """Return the function that lists somebody's wins."""

    async def list_my_wins(command: payloads.SlashCommand, _: str) -> Message:
        return await database.read(
            lambda connection: list_wins(connection, command.team_id, command.user_id, link=link)
        )

    return list_my_wins


def list_wins(
    connection: Connection, team_id: str, user_id: str, *, link: Permalink, preface: Message | None = None
) -> Message:
    """Read and list somebody's last wins, after `note`."""
    found = wins.latest_of(connection, team_id, user_id, limit=MAX_WINS)
    names = users.names(connection, team_id, {credited_id for win in found for credited_id in win.user_ids})
    return ephemeral.my_wins(found, names, zone=FALLBACK_ZONE, permalink=link, preface=preface)
