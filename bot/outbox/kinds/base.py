"""What the sender and the reconciler need to know about a kind of message.

The defaults are those of a line in a channel whose failure alerts no one.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

from bot.storage.deliveries import Delivery
from bot.views.format import Message, Names
from bot.views.permalinks import Permalink


class Audience(Enum):
    """Who sees a message."""

    CHANNEL = auto()
    RECIPIENT_IN_CHANNEL = auto()
    """One person in the channel: an ephemeral message, which Slack does not keep."""
    RECIPIENT = auto()
    """One person, in a direct message from the bot."""


class Subject(Protocol):
    """What a message is about."""

    @property
    def user_ids(self) -> Iterable[str]:
        """The users whose names the message needs."""


@dataclass(frozen=True)
class Context:
    """What a message is rendered with: `names` are by user id, `permalink` makes the address of a message.

    `faces` are the addresses of people's pictures, by user id, as far as Slack has any: none if the message is without
    pictures. Someone unnamed in one win may have a face for another win, so show only those who are named there.
    """

    delivery: Delivery
    names: Names
    permalink: Permalink
    now: datetime
    faces: Mapping[str, str] = field(default_factory=dict)

    @property
    def posted_at(self) -> datetime:
        """When (UTC) the message was posted, or `now` if it is posted now."""
        ts = self.delivery.ts
        return self.now if ts is None else datetime.fromtimestamp(float(ts), UTC)


class Reader(NamedTuple):
    """Someone, by user id, who reads in a direct message what a channel shows."""

    user_id: str
    channel_id: str


SubjectT = TypeVar("SubjectT", bound=Subject)


class Kind(ABC, Generic[SubjectT]):
    """A kind of message. `name` is the `kind` of its deliveries."""

    name: ClassVar[str]
    audience: ClassVar[Audience] = Audience.CHANNEL
    prefers_response_url: ClassVar[bool] = False
    """Whether it is posted through its response_url if it has one, and as its audience says only if that fails."""
    needs_thread: ClassVar[bool] = False
    """Whether it makes no sense outside of the thread that it belongs in."""
    has_pictures: ClassVar[bool] = False
    """Whether it may show images or a chart. If Slack refuses it with them, it goes again without (`is_plain`)."""
    depends_on_roles: ClassVar[bool] = False
    """Whether it says different things to different roles, so that the channel and its users are refreshed before."""
    reflects_availability: ClassVar[bool] = False
    """Whether its post shows that the bot can post in the channel, or can't: an event may have been missed."""
    alerts_owner_if_unresolved: ClassVar[bool] = False
    """Whether the channel's owner has to decide about one whose outcome stays unknown."""

    @abstractmethod
    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> SubjectT | None:
        """Read what the delivery is about; None if there is nothing left to say."""

    def load_each(self, connection: Connection, to_load: Sequence[tuple[Delivery, datetime]]) -> list[SubjectT | None]:
        """Read what several deliveries are about, each at a time (UTC)."""
        return [self.load(connection, delivery, now=now) for delivery, now in to_load]

    @abstractmethod
    def render(self, subject: SubjectT, context: Context) -> Message | None:
        """Put it into words; None if there is nothing left to say."""

    def parent_ts(self, connection: Connection, delivery: Delivery) -> str | None:
        """Return the ts of the message that this one replies to."""
        return None

    def due_at(self, subject: SubjectT) -> datetime | None:
        """Return when (UTC) it was promised; None for a message that is never too late."""
        return None

    def abandon(self, connection: Connection, delivery: Delivery, *, now: datetime) -> None:
        """Give up a message that is certainly not posted, and later than the grace allows."""
        raise NotImplementedError

    def source_channel_id(self, subject: SubjectT) -> str | None:
        """Return the channel whose content it shows, if that may be another one than it is posted in.

        Before it is posted or updated elsewhere, Slack is asked whether that channel has become private.
        """
        return None

    def shown_channel_ids(self, subject: SubjectT) -> Collection[str]:
        """Return other channels whose content it shows while they are public.

        Before it is posted, Slack is asked whether they are, and it is read again.
        """
        return ()

    def has_to_wait(self, subject: SubjectT) -> bool:
        """Whether its post is tried again later: another message comes first, or its reader is not at work."""
        return False

    def reader_of(self, subject: SubjectT) -> Reader | None:
        """Return who reads it, and the channel whose content it shows; None for content that needs no check.

        Before it is posted or updated, Slack is asked whether they may read it. If not, it is cancelled or deleted.
        """
        return None

    def readers_of(self, subject: SubjectT) -> Sequence[Reader]:
        """Return the same for a message that shows the content of several channels, each with its reader."""
        reader = self.reader_of(subject)
        return () if reader is None else (reader,)

    def without(self, subject: SubjectT, channel_ids: Collection[str]) -> SubjectT | None:
        """Return the subject without what these channels (ids) show, which is not for its reader, or None."""
        return None

    def alerts_owner(self, connection: Connection, delivery: Delivery, error: str) -> bool:
        """Whether the channel's owner is alerted that Slack refuses this delivery with `error`.

        This is asked before the refusal is stored.
        """
        return False

    def follow_up_post(self, connection: Connection, delivery: Delivery) -> None:
        """Do what follows when this delivery is posted."""

    def follow_up_cancellation(self, connection: Connection, delivery: Delivery) -> None:
        """Do what follows when this delivery turns out not to be needed, or not to be for its reader."""

    def follow_up_rejection(self, connection: Connection, delivery: Delivery, *, now: datetime) -> None:
        """Do what follows when Slack refuses to post this delivery."""

    def follow_up_change(
        self, connection: Connection, delivery: Delivery, *, is_gone: bool, is_refused: bool, now: datetime
    ) -> None:
        """Do what follows when an update or a deletion is done, or refused for good (`is_refused`).

        `is_gone`: the message is not in Slack.
        """
