"""What people can do in Slack, one file each; here the Bolt app is made and every listener registered."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners import (
    audit_log,
    channel_events,
    cheer,
    error_messages,
    errors,
    help,
    home,
    my_wins,
    offers,
    owner_alerts,
    pause,
    preview,
    settings_form,
    undo,
    user_events,
    win,
    wins,
    workspace_defaults,
)
from bot.services.access import Access
from bot.services.channel_directory import ChannelDirectory
from bot.services.user_directory import UserDirectory
from bot.services.visibility import Visibility
from bot.slack import response_url
from bot.slack.background import BackgroundTasks
from bot.slack.clients import SlackClients
from bot.slack.modals import Modals
from bot.storage.database import Database
from bot.storage.deliveries import Lane
from bot.views import refusals
from bot.views.translations import ENGLISH


@dataclass(frozen=True)
class Dependencies:
    """What the listeners work with. `wake_outbox` wakes one lane, `wake_scheduler` lets the next tick begin now."""

    clients: SlackClients
    bolt_client: AsyncWebClient
    database: Database
    users: UserDirectory
    channel_directory: ChannelDirectory
    respond: response_url.Respond
    clock: Callable[[], datetime]
    wake_outbox: Callable[[Lane], None]
    wake_scheduler: Callable[[], None]


def create_app(dependencies: Dependencies) -> tuple[AsyncApp, BackgroundTasks]:
    """Return the Bolt app, and its background tasks, to be joined when the bot stops."""
    app = _create_bolt_app(dependencies.bolt_client)
    database, clock, respond, wake_scheduler = (
        dependencies.database,
        dependencies.clock,
        dependencies.respond,
        dependencies.wake_scheduler,
    )
    clients = dependencies.clients
    access = Access(dependencies.users, dependencies.channel_directory, database)
    visibility = Visibility(dependencies.channel_directory, database, clock)
    background = BackgroundTasks()
    modals = Modals(
        clients, background, loading_modal=refusals.loading_modal(ENGLISH), error_modal=error_messages.error_modal
    )
    home_tab = home.HomeTab(database, access, visibility, modals, background, clients=clients, clock=clock)
    form = settings_form.SettingsForm(database, access, modals, clock=clock)
    preview_commands = preview.PreviewCommands(database, access, respond=respond, clients=clients, clock=clock)
    pauses = pause.Pauses(database, access, wake_scheduler=wake_scheduler, clock=clock)
    help_command = help.create_help_command(database, clock=clock)
    list_my_wins = my_wins.create_list_my_wins(database, clients=clients)

    win.register(app, database=database, clock=clock, wake_outbox=dependencies.wake_outbox, help_command=help_command)
    cheer.register(
        app,
        database=database,
        clock=clock,
        wake_outbox=dependencies.wake_outbox,
        queue_user_lookup=dependencies.users.enqueue,
        respond=respond,
    )
    wins.register(
        app,
        anywhere={"": list_my_wins, "mine": list_my_wins, "help": lambda command, _: help_command(command)},
        in_channels={
            "setup": form.open_by_command,
            "preview": preview_commands.preview,
            "post": preview_commands.post,
            "pause": pauses.pause,
            "resume": pauses.resume,
        },
    )
    undo.register(app, database=database, clock=clock, wake_scheduler=wake_scheduler, respond=respond, clients=clients)
    settings_form.register(
        app, form=form, wake_scheduler=wake_scheduler, publish_home=home_tab.publish_later, clock=clock
    )
    preview.register(
        app,
        database=database,
        access=access,
        respond=respond,
        wake_scheduler=wake_scheduler,
        clock=clock,
    )
    pause.register(app, pauses=pauses, respond=respond)
    offers.register(
        app,
        database=database,
        access=access,
        clock=clock,
        wake_scheduler=wake_scheduler,
        respond=respond,
        open_settings_form=form.open,
    )
    owner_alerts.register(
        app,
        database=database,
        access=access,
        home_tab=home_tab,
        modals=modals,
        clock=clock,
        wake_scheduler=wake_scheduler,
        respond=respond,
    )
    home.register(
        app,
        home_tab=home_tab,
        database=database,
        access=access,
        clock=clock,
        wake_scheduler=wake_scheduler,
        open_settings_form=form.open,
    )
    workspace_defaults.register(app, home_tab=home_tab, database=database, access=access, modals=modals, clock=clock)
    audit_log.register(app, database=database, access=access, visibility=visibility, modals=modals)
    user_events.register(app, database=database, clock=clock)
    channel_events.register(
        app,
        database=database,
        channel_directory=dependencies.channel_directory,
        clients=clients,
        clock=clock,
        wake_scheduler=wake_scheduler,
    )
    errors.register(app, respond=respond, modals=modals)
    return app, background


def _create_bolt_app(client: AsyncWebClient) -> AsyncApp:
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # The dispatcher has checked the workspace, and no listener uses Bolt's client, which gets no token.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

    bolt_logger = logging.getLogger("slack_bolt")
    bolt_logger.setLevel(logging.ERROR)  # it reads SLACK_BOT_TOKEN by itself, and warns that ours comes first
    return AsyncApp(
        name="winsome",
        logger=bolt_logger,
        client=client,
        authorize=authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        # The receivers and the dispatcher have done this before anything was parsed.
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        ignoring_self_events_enabled=False,  # the bot listens for its own joining and leaving
        attaching_conversation_kwargs_enabled=False,
    )
