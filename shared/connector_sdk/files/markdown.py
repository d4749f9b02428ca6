"""Markdown: its headings and tables are found, all else stays as it is written (CommonMark)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..blocks import Block
from .charset import decode
from .flow import Flow

_MARKUP = re.compile(r"[*_`]+|\\(?=[\W_])")
_MAX_HEADING = 1_000  # characters; a longer line is no heading


def read(content: bytes, charset: str = "") -> Iterator[Block]:
    """Yield the sections and tables of a Markdown file.

    Args:
        content: the file.
        charset: what its content type says, if it does.
    """
    reader = _Reader()
    for line in decode(content, charset).splitlines():
        reader.add(line)
        yield from reader.flow.blocks()
    reader.end_paragraph()
    yield from reader.flow.blocks(last=True)


class _Reader:
    """Puts line after line into a flow."""

    def __init__(self) -> None:
        self.flow = Flow()
        self._lines: list[str] = []
        self._rows: list[list[str]] = []
        self._fence = ""

    def add(self, line: str) -> None:
        """Add a line."""
        text = line.strip()
        if self._fence:
            self._lines.append(line)
            if text.startswith(self._fence):
                self._fence = ""
        elif self._rows and "|" in text:
            self._rows.append(_cells(text))
        elif text.startswith(("```", "~~~")):
            self._end_table()
            self._fence = text[:3]
            self._lines.append(line)
        elif _is_rule(text) and self._lines and "|" in self._lines[-1]:
            header = _cells(self._lines.pop())
            self.end_paragraph()
            self._rows = [header]
        elif level := _level(text):
            self.end_paragraph()
            self.flow.heading(level, _MARKUP.sub("", text[level:].rstrip("# \t")))
        elif text and not text.strip("=-") and len(self._lines) == 1:
            title = self._lines.pop()
            self.flow.heading(1 if "=" in text else 2, _MARKUP.sub("", title))
        elif text:
            self._end_table()
            self._lines.append(line)
        else:
            self.end_paragraph()

    def end_paragraph(self) -> None:
        """End what is under way: a paragraph or a table."""
        self._end_table()
        self.flow.paragraph("\n".join(self._lines))
        self._lines.clear()

    def _end_table(self) -> None:
        self.flow.table(self._rows)
        self._rows = []


def _level(text: str) -> int:
    """The level of a heading, 0 for another line."""
    level = len(text) - len(text.lstrip("#"))
    space = text[level : level + 1]
    return level if level <= 6 and space in (" ", "\t") and len(text) < _MAX_HEADING else 0


def _is_rule(text: str) -> bool:
    """Whether a line parts a table's header from its rows."""
    return "-" in text and "|" in text and not text.strip("|:- \t")


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return [cell.replace("\\|", "|").strip() for cell in cells]
