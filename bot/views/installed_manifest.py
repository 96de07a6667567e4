"""What an update of the installed manifest would add, for the admins of a workspace."""

from collections.abc import Sequence

from bot.views.format import Block, button, section
from bot.views.translations import Translations

APPS = "https://api.slack.com/apps"
OPEN_LINK = "home_link"


def link_button(label: str, url: str) -> Block:
    """Return a button of the Home tab that opens an address."""
    return {**button(label, action_id=OPEN_LINK, value="link"), "url": url}


def ways_in_that_are_off(t: Translations, scopes: Sequence[str]) -> list[Block]:
    """Say what people could do if the workspace granted these optional scopes."""
    if not scopes:
        return []
    sentences = [
        t.gettext("*Some ways to save a win are off.*"),
        *(_with_scope(t, scope) for scope in scopes),
        t.gettext(
            "To turn this on, paste the output of `winsome manifest` (over HTTP, of `winsome manifest --http` and the "
            "app's address) under App Manifest, reinstall the app, then restart Winsome."
        ),
        t.gettext(
            "That also adds *Save a win*, *Save as a win* and *Edit this win* to Slack's shortcuts if they aren't "
            "there yet, which I can't check."
        ),
    ]
    return [section(" ".join(sentences), accessory=link_button(t.gettext("Open app settings"), APPS))]


def _with_scope(t: Translations, scope: str) -> str:
    if scope == "im:history":
        return t.gettext(
            "With the optional permission `im:history`, people can send me a direct message. It lets me read those "
            "and no other messages."
        )
    return t.gettext(
        "With the optional permission `app_mentions:read`, people can mention me: `@Winsome we shipped search`."
    )
