"""StandIn's queries: what people see, and what changed."""

from slack_standin.model.change_feed import Change
from slack_standin.model.messages import Message
from slack_standin.model.state import World
from slack_standin.model.views import View
from slack_standin.model.workspace import Channel, Person


class Queries:
    """Queries without side effects."""

    world: World

    def seen_by(self, person: Person, channel: Channel) -> list[Message]:
        """What a person sees in a channel, including replies and ephemeral messages to them."""
        if not channel.is_open_to(person):
            return []
        return [
            message for message in channel.messages if not message.deleted and message.ephemeral_to in (None, person.id)
        ]

    def posts(self, channel: Channel) -> list[Message]:
        """What everyone sees in a channel, including replies."""
        return [message for message in channel.messages if not message.deleted and not message.ephemeral_to]

    def modals(self, person: Person) -> list[View]:
        """The modals that a person has open, the visible one last."""
        return [view for home in self.world.workspaces.values() for view in home.views.stack(person.id)]

    def modal(self, person: Person) -> View | None:
        """The modal that a person sees."""
        return next(reversed(self.modals(person)), None)

    def home(self, person: Person) -> View | None:
        """The Home tab that the bot published for a person."""
        return self.world.workspace_of(person).views.home(person.id)

    def changes_since(self, number: int, person: Person | None = None) -> list[Change] | None:
        """The changes after a number of the feed that a person may see; None if some are no longer kept."""
        changes = self.world.feed.since(number)
        if changes is None or person is None:
            return changes
        return [change for change in changes if self._concerns(change, person)]

    def _concerns(self, change: Change, person: Person) -> bool:
        if change.team_id not in (None, person.team_id) or change.person not in (None, person.id):
            return False
        channel = self.world.workspace_of(person).channels.get(change.channel or "")
        return channel is None or channel.is_open_to(person) or change.kind == "channel"
