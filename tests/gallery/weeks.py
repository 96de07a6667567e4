"""The weeks of the gallery: what people said and did in them, told to the real services on a real database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, insert, update

from bot.domain.channel_settings import ChannelSettings, QuietPolicy
from bot.domain.editions import Edition
from bot.domain.recurrence import Weekday, Weekly
from bot.domain.schedules import Schedule
from bot.domain.wins import Mention, parse_win
from bot.domain.workspaces import Workspace
from bot.outbox import render
from bot.services import roundups
from bot.services.wins import SaveWin, save_all
from bot.storage import channels, cheers, deliveries, tables, users, workspaces
from bot.storage.database import engine
from bot.storage.deliveries import Delivery
from bot.storage.users import User
from bot.storage.wins import NewWin
from bot.views.format import Message
from tests.single import load_message

TEAM, CHANNEL = "T0SMALLWINS", "C0GENERAL"
MONDAY = datetime(2030, 3, 4, 8, tzinfo=UTC)
FRIDAY = datetime(2030, 3, 8, 15, tzinfo=UTC)
"""Friday at 16:00 in Berlin."""
TO_FRIDAY = FRIDAY - MONDAY
PEOPLE = ("Ana", "Ben", "Chloe", "Dmitri", "Esra", "Farid", "Greta", "Hugo", "Ines", "Jun")
SCHEDULE = Schedule(Weekly((Weekday.FRIDAY,)), date(2030, 2, 4), time(16), "Europe/Berlin")
MAX_MESSAGES = 3
GRACE = timedelta(hours=24)
CLAP, TADA, HEART = "button", "reaction:tada", "reaction:heart"


class WeekAsItHappens:
    """What people say and do in one week, in order."""

    def __init__(self, connection: Connection, monday: datetime = MONDAY) -> None:
        self.connection = connection
        self._monday = monday
        self._minutes = 0

    def says(self, author: str, text: str, *, cheered_by: str = "", source: str = CLAP, thanks: str = "") -> int:
        """Let someone share a win: "@Ben" names Ben, `cheered_by` are names, and `thanks` is "Ben: her patience"."""
        self._minutes += 37
        now = self._monday + timedelta(minutes=self._minutes)
        mentions = [Mention(user_id(name), name.lower()) for name in PEOPLE if f"@{name}" in text]
        for mention in mentions:
            text = text.replace(f"@{(mention.name or '').capitalize()}", mention.token)
        draft = parse_win(text, mentions)
        if thanks:
            person, _, reason = thanks.partition(": ")
            mention = Mention(user_id(person), person.lower())
            draft = type(draft)(**vars(draft) | {"thanked": (mention,), "reason": reason or None})
        who = Mention(user_id(author), author.lower())
        new = NewWin(draft, TEAM, CHANNEL, f"win {now}", who, now)
        [logged] = save_all(self.connection, [SaveWin(new, None, is_known_author=True)])
        win_id = logged.id
        self._is_announced(win_id, now)
        for name in filter(None, cheered_by.split(", ")):
            cheers.record(
                self.connection,
                tables.win_cheers,
                team_id=TEAM,
                subject_id=win_id,
                user_id=user_id(name),
                source=source,
                is_active=True,
                event_ts=f"{now.timestamp():.6f}",
            )
        return win_id

    def climbs(self, name: str, win_ids: list[int], *, is_reached: bool = False) -> None:
        """Let wins be the steps of a climb, which is reached on Friday."""
        new = insert(tables.climbs).values(
            team_id=TEAM,
            channel_id=CHANNEL,
            name=name,
            created_by=user_id("Ana"),
            created_at=self._monday,
            shared_at=self._monday,
            reached_at=self._monday + TO_FRIDAY if is_reached else None,
            reached_by=user_id("Ana") if is_reached else None,
        )
        climb_id = self.connection.execute(new.returning(tables.climbs.c.id)).scalar_one()
        in_climb = tables.wins.c.id.in_(win_ids)
        self.connection.execute(update(tables.wins).where(in_climb).values(climb_id=climb_id))

    def _is_announced(self, win_id: int, now: datetime) -> None:
        for delivery in deliveries.select_all(self.connection, tables.deliveries.c.win_id == win_id):
            deliveries.mark_posted(self.connection, delivery.id, f"{now.timestamp():.6f}")


def user_id(name: str) -> str:
    """Return the id of one of PEOPLE."""
    return f"U0{name.upper()}"


def quiet(week: WeekAsItHappens) -> None:
    """No one shares anything."""


def small(week: WeekAsItHappens) -> None:
    """Three wins."""
    week.says("Ben", "fixed the flaky login test, for good this time, with @Ana #quality", cheered_by="Chloe")
    week.says("Dmitri", "answered a support question before anyone else did")
    week.says("Chloe", "the demo survived the conference network", cheered_by="Ana, Ben", source=TADA)


def busy(week: WeekAsItHappens) -> None:
    """A week with much in it, of which some share a tag."""
    small(week)
    week.says(
        "Ana", "build time went from 14 minutes to 6: <https://ci.example.com/runs/4812> #quality", cheered_by="Ben"
    )
    week.says("Ben", "talked the vendor down by a third", thanks="Ana: staying on the call until ten")
    week.says(
        "Dmitri", "my second pull request is merged", cheered_by="Ana, Ben, Chloe", thanks="Chloe: a patient review"
    )
    week.says("Esra", "wrote the page about on-call that I wished I'd had in January", cheered_by="Farid", source=HEART)
    week.says("Farid", "no alerts at night all week #oncall")
    week.says("Greta", "handed the pager over with a list of two lines #oncall", cheered_by="Ana")
    week.says("Hugo", "said no to a third report, and the customer was happy with two")
    week.says("Ines", "the tests of the importer run without a network now #quality", cheered_by="Jun, Esra")
    week.says(
        "Jun", "first week done, and I know where the coffee is", cheered_by="Ana, Ben, Chloe, Dmitri, Esra, Farid"
    )
    week.says("Ana", "rolled back in four minutes and learned that our health check only checks itself #learned")


def five_hundred(week: WeekAsItHappens) -> None:
    """Five hundred wins of fifty people would fill a book; these are of ten."""
    things = ("fixed a bug", "closed a ticket", "reviewed a change", "helped a customer", "wrote a page", "cleaned up")
    tags = ("#quality", "#support", "", "#docs", "", "#oncall", "")
    for number in range(500):
        text = f"{things[number % len(things)]}, number {number + 1} {tags[number % len(tags)]}".strip()
        cheering = PEOPLE[(number * 3 + 1) % len(PEOPLE)] if number % 4 == 0 else ""
        week.says(PEOPLE[number % len(PEOPLE)], text, cheered_by=cheering)


def mostly_learnings(week: WeekAsItHappens) -> None:
    """More was learned than won."""
    week.says(
        "Ana", "the migration took the site down for two minutes, and now it runs in batches #learned", cheered_by="Ben"
    )
    week.says("Ben", "estimated two days, took six. Next time I'll ask Ines first #learned")
    week.says(
        "Chloe", "the workshop was too long for everyone, me included #learned", cheered_by="Ana, Dmitri", source=HEART
    )
    week.says("Dmitri", "the customer who shouted last week said thank you today", cheered_by="Ana")


def a_climb_reached(week: WeekAsItHappens) -> None:
    """The last step of something larger."""
    steps = [
        week.says("Ana", "measured where the build spends its time", cheered_by="Ben"),
        week.says("Ben", "cached what never changes: 14 minutes became 9", cheered_by="Ana, Chloe"),
        week.says(
            "Ana",
            "split the tests in two: 6 minutes, as we promised in January",
            cheered_by="Ben, Chloe, Dmitri",
            source=TADA,
        ),
    ]
    week.climbs("Faster builds", steps, is_reached=True)
    week.says("Chloe", "the new colleague shipped on her second day", cheered_by="Ana")
    week.says("Dmitri", "tidied the backlog: forty tickets fewer, and no one missed one")


@dataclass(frozen=True)
class Week:
    """An example week: its file's name, its title, and what happens."""

    name: str
    title: str
    happens: Callable[[WeekAsItHappens], None]


