"""Workspaces: one row for each Slack installation."""

from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from bot.storage.statements import insert
from bot.storage.tables import workspaces


@dataclass(frozen=True)
class Workspace:
    """A Slack installation. `url` has a slash at its end; `bot_user_id` is the bot's own user there."""

    team_id: str
    enterprise_id: str | None
    name: str
    url: str
    bot_user_id: str

    def permalink(self, channel_id: str, ts: str) -> str:
        """Return the address of a message, as chat.getPermalink would."""
        return f"{self.url}archives/{channel_id}/p{ts.replace('.', '')}"


def save(connection: Connection, workspace: Workspace) -> None:
    """Add the workspace, or bring what is known of it up to date."""
    values = asdict(workspace)
    connection.execute(
        insert(connection.dialect, workspaces)
        .values(values)
        .on_conflict_do_update(index_elements=["team_id"], set_=values)
    )
