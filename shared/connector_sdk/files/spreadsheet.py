"""Spreadsheets: Excel's three formats and OpenDocument's, by the reader that pandas uses."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from ..blocks import Block
from .errors import damaged, password_needed
from .package import Package
from .rows import table_blocks


def read(content: bytes) -> Iterator[Block]:
    """Yield the rows of every sheet under their headers.

    Raises:
        Unreadable: it is no spreadsheet, or needs a password.
    """
    if content.startswith(b"PK"):
        Package(content, "spreadsheet")  # for its bounds
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise password_needed() from None
    except (CalamineError, ValueError, OSError):
        raise damaged("spreadsheet") from None
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet:
            yield from _sheet(workbook, sheet.name)


def _sheet(workbook: CalamineWorkbook, name: str) -> Iterator[Block]:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except (CalamineError, ValueError, OSError):
        raise damaged("spreadsheet") from None
    yield from table_blocks((list(map(_shown, row)) for row in sheet.iter_rows()), name)


def _shown(value: Any) -> str:
    """A cell as a person would read it, as far as its value tells."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
    if isinstance(value, datetime):
        text = value.isoformat(" ", "minutes" if not value.second else "seconds")
        return text.removesuffix(" 00:00")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value)
