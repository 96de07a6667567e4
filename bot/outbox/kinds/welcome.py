"""Direct messages that are about no win: a greeting, and a button that opens the form of a win."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.domain.deliveries import DeliveryKind
from bot.outbox.kinds.base import Audience, Context, Kind
from bot.slack.manifest import READ_DIRECT_MESSAGES
from bot.storage import preferences, workspaces
from bot.storage.deliveries import Delivery
from bot.views import suggestions, win_form
from bot.views.format import Message
from bot.views.translations import ENGLISH


@dataclass(frozen=True)
class WelcomedUser:
    """Someone to greet.

    `can_write` says whether the bot reads what they write to it, `is_introduced` whether it has told them who it is.
    """

    can_write: bool
    is_introduced: bool
    user_ids: tuple[str, ...] = ()


class Welcome(Kind[WelcomedUser]):
    """Greets someone once."""

    name = DeliveryKind.WELCOME
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> WelcomedUser:
        """Read what the workspace lets the bot do, and whether the person has had a message about a win they are in."""
        team_id, user_id = delivery.team_id, delivery.recipient_id or ""
        return WelcomedUser(
            can_write=READ_DIRECT_MESSAGES in workspaces.scopes(connection, team_id),
            is_introduced=preferences.of_people(connection, team_id, [user_id])[user_id].introduced_at is not None,
        )

    def render(self, subject: WelcomedUser, context: Context) -> Message:
        """Say what to do here."""
        return suggestions.welcome(ENGLISH, can_write=subject.can_write, is_introduced=subject.is_introduced)


@dataclass(frozen=True)
class EmptyForm:
    """The form of a win, empty."""

    user_ids: tuple[str, ...] = ()


class FormButton(Kind[EmptyForm]):
    """Sends a button that opens the form to someone for whom Slack did not open it, and who has no answer to read."""

    name = DeliveryKind.FORM_BUTTON
    audience = Audience.RECIPIENT

    def load(self, connection: Connection, delivery: Delivery, *, now: datetime) -> EmptyForm:
        """There is nothing to read."""
        return EmptyForm()

    def render(self, subject: EmptyForm, context: Context) -> Message:
        """Show the button."""
        return win_form.failed_to_open(ENGLISH, value=win_form.NOTHING_KEPT, is_kept=False)
