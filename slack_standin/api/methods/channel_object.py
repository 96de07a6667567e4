"""The conversation object: channels, group messages and direct messages, which have fewer fields.

Source: docs.slack.dev/reference/objects/conversation-object, and recorded answers.
"""

from typing import Any

from slack_standin.api.methods.method import Ask
from slack_standin.model.workspace import Channel


def channel_object(ask: Ask, channel: Channel) -> dict[str, Any]:
    """A channel as the bot sees it. num_members is up to the methods that count."""
    body: dict[str, Any] = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.is_im,
        "is_org_shared": False,
        "context_team_id": channel.team_id,
        "updated": channel.updated,
    }
    return body | (_direct(ask, channel) if channel.is_im else _named(ask, channel))


def _direct(ask: Ask, channel: Channel) -> dict[str, Any]:
    bot = ask.workspace.bot_user_id
    other = next((member for member in channel.members if member != bot), bot)
    return {"user": other, "is_user_deleted": ask.workspace.people[other].deleted, "priority": 0}


def _named(ask: Ask, channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "name_normalized": channel.name,
        "previous_names": list(channel.previous_names),
        "creator": channel.creator,
        "is_channel": True,
        "is_group": False,
        "is_mpim": channel.is_mpim,
        "is_private": not channel.public,
        "is_general": channel.is_general,
        "is_member": ask.workspace.bot_user_id in channel.members,
        "is_frozen": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [channel.team_id],
        "parent_conversation": None,
        "unlinked": 0,
        "topic": channel.topic,
        "purpose": channel.purpose,
    }
