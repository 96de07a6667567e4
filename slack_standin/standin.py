"""The stand-in's Python API: one object that starts the servers and acts as people do."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_standin.api.authorization import Authorization
from slack_standin.api.response_urls import ResponseUrls
from slack_standin.api.server import Listener, slack_app
from slack_standin.api.uploads import Uploads
from slack_standin.api.web_api import WebApi
from slack_standin.delivery.events import Events
from slack_standin.delivery.http import HttpTransport
from slack_standin.delivery.in_process import Handler, InProcessDelivery
from slack_standin.delivery.replies import Conversation
from slack_standin.delivery.socket_mode import SocketMode
from slack_standin.delivery.transport import Answer, Delivery, Kind, Raw, Sender, Transport
from slack_standin.model import persistence
from slack_standin.model.change_feed import Feed
from slack_standin.model.clock import Clock
from slack_standin.model.enterprises import Enterprise
from slack_standin.model.faults import Fault
from slack_standin.model.faults import Kind as FaultKind
from slack_standin.model.ledger import Ledger
from slack_standin.model.manifest import read_manifest
from slack_standin.model.rate_limits import Limits
from slack_standin.model.state import World
from slack_standin.model.workspace import Channel, Person, Workspace
from slack_standin.people.actions import PeopleActions
from slack_standin.people.block_actions import BlockActions
from slack_standin.people.block_suggestions import BlockSuggestions
from slack_standin.people.membership import Membership
from slack_standin.people.messages import Messages
from slack_standin.people.modals import Modals
from slack_standin.people.queries import Queries
from slack_standin.people.shortcuts import Shortcuts
from slack_standin.people.slash_commands import SlashCommands


class StandIn(PeopleActions, Queries):
    """A Slack on loopback for one app and its workspaces.

    Without a request_url it talks to the bot through Socket Mode, with one by signed HTTP. In tests that run the bot in
    the same process, a `handler` takes the payloads instead. The ledger keeps the last `ledger_lines` calls and as many
    deliveries, or all of them.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        clock: Clock | None = None,
        limits: bool = True,
        ack_timeout: float = 3.0,
        event_retries: tuple[float, ...] = (0.0, 60.0, 300.0),
        history_lag: float = 0.0,
        strict_arguments: bool = False,
        request_url: str | None = None,
        workspace_name: str = "Acme",
        ledger_lines: int | None = None,
    ) -> None:
        self.clock = clock or Clock()
        feed = Feed()
        self.ledger = Ledger(self.clock, feed, most=ledger_lines)
        self.limits = Limits(enabled=limits)
        self.world = World(
            manifest=read_manifest(manifest),
            clock=self.clock,
            limits=self.limits,
            ledger=self.ledger,
            ack_timeout=ack_timeout,
            event_retries=event_retries,
            history_lag=history_lag,
            strict_arguments=strict_arguments,
            request_url=request_url,
            feed=feed,
        )
        self.triggers = self.world.triggers
        self.socket = SocketMode(self.world)
        self._http = HttpTransport(self.world)
        self._in_process = InProcessDelivery(self.world)
        self._sender = Sender(self.world, self._transport)
        self._events = Events(self.world, self._sender)
        self._response_urls = ResponseUrls(self.world)
        self._slash_commands = SlashCommands(self.world, self._sender, self._response_urls)
        self._block_actions = BlockActions(self.world, self._sender, self._response_urls)
        self._modals = Modals(self.world, self._sender, self._response_urls)
        self._block_suggestions = BlockSuggestions(self.world, self._sender)
        self._membership = Membership(self.world, self._events)
        self._messages = Messages(self.world, self._events)
        self._uploads = Uploads(self.world, self._events)
        web_api = WebApi(self.world, self._events, self.socket)
        self._listener = Listener(
            slack_app(
                web_api,
                self.socket,
                self._response_urls,
                self._uploads,
                Authorization(self.world),
                clock=self.world.clock,
            )
        )
        self._shortcuts = Shortcuts(self.world, self._sender, self._response_urls)
        self.add_workspace(workspace_name)

    # Running

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Start listening for the bot."""
        await self._http.start()
        self.world.origin = await self._listener.start(host, port)

    async def stop(self) -> None:
        """Stop all servers and cancel deliveries."""
        await self._sender.stop()
        await self.socket.stop()
        await self._listener.stop()
        await self._http.stop()

    async def wait_connected(self, timeout: float = 30) -> None:  # noqa: ASYNC109  # tests say how long
        """Return once the bot can be reached: a connection is open, or there is a request URL or a handler."""
        await self.wait_for(lambda: self.handler or self.world.delivers_by_http or self.socket.connections, timeout)

    async def wait_for(self, condition: Callable[[], object], timeout: float = 30.0) -> None:  # noqa: ASYNC109  # tests say how long
        """Return once the condition holds; it is checked after each change. TimeoutError if it never does."""
        await self.world.changes.wait_for(condition, timeout)

    async def verify_url(self, challenge: str = "a-challenge") -> bool:
        """Ask the request URL to prove itself, as Slack does when it is entered."""
        return await self._http.verify_url(challenge)

    @property
    def request_url(self) -> str | None:
        """The URL for HTTP deliveries; None means Socket Mode."""
        return self.world.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.world.request_url = url
        self.world.changes.signal()

    @property
    def handler(self) -> Handler | None:
        """The callable that gets payloads in this process, instead of Socket Mode or HTTP."""
        return self._in_process.handler

    @handler.setter
    def handler(self, handler: Handler | None) -> None:
        self._in_process.handler = handler
        self.world.changes.signal()

    def _transport(self) -> Transport:
        if self.handler:
            return self._in_process
        return self._http if self.world.delivers_by_http else self.socket

    @property
    def bot_origin(self) -> str | None:
        """The origin that the manifest's URLs are delivered to (`http://127.0.0.1:3000`), each at its path."""
        return self.world.bot_origin

    @bot_origin.setter
    def bot_origin(self, origin: str | None) -> None:
        self.world.bot_origin = origin
        self.world.changes.signal()

    # What the bot needs to know

    @property
    def origin(self) -> str:
        """The origin that replaces https://slack.com."""
        return self.world.origin

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, for a client's base_url."""
        return f"{self.origin}/api/"

    @property
    def app_id(self) -> str:
        """The app's id."""
        return self.world.app_id

    @property
    def app_token(self) -> str:
        """The app-level token, with connections:write."""
        return self.world.app_token

    @property
    def signing_secret(self) -> str:
        """The secret that HTTP deliveries are signed with."""
        return self.world.signing_secret

    @property
    def client_id(self) -> str:
        """The app's id for OAuth."""
        return self.world.client_id

    @property
    def client_secret(self) -> str:
        """The app's secret for OAuth."""
        return self.world.client_secret

    @property
    def authorize_url(self) -> str:
        """The page that replaces https://slack.com/oauth/v2/authorize."""
        return f"{self.origin}/oauth/v2/authorize"

    @property
    def team_id(self) -> str:
        """The id of the first workspace."""
        return self._first.team_id

    @property
    def bot_token(self) -> str:
        """The bot token of the first workspace."""
        return self._first.bot_token

    @property
    def bot_user_id(self) -> str:
        """The id of the bot's user in the first workspace."""
        return self._first.bot_user_id

    @property
    def bot(self) -> Person:
        """The bot's own user in the first workspace."""
        return self._first.bot

    # Setting the scene; none of this is told to the bot

    def add_workspace(self, name: str, domain: str | None = None, *, installed: bool = True) -> Workspace:
        """Add a workspace with its own bot token; if the app isn't `installed`, OAuth can install it."""
        return self.world.add_workspace(name, domain or name.lower().replace(" ", "-"), installed=installed)

    def add_enterprise(self, name: str, *workspaces: Workspace) -> None:
        """Make workspaces an organization (Enterprise Grid)."""
        enterprise = Enterprise(self.world.ids.make("E"), name)
        for workspace in workspaces:
            workspace.enterprise = enterprise

    def share_channel(self, channel: Channel, person: Person) -> None:
        """Let a person of another workspace into a channel, as an organization or Slack Connect does."""
        self.world.workspace_of(channel).people[person.id] = person
        channel.members.append(person.id)

    def add_person(
        self,
        name: str,
        *,
        tz: str | None = "UTC",
        workspace: Workspace | None = None,
        **details: Any,
    ) -> Person:
        """Add a person with the fields of `Person` in details; tz=None is for people without a time zone in Slack."""
        return (workspace or self._first).add_person(name, tz=tz, **details)

    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        members: Iterable[Person] = (),
        with_bot: bool = True,
        creator: Person | None = None,
        workspace: Workspace | None = None,
    ) -> Channel:
        """Add a channel to the workspace given, or to that of its creator or its first member."""
        people = list(dict.fromkeys([*members, *([creator] if creator else [])]))
        home = workspace or (self.world.workspace_of(people[0]) if people else self._first)
        ids = [person.id for person in people] + ([home.bot_user_id] if with_bot else [])
        founder = creator.id if creator else ids[0] if ids else home.bot_user_id
        return home.add_channel(self.world.ids.make("C"), name, private=private, creator=founder, members=ids)

    def open_dm(self, person: Person, other: Person | None = None) -> Channel:
        """The direct message between a person and the bot, or another person."""
        home = self.world.workspace_of(person)
        return home.dm_between(person.id, other.id if other else home.bot_user_id)

    def open_group(self, *people: Person) -> Channel:
        """The group direct message of these people."""
        return self.world.workspace_of(people[0]).group_of(*(person.id for person in people))

    def set_history_lag(self, seconds: float) -> None:
        """Let a post show in the history only after so many real seconds."""
        self.world.history_lag = seconds

    # Being found again

    def dump_state(self) -> dict[str, Any]:
        """Return the state as JSON: see `persistence`, and the clock's time."""
        return persistence.dump_state(self.world) | {"now": self.clock.now().isoformat()}

    def load_state(self, kept: Mapping[str, Any]) -> None:
        """Load what `dump_state` returned, instead of a new workspace; call after start, before anything else."""
        persistence.load_state(self.world, dict(kept))
        self.clock.move_to(datetime.fromisoformat(kept["now"]), force=True)

    # Sending again, and sending what Slack never would

    async def resend(self, request: Delivery) -> Answer:
        """Deliver the identical payload once more."""
        if request.kind != "slash_commands" or not (request.person and request.channel):
            return await self._sender.deliver(request)
        workspace = self.world.workspaces[request.team_id]
        conversation = Conversation(workspace, workspace.channels[request.channel], workspace.people[request.person])
        return await self._slash_commands.send(request, conversation)

    async def send_event(self, event: dict[str, Any]) -> Answer:
        """Deliver an event of any kind from the first workspace, if it is subscribed to."""
        return await self._events.tell(self._first, event)

    async def deliver_raw(
        self,
        payload: Any = None,
        *,
        kind: Kind = "events_api",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = True,
        envelope: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send anything over the current transport, once, without showing the reply to anyone.

        Over HTTP `payload` is encoded as `kind` asks, or `body` is sent unchanged; `headers` replace the usual ones.
        Over Socket Mode `payload` goes into an envelope, whose fields `envelope` replaces, or `body` is sent as a text
        frame, without an answer.
        """
        raw = Raw(body, dict(headers or {}), signed, dict(envelope or {}))
        return await self._sender.deliver(Delivery("raw", kind, payload, "", raw=raw))

    # Faults

    def fault(self, method: str, kind: FaultKind, times: int | None = 1, **options: Any) -> Fault:
        """Let calls of `method` (or `response_url`) go wrong; see faults.Fault for the options."""
        return self.world.faults.add(Fault(method, kind, times, **options))

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.world.faults.clear()
