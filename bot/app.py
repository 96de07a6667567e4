"""The composition root: builds all parts of the bot and joins them."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import uvloop
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import health, listeners, log, readiness
from bot.config import LOOPBACK, Settings
from bot.domain.win_limits import win_limits
from bot.domain.workspaces import Workspace
from bot.listeners import error_messages
from bot.listeners.dependencies import Dependencies
from bot.outbox.reconciler import Reconciler
from bot.outbox.sender import Sender
from bot.receivers import connections, http
from bot.receivers.dispatcher import Dispatcher
from bot.receivers.socket_mode import SocketModeReceiver
from bot.scheduling import jobs
from bot.scheduling.due_roundups import DueRoundups
from bot.scheduling.housekeeping import Housekeeping
from bot.scheduling.ticker import Ticker
from bot.services import user_directory
from bot.services.access import Access
from bot.services.channel_directory import ChannelDirectory
from bot.services.readers import Readers
from bot.services.visibility import Visibility
from bot.slack import deadline, http_session, response_url
from bot.slack.background import BackgroundTasks
from bot.slack.clients import SlackClients
from bot.slack.modals import Modals
from bot.slack.rate_limits import CHANNEL_SPACING, WORKSPACE_SPACING
from bot.slack.slack_clock import SlackClock
from bot.stopping import Stopping, end_process_later
from bot.storage import leader_election, schema, status, workspaces
from bot.storage import users as user_queries
from bot.storage.database import Database, sqlite_path
from bot.storage.leader_election import run_when_leader
from bot.views import refusals
from bot.views.translations import ENGLISH

logger = logging.getLogger(__name__)

DATABASE_STOP_SECONDS = 2.5
"""The part of the time to stop that is kept for the last writes, and for a database that doesn't answer."""
REQUEST_STOP_SECONDS = 3.0
"""For people's requests in flight: after that, Slack has told them that the bot didn't answer."""
CONNECTION_STOP_SECONDS = 1.0
"""For Slack to close the Socket Mode connection, whether or not all requests were answered."""
HEALTH_STOP_SECONDS = 1.0
"""For requests in flight on the health port."""
MAX_CONNECTIONS, MAX_HEALTH_CONNECTIONS = 256, 32
"""How many connections of Slack and of the health port may wait for a request, or be in the middle of one."""
LOCALE_DELAY = 1.0
"""Seconds from the start until the locale is loaded: not so early that it delays the first ack."""
GC_THRESHOLDS = (10_000, 10, 10)
"""Collections are rare: most objects that a request creates are freed by reference counting."""

Clock = Callable[[], datetime]
Receiver = tuple[str | None, Callable[[], Awaitable[bool]]]
"""Where Slack's requests go (None in Socket Mode), and whether Slack can reach it now."""
StartReceiver = Callable[[AsyncExitStack, Dispatcher], Awaitable[Receiver]]


@dataclass(frozen=True)
class Timing:
    """The bot's intervals, timeouts and limits, in seconds."""

    tick: float = 0.5  # between two polls for due work: a roundup is late by half of it on average
    request_timeout: float = 10.0  # for a request to Slack, with its response
    per_workspace: Mapping[str, float] = field(default_factory=lambda: dict(WORKSPACE_SPACING))  # between two requests
    per_channel: float = CHANNEL_SPACING  # between two posts to a channel


