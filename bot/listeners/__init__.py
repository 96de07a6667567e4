"""The listeners: one file for each thing that people do in Slack, joined here in one Bolt app."""

import logging

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.listeners import (
    audit_log,
    channel_events,
    cheer,
    climbs,
    credit,
    credit_notes,
    credited_wins,
    edit_win,
    errors,
    first_cheers,
    home,
    join,
    look_back,
    message_shortcut,
    messages_to_bot,
    next_roundup,
    offers,
    owner_alerts,
    pause,
    preferences,
    preview,
    search,
    settings_form,
    subcommands,
    thanks,
    undo,
    user_events,
    win,
    win_changes,
    win_form,
    workspace_defaults,
)
from bot.listeners.dependencies import Dependencies

LISTENERS = (
    win,
    win_form,
    subcommands,
    search,
    undo,
    edit_win,
    win_changes,
    thanks,
    cheer,
    first_cheers,
    join,
    climbs,
    credited_wins,
    credit,
    credit_notes,
    look_back,
    offers,
    settings_form,
    preview,
    next_roundup,
    pause,
    home,
    preferences,
    workspace_defaults,
    audit_log,
    message_shortcut,
    messages_to_bot,
    owner_alerts,
    user_events,
    channel_events,
    errors,
)


def create_app(deps: Dependencies, bolt_client: AsyncWebClient) -> AsyncApp:
    """Return the Bolt app with every listener."""
    app = _create_bolt_app(bolt_client)
    for listener in LISTENERS:
        listener.register(app, deps)
    return app


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
