"""A message in a channel, as Slack keeps it and as the Web API shows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slack_standin.block_kit.input_state import State
from slack_standin.block_kit.plain_text import plain_lines

SLACKBOT = "USLACKBOT"


@dataclass(eq=False)
class Message:
    """A message by a person, the bot or Slack itself; an ephemeral one has `ephemeral_to`."""

    ts: str
    channel: str
    team: str
    text: str
    permalink: str
    readable: Callable[[str], str] = field(repr=False)
    shown_at: float = 0.0
    """Real monotonic seconds when it was posted, for the history lag."""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    user: str | None = None
    client_msg_id: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    bot_profile: dict[str, Any] | None = None
    username: str | None = None
    """The name that the bot set for this message, instead of its own."""
    icons: dict[str, str] = field(default_factory=dict)
    subtype: str | None = None
    further: dict[str, Any] = field(default_factory=dict)
    """The fields that its subtype adds."""
    ephemeral_to: str | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: dict[str, Any] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    edited: dict[str, str] | None = None
    through_response_url: bool = False
    """Posted in answer to a command or a button: chat.update and chat.delete can't touch it."""
    deleted: bool = False
    version: int = 0
    states: dict[str, State] = field(default_factory=dict, repr=False)
    """Each person's choices in its menus."""
    parent: "Message | None" = field(default=None, repr=False)
    replies: list["Message"] = field(default_factory=list, repr=False)

    @property
    def team_id(self) -> str:
        """The workspace that it was posted in."""
        return self.team

    @property
    def reply_count(self) -> int:
        """How many replies there still are."""
        return sum(not reply.deleted for reply in self.replies)

    @property
    def is_reply(self) -> bool:
        """Whether it is a reply in a thread."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_notice(self) -> bool:
        """Whether Slack itself says there that someone joined, left or changed the channel."""
        return (self.subtype or "").startswith(("channel_", "group_"))

    @property
    def is_broadcast(self) -> bool:
        """Whether it is a reply that the channel shows too."""
        return self.broadcast and self.is_reply

    @property
    def is_tombstone(self) -> bool:
        """Whether it is a deleted parent of a thread."""
        return self.deleted and self.reply_count > 0

    def state_of(self, person_id: str) -> State:
        """A person's choices in the menus that it still has."""
        state = self.states.setdefault(person_id, State())
        state.adopt(self.blocks, self.channel)
        return state

    def plain(self) -> str:
        """This message as text that a person could read, button labels as [Cheer]."""
        shown = plain_lines(self.blocks, self.readable) if self.blocks else [self.readable(self.text)]
        texts = [line for line in shown if line or not self.files]
        return "\n".join([*texts, *(f"({each['name']})" for each in self.files)])

    def to_slack(self, *, include_metadata: bool = False) -> dict[str, Any]:
        """This message as the Web API returns it (docs.slack.dev/reference/events/message)."""
        if self.is_tombstone:
            return self._tombstone()
        body: dict[str, Any] = {"type": "message", "ts": self.ts, "text": self.text, "team": self.team}
        optional = {
            "subtype": "thread_broadcast" if self.is_broadcast else self.subtype,
            "user": self.user,
            "username": self.username,
            "icons": self.icons,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "bot_profile": self.bot_profile,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "files": self.files,
            "client_msg_id": self.client_msg_id,
            "parent_user_id": self.parent.user if self.parent else None,
            "root": self.parent.to_slack() if self.parent and self.is_broadcast else None,
            "thread_ts": self.thread_ts or (self.ts if self.replies else None),
            "edited": self.edited,
            "reactions": self.reactions_to_slack(),
            "metadata": self.metadata if include_metadata else None,
        }
        body |= {name: value for name, value in optional.items() if value} | self.further
        if self.reply_count:
            body |= self._thread_summary()
        return body

    def reactions_to_slack(self, most_users: int | None = None) -> list[dict[str, Any]]:
        """The reactions as Slack lists them, with so many users each at most."""
        return [
            {"name": name, "users": users[:most_users], "count": len(users)} for name, users in self.reactions.items()
        ]

    def _thread_summary(self) -> dict[str, Any]:
        alive = [reply for reply in self.replies if not reply.deleted]
        authors = list(dict.fromkeys(reply.user or reply.bot_id for reply in alive))
        return {
            "reply_count": len(alive),
            "reply_users": authors,
            "reply_users_count": len(authors),
            "latest_reply": alive[-1].ts,
            "is_locked": False,
            "subscribed": False,
        }

    def _tombstone(self) -> dict[str, Any]:
        return {
            "type": "message",
            "subtype": "tombstone",
            "text": "This message was deleted.",
            "user": SLACKBOT,
            "hidden": True,
            "ts": self.ts,
            "thread_ts": self.ts,
        } | self._thread_summary()
