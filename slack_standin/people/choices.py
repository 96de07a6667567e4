"""What menus of people and conversations offer to a person: they can choose that, and what is chosen already.

Source: docs.slack.dev/reference/block-kit/block-elements/select-menu-element, /reference/block-kit/composition-objects
(conversation filter object).
"""

from typing import Any

from slack_standin.block_kit.input_state import FIELDS, State
from slack_standin.block_kit.interactive import Block, Element
from slack_standin.model.workspace import Person, Workspace

_KINDS = {"channels": "public", "groups": "private", "im": "im", "mpim": "mpim"}


def check_choice(
    workspace: Workspace, person: Person, block: Block, element: Element, *, value: Any, state: State
) -> None:
    """Raise ValueError if the element is such a menu and doesn't offer a value to the person."""
    kind = str(element["type"]).removeprefix("multi_")
    if kind not in ("users_select", "conversations_select", "channels_select"):
        return
    held = state.values.get(block["block_id"], {}).get(element["action_id"], {}).get(FIELDS[element["type"]].name)
    chosen = _listed(held)
    for each in _listed(value):
        if each not in chosen and not _offers(workspace, person, element, kind, each):
            raise ValueError(f"{person.name} isn't offered {each!r} in {element['action_id']!r}")


def _offers(workspace: Workspace, person: Person, element: Element, kind: str, value: str) -> bool:
    if kind == "users_select":
        return value in workspace.people and not workspace.people[value].deleted
    channel = workspace.channels.get(value)
    if channel is None or channel.archived or not channel.is_open_to(person):
        return False
    if kind == "channels_select":
        return channel.public
    wanted = element.get("filter", {})
    with_bot = channel.is_im and any(workspace.people[member].is_bot for member in channel.members)
    return _KINDS[channel.family] in wanted.get("include", _KINDS.values()) and not (
        with_bot and wanted.get("exclude_bot_users")
    )


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple | set) else [value] if value else []
