"""The form of a win: it opens at once, keeps what is entered until it is saved, and saves it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.audit_log import Unavailability
from bot.domain.entered_win import EnteredWin
from bot.domain.markup import find_people, with_names
from bot.domain.permissions import Action, NotAllowed
from bot.domain.win_form import FieldError, InvalidEntries, is_blank, to_draft, with_whose
from bot.domain.wins import Draft, Mention, MessageSource
from bot.listeners.dependencies import Dependencies
from bot.listeners.home import HomeTab
from bot.listeners.win_form_state import WinFormState, parse_entered, parse_win_form_state
from bot.services import unsaved_wins, wins
from bot.services.win_channels import WinChannels
from bot.slack import payloads
from bot.slack.manifest import SAVE_WIN_SHORTCUT
from bot.storage import unsaved_wins as unsaved_queries
from bot.storage import users
from bot.storage import wins as win_queries
from bot.storage.unsaved_wins import UnsavedWin
from bot.storage.wins import NewWin
from bot.views import ephemeral
from bot.views import win_form as view
from bot.views.format import Message
from bot.views.translations import ENGLISH


class WinForm:
    """Opens, keeps and saves the form."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._channels = WinChannels(deps.access, deps.visibility, deps.database, deps.clock)

    async def open(
        self,
        trigger_id: str,
        team_id: str,
        user_id: str,
        *,
        channel_id: str | None,
        entered: EnteredWin | None = None,
        unsaved_id: int | None = None,
        source: MessageSource | None = None,
        response_url: str = "",
        replaces: bool = False,
        is_in_group: bool = False,
    ) -> bool:
        """Show someone the form; False if Slack did not open it: answer with `offer_again` then.

        `channel_id` is where they are, None if Slack doesn't say. It is filled in with `entered`, with the unsaved win
        `unsaved_id`, or with what they entered before about the message `source`, or about none. Through the
        `response_url` of their request they are told what became of it; that `replaces` the message they pressed.
        """
        state = WinFormState(channel_id, response_url, replaces, is_in_group, source, unsaved_id)
        if entered is None and unsaved_id is None and source is None:
            blank = EnteredWin(whose=(user_id,), channel_id=_shared_in(state), is_private=state.is_in_dm)
            query = partial(unsaved_queries.latest, team_id=team_id, user_id=user_id, source=None)
            view_id, kept = await asyncio.gather(
                self._deps.modals.open(team_id, trigger_id, _render(state, blank)), self._deps.database.read(query)
            )
            if view_id is not None and kept is not None and not is_blank(kept.entered):
                self._deps.background.spawn(self._restore(kept, view_id, state))
            return view_id is not None
        load = partial(self._load, team_id, user_id, state, entered)
        return await self._deps.modals.open_then_fill(team_id, trigger_id, load, user_id=user_id)

    async def open_by_command(self, command: payloads.SlashCommand) -> Message | None:
        """Open the form for someone who typed `/win` alone; return what to answer."""
        if await self.open(
            command.trigger_id,
            command.team_id,
            command.user_id,
            channel_id=command.channel_id,
            response_url=command.response_url,
            is_in_group=command.is_in_group,
        ):
            return None
        return await self.offer_again(command.team_id, command.user_id, channel_id=command.channel_id)

    async def open_or_offer(self, trigger_id: str, team_id: str, user_id: str) -> None:
        """Open the form for someone of whom Slack does not say where they are; if it doesn't, offer it privately."""
        if not await self.open(trigger_id, team_id, user_id, channel_id=None):
            offer = partial(unsaved_wins.offer_form, team_id=team_id, user_id=user_id, now=self._deps.clock())
            await self._deps.database.write(offer)
            self._deps.wake_outbox((team_id, user_id))

    async def offer_again(
        self,
        team_id: str,
        user_id: str,
        *,
        channel_id: str | None,
        entered: EnteredWin | None = None,
        unsaved_id: int | None = None,
        source: MessageSource | None = None,
    ) -> Message:
        """Return the answer to a request for which Slack did not open the form: its button opens it for a day."""
        if unsaved_id is None and (entered is not None or source is not None):
            keep = partial(
                unsaved_queries.add,
                team_id=team_id,
                user_id=user_id,
                channel_id=channel_id,
                entered=entered or EnteredWin(),
                source=source,
                now=self._deps.clock(),
            )
            unsaved_id = await self._deps.database.write(keep)
        value = view.NOTHING_KEPT if unsaved_id is None else str(unsaved_id)
        return view.failed_to_open(ENGLISH, value=value, is_kept=unsaved_id is not None)

    async def _restore(self, kept: UnsavedWin, view_id: str, state: WinFormState) -> None:
        """Fill an open form with what the person had entered before it was opened."""
        await self._deps.modals.update(kept.team_id, view_id, await self._fill(kept, state, is_restored=True))

    async def _load(
        self, team_id: str, user_id: str, state: WinFormState, entered: EnteredWin | None
    ) -> dict[str, Any]:
        """Return the form, filled in with what is kept, or else with what was `entered`."""
        query = partial(unsaved_queries.latest, source=state.source)
        if state.unsaved_id is not None:
            query = partial(unsaved_queries.by_id, unsaved_id=state.unsaved_id)
        kept = await self._deps.database.read(partial(query, team_id=team_id, user_id=user_id))
        if kept is None or (state.unsaved_id is None and is_blank(kept.entered)):
            entered = entered or EnteredWin()
            kept = UnsavedWin(0, team_id, user_id, state.channel_id, entered, state.source, self._deps.clock())
        return await self._fill(kept, state, is_restored=kept.id != 0 and state.unsaved_id is None)

    async def _fill(self, kept: UnsavedWin, state: WinFormState, *, is_restored: bool) -> dict[str, Any]:
        """Return the form of an unsaved win."""
        entered, mentioned = with_whose(kept.entered, kept.user_id), find_people(kept.entered.text)
        if mentioned:
            await self._deps.bots_among(kept.team_id, mentioned)  # so that their names are stored
        names = await self._deps.database.read(partial(users.names, team_id=kept.team_id, user_ids=mentioned))
        labels = {user_id: Mention(user_id, names.get(user_id)).typed_name for user_id in mentioned}
        entered = replace(entered, text=with_names(entered.text, labels))
        if entered.channel_id is None and not entered.is_private:
            entered = replace(entered, channel_id=_shared_in(state))
        state = replace(
            state,
            source=kept.linked_source,
            unsaved_id=kept.id or None,
            version=state.version + 1,
            is_restored=is_restored,
            is_saved_before=await self._is_saved_before(kept.team_id, kept.user_id, kept.linked_source),
        )
        return _render(state, entered)

    async def _is_saved_before(self, team_id: str, user_id: str, source: MessageSource | None) -> bool:
        """Whether the message that the form is about is saved as a win, as far as the person may know."""
        if source is None:
            return False
        query = partial(win_queries.is_saved_from, team_id=team_id, source=source, reader_id=user_id)
        return await self._deps.database.read(query)

    async def keep(self, action: payloads.ViewAction) -> None:
        """Keep what is entered, until it is saved."""
        state, entered = parse_win_form_state(action.private_metadata), parse_entered(action.state)
        work = partial(
            unsaved_wins.keep,
            team_id=action.team_id,
            user_id=action.user_id,
            channel_id=state.channel_id,
            entered=entered,
            source=state.source,
            unsaved_id=state.unsaved_id,
            idempotency_key=_key(action.view_id),
            now=self._deps.clock(),
        )
        await self._deps.database.write(work)
        if action.action_id == view.AUDIENCE:  # which adds or removes the field for the channel
            if entered.channel_id is None and not entered.is_private:
                entered = replace(entered, channel_id=_shared_in(state))
            await self._deps.modals.update(
                action.team_id, action.view_id, _render(state, entered), view_hash=action.hash
            )

    async def start_over(self, action: payloads.ViewAction) -> None:
        """Forget what was kept, and empty the form."""
        state = parse_win_form_state(action.private_metadata)
        await self._forget(action.team_id, action.user_id, state)
        state = replace(state, unsaved_id=None, version=state.version + 1, is_restored=False, may_repeat=False)
        blank = EnteredWin(whose=(action.user_id,), channel_id=_shared_in(state), is_private=state.is_in_dm)
        await self._deps.modals.update(action.team_id, action.view_id, _render(state, blank), view_hash=action.hash)

    async def _forget(self, team_id: str, user_id: str, state: WinFormState) -> None:
        forget = partial(
            unsaved_wins.forget, team_id=team_id, user_id=user_id, source=state.source, unsaved_id=state.unsaved_id
        )
        await self._deps.database.write(forget)

    async def save(self, submission: payloads.ViewSubmission) -> dict[str, Any]:
        """Save the win, once for each form, and return the response to Slack."""
        state, entered = parse_win_form_state(submission.private_metadata), parse_entered(submission.state)
        team_id, user_id = submission.team_id, submission.user_id
        if await self._deps.access.is_outsider(team_id, user_id, submission.user_team_id):
            raise NotAllowed(Action.SEE)
        try:
            draft, bot_ids, author = await self._check(team_id, user_id, entered, state)
        except InvalidEntries as invalid:
            errors = view.errors(ENGLISH, invalid.errors, block_ids=submission.state, version=state.version)
            return {"response_action": "errors", "errors": errors}
        if not state.is_saved_before and await self._is_saved_before(team_id, user_id, state.source):
            return {"response_action": "update", "view": _render(replace(state, is_saved_before=True), entered)}
        is_here = entered.is_private or entered.channel_id == state.channel_id
        in_thread = state.source if state.source and state.source.channel_id == entered.channel_id else None
        new_win = NewWin(
            draft,
            team_id,
            None if entered.is_private else entered.channel_id,
            _key(submission.view_id),
            author,
            self._deps.clock(),
            source=state.source,
            thread_ts=None if in_thread is None else in_thread.thread_ts or in_thread.ts,
        )
        try:
            win_id = await wins.log(
                self._deps.database,
                new_win,
                response_url=state.response_url if is_here and state.response_url else None,
                is_in_group=state.is_in_group and is_here,
                may_repeat=state.may_repeat,
            )
        except wins.Repeated:
            return {"response_action": "update", "view": _render(replace(state, may_repeat=True), entered)}
        await self._forget(team_id, user_id, state)
        if state.channel_id is None:  # perhaps from Home
            HomeTab(self._deps).publish_later(team_id, user_id)
        if new_win.channel_id is not None:
            self._deps.wake_outbox((team_id, new_win.channel_id))
        confirmation = ephemeral.win_saved(
            ENGLISH,
            draft,
            win_id,
            bot_ids=bot_ids,
            is_private=entered.is_private,
            is_in_group=state.is_in_group and is_here,
            elsewhere=None if is_here else entered.channel_id,
            is_reply=in_thread is not None,
        )
        return await self._confirm(confirmation, state)

    async def _check(
        self, team_id: str, user_id: str, entered: EnteredWin, state: WinFormState
    ) -> tuple[Draft, set[str], Mention]:
        """Return the win, the bots in it, and its author. Raises InvalidEntries."""
        people = {*entered.whose, *entered.thanked} - {user_id}
        refusal, bot_ids = await asyncio.gather(
            self._refusal(team_id, user_id, entered, state), self._deps.bots_among(team_id, people)
        )
        names = await self._deps.database.read(partial(users.names, team_id=team_id, user_ids={user_id, *people}))
        draft = to_draft(entered, user_id, names=names, bot_ids=bot_ids, refusal=refusal)
        return draft, bot_ids, Mention(user_id, names.get(user_id))

    async def _confirm(self, confirmation: Message, state: WinFormState) -> dict[str, Any]:
        """Tell the author what became of the win: where they were, also in the thread, or else in the form's place."""
        thread_ts = None if state.source is None else state.source.thread_ts
        if state.response_url and await self._deps.respond(
            state.response_url, confirmation, replace=state.replaces, thread_ts=thread_ts
        ):
            return {"response_action": "clear"}
        return {"response_action": "update", "view": view.saved(ENGLISH, confirmation)}

    async def _refusal(
        self, team_id: str, user_id: str, entered: EnteredWin, state: WinFormState
    ) -> FieldError | Unavailability | None:
        """Return why the win can't be shared where it is to be, or None."""
        if entered.is_private or entered.channel_id is None:
            return None
        is_here = entered.channel_id == state.channel_id
        if is_here and state.is_in_group:
            return None
        return await self._channels.refusal(
            team_id,
            user_id,
            entered.channel_id,
            has_response_url=is_here and bool(state.response_url),
            source=state.source,
        )

    async def suggest_tags(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the options of the field for tags, for what is typed in it."""
        team_id, user_id = (payloads.slack_id(payloads.nested(body, name), "id") for name in ("team", "user"))
        form = payloads.nested(body, "view")
        state = parse_win_form_state(payloads.text(form, "private_metadata"))
        # Slack doesn't say here what is entered, but has said so at each change.
        query = partial(unsaved_queries.of_form, team_id=team_id, user_id=user_id, source=state.source)
        kept = await self._deps.database.read(partial(query, unsaved_id=state.unsaved_id))
        channel_id = state.channel_id if kept is None else kept.entered.channel_id
        typed = payloads.text(body, "value", default="")
        found = await self._channels.suggest_tags(team_id, user_id, channel_id, typed)
        return [view.tag_option(tag) for tag in found]


def _render(state: WinFormState, entered: EnteredWin) -> dict[str, Any]:
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
    )


def _shared_in(state: WinFormState) -> str | None:
    """Return the channel that a form opened there suggests."""
    return None if state.is_in_dm else state.channel_id


def _key(view_id: str) -> str:
    """Return the idempotency key of a form, which saves one win."""
    return f"form:{view_id[:80]}"


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for what opens the form, for what is entered in it, and for its submission."""
    form = WinForm(deps)

    @app.shortcut(SAVE_WIN_SHORTCUT)
    async def open_by_shortcut(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        team_id, user_id = (payloads.slack_id(payloads.nested(body, name), "id") for name in ("team", "user"))
        await form.open_or_offer(payloads.text(body, "trigger_id"), team_id, user_id)
        await ack()

    @app.action(view.OPEN_WIN_FORM)
    async def open_by_button(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        if "view" in body:
            on_home = payloads.view_action(body)
            await form.open_or_offer(on_home.trigger_id, on_home.team_id, on_home.user_id)
            await ack()
            return
        action = payloads.message_action(body)
        unsaved_id = None if action.value == view.NOTHING_KEPT else payloads.row_id(action.value)
        if not await form.open(
            action.trigger_id,
            action.team_id,
            action.user_id,
            channel_id=action.channel_id,
            unsaved_id=unsaved_id,
            response_url=action.response_url,
            replaces=True,
            is_in_group=action.is_in_group,
        ):
            again = await form.offer_again(
                action.team_id, action.user_id, channel_id=action.channel_id, unsaved_id=unsaved_id
            )
            await deps.respond(action.response_url, again, replace=True)
        await ack()

    async def keep(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await form.keep(payloads.view_action(body))
        await ack()

    for name in view.FIELDS:
        app.action({"action_id": name, "type": "block_actions"})(keep)

    @app.action(view.START_OVER)
    async def start_over(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await form.start_over(payloads.view_action(body))
        await ack()

    @app.view(view.CALLBACK_ID)
    async def save(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        await ack(**await form.save(submission))

    @app.options(view.TAGS)
    async def suggest_tags(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await ack(options=await form.suggest_tags(body))
