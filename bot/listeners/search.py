"""Searching wins: `/wins search`, and the field on Home, which opens a modal. Only the searcher sees what is found."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.domain.found_wins import SearchPage, UnknownName
from bot.domain.permissions import SlackUnavailable
from bot.domain.search_query import UnclearSearch
from bot.domain.slack_errors import ErrorMeaning
from bot.domain.typed_dates import NoSuchDate
from bot.listeners.dependencies import Dependencies
from bot.services.search import Search
from bot.slack import command_text, payloads, view_state
from bot.views import ephemeral
from bot.views import search as view
from bot.views.format import Message
from bot.views.translations import ENGLISH


class Searches:
    """Searches for people, and shows them what was found."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._search = Search(deps.access, deps.visibility, deps.channel_directory, deps.database, deps.clock)

    async def by_command(self, command: payloads.SlashCommand, typed: str) -> Message | None:
        """Answer `/wins search`; without words, open the modal and return None."""
        if not typed.strip():
            was_opened = await self._deps.modals.open(
                command.team_id, command.trigger_id, view.search_modal(ENGLISH, SearchPage(""))
            )
            return ephemeral.modal_failed_to_open(ENGLISH) if was_opened is None else None
        text, people = command_text.parse(typed, keeps_channels=True)
        typed_names = {person.user_id: name for person in people if (name := person.name_in({}))}
        return await self.find(command.team_id, command.user_id, command.user_team_id, SearchPage(text), typed_names)

    async def find(
        self,
        team_id: str,
        user_id: str,
        user_team_id: str | None,
        page: SearchPage,
        typed_names: Mapping[str, str] = MappingProxyType({}),
    ) -> Message:
        """Return a page of what someone finds, or why there is none. People whose name isn't known are as typed."""
        try:
            found = await self._search.find(team_id, user_id, user_team_id, page.typed, before=page.before)
        except (UnclearSearch, NoSuchDate, UnknownName) as refusal:
            return view.refused(ENGLISH, refusal)
        except SlackUnavailable as error:
            if error.meaning is ErrorMeaning.MISSING_SCOPE:
                raise
            return view.channel_not_looked_up(ENGLISH)
        for person in found.query.people:
            if person not in found.names:
                self._deps.queue_user_lookup(team_id, person)
        found = replace(found, names={**typed_names, **found.names})
        return view.results(ENGLISH, found, page, permalink=self._deps.clients.of(team_id).workspace.permalink)

    async def modal(self, action: payloads.ViewAction | payloads.ViewSubmission, page: SearchPage) -> dict[str, Any]:
        """Return the modal with a page of what someone finds."""
        message = None
        if page.typed.strip():
            message = await self.find(action.team_id, action.user_id, action.user_team_id, page)
        return view.search_modal(ENGLISH, page, message)


def register(app: AsyncApp, deps: Dependencies) -> None:
    """Listen for the field, and for the buttons that turn pages."""
    searches = Searches(deps)

    async def show(action: payloads.ViewAction, page: SearchPage) -> None:
        if action.view_type == "modal":
            await deps.modals.update(action.team_id, action.view_id, await searches.modal(action, page))
        else:
            load = partial(searches.modal, action, page)
            await deps.modals.open_then_fill(action.team_id, action.trigger_id, load, user_id=action.user_id)

    @app.action(view.SEARCH_FIELD)
    async def search(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        action = payloads.view_action(body)
        await show(action, _first_page(action.value))
        await ack()

    @app.view(view.MODAL)
    async def submit(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        submission = payloads.view_submission(body)
        typed = view_state.parse_state(submission.state).get(view.SEARCH_FIELD)
        page = _first_page(typed if isinstance(typed, str) else "")
        await ack(response_action="update", view=await searches.modal(submission, page))

    async def answer(body: dict[str, Any], read_page: Callable[[str], SearchPage], *, replaces: bool) -> None:
        if "view" in body:
            press = payloads.view_action(body)
            await show(press, read_page(press.value))
            return
        action = payloads.message_action(body)
        found = await searches.find(action.team_id, action.user_id, action.user_team_id, read_page(action.value))
        await deps.respond(action.response_url, found, replace=replaces)

    @app.action(view.SEARCH_TAG)
    async def search_tag(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await answer(body, _first_page, replaces=False)
        await ack()

    async def turn_page(body: dict[str, Any], ack: Callable[..., Any]) -> None:
        await answer(body, _page, replaces=True)
        await ack()

    app.action(view.NEWER)(turn_page)
    app.action(view.OLDER)(turn_page)


def _first_page(typed: str) -> SearchPage:
    return SearchPage(typed[: view.MAX_TYPED])


def _page(value: str) -> SearchPage:
    """Read the page that a button leads to. Raises Malformed."""
    try:
        return SearchPage.from_json(value)
    except (ValueError, RecursionError):
        raise payloads.Malformed("page") from None
