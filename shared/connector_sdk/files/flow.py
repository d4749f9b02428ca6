"""Blocks from a text that flows: paragraphs and tables under a path of headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..blocks import Block

BLOCK_CHARACTERS = 20_000  # a long section comes in several blocks, so that limits can act
_SPACES = re.compile(r"[ \t\xa0\r\f\v]+")


def tidy(text: str) -> str:
    """Return a paragraph without runs of spaces and without spaces around its line breaks."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def table_row(cells: Sequence[str]) -> str:
    """Return a row as a line: cells separated by ` | `, without the empty ones at its end."""
    texts = [" ".join(cell.split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts) if any(texts) else ""


@dataclass
class _Section:
    level: int
    title: str
    empty: bool = True  # nothing came below it yet


@dataclass
class Flow:
    """Takes paragraphs, headings and tables in reading order, and gives blocks."""

    _path: list[_Section] = field(default_factory=list)
    _fragment: str = ""
    _paragraphs: list[str] = field(default_factory=list)
    _size: int = 0
    _ready: list[Block] = field(default_factory=list)

    def place(self, fragment: str) -> None:
        """Begin another place of the document, such as a page; the headings stay.

        Args:
            fragment: what opens the document there.
        """
        self._end_block()
        self._fragment = fragment

    def heading(self, level: int, text: str, fragment: str = "") -> None:
        """Begin a section.

        Args:
            level: the lower, the higher it stands.
            text: what it is called; one without a name ends the section before it.
            fragment: what opens the document there, if anything does.
        """
        self._end_block()
        self._leave(level)
        text = " ".join(text.split())
        if text:
            self._path.append(_Section(level, text))
        self._fragment = fragment or self._fragment

    def paragraph(self, text: str, *, close: bool = False) -> None:
        """Add a paragraph to the section.

        Args:
            text: its text; line breaks stay.
            close: it follows on the one before without a blank line, as a list's items do.
        """
        text = tidy(text)
        if not text:
            return
        if self._size + len(text) > BLOCK_CHARACTERS:
            self._end_block()
        if close and self._paragraphs:
            self._paragraphs[-1] += "\n" + text
        else:
            self._paragraphs.append(text)
        self._size += len(text)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a table, whose first row is its header; one of a single column is no table."""
        lines = [line for line in map(table_row, rows) if line]
        if len(lines) < 2 or max(map(len, rows)) < 2:
            for line in lines:
                self.paragraph(line)
            return
        self._end_block()
        self._add("\n".join(lines[1:]), lines[0])

    def blocks(self, *, last: bool = False) -> Iterator[Block]:
        """Take the blocks that are complete; at the end of the text, the last one too."""
        if last:
            self._end_block()
            self._leave(None)
        ready, self._ready = self._ready, []
        yield from ready

    def _end_block(self) -> None:
        if self._paragraphs:
            self._add("\n\n".join(self._paragraphs))
        self._paragraphs, self._size = [], 0

    def _add(self, text: str, header: str = "") -> None:
        heading = " > ".join(section.title for section in self._path)
        self._ready.append(Block(text, heading, header, self._fragment))
        for section in self._path:
            section.empty = False

    def _leave(self, level: int | None) -> None:
        """End the sections at and below a level; a title with nothing below it is a text itself."""
        while self._path and (level is None or self._path[-1].level >= level):
            section = self._path.pop()
            if section.empty:
                self._add(section.title)
