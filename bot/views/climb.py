"""Climbs: their page, the line that tells a channel that one is reached, and what the form of a win says of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.climbs import MAX_STEPS, Climb, ClimbPage, NextStepOf, StepError, StepSuggestion, as_read
from bot.domain.markup import with_names
from bot.domain.text import cut, on_one_line
from bot.domain.wins import MAX_CLIMB_NAME_LENGTH, Win
from bot.views.format import (
    Block,
    Message,
    Names,
    actions,
    button,
    channel,
    cheered_by,
    confirmation,
    context,
    date_and_time,
    header,
    message,
    name,
    neutralise,
    paragraph,
    plain_text,
    section,
    user_name,
)
from bot.views.inputs import field, modal, option
from bot.views.permalinks import Permalink, view_message_link
from bot.views.teammates import without_unnamed
from bot.views.translations import Translations
from bot.views.win_buttons import climb_button
from bot.views.win_line import extras, headline

PAGE = "climb"
RENAME_FORM = "rename_climb_form"
NAME = "climb_name"
EARLIER, LATER = "climb_earlier", "climb_later"
RENAME, MARK_REACHED, TAKE_BACK = "rename_climb", "mark_climb_reached", "take_back_reached"
NEXT_STEP_OF, NEW_NAME = "win_next_step_of", "win_climb_name"
"""The fields in the form of a win."""
MAX_OPTION_LENGTH = 75


def page(
    t: Translations,
    page: ClimbPage,
    names: Names,
    *,
    private_metadata: str,
    permalink: Permalink,
    notice: str = "",
) -> dict[str, Any]:
    """Show a climb to someone who may see it: its steps in the order of time. `notice` says what has just changed."""
    climb = page.climb
    about = [
        t.gettext("Wins on the way to one goal"),
        t.gettext("Started by {person}", person=user_name(t, climb.created_by, names)),
        _readers(t, page),
    ]
    blocks = [
        *([section(notice)] if notice else []),
        header(on_one_line(climb.name)),
        context(" · ".join(about)),
        *([section(_reached(t, page, names))] if climb.is_reached else []),
        *(section(_step(t, win, page, names, permalink)) for win in page.steps),
        *_pager(t, page),
    ]
    buttons = _buttons(t, page, names)
    blocks += [actions(*buttons)] if buttons else []
    return modal(t, PAGE, t.gettext("Climb"), blocks, private_metadata=private_metadata)


def _readers(t: Translations, page: ClimbPage) -> str:
    if page.climb.channel_id is None:
        return t.gettext(":lock: Only you can see this")
    return t.gettext("Only for people in {channel}", channel=channel(page.climb.channel_id))


def _reached(t: Translations, page: ClimbPage, names: Names) -> str:
    climb = page.climb
    assert climb.reached_at is not None, "the caller has checked it"
    date = date_and_time(t, climb.reached_at, page.zone)
    person = user_name(t, climb.reached_by or "", names)
    return t.gettext(":checkered_flag: *Reached* {date}, marked by {person}", date=date, person=person)


def _step(t: Translations, win: Win, page: ClimbPage, names: Names, permalink: Permalink) -> str:
    is_own_alone = win.is_hidden and page.climb.channel_id is not None
    details = [
        date_and_time(t, win.created_at, page.zone),
        t.gettext(":lock: Not shown in the channel") if is_own_alone else "",
        *extras(t, win, names),
        cheered_by(t, win.cheered_by, names),
        "" if is_own_alone else view_message_link(t, win, permalink),
    ]
    return f"{headline(t, win, names)}\n{' · '.join(filter(None, details))}"


def _pager(t: Translations, page: ClimbPage) -> list[Block]:
    if page.total <= page.page_size:
        return []
    end = page.first + len(page.steps)
    elements = []
    if page.first:
        value = str(max(0, page.first - page.page_size))
        elements.append(button(t.gettext("Earlier steps"), action_id=EARLIER, value=value))
    if end < page.total:
        elements.append(button(t.gettext("Later steps"), action_id=LATER, value=str(end)))
    where = t.gettext("Steps {first}–{last} of {total}", first=page.first + 1, last=end, total=page.total)
    return [context(where), actions(*elements)]


def _buttons(t: Translations, page: ClimbPage, names: Names) -> list[Block]:
    value, buttons = str(page.climb.id), []
    if page.may_mark:
        buttons.append(_take_back(t, value) if page.climb.is_reached else _mark_reached(t, page, names, value))
    if page.may_rename:
        buttons.append(button(t.gettext("Rename"), action_id=RENAME, value=value))
    return buttons


def _take_back(t: Translations, value: str) -> Block:
    return button(t.gettext("Mark as not reached"), action_id=TAKE_BACK, value=value)


def _mark_reached(t: Translations, page: ClimbPage, names: Names, value: str) -> Block:
    what_happens = t.gettext("Only you will see it.")
    if page.climb.channel_id is not None:
        person = names.get(page.reader_id) or t.pgettext("person", "Someone")
        line = _line_text(t, climb=on_one_line(page.climb.name), person=on_one_line(person))
        what_happens = "\n".join([t.gettext("I'll post this in the channel:"), line])
    label = t.gettext("Mark as reached")
    dialog = confirmation(t, t.gettext("Mark this climb as reached?"), what_happens, confirm=label)
    return button(label, action_id=MARK_REACHED, value=value, confirm=dialog)


def reached_line(t: Translations, climb: Climb, names: Names) -> Message:
    """Tell a channel that a climb is reached."""
    person = user_name(t, climb.reached_by or "", names)
    text = _line_text(t, climb=neutralise(on_one_line(climb.name), {}), person=person)
    return message(text, [section(text, accessory=climb_button(t, climb.id, climb.name))])


def _line_text(t: Translations, *, climb: str, person: str) -> str:
    return t.gettext(
        ":checkered_flag: The climb “{climb}” has reached its goal. Marked by {person}.", climb=climb, person=person
    )


def rename_form(t: Translations, climb: Climb, *, private_metadata: str) -> dict[str, Any]:
    """Ask for a climb's new name."""
    element = {"type": "plain_text_input", "initial_value": climb.name, "focus_on_load": True}
    name_field = field(NAME, t.gettext("What's it called?"), element, dispatch_action=False)
    title, submit = t.gettext("Rename climb"), t.gettext("Rename")
    return modal(t, RENAME_FORM, title, [name_field], private_metadata=private_metadata, submit=submit)


