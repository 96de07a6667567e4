"""`/wins mine`, and `/wins` alone: someone reads their recent wins, privately, and can undo each."""

from functools import partial

from sqlalchemy import Connection

from bot.domain.credited_wins import WinsOfOthers
from bot.domain.schedules import FALLBACK_ZONE
from bot.domain.wins import Win
from bot.listeners.dependencies import Dependencies
from bot.services.credited_wins import CreditedWins
from bot.slack import payloads
from bot.storage import users, wins
from bot.views import my_wins as views
from bot.views.format import Message, Names
from bot.views.translations import ENGLISH

MAX_WINS = 10
MAX_WINS_OF_OTHERS = 5
MAX_ASKED = 4


class MyWins:
    """Lists someone's wins, and those that they are in."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._credited = CreditedWins(deps.access, deps.visibility, deps.database)

    async def by_command(self, command: payloads.SlashCommand) -> Message:
        """Answer `/wins`."""
        return await self.list(command.team_id, command.user_id, command.user_team_id)

    async def list(
        self, team_id: str, user_id: str, user_team_id: str | None, *, preface: Message | None = None
    ) -> Message:
        """Return someone's list as a message, after `preface`."""
        others = await self._credited.latest(
            team_id,
            user_id,
            user_team_id,
            limit=MAX_WINS_OF_OTHERS,
            asked_limit=MAX_ASKED,
            now=self._deps.clock(),
        )
        query = partial(_load, team_id=team_id, user_id=user_id, others=others)
        found, names = await self._deps.database.read(query)
        permalink = self._deps.clients.of(team_id).workspace.permalink
        return views.my_wins(
            ENGLISH,
            found,
            names,
            zone=FALLBACK_ZONE,
            permalink=permalink,
            now=self._deps.clock(),
            others=others,
            preface=preface,
        )


def _load(connection: Connection, team_id: str, user_id: str, others: WinsOfOthers) -> tuple[list[Win], Names]:
    """Return someone's recent wins, the newest first, and the names in these and in those of others."""
    found = wins.latest_of(connection, team_id, user_id, limit=MAX_WINS)
    user_ids = {each for win in (*found, *others.all_wins) for each in win.user_ids}
    return found, users.names(connection, team_id, user_ids)
