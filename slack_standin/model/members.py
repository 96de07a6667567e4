"""People and channels, as the Web API shows them. State only."""

from binascii import crc32
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slack_standin.model.messages import Message

_PICTURE_SIZES = (24, 32, 48, 72, 192, 512)

_UNDESCRIBED = {"value": "", "creator": "", "last_set": 0}


@dataclass(eq=False)
class Person:
    """A member of a workspace, the bot's own user included."""

    id: str
    team_id: str
    name: str
    real_name: str
    tz: str | None = "UTC"
    is_admin: bool = False
    is_owner: bool = False
    """Owners can do all that admins can; Slack sets both flags."""
    guest: bool = False
    is_bot: bool = False
    deleted: bool = False
    display_name: str = ""
    email: str = ""
    locale: str = "en-US"
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    updated: int = 0
    version: int = 0

    @property
    def shown_name(self) -> str:
        """What Slack shows: the display name, or the real name if there is none."""
        return self.display_name or self.real_name

    @property
    def picture(self) -> str:
        """What the addresses of the person's pictures, and of no one else's, have in them."""
        return f"{crc32(self.id.encode()):08x}"

    @property
    def may_administer(self) -> bool:
        """Whether the person has an admin's rights."""
        return self.is_admin or self.is_owner

    def to_slack(self, now: datetime, *, with_locale: bool, with_email: bool) -> dict[str, Any]:
        """The user object of users.info and user_change (docs.slack.dev/reference/objects/user-object)."""
        body: dict[str, Any] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "color": f"{crc32(self.id.encode()) % 2**24:06x}",
            "real_name": self.real_name,
            "profile": self.profile(with_email=with_email),
            "is_admin": self.may_administer,
            "is_owner": self.is_owner,
            "is_primary_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_email_confirmed": not self.is_bot,
            "who_can_share_contact_card": "EVERYONE",
            "updated": self.updated,
        }
        if with_locale:
            body["locale"] = self.locale
        if self.tz is not None and not self.deleted:
            offset = now.astimezone(ZoneInfo(self.tz)).utcoffset()
            body |= {"tz": self.tz, "tz_label": self.tz, "tz_offset": int(offset.total_seconds()) if offset else 0}
        return body

    def profile(self, *, with_email: bool) -> dict[str, Any]:
        """The profile in the user object; nothing serves the pictures."""
        first_name, _, last_name = self.real_name.partition(" ")
        profile: dict[str, Any] = {
            "title": "",
            "phone": "",
            "skype": "",
            "first_name": first_name,
            "last_name": last_name,
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "fields": {},
            "status_text": self.status_text,
            "status_text_canonical": "",
            "status_emoji": self.status_emoji,
            "status_emoji_display_info": [],
            "status_expiration": self.status_expiration,
            "avatar_hash": self.picture,
            "team": self.team_id,
        }
        pictures = {
            f"image_{size}": f"https://avatars.slack-edge.com/{self.picture}_{size}.png" for size in _PICTURE_SIZES
        }
        return profile | pictures | ({"email": self.email} if with_email and self.email else {})


@dataclass(eq=False)
class Channel:
    """A channel, or a direct message between two people or a person and the bot."""

    id: str
    team_id: str
    name: str
    private: bool
    creator: str
    created: int
    members: list[str]
    is_im: bool = False
    is_mpim: bool = False
    archived: bool = False
    topic: dict[str, Any] = field(default_factory=lambda: dict(_UNDESCRIBED))
    purpose: dict[str, Any] = field(default_factory=lambda: dict(_UNDESCRIBED))
    previous_names: list[str] = field(default_factory=list)
    updated: int = 0
    """When it last changed, in milliseconds since 1970."""
    version: int = 0
    messages: list[Message] = field(default_factory=list, repr=False)
    _by_ts: dict[str, Message] = field(default_factory=dict, repr=False)

    @property
    def public(self) -> bool:
        """Whether everyone in the workspace can see it."""
        return not self.private and not self.is_im and not self.is_mpim

    def is_open_to(self, person: Person) -> bool:
        """Whether someone sees it: those in it do and, of a public one, all of its workspace except guests."""
        is_of_workspace = person.team_id == self.team_id and not person.guest
        return person.id in self.members or (self.public and is_of_workspace)

    @property
    def is_general(self) -> bool:
        """Whether it is the channel that everyone is in. It is known by the name that it was made with."""
        return self.public and self.name == "general"

    @property
    def family(self) -> str:
        """The name of its kind in scopes and event subscriptions."""
        return "im" if self.is_im else "mpim" if self.is_mpim else "groups" if self.private else "channels"

    @property
    def payload_name(self) -> str:
        """The name that commands and actions carry, which hides private ones (slack-facts: captured payloads)."""
        return "directmessage" if self.is_im else self.name if self.public or self.is_mpim else "privategroup"

    def find(self, ts: str) -> Message | None:
        """The message posted at `ts`, gone ones and ephemeral ones excepted; a tombstone still counts."""
        message = self._by_ts.get(ts)
        if message is None or message.ephemeral_to or (message.deleted and not message.is_tombstone):
            return None
        return message

    def posted_at(self, ts: str) -> Message:
        """Whatever was posted at `ts`, gone and ephemeral messages included. Raises KeyError."""
        return self._by_ts[ts]

    def add(self, message: Message) -> None:
        """Put a message at the end."""
        self.messages.append(message)
        self._by_ts[message.ts] = message
