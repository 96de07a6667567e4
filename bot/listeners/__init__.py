"""Joins what people do in Slack with what does it: the Bolt app, and every listener with what it needs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners import (
    audit_log,
    channel_events,
    cheer,
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
    win,
    wins,
    workspace_defaults,
)
from bot.scheduling import jobs
from bot.services import user_directory
from bot.services.access import Gate
from bot.services.channel_directory import Places
from bot.services.visibility import Sight
from bot.slack import response_url
from bot.slack.background import Behind
from bot.slack.modals import Windows
from bot.storage.database import Database
from bot.storage.deliveries import Lane
from bot.storage.workspaces import Workspace


@dataclass(frozen=True)
class Parts:
    """What the listeners work with. `owed` wakes the outbox for a channel, `look` lets it look for whatever is owed."""

    client: AsyncWebClient
    bot_token: str
    workspace: Workspace
    database: Database
    directory: user_directory.Directory
    places: Places
    answer: response_url.Answer
    clock: Callable[[], datetime]
    owed: Callable[[Lane], None]
    look: Callable[[], None]


def make(parts: Parts) -> tuple[AsyncApp, Behind]:
    """Return the Bolt app, and what it may still have to show when it ends."""
    app = _bolt(parts)
    database, clock, answer, look = parts.database, parts.clock, parts.answer, parts.look
    link = parts.workspace.permalink
    gate = Gate(parts.directory, parts.places, database)
    sight = Sight(parts.places, database, clock)
    behind = Behind()
    windows = Windows(parts.client, behind)
    tab = home.Home(database, gate, sight, windows, behind, workspace=parts.workspace, clock=clock)
    form = settings_form.SetupForm(database, gate, windows, clock=clock)
    compose, post_now = partial(jobs.compose, link=link), partial(jobs.post_now, link=link)
    early = preview.Early(database, gate, compose=compose, answer=answer, link=link, clock=clock)
    pauses = pause.Pauses(database, gate, look=look, clock=clock)
    explained = help.make(database, clock=clock)
    listed = my_wins.make(database, link=link)

    win.register(app, database=database, clock=clock, owed=parts.owed, explain=explained)
    cheer.register(app, database=database, clock=clock, owed=parts.owed, met=parts.directory.meet, answer=answer)
    wins.register(
        app,
        anywhere={"": listed, "mine": listed, "help": lambda asked, _: explained(asked)},
        in_channels={
            "setup": form.asked,
            "preview": early.preview,
            "post": early.post,
            "pause": pauses.pause,
            "resume": pauses.resume,
        },
    )
    undo.register(app, database=database, clock=clock, look=look, answer=answer, link=link)
    settings_form.register(app, form=form, look=look, changed=tab.soon, clock=clock)
    preview.register(app, database=database, gate=gate, post_now=post_now, answer=answer, look=look, clock=clock)
    pause.register(app, database=database, gate=gate, answer=answer, look=look, clock=clock)
    offers.register(app, database=database, gate=gate, clock=clock, look=look, answer=answer, open_setup=form.open)
    owner_alerts.register(
        app, database=database, gate=gate, tab=tab, windows=windows, clock=clock, look=look, answer=answer
    )
    home.register(app, tab=tab, database=database, gate=gate, clock=clock, look=look, open_setup=form.open)
    workspace_defaults.register(app, tab=tab, database=database, gate=gate, windows=windows, clock=clock)
    audit_log.register(app, database=database, gate=gate, sight=sight, windows=windows)
    user_directory.register(app, database=database, clock=clock)
    us = parts.workspace.bot_user_id
    channel_events.register(app, database=database, places=parts.places, bot_user_id=us, clock=clock, look=look)
    errors.register(app, answer=answer, windows=windows)
    return app, behind


def _bolt(parts: Parts) -> AsyncApp:
    async def authorize(**_: Any) -> AuthorizeResult:
        # The threshold lets in this one workspace only.
        return AuthorizeResult(
            enterprise_id=parts.workspace.enterprise_id,
            team_id=parts.workspace.team_id,
            bot_user_id=parts.workspace.bot_user_id,
            bot_token=parts.bot_token,
        )

    bolts_logger = logging.getLogger("slack_bolt")
    bolts_logger.setLevel(logging.ERROR)  # it reads SLACK_BOT_TOKEN by itself, and warns that ours comes first
    return AsyncApp(
        name="winsome",
        logger=bolts_logger,
        client=AsyncWebClient(base_url=parts.client.base_url, session=parts.client.session, retry_handlers=[]),
        authorize=authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        # The doors have done this already, before anything was parsed.
        request_verification_enabled=False,
        ssl_check_enabled=False,
        url_verification_enabled=False,
        attaching_function_token_enabled=False,
        ignoring_self_events_enabled=False,  # the bot does nothing that it listens to, but for coming and going
        attaching_conversation_kwargs_enabled=False,
    )
