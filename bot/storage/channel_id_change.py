"""A channel that Slack gives a new id: all that is stored of it moves there."""

from sqlalchemy import Connection, delete, select, update

from bot.domain.deliveries import DeliveryKind
from bot.storage import win_search
from bot.storage.channels import ensure_exist, select_channel
from bot.storage.tables import audit_log, channels, climbs, deliveries, roundups, unsaved_wins, wins, workspaces


def apply(connection: Connection, team_id: str, old_id: str, new_id: str) -> bool:
    """Move everything of a channel to its new id, also if its settings can't be read. Returns whether it has a row."""
    row = connection.execute(select_channel.with_for_update(), {"team": team_id, "channel": old_id}).one_or_none()
    if row is None:
        return False
    ensure_exist(connection, [(team_id, new_id)])  # a win may have been saved in it already
    is_new = (channels.c.team_id == team_id) & (channels.c.channel_id == new_id)
    connection.execute(update(channels).where(is_new).values({**row._mapping, "channel_id": new_id}))
    offers = deliveries.alias("offers")
    already_offered = select(offers.c.recipient_id).where(
        offers.c.team_id == team_id, offers.c.channel_id == new_id, offers.c.kind == DeliveryKind.OFFER
    )
    for table in (wins, climbs, roundups, deliveries, audit_log):
        where = (table.c.team_id == team_id) & (table.c.channel_id == old_id)
        if table is deliveries:
            where &= (deliveries.c.kind != DeliveryKind.OFFER) | deliveries.c.recipient_id.not_in(already_offered)
        connection.execute(update(table).where(where).values(channel_id=new_id))
    for column in (unsaved_wins.c.channel_id, unsaved_wins.c.source_channel_id, wins.c.source_channel_id):
        where = (column.table.c.team_id == team_id) & (column == old_id)
        connection.execute(update(column.table).where(where).values({column: new_id}))
    win_search.refresh(connection, (wins.c.team_id == team_id) & (wins.c.channel_id == new_id))
    targets_old = (channels.c.team_id == team_id) & (channels.c.target_channel_id == old_id)
    connection.execute(update(channels).where(targets_old).values(target_channel_id=new_id))
    is_roundup_channel = (workspaces.c.team_id == team_id) & (workspaces.c.roundup_channel_id == old_id)
    connection.execute(update(workspaces).where(is_roundup_channel).values(roundup_channel_id=new_id))
    connection.execute(delete(channels).where(channels.c.team_id == team_id, channels.c.channel_id == old_id))
    return True
