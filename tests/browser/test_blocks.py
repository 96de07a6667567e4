"""The rarer blocks of Block Kit are drawn, and axe finds no serious violation in them, light and dark."""

from typing import Any

import pytest

from playground.sandbox import Sandbox
from tests.browser.conftest import Opens, channel, person
from tests.browser.test_walks import violations
from tests.slack_standin.conftest import client_of

PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='160' height='90'%3E%3C/svg%3E"
NUMBERS = {"Mon": 3, "Tue": 7, "Wed": 5, "Thu": 8, "Fri": 11}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": text.lower(), "text": plain(text)} | more


def image(words: str) -> dict[str, Any]:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": words}


def rich(*texts: str) -> dict[str, Any]:
    elements = [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": text, "style": {"italic": True}}]}
        for text in texts
    ]
    return {"type": "rich_text", "elements": elements}


def cell(value: str | float) -> dict[str, Any]:
    return (
        {"type": "raw_text", "text": value} if isinstance(value, str) else {"type": "raw_number", "value": float(value)}
    )


def card(title: str, **more: Any) -> dict[str, Any]:
    base = {
        "type": "card",
        "title": mrkdwn(title),
        "subtitle": plain("Since Monday"),
        "body": mrkdwn("Three *small* wins"),
    }
    return base | {"actions": [button("Cheer", style="primary"), button("Later")]} | more


def chart(kind: str, title: str) -> dict[str, Any]:
    series = [
        {"name": name, "data": [{"label": day, "value": value + more} for day, value in NUMBERS.items()]}
        for name, more in (("Wins", 0), ("Cheers", 4))
    ]
    drawn = {
        "type": kind,
        "series": series,
        "axis_config": {"categories": [*NUMBERS], "x_label": "Day", "y_label": "How many"},
    }
    return {"type": "data_visualization", "title": title, "chart": drawn}


def pie() -> dict[str, Any]:
    segments = [{"label": day, "value": value} for day, value in NUMBERS.items()]
    return {"type": "data_visualization", "title": "Wins by day", "chart": {"type": "pie", "segments": segments}}


def task(number: int, title: str, status: str, **more: Any) -> dict[str, Any]:
    return {"type": "task_card", "task_id": str(number), "title": title, "status": status} | more


LIST = {
    "type": "rich_text_list",
    "style": "ordered",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": each}]} for each in ("One", "Two")
    ],
}
GALLERY: list[list[dict[str, Any]]] = [
    [card("A card"), {"type": "carousel", "elements": [card(f"Card {one}", icon=image("An icon")) for one in "ABCDE"]}],
    [card("With a picture", hero_image=image("A field of sunflowers"), subtitle=mrkdwn("_From far_"))],
    [
        {
            "type": "plan",
            "title": "A cake by Friday",
            "tasks": [
                task(1, "Buy eggs", "complete", output=rich("Twelve of them")),
                task(
                    2,
                    "Bake",
                    "in_progress",
                    details=rich("At 180 degrees"),
                    sources=[{"type": "url", "url": "https://example.com/cake", "text": "The recipe"}],
                ),
                task(3, "Eat", "pending"),
                task(4, "Cancel secret", "error"),
            ],
        },
        task(5, "A task on its own", "complete", output=rich("Done, and said so")),
    ],
    [
        {
            "type": "container",
            "title": plain("A box"),
            "subtitle": mrkdwn("with *two* things in it"),
            "has_header_divider": True,
            "child_blocks": [
                {"type": "section", "text": mrkdwn("A section with `code`")},
                {"type": "actions", "elements": [button("Press")]},
            ],
        },
        {
            "type": "container",
            "title": plain("A box that folds"),
            "is_collapsible": True,
            "width": "narrow",
            "child_blocks": [{"type": "section", "text": mrkdwn("What is inside")}],
        },
        {
            "type": "video",
            "title": plain("How we won"),
            "title_url": "https://example.com/v",
            "video_url": "https://example.com/v",
            "thumbnail_url": "https://example.com/v.png",
            "alt_text": "Two people at a whiteboard",
            "description": plain("Two minutes from last Friday"),
            "author_name": "Ana",
            "provider_name": "Example TV",
        },
    ],
    [
        {
            "type": "table",
            "rows": [
                [cell("Who"), cell("What"), cell("When")],
                [cell("Ana"), rich("the flaky test"), cell("Monday")],
                [cell("Ben"), cell("a rather long account of how the vendor was talked down"), cell("Tuesday")],
            ],
            "column_settings": [{"align": "left"}, {"is_wrapped": True}, {"align": "right"}],
        }
    ],
    [
        {
            "type": "data_table",
            "caption": "Wins and cheers",
            "page_size": 4,
            "row_header_column_index": 0,
            "rows": [
                [cell("Day"), cell("Wins"), cell("Cheers")],
                *([cell(day), cell(value), cell(value * 3)] for day, value in NUMBERS.items()),
            ],
        }
    ],
    [chart("bar", "Wins and cheers"), pie()],
    [chart("line", "Wins and cheers"), chart("area", "The same, filled")],
    [
        {
            "type": "markdown",
            "text": "# A heading\n\n1. One\n2. Two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> so `they` said",
        }
    ],
    [
        {
            "type": "rich_text",
            "elements": [
                LIST,
                {"type": "rich_text_quote", "elements": [{"type": "text", "text": "So it is"}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "make run"}]},
            ],
        }
    ],
]
ALERTS = [
    {"type": "alert", "level": level, "text": mrkdwn(f"*{level.title()}:* words that somebody should read")}
    for level in ("default", "info", "success", "warning", "error")
]


