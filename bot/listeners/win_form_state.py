"""What an open form of a win keeps in its view, and what is entered in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.domain.climbs import NextStepOf
from bot.domain.entered_win import NO_TEXT, EnteredWin, OriginalText
from bot.domain.tags import find_tags
from bot.domain.wins import Mention, MessageSource, WinKind
from bot.services.unsaved_wins import FormKey
from bot.slack import payloads, view_state
from bot.slack.payloads import Malformed
from bot.views import win_form as view
from bot.views.translations import ENGLISH

MAX_RESPONSE_URL_LENGTH = 500
MAX_METADATA_LENGTH = 3000


@dataclass(frozen=True)
class WinFormState:
    """Where a form was opened, and what it is about.

    `channel_id` is the channel that the person was in, if Slack says so, and `response_url` that of their request:
    there they are told what became of it, in place of the message that they pressed if it `replaces` that. `unsaved_id`
    is the unsaved win that it shows; `is_restored` if that was in a form that was closed. `version` counts the times
    that its fields were filled in again. A win in the same words as another one of this minute is saved if the form
    `may_repeat` it, after having asked; so is another win from a message that `is_saved_before`. `opened_at` is set in
    a form that opened blank, before it was known whether something is kept. `original` has whom the names mean that it
    was filled in with. It suggests `suggested_channel_id`, which they are in, and without one `channel_id`.
    """

    channel_id: str | None
    response_url: str = ""
    replaces: bool = False
    is_in_group: bool = False
    source: MessageSource | None = None
    unsaved_id: int | None = None
    version: int = 0
    is_restored: bool = False
    may_repeat: bool = False
    is_saved_before: bool = False
    opened_at: datetime | None = None
    original: OriginalText = NO_TEXT
    suggested_channel_id: str | None = None

    @property
    def is_in_dm(self) -> bool:
        """Whether it was opened in a direct message."""
        return self.channel_id is not None and self.channel_id.startswith("D")

    def key_of(self, team_id: str, user_id: str) -> FormKey:
        """Return the key of what this person's form keeps."""
        return FormKey(team_id, user_id, self.source, self.unsaved_id, self.opened_at)

    def encode(self) -> str:
        """Return it as text, for the view's private_metadata; without an `original` that has no room there."""
        source = self.source
        data = {
            "channel": self.channel_id,
            "url": self.response_url if len(self.response_url) <= MAX_RESPONSE_URL_LENGTH else "",
            "replaces": self.replaces,
            "group": self.is_in_group,
            "source": None if source is None else [source.channel_id, source.ts, source.thread_ts],
            "unsaved": self.unsaved_id,
            "version": self.version,
            "restored": self.is_restored,
            "repeats": self.may_repeat,
            "saved_before": self.is_saved_before,
            "suggested": self.suggested_channel_id,
            "opened": None if self.opened_at is None else self.opened_at.isoformat(),
        }
        people = [(person.user_id, person.name) for person in self.original.people]
        encoded = json.dumps({**data, "original": (self.original.text, people)}, separators=(",", ":"))
        return encoded if len(encoded) <= MAX_METADATA_LENGTH else json.dumps(data, separators=(",", ":"))


