"""What someone typed, with the people that it mentions."""

from functools import partial

from bot.domain.wins import Mention
from bot.listeners.dependencies import Dependencies
from bot.slack import command_text
from bot.storage import users


async def read_typed(deps: Dependencies, team_id: str, escaped: str) -> tuple[str, list[Mention]]:
    """Return the text and its mentions, with the stored name of each person whom Slack sends without one."""
    text, mentions = command_text.parse(escaped)
    nameless = [mention.user_id for mention in mentions if not mention.name_in({})]
    if not nameless:
        return text, mentions
    names = await deps.database.read(partial(users.names, team_id=team_id, user_ids=nameless))
    return text, [Mention(mention.user_id, mention.name_in(names)) for mention in mentions]
