"""Messages as Slack gives them back: who posted them, and their text."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from slack_standin import Channel, Person, StandIn

from .conftest import client_of


async def test_text_comes_back_escaped(slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel) -> None:
    posted = await client.chat_postMessage(channel=general.id, text=f"1 < 2 & <@{ana.id}> > &lt;")
    escaped = f"1 &lt; 2 &amp; <@{ana.id}> &gt; &lt;"
    assert posted["message"]["text"] == escaped
    history = await client.conversations_history(channel=general.id)
    assert [message["text"] for message in history["messages"]] == [escaped]
    assert slack.posts(general)[0].plain() == "1 < 2 & @ana > <"
    changed = await client.chat_update(channel=general.id, ts=posted["ts"], text="Q&A")
    assert (changed["text"], changed["message"]["text"]) == ("Q&amp;A", "Q&amp;A")


async def test_the_text_in_blocks_comes_back_escaped_too(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    button = {"type": "button", "action_id": "ask", "text": {"type": "plain_text", "text": "Q&A > 1"}, "value": "a & b"}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"1 < 2 & <@{ana.id}>"}, "accessory": button}
    posted = await client.chat_postMessage(channel=general.id, text="x", blocks=[section])
    [block] = posted["message"]["blocks"]
    assert (block["text"]["text"], block["accessory"]["text"]["text"]) == (
        f"1 &lt; 2 &amp; <@{ana.id}>",
        "Q&amp;A &gt; 1",
    )
    [message] = slack.posts(general)
    assert message.plain() == "1 < 2 & @ana [Q&A > 1]"
    pressed = (await slack.press(ana, message, "ask")).request.payload
    assert pressed["message"]["blocks"] == [block]
    assert (pressed["actions"][0]["text"]["text"], pressed["actions"][0]["value"]) == ("Q&amp;A &gt; 1", "a & b")


async def test_a_bots_message_says_which_app_posted_it(
    slack: StandIn, client: AsyncWebClient, ana: Person, general: Channel
) -> None:
    first = await slack.say(ana, general, "a thread")
    answer = await client.chat_postMessage(channel=general.id, text="hi", thread_ts=first.ts, reply_broadcast=True)
    message = answer["message"]
    assert (message["user"], message["app_id"]) == (slack.bot_user_id, slack.app_id)
    profile = message["bot_profile"]
    assert (profile["id"], profile["app_id"], profile["name"]) == (message["bot_id"], slack.app_id, "parrot")
    assert {"image_36", "image_48", "image_72"} == set(profile["icons"])
    assert (profile["deleted"], profile["team_id"]) == (False, slack.team_id)
    assert (message["parent_user_id"], message["subtype"]) == (ana.id, "thread_broadcast")
    assert message["root"]["ts"] == first.ts
    changed = await client.chat_update(channel=general.id, ts=answer["ts"], text="ho")
    assert changed["message"]["edited"]["user"] == message["bot_id"]
    assert changed["message"]["bot_profile"] == profile


async def test_a_bots_message_shows_the_name_and_icon_that_it_set(slack: StandIn, general: Channel) -> None:
    slack.world.workspaces[slack.team_id].scopes |= {"chat:write.customize"}
    client = client_of(slack)
    disguises: tuple[tuple[dict[str, Any], str, dict[str, str]], ...] = (
        ({"username": "Polly", "icon_emoji": ":bird:"}, "Polly", {"emoji": ":bird:"}),
        ({"icon_url": "https://a.example/i.png"}, "parrot", {"image_48": "https://a.example/i.png"}),
    )
    for set_by_bot, username, icons in disguises:
        answer = await client.chat_postMessage(channel=general.id, text="hi", **set_by_bot)
        message = answer["message"]
        assert (message["subtype"], message["username"], "user" in message) == ("bot_message", username, False)
        assert message["icons"].items() >= icons.items()
        assert message["bot_id"] == message["bot_profile"]["id"]
        await client.chat_update(channel=general.id, ts=answer["ts"], text="ho")
        history = await client.conversations_history(channel=general.id, limit=1)
        assert (history["messages"][0]["username"], history["messages"][0]["text"]) == (username, "ho")
