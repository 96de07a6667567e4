"""A win that someone is in, as it is listed for them alone: who credits them, who sees it, and what they can do."""

from dataclasses import replace

from bot.domain.consent import Preference
from bot.domain.credit import CreditStatus
from bot.domain.credited_wins import CreditedWin
from bot.domain.text import on_one_line
from bot.domain.wins import Win
from bot.views.format import (
    Block,
    Message,
    Names,
    button,
    channel,
    cheered_by,
    date_and_time,
    escape,
    list_people,
    name,
    neutralise,
    paragraph,
)
from bot.views.permalinks import Permalink, view_message_link
from bot.views.teammates import without_unnamed
from bot.views.translations import Translations
from bot.views.win_buttons import climb_buttons, leave_button, with_buttons
from bot.views.win_line import FULL, extras, headline

SHARE = "share_listed_win"
DECLINE = "decline_listed_win"
LEAVE = "leave_listed_win"


def credited_win(t: Translations, credited: CreditedWin, names: Names, *, zone: str, permalink: Permalink) -> str:
    """Return a win as it is listed for someone who is in it, escaped."""
    win = credited.win
    details = [
        date_and_time(t, win.created_at, zone),
        _who_sees_it(t, credited, names),
        _who_credits(t, credited, names),
        *extras(t, _without_own_thanks(credited), names, names_author=False),
        cheered_by(t, win.cheered_by, names),
        view_message_link(t, win, permalink),
    ]
    return f"{headline(t, win, names)}\n{' · '.join(filter(None, details))}"


def _who_sees_it(t: Translations, credited: CreditedWin, names: Names) -> str:
    where = channel(credited.win.channel_id or "")
    match credited.status:
        case CreditStatus.NAMED:
            return where
        case CreditStatus.UNNAMED | CreditStatus.NAME_ASKED | CreditStatus.LEFT:
            return t.gettext("Shared in {channel} without your name", channel=where)
        case CreditStatus.ASKED:
            return t.gettext("Not shared in {channel} yet", channel=where)
        case CreditStatus.WAITING:
            return t.gettext("Waiting to be shared in {channel}", channel=where)
    author = _author(t, credited.win, names)
    if credited.has_more_people:
        return t.gettext(":lock: Only {author} and the people in it can see this", author=author)
    return t.gettext(":lock: Only you and {author} can see this", author=author)


def _who_credits(t: Translations, credited: CreditedWin, names: Names) -> str:
    author = _author(t, credited.win, names)
    if credited.is_credited:
        return t.gettext("{author} credited you", author=author)
    if credited.is_thanked:
        return _who_thanks(t, credited, author, names)
    return t.gettext("You said you were part of this")


def _who_thanks(t: Translations, credited: CreditedWin, author: str, names: Names) -> str:
    win = credited.win
    others = [person for person in win.thanked if person.user_id != credited.person_id]
    people = list_people(t, others, names, limit=FULL.people)
    labels = {each.user_id: name(t, each, names) for each in win.everyone}
    reason = neutralise(without_unnamed(t, on_one_line(win.reason or ""), win.everyone), labels)
    if others and reason:
        return t.gettext("{author} thanked you and {people}: {reason}", author=author, people=people, reason=reason)
    if others:
        return t.gettext("{author} thanked you and {people}", author=author, people=people)
    if reason:
        return t.gettext("{author} thanked you: {reason}", author=author, reason=reason)
    return t.gettext("{author} thanked you", author=author)


def _without_own_thanks(credited: CreditedWin) -> Win:
    """Return the win without thanks that its author's line says already."""
    return credited.win if credited.is_credited else replace(credited.win, thanked=())


def _author(t: Translations, win: Win, names: Names) -> str:
    return escape(name(t, win.author, names))


def credited_row(t: Translations, credited: CreditedWin, line: str, names: Names) -> list[Block]:
    """Return the blocks of a listed win: its `line`, and the buttons of what this person can do with it."""
    buttons = climb_buttons(t, credited.win) if credited.win.is_shared else []
    match credited.status:
        case CreditStatus.ASKED | CreditStatus.NAME_ASKED:
            buttons = [_share(t, credited, names), _decline(t, credited, names), *buttons]
        case CreditStatus.DECLINED if credited.preference is not Preference.NEVER:
            buttons = [_share(t, credited, names)]
        case CreditStatus.NAMED | CreditStatus.UNNAMED:
            buttons = [_leave(t, credited, names), *buttons]
    return with_buttons(line, buttons)


def _share(t: Translations, credited: CreditedWin, names: Names) -> Block:
    author = name(t, credited.win.author, names)
    if credited.win.is_held:
        label, spoken = t.gettext("Share it"), t.gettext("Share it, the win from {author}", author=author)
    else:
        label = t.gettext("Show my name")
        spoken = t.gettext("Show my name in the win from {author}", author=author)
    return button(label, action_id=SHARE, value=_as_shown(credited.win), accessibility_label=spoken)


def _decline(t: Translations, credited: CreditedWin, names: Names) -> Block:
    author = name(t, credited.win.author, names)
    if credited.win.is_held:
        label, spoken = t.gettext("Not this one"), t.gettext("Not this one, the win from {author}", author=author)
    else:
        label = t.gettext("Leave me out")
        spoken = t.gettext("Leave me out of the win from {author}", author=author)
    return button(label, action_id=DECLINE, value=_as_shown(credited.win), accessibility_label=spoken)


def _as_shown(win: Win) -> str:
    """Return the win and the revision in which it is shown, as the value of a button."""
    return f"{win.id}:{win.revision}"


def _leave(t: Translations, credited: CreditedWin, names: Names) -> Block:
    effect = t.gettext(
        "Your name comes off it for everyone but {author}, in its roundup too, and it leaves this list. No one is "
        "told. You can add yourself again with the button “I was part of this”.",
        author=name(t, credited.win.author, names),
    )
    return leave_button(t, action_id=LEAVE, value=str(credited.win.id), effect=effect)


def before_asked(t: Translations) -> str:
    """Say what happens to wins that wait for this person's answer."""
    return t.gettext("These name you, so they wait for your yes. If you'd rather not, no one is told.")


def more_asked(t: Translations) -> str:
    """Say that more wins wait than are listed."""
    return t.gettext("There are more. Answer these to see them.")


def shared(t: Translations) -> Message:
    """Confirm that a win is shared."""
    return paragraph(t.gettext("Thanks! It's shared with your name now."))


def waits(t: Translations) -> Message:
    """Confirm a yes to a win that isn't shared yet."""
    return paragraph(t.gettext("Thanks! I've noted your yes. It's still waiting to be shared."))


def kept_private(t: Translations) -> Message:
    """Confirm a no to a win that isn't shared."""
    return paragraph(t.gettext("OK, it stays private. No one is told, and you can still change your mind below."))


def left_out(t: Translations) -> Message:
    """Confirm a no to one's name in a win that is shared."""
    return paragraph(t.gettext("OK, your name stays out of it. No one is told."))
