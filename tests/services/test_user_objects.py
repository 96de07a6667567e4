"""Who a user is to a workspace, as Slack's user object describes them."""

from typing import Any

import pytest

from bot.domain.wins import Mention
from bot.services.user_directory import parse_user

MEMBER, ADMIN, OUTSIDER, BOT = "member", "admin", "outsider", "bot"
OURS = {"enterprise_id": "E1", "teams": ["T2"]}
OURS_HERE_TOO = {"enterprise_id": "E1", "teams": ["T2", "T1"]}
THEIRS = {"enterprise_id": "E2", "teams": ["T9"]}
MALFORMED = {"enterprise_id": ["E1"], "teams": "T1"}

USERS: list[tuple[dict[str, Any], str, str]] = [
    # What Slack says, who that is to a workspace of its own (T1), and to T1 in an organization (E1).
    ({"team_id": "T1"}, MEMBER, MEMBER),
    ({}, MEMBER, MEMBER),
    ({"team_id": "T1", "is_owner": True}, ADMIN, ADMIN),
    ({"team_id": "T2", "is_admin": True}, OUTSIDER, OUTSIDER),
    ({"team_id": "T2", "is_admin": True, "enterprise_user": OURS}, OUTSIDER, MEMBER),
    ({"team_id": "T2", "is_admin": True, "enterprise_user": OURS_HERE_TOO}, OUTSIDER, ADMIN),
    ({"team_id": "E1", "enterprise_user": OURS}, OUTSIDER, MEMBER),
    ({"team_id": "T9", "is_admin": True, "enterprise_user": THEIRS}, OUTSIDER, OUTSIDER),
    ({"team_id": "T9", "enterprise_user": MALFORMED}, OUTSIDER, OUTSIDER),
    ({"team_id": "T9", "enterprise_user": None}, OUTSIDER, OUTSIDER),
    ({"team_id": "T2", "enterprise_user": OURS, "deleted": True}, OUTSIDER, OUTSIDER),
    ({"team_id": "T1", "is_stranger": True}, OUTSIDER, OUTSIDER),
    ({"team_id": "T1", "is_bot": True, "is_admin": True}, BOT, BOT),
    ({"team_id": "T1", "is_workflow_bot": True}, BOT, BOT),
    ({"team_id": "T1", "is_connector_bot": True}, BOT, BOT),
    ({"team_id": "T2", "is_bot": True, "enterprise_user": OURS}, BOT, BOT),
    ({"id": "USLACKBOT", "team_id": "T1", "is_bot": False}, BOT, BOT),
]


@pytest.mark.parametrize(("body", "alone", "in_organization"), USERS)
def test_who_is_a_person_of_the_workspace(body: dict[str, Any], alone: str, in_organization: str) -> None:
    for enterprise_id, expected in ((None, alone), ("E1", in_organization)):
        user_object = {"id": "U1", "name": "ana", **body}
        user = parse_user("T1", user_object["id"], user_object, enterprise_id=enterprise_id)
        assert user.is_bot == (expected == BOT)
        assert user.actor.is_active == (expected in (MEMBER, ADMIN))
        assert (user.is_active and user.is_admin) == (expected == ADMIN)


@pytest.mark.parametrize(
    ("display", "real", "shown"),
    [
        ("ana", "Ana Ruiz", "ana"),
        ("", "Ana Ruiz", "Ana Ruiz"),
        *(
            (hidden, "Ana\u00a0 Ruiz\n", "Ana Ruiz")
            for hidden in (" ", "\u3164", "\u200b\u2800", "\u115f\ufe0f", "\u0301")
        ),
        ("\u3164", "\u2800", None),
        ("", "", None),
        (None, 7, None),
    ],
)
def test_the_first_name_that_shows_anything_is_shown(display: object, real: object, shown: str | None) -> None:
    profile = {"display_name": display, "real_name": real}
    user = parse_user("T1", "U1", {"name": "ana", "real_name": real, "profile": profile})
    assert Mention("U1").name_in({"U1": user.name}) == shown
    is_without_names = not (display or (isinstance(real, str) and real))
    assert Mention("U1", "typed").name_in({"U1": user.name}) == ("typed" if is_without_names else shown)
