"""A workspace: its people, channels and messages. State only; no network."""

import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from slack_standin.block_kit.composer import rich_text
from slack_standin.block_kit.interactive import with_ids
from slack_standin.block_kit.markup import stored, stored_blocks
from slack_standin.block_kit.plain_text import readable_markup
from slack_standin.model.change_feed import Feed, Kind
from slack_standin.model.clock import Clock
from slack_standin.model.enterprises import Enterprise
from slack_standin.model.ids import Ids, base36
from slack_standin.model.members import Channel, Person
from slack_standin.model.messages import Message
from slack_standin.model.views import View, Views

__all__ = ["Channel", "Person", "Workspace"]


def new_bot_token() -> str:
    """A bot token in Slack's shape."""
    return f"xoxb-{secrets.randbelow(10**12)}-{secrets.token_hex(12)}"


@dataclass(eq=False)
class Workspace:
    """A tenant: its own people, channels, token and granted scopes."""

    team_id: str
    name: str
    domain: str
    bot: Person
    bot_id: str
    app_id: str
    scopes: frozenset[str]
    clock: Clock = field(repr=False)
    ids: Ids = field(repr=False)
    feed: Feed = field(default_factory=Feed, repr=False)
    bot_token: str = field(default_factory=new_bot_token, repr=False)
    installed: bool = True
    enterprise: Enterprise | None = None
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    views: Views = field(init=False, repr=False)
    counters: dict[str, int] = field(default_factory=lambda: {"ts": 0, "block": 46655}, repr=False)
    """The last timestamp in microseconds, and the number of the last block_id, that were given out."""

    def __post_init__(self) -> None:
        self.people[self.bot.id] = self.bot
        self.views = Views(self.team_id, self.app_id, self.bot_id, self.ids, self._next_block_id)

    @property
    def bot_user_id(self) -> str:
        """The id of the bot's user."""
        return self.bot.id

    @property
    def url(self) -> str:
        """The address of the workspace as auth.test gives it."""
        return f"https://{self.domain}.slack.com/"

    def is_foreign(self, person: Person, home: "Workspace") -> bool:
        """Whether a person, whose own workspace is `home`, is of another organization (Slack Connect)."""
        same_organization = self.enterprise is not None and self.enterprise is home.enterprise
        return person.team_id != self.team_id and not same_organization

    def install(self, scopes: frozenset[str]) -> None:
        """Grant the app these scopes; after an uninstallation its token is a new one."""
        if not self.installed:
            self.bot_token = new_bot_token()
        self.installed, self.scopes = True, scopes

    def next_ts(self) -> str:
        """A timestamp that is later than every one before it."""
        last = self.counters["ts"] = max(int(self.clock.now().timestamp() * 1_000_000), self.counters["ts"] + 1)
        return f"{last // 1_000_000}.{last % 1_000_000:06d}"

    def user_object(
        self, person: Person, *, home: "Workspace | None" = None, with_locale: bool = True
    ) -> dict[str, Any]:
        """A person as the app may see them: the email address needs a scope of its own. `home` is their workspace."""
        with_email = "users:read.email" in self.scopes
        body = person.to_slack(self.clock.now(), with_locale=with_locale, with_email=with_email)
        enterprise = (home or self).enterprise
        return body | ({"enterprise_user": enterprise.of_user(person)} if enterprise and not person.is_bot else {})

    def bot_profile(self) -> dict[str, Any]:
        """The app as its messages show it (docs.slack.dev/reference/methods/bots.info); nothing serves the icons."""
        icon = "https://a.slack-edge.com/80588/img/plugins/app/bot"
        return {
            "id": self.bot_id,
            "app_id": self.app_id,
            "user_id": self.bot_user_id,
            "name": self.bot.real_name,
            "icons": {f"image_{size}": f"{icon}_{size}.png" for size in (36, 48, 72)},
            "deleted": not self.installed,
            "updated": self.bot.updated,
            "team_id": self.team_id,
        }

    def bot_author(self, username: str = "", icon_emoji: str = "", icon_url: str = "") -> dict[str, Any]:
        """The fields of a message that say who posted it: the bot's user, or the name and icon that it set."""
        author: dict[str, Any] = {"bot_id": self.bot_id, "app_id": self.app_id, "bot_profile": self.bot_profile()}
        if not (username or icon_emoji or icon_url):
            return author | {"user": self.bot_user_id}
        pictures = {f"image_{size}": icon_url for size in (36, 48, 72)} if icon_url else {}
        icons = {"emoji": icon_emoji} if icon_emoji else pictures
        return author | {"subtype": "bot_message", "username": username or self.bot.real_name, "icons": icons}

    def add_person(self, name: str, **details: Any) -> Person:
        """Add a person; the names and the email address that aren't given are derived from this name."""
        names = {"real_name": name.title(), "display_name": name, "email": f"{name}@example.com"}
        person = Person(self.ids.make("U"), self.team_id, name, **names | details)
        self.people[person.id] = person
        self.touch_person(person)
        return person

    def person_named(self, name: str) -> Person | None:
        """The person with this name, else the one whose display name it is; case doesn't matter."""
        sought = name.casefold()
        for names in ("name", "display_name"):
            for person in self.people.values():
                if getattr(person, names).casefold() == sought:
                    return person
        return None

    def channel_named(self, name: str) -> Channel | None:
        """The channel with this name; direct messages have none."""
        return next((channel for channel in self.channels.values() if channel.name == name and not channel.is_im), None)

    def find_channel(self, wanted: str) -> Channel | None:
        """The channel with this id or this name, with or without its #."""
        return self.channels.get(wanted) or (self.channel_named(wanted.removeprefix("#")) if wanted else None)

    def direct_conversation(self, *members: str) -> Channel | None:
        """The direct message, or group direct message, of exactly these members."""
        private = (channel for channel in self.channels.values() if channel.is_im or channel.is_mpim)
        return next((channel for channel in private if set(channel.members) == set(members)), None)

    def dm_between(self, one: str, other: str) -> Channel:
        """The direct message of two members, opened when there is none yet."""
        return self.direct_conversation(one, other) or self.add_channel(
            self.ids.make("D"), "", private=False, creator=one, members=[one, other], is_im=True
        )

    def group_of(self, *members: str) -> Channel:
        """The group direct message of these members, opened when there is none yet."""
        opened = self.direct_conversation(*members)
        if opened:
            return opened
        name = "-".join(["mpdm", "--".join(self.people[member].name for member in members), "1"])
        channel = self.add_channel(self.ids.make("C"), name, private=False, creator=members[0], members=[*members])
        channel.is_mpim = True
        return channel

    def add_channel(
        self, channel_id: str, name: str, *, private: bool, creator: str, members: list[str], is_im: bool = False
    ) -> Channel:
        """Add a conversation with these members."""
        created = int(self.clock.now().timestamp())
        channel = Channel(channel_id, self.team_id, name, private, creator, created, members, is_im)
        self.channels[channel_id] = channel
        self.touch_channel(channel)
        return channel

    def add_message(self, channel: Channel, text: str, **details: Any) -> Message:
        """Put a message into a channel, giving it a ts, block ids, a permalink and its parent."""
        ts = self.next_ts()
        thread_ts = details.get("thread_ts")
        parent = channel.find(thread_ts) if thread_ts else None
        details["blocks"] = self.with_block_ids(details.get("blocks") or [])
        message = Message(
            ts=ts,
            channel=channel.id,
            team=self.team_id,
            text=stored(text),
            permalink=self.permalink(channel.id, ts, thread_ts),
            readable=self.readable,
            shown_at=time.monotonic(),
            parent=parent,
            **details,
        )
        if parent and not message.ephemeral_to:
            parent.replies.append(message)
        if message.ephemeral_to and parent and not parent.reply_count:
            return message  # no one sees it in a thread without replies (docs: chat.postEphemeral, thread_ts)
        channel.add(message)
        self.touch(message)
        if parent and not message.ephemeral_to:
            self.touch(parent)
        return message

    def add_typed(self, channel: Channel, person: Person, text: str, **details: Any) -> Message:
        """Put a person's message into a channel as their client sends it, with the blocks of its text."""
        sent = {"user": person.id, "client_msg_id": str(uuid.uuid4()), "blocks": rich_text(stored(text))}
        return self.add_message(channel, text, **sent, **details)

    def with_block_ids(self, blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The blocks of a message as Slack keeps them: escaped, and with an id in each."""
        return with_ids(stored_blocks(blocks), self._next_block_id)

    def touch(self, message: Message) -> None:
        """Record that a message is new, changed or deleted."""
        kind: Kind = "message_gone" if message.deleted else "ephemeral" if message.ephemeral_to else "message"
        message.version = self.feed.add(
            kind, team_id=self.team_id, channel=message.channel, person=message.ephemeral_to, id=message.ts
        )

    def touch_view(self, view: View) -> None:
        """Record that a modal or a Home tab is new, changed or closed."""
        kind: Kind = "home" if view.kind == "home" else "view"
        view.version = self.feed.add(kind, team_id=self.team_id, person=view.person, id=view.id)

    def touch_channel(self, channel: Channel) -> None:
        """Record that a channel or its members changed."""
        channel.updated = int(self.clock.now().timestamp() * 1000)
        channel.version = self.feed.add("channel", team_id=self.team_id, channel=channel.id, id=channel.id)

    def touch_person(self, person: Person) -> None:
        """Record that a person is new or changed."""
        person.version = self.feed.add("person", team_id=self.team_id, id=person.id)

    def permalink(self, channel_id: str, ts: str, thread_ts: str | None = None) -> str:
        """The link to a message, within its thread for a reply."""
        thread = f"?thread_ts={thread_ts}&cid={channel_id}" if thread_ts and thread_ts != ts else ""
        return f"{self.url}archives/{channel_id}/p{ts.replace('.', '')}{thread}"

    def readable(self, text: str) -> str:
        """Markup as displayed, with the names of this workspace."""
        names = {person.id: person.shown_name for person in self.people.values()}
        names |= {channel.id: channel.name for channel in self.channels.values()}
        return readable_markup(text, names)

    def _next_block_id(self) -> str:
        self.counters["block"] += 1
        return base36(self.counters["block"])
