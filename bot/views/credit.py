"""What the people in a win read in their direct messages: who named them and where, what that means, how to stop it."""

from bot.domain.consent import Preference
from bot.domain.credit import Credit, CreditStatus
from bot.domain.wins import Win
from bot.views.format import (
    MAX_TEXT_BYTES,
    Block,
    Message,
    Names,
    actions,
    button,
    channel,
    context,
    date_and_time,
    escape,
    message,
    name,
    paragraph,
    section,
)
from bot.views.permalinks import Permalink, view_message_link
from bot.views.translations import Translations
from bot.views.win_buttons import leave_button
from bot.views.win_line import DETAILS, extras, headline

YES, NO = "credit_yes", "credit_no"
LEAVE = "credit_leave"
STOP, RESUME = "credit_stop", "credit_resume"
CHOOSE_SHARE, CHOOSE_ASK, CHOOSE_NEVER = "credit_choose_share", "credit_choose_ask", "credit_choose_never"


def credit(t: Translations, about: Credit, names: Names, *, key: str, zone: str, permalink: Permalink) -> Message:
    """Tell someone of a win that they are in, or ask whether it may be shared; `key` is the value of its buttons."""
    win, paragraphs = about.win, _what_it_means(t, about, names, zone=zone)
    for detail in DETAILS:
        shown = headline(t, win, names, detail)
        link = view_message_link(t, win, permalink, is_bare=detail.is_bare)
        footer = " · ".join(filter(None, [*extras(t, win, names, detail, names_author=False), link]))
        lines = [*_opening(t, about, names), shown, footer, *paragraphs, *_choice(t, about), *_about_messages(t, about)]
        text = "\n".join(filter(None, lines))
        if len(text.encode()) <= MAX_TEXT_BYTES:
            break
    blocks = [
        *map(section, _opening(t, about, names)),
        section(shown),
        *([context(footer)] if footer else []),
        section("\n".join(paragraphs)),
        *_actions(_answers(t, about, names, key)),
        *_choice_blocks(t, about, key),
        *map(context, _about_messages(t, about)),
        *_actions([stop_or_resume(t, about.wants_messages, key)]),
    ]
    return message(text, blocks)


def _actions(elements: list[Block]) -> list[Block]:
    return [actions(*elements)] if elements else []


def _opening(t: Translations, about: Credit, names: Names) -> list[str]:
    opening = [f"*{_title(t, about, _author(t, about.win, names), channel(about.win.channel_id or ''))}*"]
    if about.explains:
        opening.insert(0, t.gettext("Hi, I'm Winsome! People here tell me their small wins, and I share them."))
    return opening


def _author(t: Translations, win: Win, names: Names) -> str:
    return escape(name(t, win.author, names))


def _title(t: Translations, about: Credit, author: str, where: str) -> str:
    statuses = (CreditStatus.NAMED, CreditStatus.UNNAMED, CreditStatus.LEFT, CreditStatus.NAME_ASKED)
    is_shared = about.status in statuses and not about.is_unposted
    if about.is_thanked and is_shared:
        return t.gettext("{author} thanked you in {channel}:", author=author, channel=where)
    if about.is_thanked:
        return t.gettext("{author} wants to thank you in {channel}:", author=author, channel=where)
    if about.win.is_own and is_shared:
        return t.gettext("{author} named you in a win in {channel}:", author=author, channel=where)
    if about.win.is_own:
        return t.gettext("{author} wants to name you in a win in {channel}:", author=author, channel=where)
    if is_shared:
        return t.gettext("{author} shared a win of yours in {channel}:", author=author, channel=where)
    return t.gettext("{author} wants to share a win of yours in {channel}:", author=author, channel=where)


