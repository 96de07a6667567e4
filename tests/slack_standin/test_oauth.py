"""The app is installed through OAuth, by a person in a browser or a program, and removed again."""

from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import StandIn, Workspace

from .conftest import MANIFEST, client_of, over_http, standing

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk uses it
BACK = "https://parrot.example/slack/oauth_redirect"


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    manifest = deepcopy(MANIFEST)
    manifest["oauth_config"]["redirect_urls"] = [BACK, "http://127.0.0.1"]
    async with standing(manifest, event_retries=()) as one:
        yield one


@pytest.fixture
def other(slack: StandIn) -> Workspace:
    """A second workspace, where the app isn't installed yet."""
    workspace = slack.add_workspace("Globex", installed=False)
    slack.add_person("eve", workspace=workspace)
    return workspace


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def page(slack: StandIn, **changes: str) -> str:
    query = {"client_id": slack.client_id, "scope": "commands,chat:write", "state": "s", "redirect_uri": BACK}
    return f"{slack.authorize_url}?{urlencode(query | changes)}"


async def allowed(slack: StandIn, http: aiohttp.ClientSession, **changes: str) -> dict[str, list[str]]:
    async with http.get(page(slack, allow="1", **changes), allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"].startswith(BACK)
        return parse_qs(urlsplit(answer.headers["Location"]).query)


async def exchange(slack: StandIn, code: str, **changes: str) -> Any:
    args = {"client_id": slack.client_id, "client_secret": slack.client_secret, "redirect_uri": BACK} | changes
    return await AsyncWebClient(base_url=slack.api_url).oauth_v2_access(code=code, **args)


async def test_allowing_brings_a_code_and_the_code_a_token(
    slack: StandIn, http: aiohttp.ClientSession, other: Workspace
) -> None:
    query = await allowed(slack, http, workspace=other.team_id, user="eve")
    assert query["state"] == ["s"]
    granted = await exchange(slack, query["code"][0])
    assert granted["team"] == {"id": other.team_id, "name": "Globex"}
    assert granted["scope"] == "chat:write,commands"
    assert granted["authed_user"]["id"] in other.people
    client = client_of(slack, granted["access_token"])
    assert (await client.auth_test())["team_id"] == other.team_id
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.users_list()
    with pytest.raises(SlackApiError, match="invalid_code"):
        await exchange(slack, query["code"][0])
    [first, _] = slack.ledger.calls("oauth.v2.access")
    assert slack.client_secret not in str(first)
    assert granted["access_token"] not in str(first)


async def test_a_token_comes_with_the_organization_of_its_workspace(
    slack: StandIn, http: aiohttp.ClientSession, other: Workspace
) -> None:
    slack.add_enterprise("Globex Group", other)
    granted = await exchange(slack, (await allowed(slack, http, workspace=other.team_id))["code"][0])
    other.scopes |= {"team:read"}
    client = client_of(slack, granted["access_token"])
    enterprise_id = (await client.auth_test())["enterprise_id"]
    assert granted["enterprise"] == {"id": enterprise_id, "name": "Globex Group"}
    team = (await client.team_info())["team"]
    assert (team["enterprise_id"], team["enterprise_name"]) == (enterprise_id, "Globex Group")


async def test_the_page_asks_first(slack: StandIn, http: aiohttp.ClientSession, other: Workspace) -> None:
    async with http.get(page(slack, workspace=other.team_id)) as answer:
        text = await answer.text()
    assert "Parrot is requesting permission to access the Globex workspace" in text
    assert "<li>chat:write</li>" in text
    async with http.get(page(slack, workspace=other.team_id, deny="1"), allow_redirects=False) as answer:
        assert "error=access_denied" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"scope": "admin"}, "invalid_scope: admin"),
        ({"redirect_uri": "https://evil.example/"}, "bad_redirect_uri"),
        ({"redirect_uri": BACK + "ed"}, "bad_redirect_uri"),
        ({"user": "nobody"}, "nobody called nobody"),
    ],
)
async def test_the_page_refuses_what_the_manifest_lacks(
    slack: StandIn, http: aiohttp.ClientSession, changes: dict[str, str], why: str
) -> None:
    slack.add_person("ana")
    async with http.get(page(slack, allow="1", **changes), allow_redirects=False) as answer:
        assert answer.status == 400
        assert why in await answer.text()