@dataclass(frozen=True)
class RunningApp:
    """A running bot: the URL for Slack's requests (None in Socket Mode), and that of its health."""

    request_url: str | None
    health_url: str


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def lifespan(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    timing: Timing = Timing(),
    more_tokens: Sequence[str] = (),
    has_status: bool = False,
    start_receiver: StartReceiver | None = None,
) -> AsyncIterator[RunningApp]:
    """Start the bot, and stop it in the reverse order: the receiver closes first, the database last.

    It serves the workspace of the settings' token, and those of `more_tokens`. With `has_status`, the health server
    answers /status too. A `start_receiver` replaces HTTP and Socket Mode. The machine's clock is used as long as
    Slack's agrees, another `clock` always. Raises AlreadyRunning, CannotListen, CannotUseSchema, FileUnusable,
    SharedSessions or TokenRefused.
    """
    slack_clock = SlackClock(clock, is_trusted=clock is not utc_now)
    clock = slack_clock.now
    stopping = Stopping()
    async with AsyncExitStack() as stack:
        database, starting = await _open_database(stack, settings.database_url, settings.health_port)
        session = await stack.enter_async_context(
            http_session.create_session(timing.request_timeout, slack_clock.trace(settings.slack_api_url))
        )
        create_api = partial(http_session.create_api, base_url=settings.slack_api_url, session=session)
        clients = stack.enter_context(closing(SlackClients(create_api, timing.per_workspace)))
        served = [await clients.connect(token) for token in (settings.bot_token, *more_tokens)]
        for workspace in served:
            await _save(database, workspace)

        respond = response_url.create_respond(session, settings.slack_api_url)
        users = user_directory.UserDirectory(clients, database, clock)
        stack.push_async_callback(users.close)
        for team_id, user_id in await database.read(user_queries.to_look_up_again):
            users.look_up_soon(team_id, user_id)
        channel_directory = ChannelDirectory(clients, database, clock)
        access = Access(clients, users, channel_directory, database)
        visibility = Visibility(channel_directory, database, clock)
        metrics = health.Metrics()
        missed_before = await database.read(status.missed_roundups)
        grace = timedelta(hours=settings.grace_hours)
        sender = Sender(
            database,
            clients,
            wait_for_users=users.wait_for,
            respond=respond,
            clock=clock,
            grace=grace,
            on_call=lambda method, outcome, attempts: metrics.record_call(method, outcome.name, attempts),
            refresh_channel=channel_directory.refresh,
            may_be_told=Readers(access, visibility, channel_directory, database, clock).may_be_told,
            on_availability_change=channel_directory.handle_event,
            channel_spacing=timing.per_channel,
        )
        reconciler = Reconciler(
            database,
            clients,
            settle_seconds=settings.settle_seconds,
            clock=clock,
            knows_slacks_time=lambda: slack_clock.is_known,
            wake_sender=sender.wake,
        )
        due_roundups = DueRoundups(
            database,
            grace=grace,
            clock=clock,
            wake_sender=sender.wake,
            refresh_channel=channel_directory.refresh,
        )
        stack.push_async_callback(due_roundups.stop)
        ticker = Ticker(
            [
                due_roundups.create_roundups,
                due_roundups.create_editions,
                due_roundups.create_workspace_roundups,
                partial(jobs.create_due_reminders, database, clock=clock, wake_sender=sender.wake),
                partial(jobs.abandon_overdue, database, grace=grace, clock=clock),
                partial(jobs.send_credit_notes, database, clock=clock, wake_sender=sender.wake),
                jobs.LookBacks(database, clock=clock, wake_sender=sender.wake).send,
                reconciler.poll,
                sender.poll,
            ],
            seconds=timing.tick,
        )
        housekeeping = Housekeeping(
            [partial(purge, database, clock=clock) for purge in (jobs.purge_requests, jobs.purge_unsaved_wins)]
        )
        tickers = (
            ticker,
            Ticker([due_roundups.refresh_taking_part], seconds=3600),
            Ticker([partial(slack_clock.ask_again, clients.of(served[0].team_id))], seconds=1),
            housekeeping,
        )
        background = BackgroundTasks()
        deps = Dependencies(
            database=database,
            clients=clients,
            access=access,
            visibility=visibility,
            channel_directory=channel_directory,
            modals=Modals(
                clients,
                background,
                loading_modal=refusals.loading_modal(ENGLISH),
                error_modal=error_messages.error_modal,
            ),
            background=background,
            respond=respond,
            clock=clock,
            win_limits=win_limits(settings.wins_per_minute, settings.wins_per_hour),
            queue_user_lookup=users.look_up_soon,
            bots_among=users.bots_among,
            wake_sender=sender.wake,
            wake_scheduler=ticker.wake,
        )
        app = listeners.create_app(deps, create_api(None))
        stack.push_async_callback(stopping.limit, background.join, reserve=DATABASE_STOP_SECONDS)
        dispatcher = Dispatcher(app, clients=clients, respond=respond, on_ack=metrics.ack_seconds.observe)

        async def start_outbox() -> None:
            await sender.start()
            reconciler.start()

        async def stop_outbox(within: float) -> None:
            await reconciler.stop()
            await sender.stop(within=within)

        election = await stack.enter_async_context(
            run_when_leader(
                settings.database_url,
                on_elected=start_outbox,
                on_lost=stop_outbox,
                stop_timeout=lambda: stopping.seconds_left(reserve=DATABASE_STOP_SECONDS),
            )
        )
        for each in tickers:
            each.start()
            stack.push_async_callback(each.stop)
        # What is in flight when the receiver closes is finished first.
        stack.push_async_callback(stopping.limit, dispatcher.join, seconds=REQUEST_STOP_SECONDS)
        start_receiver = start_receiver or partial(
            _start_receiver,
            settings=settings,
            client=create_api(None),
            request_time=slack_clock.request_time,
            stopping=stopping,
        )
        request_url, is_connected = await start_receiver(stack, dispatcher)
        metrics.watch(
            tick_age=lambda: ticker.age,
            is_sender=lambda: sender.is_running,
            clock_difference=slack_clock.seconds_ahead,
        )
        health_app = health.create_app(
            metrics,
            readiness=health.Readiness(
                readiness.checks(
                    database,
                    clients,
                    election=election,
                    tick_age=lambda: ticker.age,
                    is_connected=is_connected,
                    clock=clock,
                )
            ),
            backlog=lambda: database.read(partial(_backlog, now=clock())),
            note=slack_clock.problem,
            missed_before=missed_before,
            status=partial(database.read, status.read) if has_status else None,
        )
        health_url = await _serve_health(stack, health_app, settings.health_port, starting=starting, stopping=stopping)
        logger.info("Winsome is running", extra={"workspaces": [workspace.team_id for workspace in served]})
        yield RunningApp(request_url, health_url)


