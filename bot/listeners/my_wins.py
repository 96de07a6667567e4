"""`/wins mine`, and `/wins` alone: someone reads their recent wins, privately, and can undo each."""

from functools import partial

from sqlalchemy import Connection

from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.wins import Win
from bot.listeners.dependencies import Dependencies
from bot.slack import payloads
from bot.storage import users, wins
from bot.views import my_wins as views
from bot.views.format import Message, Names
from bot.views.roundup import Permalink
from bot.views.translations import ENGLISH

MAX_WINS = 10


async def list_my_wins(deps: Dependencies, command: payloads.SlashCommand) -> Message:
    """List someone's wins."""
    permalink = deps.clients.of(command.team_id).workspace.permalink
    found = await deps.database.read(partial(load, team_id=command.team_id, user_id=command.user_id))
    return render(*found, permalink=permalink)


def load(connection: Connection, team_id: str, user_id: str) -> tuple[list[Win], Names]:
    """Return someone's recent wins, the newest first, and the names that they mention."""
    found = wins.latest_of(connection, team_id, user_id, limit=MAX_WINS)
    return found, users.names(connection, team_id, {credited_id for win in found for credited_id in win.user_ids})


def render(wins: list[Win], names: Names, *, permalink: Permalink, preface: Message | None = None) -> Message:
    """Return the list as a message, after `preface`."""
    return views.my_wins(ENGLISH, wins, names, zone=FALLBACK_ZONE, permalink=permalink, preface=preface)
