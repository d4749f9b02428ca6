"""OpenDocument texts and presentations (.odt, .odp), by OASIS OpenDocument 1.3 part 3."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..blocks import Block
from .errors import damaged, password_needed
from .flow import Flow, table_row, tidy
from .package import Package

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = f"{{{_NAMES}office:1.0}}"
_TEXT = f"{{{_NAMES}text:1.0}}"
_TABLE = f"{{{_NAMES}table:1.0}}"
_DRAW = f"{{{_NAMES}drawing:1.0}}"
_SHOW = f"{{{_NAMES}presentation:1.0}}"
_ENCRYPTED = f"{{{_NAMES}manifest:1.0}}encryption-data"
_MANIFEST = f"{{{_NAMES}manifest:1.0}}manifest"
_MAX_SPACES = 100
_LEFT_OUT = {
    *(f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_OFFICE}event-listeners"),
    *(f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls", f"{_TEXT}note-citation"),
    f"{_TEXT}table-of-content",
}
_FURNITURE = {"date-time", "footer", "page-number", "header"}


def read(content: bytes) -> Iterator[Block]:
    """Yield a text's sections and tables, or a presentation's slides with their notes.

    Raises:
        Unreadable: it is neither, or needs a password.
    """
    package = Package(content, "OpenDocument file")
    for entry in package.optional("META-INF/manifest.xml", _MANIFEST):
        if entry.find(_ENCRYPTED) is not None:
            raise password_needed()
    flow, found = Flow(), False
    for element in package.elements("content.xml", f"{_OFFICE}text"):
        found = True
        _add(element, flow)
        yield from flow.blocks()
    yield from flow.blocks(last=True)
    if not found:
        for element in package.elements("content.xml", f"{_OFFICE}presentation"):
            found = True
            if element.tag == f"{_DRAW}page":
                yield from _slide(element)
    if not found:
        raise damaged(package.kind)


def _add(element: Element, flow: Flow, *, listed: bool = False) -> None:
    if element.tag == f"{_TEXT}h":
        level = element.get(f"{_TEXT}outline-level", "1")
        flow.heading(int(level) if level.isdigit() else 1, _content(element))
    elif element.tag == f"{_TEXT}p":
        text = _content(element)
        if text.strip():
            flow.paragraph(f"- {text}" if listed else text, close=listed)
    elif element.tag == f"{_TABLE}table":
        flow.table(_rows(element))
    elif element.tag not in _LEFT_OUT:
        for child in element:
            _add(child, flow, listed=listed or element.tag == f"{_TEXT}list-item")


def _content(element: Element) -> str:
    pieces: list[str] = []
    _collect(element, pieces)
    return "".join(pieces)


def _collect(element: Element, pieces: list[str]) -> None:
    pieces.append(element.text or "")
    for child in element:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            pieces.append(" " * min(int(count) if count.isdigit() else 1, _MAX_SPACES))
        elif child.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif child.tag == f"{_TEXT}note":
            note = child.find(f"{_TEXT}note-body")
            pieces.append("" if note is None else f" ({_content(note).strip()})")
        elif child.tag not in _LEFT_OUT:
            _collect(child, pieces)
            if child.tag == f"{_TEXT}p":  # in a cell or a frame
                pieces.append("\n")
        pieces.append(child.tail or "")


def _rows(table: Element) -> list[list[str]]:
    return [
        [_content(cell) for cell in row if cell.tag == f"{_TABLE}table-cell"]
        for row in table.iter(f"{_TABLE}table-row")
    ]


def _slide(page: Element) -> Iterator[Block]:
    title, texts, notes = "", list[str](), list[str]()
    for child in page:
        shown = texts
        frames: list[Element] = [child]
        if child.tag == f"{_SHOW}notes":
            shown, frames = notes, list(child)
        for frame in frames:
            kind = frame.get(f"{_SHOW}class", "")
            text = _frame(frame)
            if kind == "title" and shown is texts and not title:
                title = text
            elif text and kind not in _FURNITURE:
                shown.append(text)
    text = "\n\n".join(texts)
    if notes:
        text += "\n\nNotes: " + "\n\n".join(notes)
    text = text.strip() or title
    if text:
        yield Block(text, " ".join(title.split()))


def _frame(frame: Element) -> str:
    lines: list[str] = []
    tables = list(frame.iter(f"{_TABLE}table"))
    for table in tables:
        lines += map(table_row, _rows(table))
    if not tables:
        for paragraph in frame.iter():
            if paragraph.tag in (f"{_TEXT}p", f"{_TEXT}h"):
                lines.append(tidy(_content(paragraph)))
    return "\n".join(filter(None, lines))
