"""How Slack escapes typed text in the `text` of a command with should_escape.

Source: docs.slack.dev/interactivity/implementing-slash-commands. Group mentions become <!here> too: not verified, so
the stricter way.
"""

import re

from slack_standin.model.workspace import Person, Workspace

_PIECES = re.compile(
    r"(?P<url>https?://[^\s<>]+)|(?<![\w@])@(?P<person>[\w.-]+)|(?<![\w#&])#(?P<channel>[\w-]+)",
    re.IGNORECASE,
)
_GROUPS = ("here", "channel", "everyone")
_LABELS = re.compile(r"<@(\w+)\|[^>]*>")


def escape_entities(text: str) -> str:
    """Replace the three characters that Slack's markup reserves."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_typed(text: str, workspace: Workspace, typist: Person) -> str:
    """Replace typed mentions by Slack's markup; everything else stays, with entities escaped."""
    written, position = "", 0
    for found in _PIECES.finditer(text):
        markup, end = _markup(found, workspace, typist)
        if markup:
            written += escape_entities(text[position : found.start()]) + markup
            position = end
    return written + escape_entities(text[position:])


def escape_message(text: str, workspace: Workspace, typist: Person) -> str:
    """As `escape_typed`, for a message: it mentions people by id alone, and only commands add the name."""
    return _LABELS.sub(r"<@\1>", escape_typed(text, workspace, typist))


def _markup(found: re.Match[str], workspace: Workspace, typist: Person) -> tuple[str | None, int]:
    if found["url"]:
        url = found["url"].rstrip(".,;:!?)'\"")
        return f"<{escape_entities(url)}>", found.start() + len(url)
    if found["person"]:
        return _mention(found, workspace)
    channel = workspace.channel_named(found["channel"])
    if channel is None or (channel.private and typist.id not in channel.members):
        return None, found.end()
    return f"<#{channel.id}|{'' if channel.private else channel.name}>", found.end()


def _mention(found: re.Match[str], workspace: Workspace) -> tuple[str | None, int]:
    """A full stop after a name may end the sentence, so trailing dots and dashes are also tried without."""
    name = found["person"]
    while name:
        end = found.start() + 1 + len(name)
        if name in _GROUPS:
            return f"<!{name}>", end
        person = workspace.person_named(name)
        if person:
            return f"<@{person.id}|{person.name}>", end
        if name[-1] not in ".-":
            break
        name = name[:-1]
    return None, found.end()
