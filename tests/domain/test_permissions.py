"""Who may do what: the whole table, written out. tests/e2e/test_who_may.py tries each cell through its entry points."""

import pytest

from bot.domain.permissions import NO_CHANNEL, Action, Actor, ChannelRoles, NotAllowed, check, may

CHANNEL = ChannelRoles(creator="UCREATOR", owner_id="UOWNER", manager_ids=frozenset({"UMANAGER", "UGUEST"}))
WHO = {
    "admin": Actor("UADMIN", is_active=True, is_admin=True),
    "creator": Actor("UCREATOR", is_active=True),
    "manager": Actor("UMANAGER", is_active=True),
    "owner": Actor("UOWNER", is_active=True),
    "member": Actor("UMEMBER", is_active=True),
    "guest": Actor("UGUEST", is_active=True, is_guest=True),
    "creator who became a guest": Actor("UCREATOR", is_active=True, is_guest=True),
    "admin who left": Actor("UADMIN", is_active=False, is_admin=True),
    "outsider": Actor("UOUTSIDER", is_active=False),
}
TABLE = {
    "admin": {Action.SEE, Action.CHANGE, Action.ASSIGN_MANAGERS, Action.RESOLVE, Action.OVERSEE},
    "creator": {Action.SEE, Action.CHANGE, Action.ASSIGN_MANAGERS, Action.RESOLVE},
    "manager": {Action.SEE, Action.CHANGE, Action.RESOLVE},
    "owner": {Action.SEE, Action.RESOLVE},
    "member": {Action.SEE},
    "guest": {Action.SEE},
    "creator who became a guest": {Action.SEE},
    "admin who left": set(),
    "outsider": set(),
}


@pytest.mark.parametrize("act", Action)
@pytest.mark.parametrize("who", WHO)
def test_the_table(who: str, act: Action) -> None:
    is_allowed = act in TABLE[who]
    assert may(WHO[who], act, CHANNEL) is is_allowed
    if is_allowed:
        check(WHO[who], act, CHANNEL)
    else:
        with pytest.raises(NotAllowed):
            check(WHO[who], act, CHANNEL)


@pytest.mark.parametrize("act", [Action.CHANGE, Action.ASSIGN_MANAGERS, Action.RESOLVE, Action.OVERSEE])
def test_where_nobody_is_known_only_admins_may(act: Action) -> None:
    assert [who for who, actor in WHO.items() if may(actor, act, NO_CHANNEL)] == ["admin"]
