"""The scopes that events need, any one of them (docs.slack.dev/reference/events)."""

_FAMILIES = ("channels", "groups", "im", "mpim")
_ABOUT_CHANNELS = ("channels:read", "groups:read", "im:read", "mpim:read")
_BY_PREFIX = {
    "member_": _ABOUT_CHANNELS[:2],
    "channel_": _ABOUT_CHANNELS,
    "group_": ("groups:read", "mpim:read"),
    "reaction_": ("reactions:read",),
    "dnd_": ("dnd:read",),
    "file_": ("files:read",),
    "im_": ("im:read",),
    "message_metadata_": ("metadata.message:read",),
    "pin_": ("pins:read",),
    "subteam_": ("usergroups:read",),
    "team_": ("team:read",),
    "user_": ("users:read",),
    **{f"message.{family}": (f"{family}:history",) for family in _FAMILIES},
}
_BY_NAME: dict[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "channel_convert_to_private": ("channels:history",),
    "channel_history_changed": ("channels:history",),
    "channel_posting_permissions": ("channels:history",),
    "email_domain_changed": ("team:read",),
    "emoji_changed": ("emoji:read",),
    "group_history_changed": ("groups:history", "mpim:history"),
    "im_history_changed": ("im:history",),
    "link_shared": ("links:read",),
    "message.app_home": ("im:history",),
    "team_access_granted": (),
    "team_access_revoked": (),
    "team_join": ("users:read",),
}


def scopes_for(event: str) -> tuple[str, ...]:
    """The scopes of which a manifest needs one to subscribe to an event; none means that it needs none."""
    if event in _BY_NAME:
        return _BY_NAME[event]
    return next((scopes for prefix, scopes in _BY_PREFIX.items() if event.startswith(prefix)), ())
