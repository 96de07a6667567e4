"""Who may do what to a channel and to a workspace: one table, and nothing is allowed that does not stand in it."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.slack_errors import ErrorMeaning


class Action(StrEnum):
    """What somebody may want to do."""

    SEE = "see"
    """Read a channel's settings, and preview its roundup."""
    CHANGE = "change"
    """Set a channel up, change its settings, pause it, skip a date, or post its roundup now."""
    ASSIGN_MANAGERS = "name"
    """Say who else may change a channel's settings."""
    RESOLVE = "decide"
    """Say what becomes of a message that needs somebody."""
    OVERSEE = "oversee"
    """See every channel that is no secret, read the audit log, and choose what new channels begin with."""


class Role(StrEnum):
    """What somebody is to a channel. Several may be true at once."""

    ADMIN = "admin"
    """Of the workspace; an owner of it is one too."""
    CREATOR = "creator"
    """Made the channel."""
    MANAGER = "named"
    """Named by an admin or the creator."""
    OWNER = "owner"
    """Set the channel up, or took it over, and is told what happens to its messages."""
    MEMBER = "member"
    """Of the workspace, and no guest."""
    GUEST = "guest"
    """Of the workspace, but restricted to some channels."""
    OUTSIDER = "stranger"
    """Of another workspace, deactivated, or a bot."""


ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SEE: frozenset({Role.MEMBER, Role.GUEST}),
    Action.CHANGE: frozenset({Role.ADMIN, Role.CREATOR, Role.MANAGER}),
    Action.ASSIGN_MANAGERS: frozenset({Role.ADMIN, Role.CREATOR}),
    Action.RESOLVE: frozenset({Role.ADMIN, Role.CREATOR, Role.MANAGER, Role.OWNER}),
    Action.OVERSEE: frozenset({Role.ADMIN}),
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
class ChannelRoles:
    """A channel, as far as permissions depend on it: user ids of its creator, of those named, and of its owner."""

    creator: str | None = None
    owner_id: str | None = None
    manager_ids: frozenset[str] = field(default_factory=frozenset)

    @property
    def user_ids(self) -> frozenset[str]:
        """Everybody who is named in it."""
        return self.manager_ids | frozenset(filter(None, [self.creator, self.owner_id]))


NO_CHANNEL = ChannelRoles()
"""For what belongs to no channel."""


class NotAllowed(Exception):
    """Somebody asks for what they may not do."""

    def __init__(self, action: Action) -> None:
        super().__init__(action)
        self.action = action


class SlackUnavailable(Exception):
    """Slack does not say now what a decision needs; who can't be known may do nothing. `meaning` says why, if known."""

    def __init__(self, reason: str = "", meaning: ErrorMeaning | None = None) -> None:
        super().__init__(reason)
        self.meaning = meaning


def roles(actor: Actor, channel_roles: ChannelRoles) -> frozenset[Role]:
    """Return what somebody is to a channel. A guest is nothing else, whoever named them."""
    if not actor.is_active:
        return frozenset({Role.OUTSIDER})
    if actor.is_guest:
        return frozenset({Role.GUEST})
    held_roles = {Role.MEMBER}
    if actor.is_admin:
        held_roles.add(Role.ADMIN)
    if actor.user_id == channel_roles.creator:
        held_roles.add(Role.CREATOR)
    if actor.user_id in channel_roles.manager_ids:
        held_roles.add(Role.MANAGER)
    if actor.user_id == channel_roles.owner_id:
        held_roles.add(Role.OWNER)
    return frozenset(held_roles)


def may(actor: Actor, action: Action, channel_roles: ChannelRoles = NO_CHANNEL) -> bool:
    """Whether somebody may do that here."""
    return not ALLOWED[action].isdisjoint(roles(actor, channel_roles))


def check(actor: Actor, action: Action, channel_roles: ChannelRoles = NO_CHANNEL) -> None:
    """Raise NotAllowed unless somebody may do that here."""
    if not may(actor, action, channel_roles):
        raise NotAllowed(action)
