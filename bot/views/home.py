"""The Home tab, from top to bottom: what waits for the reader, their wins and channels, and the admin overview."""

from collections.abc import Sequence
from typing import Any

from bot.domain.credited_wins import CreditedWin
from bot.domain.home import HomeView, PageOffsets
from bot.views.admin_home import admin_overview, admin_todo
from bot.views.channel_status import channel_status
from bot.views.credited_win import before_asked, credited_row, credited_win, more_asked
from bot.views.first_cheers import waiting_for_first_cheer
from bot.views.format import Block, Names, actions, button, context, header, section
from bot.views.home_wins import my_climbs, welcome, wins_by_week
from bot.views.look_back import look_back_on_home
from bot.views.my_wins import may_be_missing
from bot.views.paging import encode_offsets, pager
from bot.views.permalinks import Permalink
from bot.views.preferences import naming_on_home
from bot.views.search import search_field, tag_menu
from bot.views.translations import Translations
from bot.views.win_form import NOTHING_KEPT, OPEN_WIN_FORM


def home(t: Translations, view: HomeView, names: Names, *, permalink: Permalink, url: str) -> dict[str, Any]:
    """Show a person their Home tab; `url` is the workspace's address, with a slash at its end."""
    blocks: list[Block] = welcome(t) if view.is_first_time else []
    save = button(t.gettext("Save a win"), action_id=OPEN_WIN_FORM, value=NOTHING_KEPT)
    blocks.append(actions(save))
    if view.admin_overview is not None:
        blocks += admin_todo(t, view.admin_overview, view, permalink=permalink, url=url)
    blocks += _asked(t, view, names, permalink=permalink)
    blocks += waiting_for_first_cheer(t, view.uncheered, names, zone=view.zone, permalink=permalink, now=view.now)
    blocks += wins_by_week(t, view, names, permalink=permalink)
    if view.others.wins:
        blocks.append(header(t.gettext("Wins you're in")))
        blocks += _credited(t, view, view.others.wins, names, permalink=permalink)
    if not view.others.is_complete:
        blocks.append(context(may_be_missing(t)))
    blocks += my_climbs(t, view)
    if view.wants_look_back is not None:
        blocks += look_back_on_home(t, wants_look_back=view.wants_look_back)
    blocks.append(header(t.gettext("Your channels")))
    blocks += _my_channels(t, view)
    blocks += [search_field(t), *tag_menu(t, (*view.wins, *view.others.all_wins))]
    blocks += naming_on_home(t, view.preference, wants_messages=view.wants_messages)
    if view.admin_overview is not None:
        blocks += admin_overview(t, view.admin_overview, view)
    if not view.is_admin_known:
        blocks.append(
            context(
                t.gettext(
                    "I couldn't check your role with Slack, so admin settings are hidden for now. Reopen this tab to "
                    "try again."
                )
            )
        )
    return {"type": "home", "blocks": blocks, "private_metadata": encode_offsets(view.page_offsets)}


def _asked(t: Translations, view: HomeView, names: Names, *, permalink: Permalink) -> list[Block]:
    """Return the wins that wait for the reader's answer, if there are any."""
    if not view.others.asked:
        return []
    blocks = [header(t.gettext("Waiting for your answer")), context(before_asked(t))]
    blocks += _credited(t, view, view.others.asked, names, permalink=permalink)
    return [*blocks, context(more_asked(t))] if view.others.has_more_asked else blocks


def _credited(
    t: Translations, view: HomeView, wins: Sequence[CreditedWin], names: Names, *, permalink: Permalink
) -> list[Block]:
    lines = [credited_win(t, each, names, zone=view.zone, permalink=permalink) for each in wins]
    return [block for each, line in zip(wins, lines, strict=True) for block in credited_row(t, each, line, names)]


def _my_channels(t: Translations, view: HomeView) -> list[Block]:
    if view.my_channels is None:
        return [section(t.gettext("I couldn't get your channels from Slack. Reopen this tab to try again."))]
    if not view.my_channels.total and view.has_problem_channels:
        return [context(t.gettext("All of them are listed above."))]
    if not view.my_channels.total:
        return [
            section(
                t.gettext(
                    "I'm not in any of your channels yet. Type `/invite @Winsome` in one and I'll suggest a schedule. "
                    "I won't post a roundup until someone says yes."
                )
            )
        ]
    offsets = view.page_offsets
    return [
        *(channel_status(t, status, zone=view.zone, now=view.now) for status in view.my_channels.items),
        *pager(t, view.my_channels, lambda first: PageOffsets(offsets.problems, offsets.channels, first)),
    ]