async def test_a_code_lasts_ten_minutes_and_needs_the_secret(
    slack: StandIn, http: aiohttp.ClientSession, other: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (await allowed(slack, http, workspace=other.team_id))["code"][0]
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await exchange(slack, code, client_secret="x")
    with pytest.raises(SlackApiError, match="bad_redirect_uri"):
        await exchange(slack, code, redirect_uri=f"{BACK}/else")
    code = (await allowed(slack, http, workspace=other.team_id))["code"][0]
    monkeypatch.setattr("slack_standin.model.oauth_codes.LIFETIME", -1.0)
    with pytest.raises(SlackApiError, match="invalid_code"):
        await exchange(slack, code)


async def test_revoking_uninstalls_and_installing_again_brings_another_token(
    slack: StandIn, http: aiohttp.ClientSession, other: Workspace
) -> None:
    code = (await allowed(slack, http, workspace=other.team_id))["code"][0]
    token = (await exchange(slack, code))["access_token"]
    client = client_of(slack, token)
    assert (await client.auth_revoke(test=True))["revoked"] is False
    assert (await client.auth_revoke())["revoked"] is True
    with pytest.raises(SlackApiError, match="account_inactive"):
        await client.auth_test()
    await slack.wait_for(lambda: len(slack.ledger.events()) == 2)
    assert {sent.payload["event"]["type"] for sent in slack.ledger.events()} == {"tokens_revoked", "app_uninstalled"}
    code = (await allowed(slack, http, workspace=other.team_id))["code"][0]
    again = (await exchange(slack, code))["access_token"]
    assert again != token
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client.auth_test()
    assert (await client_of(slack, again).auth_test())["team_id"] == other.team_id
    slack.limits.enabled = False
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await client_of(slack, again).apps_uninstall(client_id=slack.client_id, client_secret="x")
    await client_of(slack, again).apps_uninstall(client_id=slack.client_id, client_secret=slack.client_secret)
    assert not other.installed


async def test_bolts_own_oauth_flow_runs_on_it(
    slack: StandIn, http: aiohttp.ClientSession, other: Workspace, tmp_path: Path
) -> None:
    store = FileInstallationStore(base_dir=str(tmp_path))
    settings = AsyncOAuthSettings(
        client_id=slack.client_id,
        client_secret=slack.client_secret,
        scopes=["commands", "chat:write"],
        authorization_url=slack.authorize_url,
        installation_store=store,
        state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(tmp_path)),
    )
    client = AsyncWebClient(base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, oauth_settings=settings)

    @app.command("/say")
    async def say(ack: Any, say: Any) -> None:
        await ack()
        await say("said")

    eve = other.person_named("eve")
    assert eve is not None
    lounge = slack.add_channel("lounge", members=[eve])
    async with over_http(slack, app):
        origin = str(slack.request_url).removesuffix("/slack/events")
        settings.redirect_uri = f"{origin}/slack/oauth_redirect"
        settings.authorize_url_generator.redirect_uri = settings.redirect_uri
        async with http.get(f"{origin}/slack/install", allow_redirects=False) as answer:
            text = await answer.text()
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        start = "http" + text.partition('href="http')[2].partition('"')[0].replace("&amp;", "&")
        query = {"allow": "1", "workspace": other.team_id}
        async with http.get(f"{start}&{urlencode(query)}", allow_redirects=False) as answer:
            home = answer.headers["Location"]
        async with http.get(home, headers={"Cookie": cookie}) as answer:
            assert answer.status == 200, await answer.text()
        assert (await slack.slash(eve, lounge, "/say x")).error is None
        await slack.wait_for(lambda: slack.posts(lounge))
    assert [message.plain() for message in slack.posts(lounge)] == ["said"]
