"""Workspaces: the Slack installations that the bot serves."""

from dataclasses import dataclass

SLACKBOT = "USLACKBOT"
"""Slackbot's user id in every workspace. Slack doesn't mark it as a bot."""


@dataclass(frozen=True)
class Workspace:
    """A Slack installation. `url` ends with a slash; `bot_user_id` is the bot's own user in the workspace."""

    team_id: str
    enterprise_id: str | None
    name: str
    url: str
    bot_user_id: str
    scopes: str = ""
    """Those that were granted, as Slack lists them: "commands,chat:write"."""

    def permalink(self, channel_id: str, ts: str) -> str:
        """Return the address of a message, as chat.getPermalink would."""
        return f"{self.url}archives/{channel_id}/p{ts.replace('.', '')}"
