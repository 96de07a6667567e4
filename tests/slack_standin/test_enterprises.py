"""An organization of several workspaces (Enterprise Grid), as its app sees it."""

import json
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import MANIFEST, client_of, standing


async def test_an_app_is_told_of_the_organization_and_who_is_in_it(
    slack: StandIn, client: AsyncWebClient, general: Channel, ana: Person
) -> None:
    assert (await client.auth_test()).get("enterprise_id") is None
    labs, other = (slack.add_workspace(name, installed=False) for name in ("Labs", "Globex"))
    slack.add_enterprise("Acme Group", slack.world.workspace_of(general), labs)
    gina = slack.add_person("gina", workspace=labs)
    sam = slack.add_person("sam", workspace=other)
    for person in (gina, sam):
        slack.share_channel(general, person)
    enterprise_id = (await client.auth_test())["enterprise_id"]

    async def asked(person: Person) -> Any:
        return (await client.users_info(user=person.id))["user"]

    assert (await asked(ana))["enterprise_user"]["teams"] == [slack.team_id]
    found = await asked(gina)
    assert (found["team_id"], found["enterprise_user"]["teams"]) == (labs.team_id, [labs.team_id])
    assert found["enterprise_user"]["enterprise_id"] == enterprise_id
    assert "enterprise_user" not in await asked(sam)

    received: list[Any] = []

    async def handle(payload: Any, headers: Any) -> tuple[int, str]:
        received.append(payload)
        return 200, ""

    slack.handler = handle
    button = {"type": "button", "action_id": "go", "value": "1", "text": {"type": "plain_text", "text": "Go"}}
    await client.chat_postMessage(channel=general.id, text="Go", blocks=[{"type": "actions", "elements": [button]}])
    await slack.press(gina, slack.posts(general)[-1], "go")
    (pressed,) = received
    assert pressed["team"]["id"] == slack.team_id
    assert pressed["team"]["enterprise_id"] == pressed["enterprise"]["id"] == enterprise_id
    assert pressed["user"]["team_id"] == labs.team_id

    async with standing(MANIFEST) as again:
        again.load_state(json.loads(json.dumps(slack.dump_state())))
        assert (await client_of(again).auth_test())["enterprise_id"] == enterprise_id
