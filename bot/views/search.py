"""What a search finds: a private reply to `/wins search`, and a modal with a field to search on."""

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from bot.domain.found_wins import FoundWins, SearchPage, UnknownName
from bot.domain.search_periods import Period
from bot.domain.search_query import MAX_LENGTH, LongSearch, SearchQuery, UnclearSearch
from bot.domain.typed_dates import Ambiguous, NoSuchDate
from bot.domain.wins import Win
from bot.views.format import (
    MAX_BLOCKS_CHARACTERS,
    Block,
    Message,
    Names,
    actions,
    button,
    channel,
    code,
    context,
    escape,
    full_date,
    neutralise,
    plain_text,
    reply,
    section,
    user_name,
)
from bot.views.inputs import field, modal
from bot.views.listed_win import listed_win
from bot.views.permalinks import Permalink
from bot.views.translations import Translations
from bot.views.win_buttons import with_climb_button

NEWER = "search_newer"
OLDER = "search_older"
SEARCH_TAG = "search_tag"
SEARCH_FIELD = "search_wins"
MODAL = "search"
_AROUND_RESULTS = 2000
"""The most characters before and after the results."""
MAX_TYPED = 2 * MAX_LENGTH
MAX_OPTION_LENGTH = 75
"""The most characters of an option of a menu, with its "#"."""
MAX_TAGS = 20
"""The most tags of a menu."""

SearchRefusal = UnclearSearch | NoSuchDate | UnknownName


def results(t: Translations, found: FoundWins, page: SearchPage, *, permalink: Permalink) -> Message:
    """List a page of what was found, for one person: as many wins as fit a message."""
    criteria = _criteria(t, found.query, found.names)
    scope = _scope(t, found)
    if not found.wins:
        nothing = _nothing(t, found.query)
        text = f"{nothing}\n{criteria}\n{scope}"
        return reply(text, [section(nothing), context(criteria), context(scope), *_pager(t, found, page, 0)])
    lines = [listed_win(t, win, found.names, zone=found.zone, permalink=permalink, now=found.now) for win in found.wins]
    ends = accumulate(map(len, lines))
    count = max(1, sum(end <= MAX_BLOCKS_CHARACTERS - _AROUND_RESULTS for end in ends))
    title = t.gettext("*Wins found* (only visible to you)")
    return reply(
        "\n".join([title, criteria, *(f"• {line}" for line in lines[:count]), scope]),
        [
            section(title),
            context(criteria),
            *(with_climb_button(t, win, line) for win, line in zip(found.wins, lines[:count], strict=False)),
            context(scope),
            *_pager(t, found, page, count),
        ],
    )


def search_field(t: Translations, typed: str = "") -> Block:
    """Make the field to search in; Enter sends what is typed."""
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "max_length": MAX_TYPED,
        "placeholder": plain_text(t.gettext("build #quality @ana in #product since March")),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    if typed:
        element["initial_value"] = typed
    hint = t.gettext("Words, #tag, @person, in #channel, last week, since March, 2026. Press Enter to search.")
    return field(SEARCH_FIELD, t.gettext("Find a win"), element, hint=hint)


def tag_menu(t: Translations, wins: Iterable[Win]) -> list[Block]:
    """Make a menu that searches for one of the tags of these wins, the most frequent first."""
    counts = Counter(tag for win in wins for tag in win.tags if len(tag) < MAX_OPTION_LENGTH)
    tags = [tag for tag, _ in sorted(counts.items(), key=lambda counted: (-counted[1], counted[0]))][:MAX_TAGS]
    if not tags:
        return []
    menu = {
        "type": "static_select",
        "action_id": SEARCH_TAG,
        "placeholder": plain_text(t.gettext("Find wins by tag")),
        "options": [{"text": plain_text(f"#{tag}"), "value": f"#{tag}"} for tag in tags],
    }
    return [actions(menu)]


def search_modal(t: Translations, page: SearchPage, message: Message | None = None) -> dict[str, Any]:
    """Make the modal in which wins are searched, with what was found or why not."""
    blocks = [search_field(t, page.typed), *(message["blocks"] if message else ())]
    view = modal(t, MODAL, t.gettext("Search wins"), blocks, submit=t.gettext("Search"))
    return view | {"close": plain_text(t.gettext("Close"))}


def refused(t: Translations, refusal: SearchRefusal) -> Message:
    """Say why a search can't be made, and what to type instead."""
    why = _why(t, refusal)
    return reply(why, [section(why)])