def gone(t: Translations) -> Message:
    """Reply to someone who looks at a climb that isn't there, as far as they may know."""
    return paragraph(t.gettext("This climb isn't here anymore, or you can't see it."))


def not_in_channel(t: Translations, channel_id: str) -> Message:
    """Say why someone can't see a climb of a public channel, and what to do."""
    where = channel(channel_id)
    return paragraph(
        t.gettext(
            "This climb is for the people in {channel}. Join that channel to see it. If you just joined, try again in "
            "a moment.",
            channel=where,
        )
    )


def not_yours(t: Translations) -> str:
    """Refuse to let someone change a climb that has no step of theirs."""
    return t.gettext("Only people who wrote one of its steps can change a climb.")


def no_change(t: Translations) -> str:
    """Say that someone else was faster, or that it was so already."""
    return t.gettext("That's already done.")


def failed_to_open(t: Translations) -> Message:
    """Say that Slack did not open a climb's page."""
    return paragraph(t.gettext("Slack couldn't open the climb. Please try again."))


# In the form of a win.


def step_fields(t: Translations, step_of: NextStepOf | None, label: str, *, is_private: bool) -> list[Block]:
    """Ask what a win is the next step of; `label` is how what was chosen is shown. A climb that begins needs a name."""
    element: dict[str, Any] = {
        "type": "external_select",
        "action_id": NEXT_STEP_OF,
        "min_query_length": 0,
        "placeholder": plain_text(t.gettext("Choose a climb or an earlier win")),
    }
    if step_of is not None and label:
        element["initial_option"] = option(encode(step_of), label)
    hint = t.gettext(
        "A climb is a series of wins on the way to one goal. Choose one to continue, or an earlier win to start one."
    )
    blocks = [field(NEXT_STEP_OF, t.gettext("Next step of"), element, optional=True, hint=hint)]
    if step_of is not None and label and step_of.starts_climb:
        blocks.append(_new_name(t, step_of.name, is_private=is_private))
    return blocks