async def show(sandbox: Sandbox) -> None:
    """Post the gallery in the bot's name."""
    await sandbox.ready.wait()
    sandbox.slack.limits.enabled = False
    for blocks in GALLERY:
        await client_of(sandbox.slack).chat_postMessage(
            channel=channel(sandbox, "general").id, text="Blocks", blocks=blocks
        )


def warn(sandbox: Sandbox) -> None:
    """Show Ana a modal with alerts, which stand in modals only."""
    ana = person(sandbox, "ana")
    home = sandbox.slack.world.workspace_of(ana)
    body = {"type": "modal", "title": plain("Alerts"), "close": plain("Close"), "blocks": ALERTS}
    home.touch_view(home.views.open(ana.id, body, None))
    sandbox.slack.world.changes.signal()


@pytest.mark.deep
async def test_alerts_are_drawn(opens: Opens, sandbox: Sandbox) -> None:
    for scheme in ("light", "dark"):
        window = await opens("ana", color_scheme=scheme)
        warn(sandbox)
        modal = window.page.get_by_role("dialog", name="Alerts")
        await modal.wait_for()
        assert await modal.get_by_role("note").count() == len(ALERTS)
        assert await violations(window.page) == []


@pytest.mark.deep
async def test_every_block_is_drawn(opens: Opens, sandbox: Sandbox) -> None:
    await show(sandbox)
    for scheme in ("light", "dark"):
        window = await opens("ana", color_scheme=scheme, viewport={"width": 1000, "height": 4000})
        page = window.page
        await page.locator("main .message").nth(0).wait_for()
        await page.get_by_role("heading", name="A heading").wait_for()
        assert await page.locator(".unknown").count() == 0
        assert await page.locator("main article, main .b-container, main .b-plan, main .b-table").count() >= 12
        for title in ("Wins by day", "The same, filled"):
            await page.get_by_text(title).first.wait_for()
        assert await violations(page) == []
        await page.set_viewport_size({"width": 390, "height": 6000})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        assert await violations(page) == []


@pytest.mark.deep
async def test_faces_are_drawn_on_the_page_and_fetched_from_nowhere(opens: Opens, sandbox: Sandbox) -> None:
    await sandbox.ready.wait()
    ben = person(sandbox, "ben")
    face = {"type": "image", "image_url": ben.profile(with_email=False)["image_48"], "alt_text": "Ben"}
    gone = {"type": "image", "image_url": "https://example.com/chloe.png", "alt_text": "Chloe Kim"}
    broken = {"type": "image", "image_url": "data:image/png;base64,AAAA", "alt_text": "Dmitri"}
    await client_of(sandbox.slack).chat_postMessage(
        channel=channel(sandbox, "general").id,
        text="Faces",
        blocks=[{"type": "context", "elements": [face, gone, broken, mrkdwn("*Faces*, with letters")]}],
    )
    page = (await opens("ana")).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    shown = page.locator(".b-context", has_text="with letters")
    for name, letters in (("Ben", ben.real_name[0]), ("Chloe Kim", "CK"), ("Dmitri", "D")):
        drawn = shown.locator("[role=img]").and_(page.get_by_role("img", name=name, exact=True))
        await drawn.wait_for()
        assert (await drawn.inner_text()).startswith(letters)
    assert await shown.locator(".tint1, .tint2, .tint3, .tint4, .tint5, .tint0").count() == 1, "as beside his messages"
    assert [url for url in asked if "slack-edge" in url or "example.com" in url] == []
    assert await violations(page) == []
