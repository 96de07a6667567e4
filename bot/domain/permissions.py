"""Who may do what to a channel and to a workspace: one table, and only what it lists is allowed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.slack_errors import ErrorMeaning


class Action(StrEnum):
    """What a person may ask to do."""

    SEE = "see"
    """Read a channel's settings, and preview its roundup."""
    CHANGE = "change"
    """Set a channel up, change its settings, pause it, skip a date, or post its roundup now."""
    ASSIGN_MANAGERS = "assign_managers"
    """Choose a channel's managers."""
    RESOLVE = "resolve"
    """Resolve a delivery that needs attention."""
    OVERSEE = "oversee"
    """See every public channel, read the audit log, and set the defaults of new channels."""


class Role(StrEnum):
    """What a person is to a channel. Several may apply at once."""

    ADMIN = "admin"
    """Of the workspace; its owners count as admins."""
    CREATOR = "creator"
    """Created the channel."""
    MANAGER = "manager"
    """Chosen by an admin or the creator to change the settings."""
    OWNER = "owner"
    """Set the channel up or took it over, and gets its owner alerts."""
    MEMBER = "member"
    """Of the workspace, and not a guest."""
    GUEST = "guest"
    """Of the workspace, but restricted to some channels."""
    OUTSIDER = "outsider"
    """Of another workspace, deactivated, or a bot."""


ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SEE: frozenset({Role.MEMBER, Role.GUEST}),
    Action.CHANGE: frozenset({Role.ADMIN, Role.CREATOR, Role.MANAGER}),
    Action.ASSIGN_MANAGERS: frozenset({Role.ADMIN, Role.CREATOR}),
    Action.RESOLVE: frozenset({Role.ADMIN, Role.CREATOR, Role.MANAGER, Role.OWNER}),
    Action.OVERSEE: frozenset({Role.ADMIN}),
}
"""For each action, the roles that allow it; one of them is enough."""


@dataclass(frozen=True)
class Actor:
    """A person who acts, as Slack describes them. One who is not `is_active` may do nothing."""

    user_id: str
    is_active: bool
    is_admin: bool = False
    is_guest: bool = False


@dataclass(frozen=True)
class ChannelRoles:
    """What permissions depend on: the user ids of a channel's creator, owner and managers."""

    creator: str | None = None
    owner_id: str | None = None
    manager_ids: frozenset[str] = field(default_factory=frozenset)

    @property
    def user_ids(self) -> frozenset[str]:
        """All of these user ids."""
        return self.manager_ids | frozenset(filter(None, [self.creator, self.owner_id]))


NO_CHANNEL = ChannelRoles()
"""For actions that concern no channel."""


class NotAllowed(Exception):
    """A person asked for an action that they may not do. `helper_names` are of people who may, as far as known."""

    def __init__(self, action: Action, helper_names: Sequence[str] = ()) -> None:
        super().__init__(action)
        self.action = action
        self.helper_names = tuple(helper_names)


class SlackUnavailable(Exception):
    """Slack doesn't answer, and a permission depends on it, so nothing is allowed. `meaning` says why, if known."""

    def __init__(self, reason: str = "", meaning: ErrorMeaning | None = None) -> None:
        super().__init__(reason)
        self.meaning = meaning


def roles(actor: Actor, channel_roles: ChannelRoles) -> frozenset[Role]:
    """Return what a person is to a channel. A guest has no other role, even if chosen as a manager."""
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
    """Whether a person may do this in the channel."""
    return not ALLOWED[action].isdisjoint(roles(actor, channel_roles))


def check(actor: Actor, action: Action, channel_roles: ChannelRoles = NO_CHANNEL) -> None:
    """Raise NotAllowed unless a person may do this in the channel."""
    if not may(actor, action, channel_roles):
        raise NotAllowed(action)
