"""Resets a TCP connection."""

import socket
import struct

from aiohttp import web


def reset_connection(request: web.Request) -> None:
    """Send a reset to the client instead of an answer."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
