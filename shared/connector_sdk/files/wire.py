"""What passes between a process and its readers: JSON, each message behind its length.

JSON and not pickle, as a reader has seen hostile files and is not to be trusted.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

MAX_MESSAGE = 8 * 1024 * 1024
_LENGTH = struct.Struct("!I")


def send(channel: socket.socket, message: Any) -> None:
    """Send a message.

    Raises:
        OSError: nobody is there any more, or the channel's time is over.
    """
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    channel.sendall(_LENGTH.pack(len(body)) + body)


def receive(channel: socket.socket) -> Any:
    """Wait for a message.

    Raises:
        EOFError: the other side has ended.
        OSError: the channel failed, or its time is over.
        ValueError: this is no message.
    """
    (length,) = _LENGTH.unpack(receive_bytes(channel, _LENGTH.size))
    if length > MAX_MESSAGE:
        raise ValueError("the message is too long")
    return json.loads(receive_bytes(channel, length))


def receive_bytes(channel: socket.socket, length: int) -> bytes:
    """Wait for that many bytes.

    Raises:
        EOFError: the other side has ended.
        OSError: the channel failed, or its time is over.
    """
    content = bytearray(length)
    view, have = memoryview(content), 0
    while have < length:
        count = channel.recv_into(view[have:])
        if not count:
            raise EOFError
        have += count
    return bytes(content)
