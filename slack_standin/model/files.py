"""Files as Slack keeps them. State only.

Source: docs.slack.dev/reference/objects/file-object.
"""

import mimetypes
import secrets
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class File:
    """An uploaded file: `content` is None until it is received, `shared` lists the channels."""

    id: str
    team_id: str
    name: str
    size: int
    user: str
    created: int
    title: str = ""
    alt_text: str = ""
    content: bytes | None = field(default=None, repr=False)
    completed: bool = False
    shared: list[str] = field(default_factory=list)
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def kind(self) -> str:
        """Slack's `filetype`: the ending of the name."""
        return self.name.rpartition(".")[2].lower() if "." in self.name else "text"

    @property
    def mimetype(self) -> str:
        """Its MIME type."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def to_slack(self, origin: str) -> dict[str, Any]:
        """The file object."""
        url = f"{origin}/files-pri/{self.team_id}-{self.id}/{self.name}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.kind,
            "user": self.user,
            "user_team": self.team_id,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "is_public": bool(self.shared),
            "url_private": url,
            "url_private_download": url,
            "channels": [each for each in self.shared if each.startswith("C")],
            "groups": [],
            "ims": [each for each in self.shared if each.startswith("D")],
        }
