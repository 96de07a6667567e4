"""The page of a climb, for people in its channel. The authors of its steps can rename it, or mark it as reached."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.climbs import StepRefused
from bot.listeners.after_commit import in_time
from bot.listeners.dependencies import Dependencies
from bot.listeners.win_form_state import is_count
from bot.services import climbs
from bot.services.climbs import ClimbAccess, ClimbGone, ClimbReader, ClimbResult, NotInChannel
from bot.services.idempotency import run_once
from bot.slack import payloads, view_state
from bot.slack.payloads import Malformed
from bot.views import climb as view
from bot.views import ephemeral, refusals
from bot.views.format import Message
from bot.views.translations import ENGLISH
from bot.views.win_buttons import OPEN_CLIMB

Ack = Callable[..., Any]
Body = dict[str, Any]
Person = payloads.MessageAction | payloads.ViewAction | payloads.ViewSubmission


@dataclass(frozen=True)
class PageState:
    """What the page of a climb keeps in its view: the climb, and the first step that it shows (from 0)."""

    climb_id: int
    first: int = 0

    def encode(self) -> str:
        """Return it as text, for the view's private_metadata."""
        return json.dumps({"climb": self.climb_id, "first": self.first}, separators=(",", ":"))


def parse_page_state(private_metadata: str) -> PageState:
    """Read what a page keeps. Raises Malformed for what the bot did not make."""
    try:
        data = json.loads(private_metadata)
        state = PageState(data["climb"], data["first"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed("private_metadata") from None
    if not (is_count(state.climb_id) and is_count(state.first)):
        raise Malformed("private_metadata")
    return state


class ClimbPages:
    """Shows climbs, and changes them."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._access = ClimbAccess(deps.access, deps.visibility, deps.database)

    async def page(self, person: Person, state: PageState, notice: str = "") -> dict[str, Any]:
        """Return the modal with a climb, or with the reason why the person can't see it."""
        try:
            reader = await self.reader(person, state)
            return await self._render(person, state, reader, notice)
        except (ClimbGone, NotInChannel) as refusal:
            return refusals.error_modal(ENGLISH, explain(refusal))

    async def _page_after(
        self, result: ClimbResult, person: Person, state: PageState, notice: str = ""
    ) -> dict[str, Any]:
        """Return the page after a request to change the climb; if it can't be had in time, whether that is saved."""
        page = self.page(person, state, notice)
        if result is not ClimbResult.DONE:
            return await page
        return await in_time(page, refusals.error_modal(ENGLISH, ephemeral.saved_but_not_shown(ENGLISH)))

    async def reader(self, person: Person, state: PageState, *, posts: bool = False) -> ClimbReader:
        """Return who looks at a climb. Raises ClimbGone, NotInChannel, SlackUnavailable or ChannelUnreachable."""
        return await self._access.reader(
            person.team_id, person.user_id, person.user_team_id, state.climb_id, posts=posts
        )

    async def _render(self, person: Person, state: PageState, reader: ClimbReader, notice: str) -> dict[str, Any]:
        query = partial(climbs.load_page, team_id=person.team_id, climb_id=state.climb_id, reader=reader)
        page, names = await self._deps.database.read(partial(query, first=state.first))
        return view.page(
            ENGLISH,
            page,
            names,
            private_metadata=replace(state, first=page.first).encode(),
            permalink=self._deps.clients.of(person.team_id).workspace.permalink,
            notice=notice,
        )

    async def rename_form(self, person: Person, state: PageState) -> dict[str, Any]:
        """Return the form for a climb's name, or the page with the reason why there is none."""
        try:
            reader = await self.reader(person, state)
            query = partial(climbs.load_page, team_id=person.team_id, climb_id=state.climb_id, reader=reader)
            page, _ = await self._deps.database.read(query)
            if not page.may_rename:
                return await self._render(person, state, reader, view.not_yours(ENGLISH))
        except (ClimbGone, NotInChannel) as refusal:
            return refusals.error_modal(ENGLISH, explain(refusal))
        return view.rename_form(ENGLISH, page.climb, private_metadata=state.encode())

    async def rename(self, submission: payloads.ViewSubmission) -> dict[str, Any]:
        """Rename a climb, and return the response to Slack. A name that isn't saved is given back."""
        state = parse_page_state(submission.private_metadata)
        typed = view_state.parse_state(submission.state).get(view.NAME)
        name = typed if isinstance(typed, str) else ""
        try:
            reader = await self.reader(submission, state)
            work = partial(
                climbs.rename,
                team_id=submission.team_id,
                climb_id=state.climb_id,
                reader=reader,
                name=name,
                now=self._deps.clock(),
            )
            result = await self._deps.database.write(work)
            if result is ClimbResult.GONE:
                raise ClimbGone
        except StepRefused as refusal:
            return _name_error(view.step_errors(ENGLISH)[refusal.error])
        except (ClimbGone, NotInChannel) as refusal:
            answer = ephemeral.with_text_to_copy(ENGLISH, explain(refusal), name)
            return {"response_action": "update", "view": refusals.error_modal(ENGLISH, answer)}
        if result is ClimbResult.NOT_ALLOWED:
            return _name_error(view.not_yours(ENGLISH))
        self._deps.wake_scheduler()
        return {"response_action": "update", "view": await self._page_after(result, submission, state)}

    async def change(
        self, action: payloads.ViewAction, service: Callable[..., ClimbResult], *, posts: bool, **rest: Any
    ) -> None:
        """Mark a climb as reached or take that back, and show its page again."""
        state = parse_page_state(action.private_metadata)
        try:
            reader = await self.reader(action, state, posts=posts)
            work = partial(service, team_id=action.team_id, climb_id=state.climb_id, reader=reader, **rest)
            result = await run_once(self._deps.database, action, ClimbResult, work, now=self._deps.clock())
            shown = await self._page_after(result, action, state, _notice(result))
        except (ClimbGone, NotInChannel) as refusal:
            shown = refusals.error_modal(ENGLISH, explain(refusal))
        self._deps.wake_scheduler()
        await self._deps.modals.update(action.team_id, action.view_id, shown)


def _name_error(error: str) -> dict[str, Any]:
    """Return the response that shows an error under the name, which stays in the form."""
    return {"response_action": "errors", "errors": {view.NAME: error}}


def explain(refusal: ClimbGone | NotInChannel) -> Message:
    """Return why someone can't see a climb."""
    return view.not_in_channel(ENGLISH, refusal.channel_id) if isinstance(refusal, NotInChannel) else view.gone(ENGLISH)


def _notice(result: ClimbResult) -> str:
    if result is ClimbResult.NOT_ALLOWED:
        return view.not_yours(ENGLISH)
    return view.no_change(ENGLISH) if result is ClimbResult.NO_CHANGE else ""


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for what opens a climb, and for the buttons on its page."""
    pages = ClimbPages(deps)

    @app.action(OPEN_CLIMB)
    async def open_climb(body: Body, ack: Ack) -> None:
        if "view" in body:
            press = payloads.view_action(body)
            state = PageState(payloads.row_id(press.value))
            if press.view_type == "modal":  # a modal can't open another one, only put it on top
                await deps.modals.push(press.team_id, press.trigger_id, await pages.page(press, state))
            else:
                load = partial(pages.page, press, state)
                await deps.modals.open_then_fill(press.team_id, press.trigger_id, load, user_id=press.user_id)
        else:
            action = payloads.message_action(body)
            load = partial(pages.page, action, PageState(payloads.row_id(action.value)))
            if not await deps.modals.open_then_fill(action.team_id, action.trigger_id, load, user_id=action.user_id):
                await deps.respond(action.response_url, view.failed_to_open(ENGLISH))
        await ack()

    async def turn_page(body: Body, ack: Ack) -> None:
        action = payloads.view_action(body)
        state = replace(parse_page_state(action.private_metadata), first=payloads.row_id(action.value))
        await deps.modals.update(action.team_id, action.view_id, await pages.page(action, state))
        await ack()

    app.action(view.EARLIER)(turn_page)
    app.action(view.LATER)(turn_page)

    @app.action(view.RENAME)
    async def open_name(body: Body, ack: Ack) -> None:
        action = payloads.view_action(body)
        form = await pages.rename_form(action, parse_page_state(action.private_metadata))
        await deps.modals.update(action.team_id, action.view_id, form)
        await ack()

    @app.view(view.RENAME_FORM)
    async def rename(body: Body, ack: Ack) -> None:
        await ack(**await pages.rename(payloads.view_submission(body)))

    @app.action(view.MARK_REACHED)
    async def mark_reached(body: Body, ack: Ack) -> None:
        await pages.change(payloads.view_action(body), climbs.mark_reached, posts=True, now=deps.clock())
        await ack()

    @app.action(view.TAKE_BACK)
    async def take_back(body: Body, ack: Ack) -> None:
        await pages.change(payloads.view_action(body), climbs.take_back, posts=False)
        await ack()
