"""`/wins mine`, and `/wins` alone: someone reads their recent wins, privately, and can undo each."""

from functools import partial

from sqlalchemy import Connection

from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.wins import Win
from bot.listeners.wins import Subcommand
from bot.slack import payloads
from bot.slack.clients import SlackClients
from bot.storage import users, wins
from bot.storage.database import Database
from bot.views import ephemeral
from bot.views.format import Message, Names
from bot.views.roundup import Permalink
from bot.views.translations import ENGLISH

MAX_WINS = 10


def create_list_my_wins(database: Database, *, clients: SlackClients) -> Subcommand:
    """Return the function that lists someone's wins."""

    async def list_my_wins(command: payloads.SlashCommand, _: str) -> Message:
        permalink = clients.of(command.team_id).workspace.permalink
        found = await database.read(partial(load, team_id=command.team_id, user_id=command.user_id))
        return render(*found, permalink=permalink)

    return list_my_wins


def load(connection: Connection, team_id: str, user_id: str) -> tuple[list[Win], Names]:
    """Return someone's recent wins, the newest first, and the names that they mention."""
    found = wins.latest_of(connection, team_id, user_id, limit=MAX_WINS)
    return found, users.names(connection, team_id, {credited_id for win in found for credited_id in win.user_ids})


def render(wins: list[Win], names: Names, *, permalink: Permalink, preface: Message | None = None) -> Message:
    """Return the list as a message, after `preface`."""
    return ephemeral.my_wins(ENGLISH, wins, names, zone=FALLBACK_ZONE, permalink=permalink, preface=preface)
