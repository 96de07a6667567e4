"""Organizations of several workspaces (Enterprise Grid). State only."""

from dataclasses import dataclass
from typing import Any

from slack_standin.model.members import Person


@dataclass(frozen=True)
class Enterprise:
    """An organization. Its people have one id in all its workspaces."""

    id: str
    name: str

    def of_interaction(self) -> dict[str, Any]:
        """The organization in interaction payloads, and where a token is given out."""
        return {"id": self.id, "name": self.name}

    def of_team(self) -> dict[str, Any]:
        """What it adds to a workspace in interaction payloads and in team.info, and to a slash command."""
        return {"enterprise_id": self.id, "enterprise_name": self.name}

    def of_user(self, person: Person) -> dict[str, Any]:
        """The `enterprise_user` of a user object (docs.slack.dev/reference/objects/user-object)."""
        membership = {"id": person.id, "is_admin": False, "is_owner": False, "teams": [person.team_id]}
        return membership | self.of_team()