WEEKS = (
    Week("quiet", "A quiet week", quiet),
    Week("small", "Three wins", small),
    Week("busy", "A busy week", busy),
    Week("five-hundred", "Five hundred wins", five_hundred),
    Week("learnings", "Mostly learnings", mostly_learnings),
    Week("climb", "A climb that was reached", a_climb_reached),
)


@contextmanager
def team_in(url: str) -> Iterator[Connection]:
    """A workspace of PEOPLE with one channel, which has its roundup on Fridays and its looks back, in a database."""
    opened = engine(url, writes=True)
    with opened.begin() as connection:
        workspaces.save(connection, Workspace(TEAM, None, "Small Wins", "https://smallwins.slack.com/", "U0WINSOME"))
        for name in PEOPLE:
            avatar = f"https://avatars.slack-edge.com/example/{name.lower()}_48.png"
            known = User(TEAM, user_id(name), name, "Europe/Berlin", True, False, False, avatar_url=avatar)
            users.save(connection, known, now=MONDAY)
        channel = channels.lock(connection, TEAM, CHANNEL)
        settings = ChannelSettings(SCHEDULE, quiet_policy=QuietPolicy.LINE, editions=frozenset(Edition))
        channels.save_settings(connection, channel, settings, user_id=user_id("Ana"), now=MONDAY)
        yield connection
    opened.dispose()


def messages_of(week: Week, url: str) -> list[Message]:
    """Return the messages of a week's roundup, as they are once all are posted; `url` is that of an empty database."""
    with team_in(url) as connection:
        week.happens(WeekAsItHappens(connection))
        roundups.create_due(connection, channel_keys=[(TEAM, CHANNEL)], grace=GRACE, now=FRIDAY)
        return posted(connection, tables.deliveries.c.roundup_id.is_not(None), at=FRIDAY)


def posted(connection: Connection, which: ColumnElement[bool], *, at: datetime) -> list[Message]:
    """Let Slack take messages, and return what they say once all are posted."""
    for number, each in enumerate(deliveries.select_all(connection, which)):
        deliveries.mark_posted(connection, each.id, f"{at.timestamp() + number:.6f}")
    found = deliveries.select_all(connection, which)
    return [_rendered(connection, each, at) for each in sorted(found, key=lambda each: each.part)]


def _rendered(connection: Connection, delivery: Delivery, now: datetime) -> Message:
    loaded = load_message(connection, delivery, now=now)
    message = render.render(delivery, loaded, permalink=_permalink, now=now)
    assert message is not None, "there is something to say"
    return message


def _permalink(channel_id: str, ts: str) -> str:
    return f"https://smallwins.slack.com/archives/{channel_id}/p{ts.replace('.', '')}"


def text_of(title: str, messages: list[Message]) -> str:
    """Return what a week's roundup says to those who read or hear its text alone; of a long thread, its beginning."""
    shown = [str(message["text"]) for message in messages[:MAX_MESSAGES]]
    if more := len(messages) - len(shown):
        shown.append(f"({more} more messages)")
    return f"# {title}\n\n" + "\n\n--- in the thread ---\n\n".join(shown) + "\n"
