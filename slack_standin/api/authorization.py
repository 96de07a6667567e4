"""The authorization page: installs the app into a workspace and issues codes.

Source: docs.slack.dev/authentication/installing-with-oauth. Slack serves this page at https://slack.com.
Programs add `allow=1` (or `deny=1`) to its URL, and `user` and `workspace` to choose the person and the workspace.
"""

import html
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from slack_standin.model.oauth_codes import Code
from slack_standin.model.state import World
from slack_standin.model.workspace import Person, Workspace

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{app} wants to join {team}</title>
<h1>{app} is requesting permission to access the {team} workspace</h1>
<ul>{scopes}</ul>
<form method="get">{fields}
<button name="allow" value="1">Allow</button> <button name="deny" value="1">Cancel</button>
</form>
</html>"""


_LOOPBACK = ("127.0.0.1", "localhost")


class Unacceptable(Exception):
    """The URL of the page asks for something that the app may not have."""


class Authorization:
    """Answers {origin}/oauth/v2/authorize."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def receive(self, request: web.Request) -> web.Response:
        """Show the page, or act on one of its buttons."""
        asked = request.query
        try:
            scopes, target = self._checked(asked)
            workspace, person = self._who(asked)
        except Unacceptable as refusal:
            return web.Response(status=400, text=f"Something went wrong when authorizing this app: {refusal}")
        state = {"state": asked["state"]} if "state" in asked else {"state": ""}
        if asked.get("deny"):
            return _redirect(target, {"error": "access_denied"} | state)
        if not asked.get("allow"):
            return self._page(asked, workspace, scopes)
        code = self._world.codes.issue(Code(workspace, person.id, scopes, asked.get("redirect_uri")))
        return _redirect(target, {"code": code} | state)

    def _checked(self, asked: Mapping[str, str]) -> tuple[frozenset[str], str]:
        manifest = self._world.manifest
        if asked.get("client_id") != self._world.client_id:
            raise Unacceptable("invalid_client_id")
        scopes = frozenset(each for each in asked.get("scope", "").replace(" ", ",").split(",") if each)
        if not scopes or not scopes <= manifest.scopes:
            raise Unacceptable(f"invalid_scope: {', '.join(sorted(scopes - manifest.scopes)) or 'none asked for'}")
        if not manifest.redirect_urls:
            raise Unacceptable("bad_redirect_uri: the manifest has no redirect_urls")
        target = asked.get("redirect_uri", manifest.redirect_urls[0])
        if not any(_is_under(target, allowed) for allowed in manifest.redirect_urls):
            raise Unacceptable(f"bad_redirect_uri: {target} is not among the manifest's redirect_urls")
        return scopes, target

    def _who(self, asked: Mapping[str, str]) -> tuple[Workspace, Person]:
        workspaces = self._world.workspaces
        wanted = asked.get("workspace") or asked.get("team")
        workspace = workspaces.get(wanted) if wanted else next(iter(workspaces.values()))
        if workspace is None:
            raise Unacceptable(f"there is no workspace {wanted}")
        named = asked.get("user")
        people = [person for person in workspace.people.values() if not person.is_bot and not person.deleted]
        found = [person for person in people if named in (None, person.id, person.name)]
        if not found:
            raise Unacceptable(f"there is nobody called {named} in {workspace.name}" if named else "nobody is there")
        return workspace, found[0]

    def _page(self, asked: Mapping[str, str], workspace: Workspace, scopes: frozenset[str]) -> web.Response:
        fields = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        text = _PAGE.format(
            app=html.escape(self._world.manifest.app_name),
            team=html.escape(workspace.name),
            scopes="".join(f"<li>{html.escape(scope)}</li>" for scope in sorted(scopes)),
            fields=fields,
        )
        return web.Response(text=text, content_type="text/html")


def _is_under(target: str, allowed: str) -> bool:
    """Whether a redirect URL is allowed: it has the origin of a configured URL, and its path or one below.

    On loopback a configured URL without a port matches every port, because a bot in a test has a random one.
    """
    wanted, given = urlsplit(allowed), urlsplit(target)
    any_port = wanted.port is None and wanted.hostname in _LOOPBACK
    same_place = wanted.scheme == given.scheme and (
        wanted.hostname == given.hostname if any_port else wanted.netloc == given.netloc
    )
    path = wanted.path.rstrip("/")
    return same_place and (given.path.rstrip("/") == path or given.path.startswith(f"{path}/"))


def _redirect(target: str, query: dict[str, str]) -> web.Response:
    joint = "&" if "?" in target else "?"
    return web.Response(status=302, headers={"Location": f"{target}{joint}{urlencode(query)}"})
