"""OAuth codes of the authorization page, each valid for one token.

Source: docs.slack.dev/authentication/installing-with-oauth.
"""

import secrets
import time
from dataclasses import dataclass, field

from slack_standin.model.workspace import Workspace

LIFETIME = 10 * 60.0


@dataclass
class Code:
    """A code that can be exchanged once for a token."""

    workspace: Workspace
    person: str
    scopes: frozenset[str]
    redirect_uri: str | None
    issued: float = field(default_factory=time.monotonic)


class Codes:
    """Issues codes and lets each be exchanged once, within ten minutes."""

    def __init__(self) -> None:
        self._issued: dict[str, Code] = {}

    def issue(self, code: Code) -> str:
        """A new code."""
        name = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self._issued[name] = code
        return name

    def exchange(self, name: str) -> Code | None:
        """Use a code; None when it is unknown, used or too old."""
        code = self._issued.pop(name, None)
        return code if code and time.monotonic() - code.issued <= LIFETIME else None
