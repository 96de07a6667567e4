"""Author notes: what the author of a win reads when Slack refuses to show it, or to stop showing it."""

from dataclasses import dataclass

from bot.domain.owner_alerts import StuckDelivery
from bot.domain.wins import Win


@dataclass(frozen=True)
class AuthorNote:
    """A win, and its messages that Slack refused to post, to update or to delete.

    `is_opted_out`: the author has stopped such messages. `is_in_group`: the win is from a group conversation.
    """

    win: Win
    refused: tuple[StuckDelivery, ...]
    is_opted_out: bool
    is_in_group: bool = False

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The users whose names the note needs."""
        return self.win.user_ids