def _what_it_means(t: Translations, about: Credit, names: Names, *, zone: str) -> list[str]:  # noqa: PLR0911 - one for each status
    author, where = _author(t, about.win, names), channel(about.win.channel_id or "")
    match about.status:
        case CreditStatus.ASKED:
            return [_question(t, about, where, zone), _if_not(t, author)]
        case CreditStatus.NAME_ASKED:
            return [
                t.gettext("It's shared, and others read “a teammate” there for now. Do you want your name in it?"),
                t.gettext("If you'd rather not, you don't need to do anything. No one is told, and I won't ask again."),
            ]
        case CreditStatus.WAITING if about.has_said_yes:
            return [
                t.gettext(
                    "Thanks, I've noted your yes. It isn't in {channel} yet: it's still waiting to be shared.",
                    channel=where,
                )
            ]
        case CreditStatus.WAITING:
            return [t.gettext("It isn't in {channel} yet: it's still waiting to be shared.", channel=where)]
        case CreditStatus.DECLINED:
            return [
                t.gettext("It isn't shared. Only {author} and the people in it can see it.", author=author),
                t.gettext("No one is told why."),
            ]
        case CreditStatus.KEPT:
            return [
                t.gettext(
                    "It wasn't shared. It stays private: only {author} and the people in it can see it.", author=author
                )
            ]
        case CreditStatus.UNNAMED:
            return [t.gettext("Others read “a teammate” there instead of your name.")]
        case CreditStatus.NAMED if about.is_unposted:
            return [
                t.gettext(
                    "I couldn't post it in {channel}. Everyone who can open {channel} can still find it with "
                    "`/wins search`, with your name, and it may come in the channel's roundup (its regular list of "
                    "wins).",
                    channel=where,
                )
            ]
        case CreditStatus.LEFT:
            return [
                t.gettext("Your name isn't in it: others read “a teammate”, and no one is told."),
                t.gettext("To be named after all, select *I was part of this* under the message."),
            ]
    return [
        t.gettext(
            "Everyone who can open {channel} can see it, with your name, there and in the channel's roundup (its "
            "regular list of wins).",
            channel=where,
        )
    ]


def _question(t: Translations, about: Credit, where: str, zone: str) -> str:
    assert about.win.held_until is not None, "it waits until then"
    return t.gettext(
        "It isn't shared yet. May I share it? Then everyone who can open {channel} can see it, with your name, there "
        "and in the channel's roundup (its regular list of wins). It waits until {date}.",
        channel=where,
        date=date_and_time(t, about.win.held_until, zone),
    )


def _if_not(t: Translations, author: str) -> str:
    return t.gettext(
        "If you'd rather not, or don't answer, only {author} and the people in it can see it. No one is told that "
        "you said no, and I won't ask about it again.",
        author=author,
    )


def _answers(t: Translations, about: Credit, names: Names, key: str) -> list[Block]:
    value = f"{key}:{about.win.revision}"
    share = button(
        t.gettext("Share it"), action_id=YES, value=value, accessibility_label=t.gettext("Share it: share this win")
    )
    not_this_one = button(
        t.gettext("Not this one"),
        action_id=NO,
        value=value,
        accessibility_label=t.gettext("Not this one: don't share this win"),
    )
    match about.status:
        case CreditStatus.ASKED:
            return [share, not_this_one]
        case CreditStatus.WAITING if about.has_said_yes:
            return [not_this_one]
        case CreditStatus.DECLINED if about.preference is not Preference.NEVER:
            return [share]
        case CreditStatus.NAME_ASKED:
            show, leave_out = t.gettext("Show my name"), t.gettext("Leave me out")
            return [
                button(show, action_id=YES, value=value, accessibility_label=t.gettext("Show my name in this win")),
                button(leave_out, action_id=NO, value=value, accessibility_label=t.gettext("Leave me out of this win")),
            ]
        case CreditStatus.NAMED:
            return [_leave(t, about, names, key)]
    return []