def channel_not_looked_up(t: Translations) -> Message:
    """Say that Slack doesn't say which channel a name in a search means."""
    text = t.gettext("I couldn't look up that channel in Slack. Try again in a moment, or search without it.")
    return reply(text, [section(text)])


def _why(t: Translations, refusal: SearchRefusal) -> str:
    match refusal:
        case LongSearch():
            return t.gettext("That search is too long. Use a few words, up to {limit} characters.", limit=MAX_LENGTH)
        case UnknownName(name=name) if name.startswith("@"):
            return t.gettext(
                "I don't know anyone called {name}. Check the name, or type `/wins search @` and pick the person from "
                "Slack's list.",
                name=code(name),
            )
        case UnknownName(name=name):
            return t.gettext(
                "I couldn't find a channel called {name} that you're in or that's public. Check the name.",
                name=code(name),
            )
        case Ambiguous(typed=typed):
            return t.gettext("{typed} could mean two dates. Write out the month, like `March 4`.", typed=code(typed))
        case NoSuchDate(typed=typed):
            return t.gettext("I can't read {typed} as a date. Try `March 4`, `last week` or `2026`.", typed=code(typed))
        case UnclearSearch():
            return t.gettext(
                "What are you looking for? Try `/wins search build`, with `#tag`, `@person`, `in #channel`, "
                "`last week`, or `since March`."
            )


def _nothing(t: Translations, query: SearchQuery) -> str:
    """Say that nothing was found, and what may find more than this search."""
    named = (query.people, query.names, query.channels, query.channel_names, query.channels_or_tags)
    count = sum(map(len, (query.words, query.tags, *named)))
    if query.period != Period():
        if count > 1:
            return t.gettext("No wins found. Try leaving something out, or a longer period.")
        return t.gettext("No wins found. Try a longer period.")
    if count > 1:
        return t.gettext("No wins found. Try leaving something out.")
    if query.words:
        return t.gettext("No wins found. Check the spelling, or try other words.")
    if query.tags:
        return t.gettext("No wins found. Check the spelling, or search without the `#`.")
    return t.gettext("No wins found. Try another person or channel, or a word.")


def _criteria(t: Translations, query: SearchQuery, names: Names) -> str:
    """Return how a search was understood, escaped."""
    channels = [*map(channel, query.channels), *(f"#{escape(name)}" for name in query.channel_names)]
    parts = [
        *(t.pgettext("search", "“{word}”", word=neutralise(word, {})) for word in query.words),
        *(f"#{escape(tag)}" for tag in query.tags),
        *(f"#{escape(label)}" for _, label in query.channels_or_tags),
        *(f"@{user_name(t, user_id, names)}" for user_id in query.people),
        *(f"@{escape(name)}" for name in query.names),
        *(t.pgettext("search", "in {channel}", channel=each) for each in channels),
        _period(t, query.period),
    ]
    return " · ".join(filter(None, parts))


def _period(t: Translations, period: Period) -> str:
    since, last = period.since, period.last
    if since is None:
        return "" if last is None else t.pgettext("search", "until {day}", day=full_date(t, last))
    if last is None:
        return t.pgettext("search", "since {day}", day=full_date(t, since))
    if since == last:
        return t.pgettext("search", "on {day}", day=full_date(t, since))
    return t.pgettext("search", "from {first} to {last}", first=full_date(t, since), last=full_date(t, last))


def _scope(t: Translations, found: FoundWins) -> str:
    """Say which wins were searched, and that what can't be verified was left out."""
    if not found.is_complete:
        return t.gettext(
            "I couldn't check all of your channels with Slack, so some wins may be missing. Try again in a moment."
        )
    if found.sees_public:
        return t.gettext(
            "I looked through your own wins, your channels, and public channels. Channels I can't check with Slack are "
            "left out."
        )
    return t.gettext(
        "I looked through your own wins and your channels. Channels I can't check with Slack are left out."
    )


def _pager(t: Translations, found: FoundWins, page: SearchPage, count: int) -> list[Block]:
    elements = []
    if page.starts:
        elements.append(button(t.gettext("Newer"), action_id=NEWER, value=page.newer().to_json()))
    if found.has_more or count < len(found.wins):
        older = page.older(found.positions[count - 1])
        elements.append(button(t.gettext("Older"), action_id=OLDER, value=older.to_json()))
    return [actions(*elements)] if elements else []
