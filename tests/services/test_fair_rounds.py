"""A roundup tells everyone once before anyone twice, also of wins that belong to several people."""

from sqlalchemy import update

from bot.services import roundups
from bot.storage import channels, tables
from tests.gallery.weeks import CHANNEL, FRIDAY, TEAM, WeekAsItHappens, team_in


def test_who_has_come_only_with_someone_else_comes_before_those_who_have_come(database_url: str) -> None:
    with team_in(database_url) as connection:
        week = WeekAsItHappens(connection)
        of_ben_and_chloe = week.says("Ana", "@Ben and @Chloe fixed the build")
        of_ben_and_dmitri = week.says("Ana", "@Ben and @Dmitri wrote it down")
        connection.execute(update(tables.wins).values(is_own=False))
        of_chloe = week.says("Chloe", "tidied the backlog")
        of_esra, more_of_esra = week.says("Esra", "closed a ticket"), week.says("Esra", "closed another one")
        channel = channels.lock(connection, TEAM, CHANNEL)
        composed = roundups.compose(connection, channel, at=FRIDAY)
    told = composed.composition.win_ids
    assert told == [of_ben_and_chloe, of_ben_and_dmitri, of_esra, of_chloe, more_of_esra]
