"""Checks an app manifest as Slack does when it is pasted: each field, and what the parts need of one another.

Source: docs.slack.dev/reference/app-manifest, /reference/methods/apps.manifest.validate.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slack_standin.block_kit.rules import Shape, problem
from slack_standin.model.event_scopes import scopes_for
from slack_standin.model.manifest_fields import FIELDS

_NAMED = {"slash_commands": "command", "shortcuts": "callback_id"}


def manifest_problems(manifest: Any) -> list[str]:
    """Return what is wrong with a manifest, in words, each with its JSON path."""
    return [_in_words(each) for each in _MANIFEST.problems(manifest, "")]


def _consistent(manifest: Mapping[str, Any], at: str) -> Iterator[str]:
    """Yield problems between parts of a manifest."""
    yield from _scopes(manifest, at)
    yield from _receiving(manifest, at)
    features, settings = _part(manifest, "features"), _part(manifest, "settings")
    if settings.get("token_rotation_enabled"):
        yield problem("this stand-in doesn't rotate tokens", f"{at}/settings/token_rotation_enabled")
    for needed in ("function_runtime", "org_deploy_enabled"):
        if manifest.get("functions") and not settings.get(needed):
            yield problem(f"functions need {needed}", f"{at}/settings/{needed}")
    for name, key in _NAMED.items():
        seen = [str(each.get(key)) for each in _list(features, name) if isinstance(each, dict)]
        for twice in sorted({each for each in seen if seen.count(each) > 1}):
            yield problem(f"{twice} is there twice", f"{at}/features/{name}")


def _scopes(manifest: Mapping[str, Any], at: str) -> Iterator[str]:
    features = _part(manifest, "features")
    asked = _part(_part(manifest, "oauth_config"), "scopes")
    scopes = _list(asked, "bot")
    for kind in ("bot", "user"):
        for scope in _list(asked, f"{kind}_optional"):
            if scope not in _list(asked, kind):
                yield problem(f"{scope} must be in `{kind}` as well", f"{at}/oauth_config/scopes/{kind}_optional")
    if any(features.get(name) for name in _NAMED) and "commands" not in scopes:
        yield problem("commands and shortcuts need the bot scope `commands`", f"{at}/oauth_config/scopes/bot")
    if scopes and "bot_user" not in features:
        yield problem("bot scopes need a bot_user", f"{at}/features/bot_user")
    subscribed = _part(_part(manifest, "settings"), "event_subscriptions")
    for event in _list(subscribed, "bot_events"):
        wanted = scopes_for(str(event))
        if wanted and not set(wanted).intersection(map(str, scopes)):
            words = f"{event} needs the bot scope {' or '.join(wanted)}"
            yield problem(words, f"{at}/settings/event_subscriptions/bot_events")


def _receiving(manifest: Mapping[str, Any], at: str) -> Iterator[str]:
    settings = _part(manifest, "settings")
    if settings.get("socket_mode_enabled"):
        return
    subscribed, interactivity = _part(settings, "event_subscriptions"), _part(settings, "interactivity")
    if subscribed and not subscribed.get("request_url"):
        words = "Event Subscription requires either Request URL or Socket Mode Enabled"
        yield problem(words, f"{at}/settings/event_subscriptions")
    if interactivity.get("is_enabled") and not interactivity.get("request_url"):
        yield problem("Interactivity requires a Request URL or Socket Mode", f"{at}/settings/interactivity")


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name, {})
    return part if isinstance(part, dict) else {}


def _list(part: Mapping[str, Any], name: str) -> list[Any]:
    items = part.get(name, [])
    return items if isinstance(items, list) else []


def _in_words(found: str) -> str:
    words, _, place = found.removesuffix("]").partition(" [json-pointer:")
    return f"{place.strip('/').replace('/', '.') or 'the manifest'}: {words}"


_MANIFEST = Shape(FIELDS, ("display_information",), _consistent)
