"""Offers: the schedule that the bot proposes in a channel without one, and accepting it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.channel_settings import ChannelSettings
from bot.domain.deliveries import DeliveryKind
from bot.domain.permissions import Actor
from bot.services import channel_settings
from bot.services.idempotency import Done, ResultCode
from bot.storage import channels
from bot.storage.enqueue import NewDelivery, enqueue_again


class OfferResult(ResultCode):
    """The result of a yes."""

    ACCEPTED = "accepted"
    ALREADY_CONFIGURED = "already_configured"
    """Someone has set the channel up in the meantime."""


def make_to_inviter(connection: Connection, *, team_id: str, channel_id: str, user_id: str, now: datetime) -> Done:
    """Make an offer to someone who has just invited the bot, unless the channel has settings or the bot has left it.

    Each invitation gets an offer, even if the person has had one in this channel before. A channel whose settings can't
    be read has some.
    """
    readable = channels.of_team(connection, team_id, [channel_id])
    if any(channel.unavailable_reason is None and channel.settings is None for channel in readable):
        new = NewDelivery(team_id, channel_id, now, recipient_id=user_id)
        enqueue_again(connection, DeliveryKind.OFFER, new)
    return Done.DONE


def accept(
    connection: Connection, actor: Actor, *, team_id: str, channel_id: str, settings: ChannelSettings, now: datetime
) -> OfferResult:
    """Give a channel the proposed settings, unless it has some. Raises NotAllowed."""
    channel = channels.lock(connection, team_id, channel_id)
    if channel.settings is not None:
        return OfferResult.ALREADY_CONFIGURED
    channel_settings.change(
        connection, actor, team_id, channel_id, settings, now=now, expected_revision=channel.revision
    )
    return OfferResult.ACCEPTED
