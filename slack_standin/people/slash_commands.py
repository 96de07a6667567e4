"""Slash commands: the payload of what a person types, and the reply that they see.

Source: docs.slack.dev/interactivity/implementing-slash-commands.
"""

from typing import Any

from slack_standin.api.response_urls import ResponseUrls
from slack_standin.delivery.replies import Conversation, apply_reply, reply_problems, slackbot_notice
from slack_standin.delivery.transport import Answer, Delivery, Sender
from slack_standin.model.state import World
from slack_standin.model.triggers import TriggerSource
from slack_standin.model.workspace import Channel, Person
from slack_standin.people.escaping import escape_message, escape_typed


class SlashCommands:
    """Types commands in people's names."""

    def __init__(self, world: World, sender: Sender, response_urls: ResponseUrls) -> None:
        self._world = world
        self._sender = sender
        self._response_urls = response_urls

    async def type(self, person: Person, channel: Channel, line: str) -> Answer:
        """Send `line` as `person` in `channel`, and show the reply."""
        workspace = self._world.workspace_of(channel)
        conversation = Conversation(workspace, channel, person, typed=escape_message(line, workspace, person))
        name, text = (*line.split(maxsplit=1), "", "")[:2]
        command = self._world.manifest.commands.get(name)
        is_foreign = workspace.is_foreign(person, self._world.workspace_of(person))
        if command is None or is_foreign or not workspace.installed:
            slackbot_notice(conversation, f"{name} is not a valid command.")
            return Answer(None, None, 0.0, "invalid_command", Delivery("", "slash_commands", {}, workspace.team_id))
        text = text.strip()
        written = escape_typed(text, workspace, person) if command.should_escape else text
        payload = {
            "token": self._world.verification_token,
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": channel.payload_name,
            "user_id": person.id,
            "user_name": person.name,
            "command": name,
            "text": written,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            **(workspace.enterprise.of_team() if workspace.enterprise else {}),
            "response_url": self._response_urls.issue("commands", conversation),
            "trigger_id": self._world.triggers.issue(TriggerSource(workspace.team_id, person.id, channel.id)),
        }
        delivery = Delivery(
            payload["trigger_id"], "slash_commands", payload, workspace.team_id, person=person.id, channel=channel.id
        )
        return await self.send(delivery, conversation)

    async def send(self, delivery: Delivery, conversation: Conversation) -> Answer:
        """Send a command, for the first time or again."""
        answer = await self._sender.deliver(delivery)
        error = answer.error or self._shown(conversation, answer.payload)
        if error:
            slackbot_notice(conversation, f'{delivery.payload["command"]} failed with the error "{error}"')
        self._world.changes.signal()
        return Answer(answer.status, answer.payload, answer.elapsed, error, delivery)

    def _shown(self, conversation: Conversation, payload: Any) -> str | None:
        """Show the acknowledgement's message; returns the error if it can't be shown."""
        if not payload:
            return None
        if reply_problems(payload, strict=self._world.strict_arguments):
            return "invalid_command_response"
        apply_reply(conversation, payload)
        return None
