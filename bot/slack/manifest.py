"""The Slack app manifest: the commands, scopes and events that the code uses, and no others.

A test holds each field against docs.slack.dev/reference/app-manifest.
"""

from typing import Any

from bot.domain.wins import MAX_LENGTH

SCOPES = {
    "commands": "respond to /win and /wins",
    "chat:write": "announce wins and post roundups in channels it was invited to",
    "reactions:read": "count reactions to its own messages as cheers",
    "users:read": "show people by name, suggest their time zone, and tell who is an admin, a guest or a bot",
    "channels:read": "tell who created a channel and who is in it, and notice that it was archived",
    "groups:read": "tell who created a private channel it was invited to, who is in it, and whether it was archived",
}
"""Each scope with what it lets the bot do, in words that stand alone: the doctor may name one without the others."""

READ_DIRECT_MESSAGES = "im:history"
OPTIONAL_SCOPES = {
    "app_mentions:read": "answer privately when someone mentions it, and offer to save what they wrote",
    READ_DIRECT_MESSAGES: "read what people write to it in a direct message (and nothing else), and offer to save it",
    "channels:history": "look in a public channel for its own post if Slack didn't confirm it, and for nothing else",
    "groups:history": "look in a private channel for its own post if Slack didn't confirm it, and for nothing else",
}
"""Scopes that Winsome runs without, each with what it lets the bot do."""

SAVE_WIN_SHORTCUT = "save_win"
SAVE_MESSAGE_SHORTCUT = "save_message"
EDIT_SHORTCUT = "edit_win"

EVENTS = [
    *("reaction_added", "reaction_removed", "user_change", "app_home_opened"),
    *("member_joined_channel", "member_left_channel", "channel_id_changed"),
    *("channel_archive", "channel_unarchive", "channel_deleted"),
    *("group_archive", "group_unarchive", "group_deleted"),
    *("app_mention", "message.im"),
]
"""What Slack tells the bot of. `message.im` is about what people write to the bot itself, `app_mention` about it."""


def manifest(*, request_url: str | None = None) -> dict[str, Any]:
    """Return the manifest: for HTTP with a `request_url`, for Socket Mode without."""
    url = {} if request_url is None else {"url": request_url}
    receiver_url = {} if request_url is None else {"request_url": request_url}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Winsome",
            "description": "Collect your team's small wins and share them in a weekly roundup.",
            "background_color": "#1f5f4a",
        },
        "features": {
            "bot_user": {"display_name": "Winsome", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "slash_commands": [
                {
                    "command": "/win",
                    "description": f"Save a small win (up to {MAX_LENGTH} characters) and share it here",
                    "usage_hint": "fixed the flaky build with @ana #quality",
                    "should_escape": True,
                    **url,
                },
                {
                    "command": "/wins",
                    "description": "See your wins or manage this channel's roundup",
                    "usage_hint": "[mine | search | preferences | setup | preview | post | pause | resume | help]",
                    "should_escape": True,
                    **url,
                },
            ],
            "shortcuts": [
                {
                    "name": "Save a win",
                    "type": "global",
                    "callback_id": SAVE_WIN_SHORTCUT,
                    "description": "Fill in a form to save a win and share it in a channel",
                },
                {
                    "name": "Save as a win",
                    "type": "message",
                    "callback_id": SAVE_MESSAGE_SHORTCUT,
                    "description": "Save this message as a win for the person who wrote it",
                },
                {
                    "name": "Edit this win",
                    "type": "message",
                    "callback_id": EDIT_SHORTCUT,
                    "description": "Change a win that you saved, from the message that shows it",
                },
            ],
        },
        # `bot_optional` marks scopes that `bot` lists: it adds none (docs.slack.dev, app manifest reference).
        "oauth_config": {"scopes": {"bot": [*SCOPES, *OPTIONAL_SCOPES], "bot_optional": list(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": EVENTS, **receiver_url},
            "interactivity": {
                "is_enabled": True,
                **receiver_url,
                **({} if request_url is None else {"message_menu_options_url": request_url}),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": request_url is None,
            "token_rotation_enabled": False,
        },
    }
