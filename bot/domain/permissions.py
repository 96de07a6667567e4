"""Who may do what to a channel and to a workspace: one table, and nothing is allowed that does not stand in it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Act(StrEnum):
    """What somebody may want to do."""

    SEE = "see"
    """Read a channel's settings, and preview its roundup."""
    CHANGE = "change"
    """Set a channel up, change its settings, pause it, skip a date, or post its roundup now."""
    NAME = "name"
    """Say who else may change a channel's settings."""
    DECIDE = "decide"
    """Say what becomes of a message that needs somebody."""
    OVERSEE = "oversee"
    """See every channel that is no secret, read the audit log, and choose what new channels begin with."""


class Role(StrEnum):
    """What somebody is to a channel. Several may be true at once."""

    ADMIN = "admin"
    """Of the workspace; an owner of it is one too."""
    CREATOR = "creator"
    """Made the channel."""
    NAMED = "named"
    """Named by an admin or the creator."""
    OWNER = "owner"
    """Set the channel up, or took it over, and is told what happens to its messages."""
    MEMBER = "member"
    """Of the workspace, and no guest."""
    GUEST = "guest"
    """Of the workspace, but restricted to some channels."""
    STRANGER = "stranger"
    """Of another workspace, deactivated, or a bot."""


ALLOWED: dict[Act, frozenset[Role]] = {
    Act.SEE: frozenset({Role.MEMBER, Role.GUEST}),
    Act.CHANGE: frozenset({Role.ADMIN, Role.CREATOR, Role.NAMED}),
    Act.NAME: frozenset({Role.ADMIN, Role.CREATOR}),
    Act.DECIDE: frozenset({Role.ADMIN, Role.CREATOR, Role.NAMED, Role.OWNER}),
    Act.OVERSEE: frozenset({Role.ADMIN}),
}
"""For each act the roles that may do it: one of them is enough."""


@dataclass(frozen=True)
class Actor:
    """Somebody who acts, as Slack describes them. One who is not `is_active` (anybody's stranger) may do nothing."""

    user_id: str
    is_active: bool
    is_admin: bool = False
    is_guest: bool = False


@dataclass(frozen=True)
class Place:
    """A channel, as far as permissions depend on it: user ids of its creator, of those named, and of its owner."""

    creator: str | None = None
    owner: str | None = None
    managers: frozenset[str] = field(default_factory=frozenset)

    @property
    def people(self) -> frozenset[str]:
        """Everybody who is named in it."""
        return self.managers | frozenset(filter(None, [self.creator, self.owner]))


NOWHERE = Place()
"""For what belongs to no channel."""


class NotAllowed(Exception):
    """Somebody asks for what they may not do."""

    def __init__(self, act: Act) -> None:
        super().__init__(act)
        self.act = act


class CannotAsk(Exception):
    """Slack does not say now what a decision needs; who can't be known may do nothing."""


def roles(actor: Actor, place: Place) -> frozenset[Role]:
    """Return what somebody is to a channel. A guest is nothing else, whoever named them."""
    if not actor.is_active:
        return frozenset({Role.STRANGER})
    if actor.is_guest:
        return frozenset({Role.GUEST})
    found = {Role.MEMBER}
    if actor.is_admin:
        found.add(Role.ADMIN)
    if actor.user_id == place.creator:
        found.add(Role.CREATOR)
    if actor.user_id in place.managers:
        found.add(Role.NAMED)
    if actor.user_id == place.owner:
        found.add(Role.OWNER)
    return frozenset(found)


def may(actor: Actor, act: Act, place: Place = NOWHERE) -> bool:
    """Whether somebody may do that here."""
    return not ALLOWED[act].isdisjoint(roles(actor, place))


def check(actor: Actor, act: Act, place: Place = NOWHERE) -> None:
    """Raise NotAllowed unless somebody may do that here."""
    if not may(actor, act, place):
        raise NotAllowed(act)
