"""How someone wants to be named in wins of others: the section on Home, the form, and what saving it does."""

from typing import Any

from bot.domain.consent import Preference
from bot.views.format import Block, button, context, header, paragraph, plain_text, section
from bot.views.inputs import field, modal, option, radio
from bot.views.translations import Translations

CALLBACK_ID = "preferences"
OPEN_PREFERENCES = "open_preferences"
NAMING, MESSAGES, LOOK_BACK = "naming", "messages", "look_back"
WANTED, UNWANTED = "wanted", "unwanted"


def naming_on_home(t: Translations, preference: Preference | None, *, wants_messages: bool) -> list[Block]:
    """Show on Home how the reader is named, with a button to change it."""
    lines = [_what_holds(t, preference)]
    if not wants_messages:
        lines.append(t.gettext("I don't message you about wins you're in."))
    label, spoken = t.gettext("Change"), t.gettext("Change how you're named")
    change = button(label, action_id=OPEN_PREFERENCES, value="home", accessibility_label=spoken)
    return [header(t.gettext("How you're named")), section(" ".join(lines), accessory=change)]


def _what_holds(t: Translations, preference: Preference | None) -> str:
    match preference:
        case Preference.SHARE:
            return t.gettext("Teammates can share wins with your name.")
        case Preference.ASK:
            return t.gettext("Wins with your name wait until you say yes.")
        case Preference.NEVER:
            return t.gettext("In your teammates' wins, others read “a teammate” instead of your name.")
    return t.gettext(
        "You haven't chosen yet. Teammates can name you in wins of their own. A win they save for you waits until you "
        "say yes."
    )


def form(
    t: Translations,
    preference: Preference | None,
    *,
    wants_messages: bool,
    is_guest: bool,
    wants_look_back: bool = False,
) -> dict[str, Any]:
    """Ask how someone wants to be named, and whether they want messages, which guests never get."""
    blocks = [
        section(_intro(t, preference)),
        _naming(t, preference),
        context(t.gettext("Your own wins and cheers always show your name. No one is told what you choose here.")),
    ]
    if is_guest:
        blocks.append(
            context(t.gettext("As a guest, you don't get messages from me. Use `/wins` to see the wins you're in."))
        )
    else:
        blocks += [_messages(t, wants_messages=wants_messages), _look_back(t, wants_look_back=wants_look_back)]
    title, submit = t.gettext("How you're named"), t.gettext("Save changes")
    return modal(t, CALLBACK_ID, title, blocks, submit=submit)


def _intro(t: Translations, preference: Preference | None) -> str:
    intro = t.gettext("Teammates can credit or thank you when they share a win. You choose how you're named.")
    if preference is not None:
        return intro
    return f"{intro}\n\n{_what_holds(t, preference)}"


def _naming(t: Translations, preference: Preference | None) -> Block:
    choices = {
        Preference.SHARE: (t.gettext("Share"), t.gettext("Wins with your name are shared right away.")),
        Preference.ASK: (t.gettext("Ask me first"), t.gettext("A win with your name waits until you say yes.")),
        Preference.NEVER: (
            t.gettext("Never by name"),
            t.gettext("Others read “a teammate”. Wins they save for you aren't shared."),
        ),
    }
    options = {
        value: option(value, label) | {"description": plain_text(about)} for value, (label, about) in choices.items()
    }
    element: dict[str, Any] = {"type": "radio_buttons", "options": list(options.values())}
    if preference is not None:
        element["initial_option"] = options[preference]
    label = t.gettext("In teammates' wins")
    return field(NAMING, label, element, dispatch_action=False, optional=preference is None)


def _messages(t: Translations, *, wants_messages: bool) -> Block:
    options = {WANTED: t.gettext("Send me a message"), UNWANTED: t.gettext("Don't message me")}
    chosen = WANTED if wants_messages else UNWANTED
    label = t.gettext("When you're in a win")
    hint = t.gettext("Either way, /wins shows the wins you're in, and those that wait for your answer.")
    return radio(MESSAGES, label, options, chosen, hint=hint, dispatch_action=False)


def _look_back(t: Translations, *, wants_look_back: bool) -> Block:
    options = {WANTED: t.gettext("Send me one each month"), UNWANTED: t.gettext("Don't send me any")}
    chosen = WANTED if wants_look_back else UNWANTED
    label, hint = t.gettext("A win of yours from a year ago"), t.gettext("Only you see it.")
    return radio(LOOK_BACK, label, options, chosen, hint=hint, dispatch_action=False)


def saved(t: Translations, preference: Preference | None) -> dict[str, Any]:
    """Confirm what was chosen, and say what happens to wins that wait and to wins that are shared."""
    match preference:
        case Preference.SHARE:
            text = t.gettext(
                "Teammates can share wins with your name from now on. If any were waiting for your answer, that's now "
                "a yes."
            )
        case Preference.ASK:
            text = t.gettext(
                "From now on, a win with your name waits until you say yes. Wins that are already shared stay as they "
                "are. You can remove yourself from any of them with `/wins`."
            )
        case Preference.NEVER:
            text = t.gettext(
                "In your teammates' wins, others now read “a teammate” instead of your name, even in those already "
                "shared. A win that someone saved for you isn't shared if it was still waiting for your answer."
            )
        case _:
            text = t.gettext("Your choice is saved.")
    return modal(t, CALLBACK_ID, t.gettext("Saved"), paragraph(text)["blocks"])
