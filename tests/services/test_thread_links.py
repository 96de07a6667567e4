"""The first message of a roundup links a section of its thread as soon as the message is posted in which it begins."""

from sqlalchemy import select, update

from bot.domain.deliveries import PendingOp
from bot.domain.roundup_composition import SectionKind
from bot.services import roundups
from bot.slack.outcomes import Succeeded
from bot.storage import deliveries, tables
from tests.gallery.weeks import CHANNEL, FRIDAY, GRACE, PEOPLE, TEAM, WeekAsItHappens, team_in
from tests.single import load_part, save_post


def test_a_section_is_linked_where_it_begins_if_the_wins_before_were_hidden_meanwhile(database_url: str) -> None:
    with team_in(database_url) as connection:
        week = WeekAsItHappens(connection)
        for number in range(60):
            week.says(PEOPLE[number % len(PEOPLE)], f"step {number}{' #docs' if number < 20 else ''}")
        roundups.create_due(connection, channel_keys=[(TEAM, CHANNEL)], grace=GRACE, now=FRIDAY)
        found = deliveries.select_all(connection, tables.deliveries.c.roundup_id.is_not(None))
        first, *thread = sorted(found, key=lambda each: each.part)
        items = connection.execute(select(tables.roundup_items).where(tables.roundup_items.c.part == 1)).all()
        assert {item.section for item in items} == {SectionKind.THEME, SectionKind.REST}, "one ends, another begins"
        of_rest = [item.win_id for item in items if item.section == SectionKind.REST]
        connection.execute(update(tables.wins).where(tables.wins.c.id.in_(of_rest)).values(undone_at=FRIDAY))
        for part in (first, *thread[:2]):
            if part is thread[1]:  # the update that the one before made necessary is made by now
                is_first = tables.deliveries.c.id == first.id
                connection.execute(update(tables.deliveries).where(is_first).values(pending_op=None))
            save_post(connection, part, Succeeded(f"1900000000.00000{part.part}", CHANNEL), now=FRIDAY)
        now = deliveries.by_key(connection, TEAM, first.key)
        assert now is not None
        assert now.pending_op is PendingOp.UPDATE
        assert first.roundup_id is not None
        shown = load_part(connection, first.roundup_id, 0)
        assert shown is not None
        assert {each.section.kind: each.ts for each in shown.thread}[SectionKind.REST] == "1900000000.000002"
