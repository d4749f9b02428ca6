"""Rows of cells as blocks: each table of a sheet by itself, under its header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..blocks import Block
from .flow import BLOCK_CHARACTERS, table_row

_NUMBER = re.compile(r"[-+(]?[\d.,' %€$£]+\)?|\d{4}-\d\d-\d\d.*|TRUE|FALSE")
_TITLES = 3  # more rows of one cell than this are a column, not a title


def table_blocks(rows: Iterable[Sequence[str]], heading: str) -> Iterator[Block]:
    """Yield a sheet's tables, which empty rows part from each other.

    The first row of several texts and no number is a table's header, rows of one cell above it are
    its title; a part of the sheet without a header goes on under the one before it.

    Args:
        rows: the sheet, row by row; "" for an empty cell.
        heading: what the rows stand under: the sheet's name.
    """
    header, under = "", heading
    titles: list[str] = []
    lines: list[str] = []
    size = 0
    begins = True  # nothing but a title since an empty row
    for row in rows:
        line = table_row(row)
        if not line:
            begins = True
            continue
        cells = [cell.strip() for cell in row if cell.strip()]
        if begins and len(cells) == 1 and len(titles) < _TITLES:
            titles.append(line)
            continue
        if begins and _is_header(cells):
            yield from _block(lines, under, header)
            header, under = line, " > ".join(filter(None, [heading, *titles]))
            titles, lines, size, begins = [], [], 0, False
            continue
        lines += [*titles, line]
        titles, begins = [], False
        size += len(line)
        if size > BLOCK_CHARACTERS:
            yield from _block(lines, under, header)
            lines, size = [], 0
    lines += titles
    if header and not lines:
        lines, header = [header], ""  # with nothing below, it is a row
    yield from _block(lines, under, header)


def _block(lines: Sequence[str], heading: str, header: str) -> Iterator[Block]:
    if lines:
        yield Block("\n".join(lines), heading, header)


def _is_header(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and not any(map(_NUMBER.fullmatch, cells))
