"""Plain text of any kind: prose, logs, source code."""

from __future__ import annotations

from collections.abc import Iterator

from ..blocks import Block
from .charset import decode
from .errors import Unreadable
from .flow import BLOCK_CHARACTERS

_SAMPLE = 8_000


def read(content: bytes, charset: str = "") -> Iterator[Block]:
    """Yield the text in large pieces, ended at empty lines where it has them.

    Args:
        content: the file.
        charset: what its content type says, if it does.

    Raises:
        Unreadable: it is binary.
    """
    text = decode(content, charset).replace("\r\n", "\n").replace("\r", "\n")
    head = text[:_SAMPLE]
    if head.count("\0") * 10 > len(head):
        raise Unreadable("damaged", "is not text, whatever its type says.")
    start = 0
    while start < len(text):
        end = start + BLOCK_CHARACTERS
        if end < len(text):
            for mark in ("\n\n", "\n", " "):
                cut = text.rfind(mark, start + 1, end)
                if cut > start:
                    end = cut
                    break
        piece = text[start:end].strip("\n")
        if piece.strip():
            yield Block(piece)
        start = end