def _leave(t: Translations, about: Credit, names: Names, key: str) -> Block:
    effect = t.gettext(
        "Others will read “a teammate” instead of your name, in the roundup too. No one is told, and {author} still "
        "sees what they wrote.",
        author=name(t, about.win.author, names),
    )
    return leave_button(t, action_id=LEAVE, value=key, effect=effect)


def _choice(t: Translations, about: Credit) -> list[str]:
    """Return the lines about how someone wants to be named in other wins."""
    if not about.explains:
        return []
    lines = [
        t.gettext("*How should I name you in your teammates' wins?*"),
        t.gettext("• *Share*: wins with your name are shared right away."),
        t.gettext("• *Ask me first*: a win with your name waits until you say yes."),
        t.gettext(
            "• *Never by name*: others read “a teammate” instead. A win that someone saves for you isn't shared."
        ),
        _chosen(t, about.preference),
    ]
    return ["\n".join(lines)]


def _chosen(t: Translations, preference: Preference | None) -> str:
    match preference:
        case Preference.SHARE:
            return t.gettext("You chose *Share*. You can change that at any time, here or with `/wins preferences`.")
        case Preference.ASK:
            return t.gettext(
                "You chose *Ask me first*. You can change that at any time, here or with `/wins preferences`."
            )
        case Preference.NEVER:
            return t.gettext(
                "You chose *Never by name*. You can change that at any time, here or with `/wins preferences`."
            )
    return t.gettext(
        "Until you choose, teammates can name you in wins of their own. A win they save for you waits until you say "
        "yes."
    )


def _choice_blocks(t: Translations, about: Credit, key: str) -> list[Block]:
    buttons = {
        Preference.SHARE: button(t.gettext("Share"), action_id=CHOOSE_SHARE, value=key),
        Preference.ASK: button(t.gettext("Ask me first"), action_id=CHOOSE_ASK, value=key),
        Preference.NEVER: button(t.gettext("Never by name"), action_id=CHOOSE_NEVER, value=key),
    }
    others = [each for preference, each in buttons.items() if preference is not about.preference]
    return [block for text in _choice(t, about) for block in (section(text), *_actions(others))]


def _about_messages(t: Translations, about: Credit) -> list[str]:
    if about.wants_messages and about.explains:
        return [
            t.gettext(
                "I'll message you here when a win waits for your answer, and the day after a roundup if someone "
                "cheered or thanked you. You can stop these messages."
            )
        ]
    return if_stopped(t, wants_messages=about.wants_messages)


def if_stopped(t: Translations, *, wants_messages: bool) -> list[str]:
    """Return what someone reads after they have stopped the messages about wins that they are in."""
    if wants_messages:
        return []
    return [
        t.gettext(
            "I won't message you about wins you're in anymore. You can find them, and those that wait for your "
            "answer, on my Home tab and in `/wins`."
        )
    ]


def stop_or_resume(t: Translations, wants_messages: bool, key: str) -> Block:
    """Make the button that stops the messages about wins that someone is in, or turns them on again."""
    if wants_messages:
        return button(t.gettext("Stop these messages"), action_id=STOP, value=key)
    return button(t.gettext("Turn messages back on"), action_id=RESUME, value=key)


def changed_since(t: Translations) -> Message:
    """Reply to a yes to a win whose text has changed since it was read."""
    return paragraph(t.gettext("It was edited after you read it. Read the new text, then choose again."))


def too_late(t: Translations) -> Message:
    """Reply to a yes to a win that no longer waits."""
    return paragraph(
        t.gettext(
            "That's kind of you! It's too late to share this one, though. It stays with the people in it, unless its "
            "author shares it again."
        )
    )


def not_in_it(t: Translations) -> Message:
    """Reply to a press about a win that the person is not in anymore."""
    return paragraph(t.gettext("You're not in this win anymore, so there's nothing you need to do."))


def not_your_message(t: Translations) -> Message:
    """Refuse a button to a person who didn't get the message."""
    return paragraph(t.gettext("Only the person who gets these messages can choose that."))
