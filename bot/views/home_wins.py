"""What Home shows of the reader's own: a welcome the first time, their latest wins by week, and their climbs."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.domain.home import HomeView, MyClimb, by_week
from bot.domain.text import on_one_line
from bot.views.format import (
    Block,
    Names,
    channel,
    context,
    date_and_time,
    full_date,
    header,
    month_and_day,
    neutralise,
    section,
)
from bot.views.my_wins import my_win
from bot.views.permalinks import Permalink
from bot.views.translations import Translations
from bot.views.win_buttons import EDIT_IN_LIST, climb_button, edit_button


def welcome(t: Translations) -> list[Block]:
    """Greet someone who opens Home for the first time, and say what it's for."""
    hello = t.gettext(":wave: *Welcome! Small wins count here.*")
    rest = t.gettext(
        "Got something done, however small? Type `/win` and a few words in any channel, or save it here. Teammates "
        "can cheer it, and it comes back in the channel's roundup. This tab keeps your wins together. Only you see it."
    )
    return [section(f"{hello}\n{rest}")]


def wins_by_week(t: Translations, view: HomeView, names: Names, *, permalink: Permalink) -> list[Block]:
    """List the reader's latest wins, with cheers and thanks, below the week that they are from."""
    blocks = [header(t.gettext("Your recent wins"))]
    if not view.wins:
        text = t.gettext("No wins yet. Save your first one here, or type `/win fixed the flaky build` in any channel.")
        return [*blocks, section(text)]
    today = view.now.astimezone(ZoneInfo(view.zone)).date()
    for monday, wins in by_week(view.wins, view.zone):
        blocks.append(context(f"*{_week(t, monday, today)}*"))
        for win in wins:
            line = my_win(t, win, names, zone=view.zone, permalink=permalink, now=view.now)
            blocks.append(section(line, accessory=edit_button(t, win.id, action_id=EDIT_IN_LIST)))
    return [*blocks, context(t.gettext("Only visible to you. Use `/wins` to see more."))]


def _week(t: Translations, monday: date, today: date) -> str:
    match (today - timedelta(days=today.weekday()) - monday).days:
        case 0:
            return t.gettext("This week")
        case 7:
            return t.gettext("Last week")
    day = month_and_day(t, monday, today=monday) if monday.year == today.year else full_date(t, monday)
    return t.gettext("The week of {date}", date=day)


def my_climbs(t: Translations, view: HomeView) -> list[Block]:
    """List the climbs that have a step of the reader's, each with its page, if there are any."""
    if not view.climbs:
        return []
    lines = [
        section(_climb(t, each, view.zone), accessory=climb_button(t, each.climb.id, each.climb.name))
        for each in view.climbs
    ]
    return [header(t.gettext("Your climbs")), *lines]


def _climb(t: Translations, each: MyClimb, zone: str) -> str:
    name = neutralise(on_one_line(each.climb.name), {})
    details = [
        t.gettext(":lock: Private") if each.climb.channel_id is None else channel(each.climb.channel_id),
        t.ngettext("{count} step", "{count} steps", each.step_count),
        t.gettext("Latest step {date}", date=date_and_time(t, each.latest_at, zone)),
    ]
    if each.climb.is_reached:
        details.insert(0, t.gettext(":checkered_flag: Reached"))
    return f"*{name}*\n{' · '.join(details)}"