def parse_win_form_state(private_metadata: str) -> WinFormState:
    """Read what a form keeps. Raises Malformed for what the bot did not make."""
    try:
        data = json.loads(private_metadata)
        source = None if data["source"] is None else _read_source(*data["source"])
        opened = data.get("opened")  # not in a form that an earlier release opened
        opened_at = None if opened is None else datetime.fromisoformat(opened)
        state = WinFormState(
            *(data["channel"], data["url"], data["replaces"], data["group"], source, data["unsaved"], data["version"]),
            *(data["restored"], data["repeats"], data["saved_before"], opened_at),
            _read_original(*data.get("original", ("", ()))),  # not in the forms of an earlier release
            data.get("suggested"),  # nor is this
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("private_metadata") from None
    is_valid = (
        isinstance(state.channel_id, str | None)
        and isinstance(state.suggested_channel_id, str | None)
        and isinstance(state.response_url, str)
        and isinstance(state.replaces, bool)
        and isinstance(state.is_in_group, bool)
        and (state.unsaved_id is None or is_count(state.unsaved_id))
        and is_count(state.version)
        and isinstance(state.is_restored, bool)
        and isinstance(state.may_repeat, bool)
        and isinstance(state.is_saved_before, bool)
        and (state.opened_at is None or state.opened_at.tzinfo == UTC)
    )
    if not is_valid:
        raise Malformed("private_metadata")
    return state


def _read_source(channel_id: object, message_ts: object, thread_ts: object) -> MessageSource:
    """Return the message that a form is about. Raises Malformed."""
    thread = None if thread_ts is None else payloads.ts({"ts": thread_ts}, "ts")
    return MessageSource(payloads.channel_id(channel_id), payloads.ts({"ts": message_ts}, "ts"), thread)


def _read_original(text: Any, people: Any) -> OriginalText:
    """Return the text that a form was filled in with. Raises Malformed."""
    original = OriginalText(text, tuple(Mention(payloads.user_id(user_id), name) for user_id, name in people))
    if not (isinstance(text, str) and all(isinstance(person.name, str | None) for person in original.people)):
        raise Malformed("original")
    return original


def is_count(value: object) -> bool:
    """Whether this is a count that the databases can hold."""
    return type(value) is int and 0 <= value < 2**53


def parse_entered(state: Mapping[str, Any]) -> EnteredWin:
    """Read what is entered in the fields. Raises Malformed."""
    content = parse_content(state)
    values = {view.field_of(block_id): value for block_id, value in view_state.parse_state(state).items()}
    audience, channel_id = values.get(view.AUDIENCE), values.get(view.CHANNEL)
    if audience not in (view.IN_CHANNEL, view.ONLY_ME):
        raise Malformed("option")
    return replace(
        content,
        channel_id=payloads.channel_id(channel_id) if channel_id else None,
        is_private=audience == view.ONLY_ME,
    )


def parse_content(state: Mapping[str, Any]) -> EnteredWin:
    """Read what is entered in the fields for all that a win says. Raises Malformed."""
    values = {view.field_of(block_id): value for block_id, value in view_state.parse_state(state).items()}

    def text(name: str) -> str:
        value = values.get(name)
        if isinstance(value, list):
            raise Malformed(name)
        return value or ""

    def texts(name: str) -> tuple[str, ...]:
        value = values.get(name) or []
        if isinstance(value, str):
            raise Malformed(name)
        return tuple(dict.fromkeys(value))

    kind = text(view.KIND)
    if kind not in list(WinKind):
        raise Malformed("option")
    tags = texts(view.TAGS)
    if any(find_tags(f"#{tag}") != (tag,) for tag in tags):
        raise Malformed(view.TAGS)
    return EnteredWin(
        text=text(view.TEXT),
        whose=tuple(map(payloads.user_id, texts(view.WHOSE))),
        thanked=tuple(map(payloads.user_id, texts(view.THANKED))),
        reason=text(view.REASON),
        tags=tags,
        url=text(view.URL).strip(),
        kind=WinKind(kind),
        step_of=_read_step(text(view.NEXT_STEP_OF), text(view.NEW_NAME)),
    )


def _read_step(chosen: str, name: str) -> NextStepOf | None:
    """Return what was chosen in the field for the next step. Raises Malformed."""
    if not chosen:
        return None
    kind, _, row_id = chosen.partition(":")
    if kind == "climb":
        return NextStepOf(climb_id=payloads.row_id(row_id))
    if kind == "win":
        return NextStepOf(win_id=payloads.row_id(row_id), name=name)
    raise Malformed(view.NEXT_STEP_OF)


def render_win_form(state: WinFormState, entered: EnteredWin, step_label: str = "") -> dict[str, Any]:
    """Return the form with what is entered in it; `step_label` is how what it is the next step of is shown."""
    return view.form(
        ENGLISH,
        entered,
        private_metadata=state.encode(),
        version=state.version,
        is_restored=state.is_restored,
        is_repeated=state.may_repeat,
        is_saved_before=state.is_saved_before,
        is_in_group=state.is_in_group,
        takes_current=state.channel_id is None,
        step_label=step_label,
    )


def win_form_key(view_id: str) -> str:
    """Return the idempotency key of a form, which saves one win."""
    return f"form:{view_id[:80]}"
