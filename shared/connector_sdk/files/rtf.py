"""Rich Text Format."""

from __future__ import annotations

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from ..blocks import Block
from .errors import damaged
from .flow import Flow

_CELL_END = re.compile(r"\n\s*\|")  # where a cell ends with a paragraph


def read(content: bytes) -> Iterator[Block]:
    r"""Yield the text, a paragraph for each `\par`.

    Raises:
        Unreadable: it is no RTF.
    """
    if not content.lstrip().startswith(b"{\\rtf"):
        raise damaged("RTF document")
    flow = Flow()
    rows: list[list[str]] = []
    text = str(rtf_to_text(content.decode("latin-1"), errors="replace"))  # type: ignore[no-untyped-call]
    for line in _CELL_END.sub("|", text).split("\n"):
        if line.rstrip().endswith("|"):
            rows.append(line.rstrip()[:-1].split("|"))
            continue
        if rows:
            flow.table(rows)
            rows = []
        flow.paragraph(line)
        yield from flow.blocks()
    flow.table(rows)
    yield from flow.blocks(last=True)
