"""The screens that show wins of others, as people see them."""

from collections.abc import Iterator

from bot.domain.credited_wins import NO_OTHERS
from bot.domain.home import PageOffsets
from bot.domain.permissions import Actor
from bot.services import climbs as climb_services
from bot.services import next_roundup, roundups
from bot.services.home import load_home
from bot.services.visibility import VisibleChannels
from bot.storage import audit_log, channels, users, wins
from bot.views import climb, next_roundup_form, preview
from bot.views.audit_log import log
from bot.views.home import home
from bot.views.my_wins import my_wins
from bot.views.translations import ENGLISH
from tests.services.period_scene import ADMIN, ONLOOKER, PLACES, PRESENT, TEAM, Period, Screen, user_id


def permalink(channel_id: str, ts: str) -> str:
    return f"https://t1.test/archives/{channel_id}/p{ts.replace('.', '')}"


def _home(scene: Period) -> Iterator[object]:
    visible = VisibleChannels(frozenset(PLACES[TEAM]), frozenset(PLACES[TEAM]), is_complete=True)
    for name in (*PRESENT, ONLOOKER, ADMIN):
        view, names = load_home(
            scene.connection,
            team_id=TEAM,
            user_id=user_id(name),
            actor=Actor(user_id(name), is_active=True, is_admin=name == ADMIN),
            visible=visible,
            wins_of_others=NO_OTHERS,
            page_offsets=PageOffsets(),
            now=scene.now,
        )
        yield home(ENGLISH, view, names, permalink=permalink, url="https://t1.test/")


def _preview(scene: Period) -> Iterator[object]:
    channel = channels.lock(scene.connection, TEAM, "C1")
    parts = roundups.preview(scene.connection, channel, now=scene.now)
    names = users.names(scene.connection, TEAM, {each for part in parts for each in part.user_ids})
    yield preview.preview(ENGLISH, parts, names, channel=channel, permalink=permalink, now=scene.now)


def _just_this_time(scene: Period) -> Iterator[object]:
    upcoming = next_roundup.load(scene.connection, TEAM, "C1")
    names = users.names(scene.connection, TEAM, {each for win in upcoming.wins for each in win.user_ids})
    yield next_roundup_form.form(ENGLISH, upcoming, names, private_metadata="")


def _wins(scene: Period) -> Iterator[object]:
    for name in PRESENT:
        found = wins.latest_of(scene.connection, TEAM, user_id(name), limit=10)
        names = users.names(scene.connection, TEAM, {each for win in found for each in win.user_ids})
        yield my_wins(ENGLISH, found, names, zone="UTC", permalink=permalink, now=scene.now)


def _climb(scene: Period) -> Iterator[object]:
    if scene.climb_id is not None:
        for name in (*PRESENT, ONLOOKER):
            reader = climb_services.ClimbReader(Actor(user_id(name), is_active=True))
            page, names = climb_services.load_page(
                scene.connection, team_id=TEAM, climb_id=scene.climb_id, reader=reader
            )
            yield climb.page(ENGLISH, page, names, permalink=permalink, private_metadata="")


def _change_history(scene: Period) -> Iterator[object]:
    found = audit_log.latest(scene.connection, TEAM, channel_ids=PLACES[TEAM], limit=99, before_id=None)
    names = users.names(scene.connection, TEAM, {each for entry in found for each in entry.user_ids})
    yield log(ENGLISH, found, names, visible=PLACES[TEAM], zone="UTC", has_older=False, is_newest=True)


SCREENS: dict[str, Screen] = {
    "Home": _home,
    "preview": _preview,
    "just this time": _just_this_time,
    "wins": _wins,
    "climb": _climb,
    "change history": _change_history,
}
