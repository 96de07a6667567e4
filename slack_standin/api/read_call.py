"""Reads a call of the Web API: its token and its arguments, from a form, from JSON, or from the query.

Source: docs.slack.dev/apis/web-api (content types, Authorization), and the errors and warnings listed with each method.
"""

import base64
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from slack_standin.api.methods.method import ApiError, parse_json

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_CHARSETS = ("utf-8", "iso-8859-1")


@dataclass(frozen=True)
class Call:
    """A call as it came in; `error` says why the body can't be read."""

    token: str | None
    args: dict[str, Any]
    error: str | None
    warnings: tuple[str, ...]


async def read_call(request: web.Request) -> Call:
    """Read a call.

    A token counts in the Authorization header, in a form or in the query; in a JSON body it doesn't.
    """
    args: dict[str, Any] = dict(request.query)
    error = None
    try:
        args |= await _body(request)
    except ApiError as refusal:
        error = refusal.error
    in_args = args.pop("token", None)
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else in_args
    if scheme.lower() == "basic":
        args = _client(bearer) | args
    return Call(token if isinstance(token, str) else None, args, error, _warnings(request))


def _client(credentials: str) -> dict[str, Any]:
    """The client_id and client_secret of HTTP Basic, which oauth.v2.access prefers."""
    try:
        client_id, _, secret = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": client_id, "client_secret": secret}


def _warnings(request: web.Request) -> tuple[str, ...]:
    """What Slack says of a charset that is missing (outside forms) or that means nothing (in forms)."""
    if request.method != "POST" or not request.body_exists or "Content-Type" not in request.headers:
        return ()
    if request.content_type in _FORMS:
        return ("superfluous_charset",) if request.charset else ()
    return () if request.charset else ("missing_charset",)


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return _json(await request.read(), _charset(request))
    if request.method != "POST" or not request.body_exists:
        return {}
    if "Content-Type" not in request.headers:
        raise ApiError("missing_post_type")
    _charset(request)
    if request.content_type == "text/plain":
        return {}
    if request.content_type not in _FORMS:
        raise ApiError("invalid_post_type")
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise ApiError("invalid_form_data") from None
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _charset(request: web.Request) -> str:
    charset = (request.charset or "utf-8").lower()
    if charset not in _CHARSETS:
        raise ApiError("invalid_charset")
    return charset


def _json(content: bytes, charset: str) -> dict[str, Any]:
    try:
        body = parse_json(content.decode(charset) or "{}")
    except ValueError:
        raise ApiError("invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError("json_not_object")
    return {name: value for name, value in body.items() if name != "token"}