async def _open_database(stack: AsyncExitStack, url: str, health_port: int) -> tuple[Database, AsyncExitStack]:
    """Open the database; update the schema of SQLite, which may take minutes, and check that of PostgreSQL.

    Until the stack that is returned is closed, the health port says that the bot is starting.
    """
    database = Database(url, seconds_left=lambda: deadline.seconds_left(deadline.RESPONSE_BUDGET))
    stack.push_async_callback(database.close)
    starting = await stack.enter_async_context(AsyncExitStack())
    await _serve_on_loopback(starting, health.create_starting_app(), health_port)
    if sqlite_path(url) is None:
        await asyncio.to_thread(schema.check, url)
        await leader_election.check(url)
    else:
        await asyncio.to_thread(schema.migrate, url)
    return database, starting


async def _save(database: Database, workspace: Workspace) -> None:
    """Store a workspace: the first that is written. Raises DatabaseUnusable."""
    try:
        await database.write(partial(workspaces.save, workspace=workspace))
    except DBAPIError as error:
        raise schema.DatabaseUnusable(error) from error


async def _start_receiver(
    stack: AsyncExitStack,
    dispatcher: Dispatcher,
    *,
    settings: Settings,
    client: AsyncWebClient,
    request_time: Callable[[], float],
    stopping: Stopping,
) -> Receiver:
    if settings.app_token is not None:
        receiver = SocketModeReceiver(dispatcher, app_token=settings.app_token, web_client=client)
        stack.push_async_callback(stopping.limit, receiver.close, seconds=CONNECTION_STOP_SECONDS)
        stack.push_async_callback(stopping.limit, receiver.finish, seconds=REQUEST_STOP_SECONDS)
        await receiver.start()
        return None, receiver.is_connected
    assert settings.signing_secret is not None, "the settings have one or the other"
    app = http.create_app(dispatcher, settings.signing_secret, now=request_time)
    url = await connections.serve(
        stack, app, settings.host, settings.port, limit=MAX_CONNECTIONS, shutdown_timeout=REQUEST_STOP_SECONDS
    )
    return f"{url}{http.PATH}", is_always_connected


async def _serve_health(
    stack: AsyncExitStack, app: web.Application, port: int, *, starting: AsyncExitStack, stopping: Stopping
) -> str:
    await starting.aclose()
    url = await _serve_on_loopback(stack, app, port)
    stack.callback(stopping.seconds_left)  # it is stopped first, so the time to stop begins here
    return url


async def _serve_on_loopback(stack: AsyncExitStack, app: web.Application, port: int) -> str:
    return await connections.serve(
        stack, app, LOOPBACK[0], port, limit=MAX_HEALTH_CONNECTIONS, shutdown_timeout=HEALTH_STOP_SECONDS
    )


async def is_always_connected() -> bool:
    """Whether Slack can reach a receiver that waits for requests: always."""
    return True


def _backlog(connection: Connection, *, now: datetime) -> health.Backlog:
    oldest_pending_at = status.oldest_pending_at(connection)
    return health.Backlog(
        by_state=status.open_delivery_counts(connection),
        oldest_overdue=0.0 if oldest_pending_at is None else max(0.0, (now - oldest_pending_at).total_seconds()),
        missed=status.missed_roundups(connection),
    )


def run(settings: Settings, *, ends_process: bool = True, **options: Any) -> None:
    """Run the bot until the process is asked to stop. Other options and errors are those of `serve`.

    With `ends_process`, the process ends within `KILL_SECONDS` of that, whatever hangs. Without, it may go on.
    """
    if ends_process:
        options["on_signal"] = end_process_later
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings, **options))
    finally:
        log.flush()  # a refusal is printed after the log


async def serve(
    settings: Settings,
    *,
    on_start: Callable[[RunningApp], object] = lambda _running: None,
    on_signal: Callable[[], object] = lambda: None,
    **options: Any,
) -> None:
    """Run the bot until the process is asked to stop (SIGTERM or SIGINT). Other options and errors: see `lifespan`."""
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"

    def stop() -> None:
        if not task.cancelling():  # a second signal would cut short what the first one has begun
            on_signal()
            task.cancel()

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop)
    try:
        async with lifespan(settings, **options) as running:
            on_start(running)
            gc.collect()
            gc.freeze()  # what exists now stays: collections need not visit it
            gc.set_threshold(*GC_THRESHOLDS)
            gc.enable()
            await asyncio.sleep(LOCALE_DELAY)
            await asyncio.to_thread(ENGLISH.load_locale)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        logger.info("Winsome has stopped")
