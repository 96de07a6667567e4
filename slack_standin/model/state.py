"""The state of one stand-in: the app, its workspaces, the clock, the ledger, limits and faults.

Every change is signalled through `changes`, so that tests wait for a state and not for a time.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from slack_standin.model.change_feed import Feed
from slack_standin.model.clock import Clock
from slack_standin.model.faults import Faults
from slack_standin.model.files import File
from slack_standin.model.ids import Ids
from slack_standin.model.ledger import Ledger
from slack_standin.model.manifest import Manifest
from slack_standin.model.oauth_codes import Codes
from slack_standin.model.rate_limits import Limits
from slack_standin.model.triggers import Triggers
from slack_standin.model.workspace import Channel, Person, Workspace


class Changes:
    """Wakes those who wait for a condition after each change."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def signal(self) -> None:
        """Signal a change."""
        happened, self._next = self._next, asyncio.Event()
        happened.set()

    async def wait_for(self, condition: Callable[[], object], timeout: float) -> None:  # noqa: ASYNC109  # tests say how long
        """Return once the condition holds, checked after each change; TimeoutError if none fulfils it in time."""
        deadline = time.monotonic() + timeout
        while True:
            happened = self._next
            left = deadline - time.monotonic()
            holds = condition()
            if holds and left > 0:
                return
            if left <= 0:
                why = "it came true without a change here" if holds else "nothing made the condition true"
                raise TimeoutError(f"{why} within {timeout} s")
            # Not asyncio.wait_for, which on Python 3.11 loses a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await happened.wait()


@dataclass
class World:
    """The state that every part of the stand-in shares."""

    manifest: Manifest
    clock: Clock
    limits: Limits
    ledger: Ledger
    ack_timeout: float
    event_retries: tuple[float, ...]
    history_lag: float
    request_url: str | None
    """The URL for all HTTP deliveries; without it and without bot_origin, Socket Mode is used."""
    strict_arguments: bool = False
    """Whether the Web API refuses arguments that a method doesn't know, which Slack ignores."""
    bot_origin: str | None = None
    """The origin that replaces that of the manifest's URLs."""
    origin: str = ""
    ids: Ids = field(default_factory=Ids)
    faults: Faults = field(default_factory=Faults)
    changes: Changes = field(default_factory=Changes)
    triggers: Triggers = field(default_factory=Triggers)
    feed: Feed = field(default_factory=Feed)
    files: dict[str, File] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    app_id: str = field(init=False)
    app_token: str = field(init=False, repr=False)
    client_id: str = field(default_factory=lambda: f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    verification_token: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    _by_token: dict[str, Workspace] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self.app_id = self.ids.make("A")
        self.app_token = f"xapp-1-{self.app_id}-{secrets.token_hex(16)}"

    def add_workspace(self, name: str, domain: str, *, installed: bool = True) -> Workspace:
        """Add a tenant with a bot user and a token of its own, which works once the app is installed."""
        team_id = self.ids.make("T")
        bot = Person(
            self.ids.make("U"),
            team_id,
            self.manifest.bot_name.lower().replace(" ", "-"),
            self.manifest.bot_name,
            is_bot=True,
        )
        workspace = Workspace(
            team_id,
            name,
            domain,
            bot,
            self.ids.make("B"),
            self.app_id,
            self.manifest.required_scopes,
            self.clock,
            self.ids,
            self.feed,
        )
        workspace.installed = installed
        self.workspaces[team_id] = workspace
        return workspace

    @property
    def delivers_by_http(self) -> bool:
        """Whether payloads go out by HTTP."""
        return bool(self.request_url or self.bot_origin)

    def url_for(self, kind: str, payload: Any) -> str | None:
        """The URL a payload is posted to: the request URL, or the manifest's path at the bot's origin."""
        wanted = self.manifest.url_for(kind, payload)
        if self.request_url or not (self.bot_origin and wanted):
            return self.request_url
        return self.bot_origin.rstrip("/") + urlsplit(wanted).path

    def workspace_of(self, one: Person | Channel) -> Workspace:
        """The workspace that a person or a channel belongs to."""
        return self.workspaces[one.team_id]

    def workspace_with_token(self, token: str) -> Workspace | None:
        """The workspace that a bot token opens."""
        found = self._by_token.get(token)
        if found is None or found.bot_token != token or self.workspaces.get(found.team_id) is not found:
            self._by_token = {one.bot_token: one for one in self.workspaces.values()}
        return self._by_token.get(token)
