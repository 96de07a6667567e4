"""The Home tab: what one person sees of their wins, their channels and, as an admin, the workspace."""

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.credited_wins import WinsOfOthers
from bot.domain.home import (
    AdminOverview,
    ChannelStatus,
    HomeView,
    MissingScope,
    MyClimb,
    Page,
    PageOffsets,
)
from bot.domain.owner_alerts import StuckDelivery
from bot.domain.permissions import Action, Actor, may
from bot.services import first_cheers, owner_alerts
from bot.services.visibility import VisibleChannels
from bot.slack.installed_manifest import missing_ways_in
from bot.slack.manifest import SCOPES
from bot.storage import channel_status, climbs, preferences, users, wins, workspaces
from bot.storage import owner_alerts as alert_queries

MAX_WINS = 5
MAX_CLIMBS = 3
MAX_PROBLEMS = 8
MAX_CHANNELS = 8
MAX_MY_CHANNELS = 10
"""With these, the longest Home tab has fewer than the 100 blocks that Slack takes."""


def load_home(
    connection: Connection,
    *,
    team_id: str,
    user_id: str,
    actor: Actor | None,
    visible: VisibleChannels,
    wins_of_others: WinsOfOthers,
    page_offsets: PageOffsets,
    now: datetime,
) -> tuple[HomeView, dict[str, str]]:
    """Return what someone's Home tab shows, and the names in it. Without an `actor` it is not known who they are.

    `wins_of_others` are those that they are in.
    """
    oversees = actor is not None and may(actor, Action.OVERSEE)

    def load_page(channel_ids: list[str], first: int, page_size: int) -> Page[ChannelStatus]:
        page = Page.from_list(channel_ids, first, page_size)
        statuses = channel_status.statuses(connection, team_id, page.items, actor)
        return Page([statuses[each] for each in page.items], page.first, page.total, page_size)

    listed = channel_status.listed(connection, team_id, visible.ids)
    with_problems = [each.channel_id for each in listed if oversees and each.needs_attention]
    memberships = visible.memberships or frozenset()
    rest = [each.channel_id for each in listed if not (oversees and each.needs_attention)]
    own = [channel_id for channel_id in rest if channel_id in memberships]
    others = [channel_id for channel_id in rest if channel_id not in memberships]
    admin_overview = None
    if oversees:
        problems = [*_problems(connection, team_id, visible), *with_problems]
        page = Page.from_list(problems, page_offsets.problems, MAX_PROBLEMS)
        shown = [each for each in page.items if isinstance(each, str)]
        statuses = channel_status.statuses(connection, team_id, shown, actor)
        admin_overview = AdminOverview(
            problems=Page(
                [statuses[each] if isinstance(each, str) else each for each in page.items],
                page.first,
                page.total,
                MAX_PROBLEMS,
            ),
            other_channels=load_page(others, page_offsets.channels, MAX_CHANNELS),
            is_complete=visible.is_complete,
            defaults=workspaces.defaults(connection, team_id)[0],
            missing_ways_in=missing_ways_in(workspaces.scopes(connection, team_id)),
        )
    chosen = preferences.of_people(connection, team_id, [user_id])[user_id]
    zone = users.zone_of(connection, team_id, user_id)
    home_view = HomeView(
        wins=wins.latest_of(connection, team_id, user_id, limit=MAX_WINS),
        others=wins_of_others,
        uncheered=first_cheers.shown_to(
            connection, team_id=team_id, actor=actor, channel_ids=visible.ids & memberships, zone=zone, now=now
        ),
        climbs=_climbs(connection, team_id, user_id, visible.ids & memberships),
        is_first_time=chosen.welcomed_at is None,
        preference=chosen.preference,
        wants_messages=chosen.wants_messages,
        wants_look_back=None if actor is None or actor.is_guest or not actor.is_active else chosen.wants_look_back,
        my_channels=None if visible.memberships is None else load_page(own, page_offsets.my_channels, MAX_MY_CHANNELS),
        admin_overview=admin_overview,
        is_admin_known=actor is not None,
        zone=zone,
        page_offsets=page_offsets,
        now=now,
        has_problem_channels=not memberships.isdisjoint(with_problems),
    )
    return home_view, users.names(connection, team_id, home_view.user_ids)


def _climbs(connection: Connection, team_id: str, user_id: str, channel_ids: frozenset[str]) -> list[MyClimb]:
    found = climbs.with_step_of(connection, team_id, user_id, channel_ids=channel_ids, limit=MAX_CLIMBS)
    by_id = climbs.by_ids(connection, team_id, [each.climb_id for each in found])
    return [MyClimb(by_id[each.climb_id], each.step_count, each.latest_at) for each in found]


def _problems(connection: Connection, team_id: str, visible: VisibleChannels) -> list[StuckDelivery | MissingScope]:
    """Return what needs an admin, except channels: messages first, then what keeps more of them from being posted."""
    granted = workspaces.scopes(connection, team_id)
    missing = [MissingScope(scope) for scope in SCOPES if granted and scope not in granted]
    stuck = map(
        owner_alerts.with_refusal,
        [
            *channel_status.stuck_roundups(connection, team_id, visible.ids),
            *owner_alerts.grouped(alert_queries.refused_changes(connection, team_id, visible.ids)),
        ],
    )
    return [*stuck, *missing]
