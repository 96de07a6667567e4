"""The form of the workspace's defaults, and the log of what was changed: valid, and pinging no one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit_log import AuditAction, AuditEntry
from bot.domain.channel_settings import WorkspaceDefaults
from bot.listeners.workspace_defaults import InvalidForm, parse_form
from bot.views import audit_log, workspace_defaults
from bot.views.format import Names
from bot.views.translations import ENGLISH
from slack_standin.block_kit.views import is_too_large, validate_view
from tests import pings
from tests.domain.test_setups import defaults as any_defaults
from tests.views.test_views_are_valid import EVIL, NOW, named, people, some
from tests.views.test_words_for_admins import changes

zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia"])


@some
@given(any_defaults, st.integers(0, 10**12))
def test_the_form_of_the_defaults_is_one_that_slack_takes(chosen: WorkspaceDefaults, revision: int) -> None:
    view = workspace_defaults.form(ENGLISH, chosen, private_metadata=str(revision))
    assert validate_view(view, "modal") == []
    assert pings.problems(view, posted=False) == []
    fields = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    assert fields | {"one_weekday"} == workspace_defaults.errors(ENGLISH).keys()


def test_each_field_that_is_not_chosen_has_its_words() -> None:
    with pytest.raises(InvalidForm) as refusal:
        parse_form({})
    assert all(workspace_defaults.errors(ENGLISH)[word] for word in refusal.value.errors.values())


@some
@given(
    st.lists(changes([*AuditAction]), max_size=10),
    people,
    st.sampled_from([(), ("C1",), ("C1", "C2")]),
    zones,
    st.booleans(),
)
def test_the_log_of_what_was_changed_is_valid(
    entries: list[AuditEntry], known: Names, visible: tuple[str, ...], zone: str, is_newest: bool
) -> None:
    view = audit_log.log(
        ENGLISH, entries, known, visible=visible, zone=zone, has_older=bool(entries), is_newest=is_newest
    )
    assert validate_view(view, "modal") == []
    assert not is_too_large(view)
    assert pings.problems(named(view), posted=False) == []
    if "C2" not in visible:
        assert "<#C2>" not in str(view)


def test_names_that_try_to_ping_do_not() -> None:
    change = AuditEntry(1, "T1", "C1", "U001", AuditAction.OWNER_CHANGED, {"owner": "U001"}, {"owner": "U002"}, NOW)
    for evil in EVIL:
        view = audit_log.log(
            ENGLISH, [change], {"U001": evil, "U002": evil}, visible=["C1"], zone="UTC", has_older=False, is_newest=True
        )
        assert pings.problems(named(view), posted=False) == []