def _new_name(t: Translations, typed: str, *, is_private: bool) -> Block:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "placeholder": plain_text(t.gettext("Faster builds")),
        "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]},
    }
    if typed:
        element["initial_value"] = typed[:3000]
    hint = t.gettext("These wins will be a climb. Each of them will show its name, to everyone who can see the win.")
    if is_private:
        hint = t.gettext("These wins will be a climb. Each of them will show its name. Only you can see them.")
    return field(NEW_NAME, t.gettext("What's this climb called?"), element, hint=hint)


def encode(step_of: NextStepOf) -> str:
    """Return the value of an option."""
    return f"climb:{step_of.climb_id}" if step_of.climb_id is not None else f"win:{step_of.win_id}"


def step_label(t: Translations, climb: Climb | None, win: Win | None, names: Names, *, user_id: str) -> str:
    """Return how a climb or an earlier win is shown as an option, as plain text."""
    if climb is not None:
        return _in_option(climb.name)
    if win is None:
        return ""
    people = (win.author, *win.everyone)
    read = as_read(win, user_id)
    text = without_unnamed(t, read.text, read.everyone)
    said = with_names(text, {person.user_id: name(t, person, names) for person in people})
    if win.author.user_id == user_id:
        return _in_option(said)
    return _in_option(t.gettext("{author}: {text}", author=name(t, win.author, names), text=said))


def _in_option(text: str) -> str:
    line = on_one_line(text)
    return line if len(line) <= MAX_OPTION_LENGTH else cut(line, MAX_OPTION_LENGTH - 1) + "…"


def option_groups(
    t: Translations, suggestions: Sequence[StepSuggestion], names: Names, *, user_id: str
) -> list[dict[str, Any]]:
    """Return the options of the field in groups: climbs, one's own wins, and those of others."""
    labels = {
        "climbs": t.gettext("Climbs"),
        "own": t.gettext("Your wins"),
        "others": t.gettext("More wins from this channel"),
    }
    groups: dict[str, list[dict[str, Any]]] = {group: [] for group in labels}
    for each in suggestions:
        group = "climbs" if each.climb is not None else "own" if each.is_of(user_id) else "others"
        label = step_label(t, each.climb, each.latest, names, user_id=user_id)
        groups[group].append(option(encode(each.next_step_of), label))
    return [{"label": plain_text(labels[group]), "options": options} for group, options in groups.items() if options]


def step_errors(t: Translations) -> Mapping[StepError, str]:
    """Return what is said of each reason why a win can't be the next step of what was chosen."""
    return {
        StepError.GONE: t.gettext("You can't choose that one anymore. Choose another climb or win."),
        StepError.OTHER_CHANNEL: t.gettext(
            "That one is from another channel. Choose a climb or win from the channel you share this in."
        ),
        StepError.PRIVATE_BORDER: t.gettext(
            "Private and shared wins can't be in one climb. Choose another one, or change who can see this win."
        ),
        StepError.FULL: t.gettext(
            "That climb has {count} steps, and that's the most it can have. Start another one.", count=MAX_STEPS
        ),
        StepError.NOT_IN_CHANNEL: t.gettext(
            "I can't see you in that channel. Join it first, or leave this field empty."
        ),
        StepError.UNKNOWN: t.gettext(
            "I couldn't check that with Slack. Try again in a moment, or leave this field empty."
        ),
        StepError.NO_NAME: t.gettext("Give the climb a name."),
        StepError.LONG_NAME: t.gettext("Shorten this to {limit} characters or fewer.", limit=MAX_CLIMB_NAME_LENGTH),
    }
