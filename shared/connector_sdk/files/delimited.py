"""CSV and TSV, whatever separates the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from ..blocks import Block
from .charset import decode
from .errors import damaged
from .rows import table_blocks

_SAMPLE_LINES = 20
_MAX_CELL = 1_000_000  # characters


def read(content: bytes, charset: str = "") -> Iterator[Block]:
    """Yield the rows under their header.

    Args:
        content: the file.
        charset: what its content type says, if it does.

    Raises:
        Unreadable: a cell has no end.
    """
    text = decode(content, charset)
    csv.field_size_limit(_MAX_CELL)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from table_blocks(rows, "")
    except csv.Error:
        raise damaged("table") from None


def _delimiter(text: str) -> str:
    """The sign that parts the first lines into the same number of cells, and the most."""
    lines = text[:100_000].splitlines()[:_SAMPLE_LINES]
    best, found = (0.0, 0), ","
    for sign in ",;\t|":
        counts = [line.count(sign) for line in lines if line.strip()]
        usual = max(set(counts), key=counts.count) if counts else 0
        score = (counts.count(usual) / len(counts), usual) if usual else (0.0, 0)
        if score > best:
            best, found = score, sign
    return found
