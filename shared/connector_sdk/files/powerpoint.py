"""PowerPoint presentations (.pptx), by ECMA-376 part 1, §19."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..blocks import Block
from .flow import table_row, tidy
from .package import Package

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"dt", "ftr", "sldNum", "hdr", "sldImg"}  # date, footer, number: on every slide
# Google Slides names what it exports after the slide it is on: "Google Shape;54;p13".
_GOOGLE_SHAPE = re.compile(r"Google Shape;\d+;(\w+?)(?::notes)?")


def read(content: bytes) -> Iterator[Block]:
    """Yield each slide under its title, with its tables and its speaker's notes.

    Raises:
        Unreadable: it is no PowerPoint presentation.
    """
    package = Package(content, "PowerPoint presentation")
    main = package.main_part()
    relations = package.relations(main)
    for entry in package.elements(main, f"{_P}sldIdLst"):
        kind, part = relations.get(entry.get(f"{_R}id", ""), ("", ""))
        if kind == "slide" and part in package:
            yield from _slide(package, part)


def _slide(package: Package, part: str) -> Iterator[Block]:
    slide = _Shapes()
    for shape in package.elements(part, f"{_P}spTree"):
        slide.add(shape)
    notes = _Shapes()
    for kind, target in package.relations(part).values():
        if kind == "notesSlide":
            for shape in package.optional(target, f"{_P}spTree"):
                notes.add(shape)
    text = "\n\n".join(slide.texts)
    if notes.texts:
        text += "\n\nNotes: " + "\n\n".join(notes.texts)
    text = text.strip() or slide.title
    if text:
        fragment = f"slide=id.{slide.page}" if slide.page else ""
        yield Block(text, " ".join(slide.title.split()), fragment=fragment)


class _Shapes:
    """The texts of a slide in their order, and which of them is its title."""

    def __init__(self) -> None:
        self.title = ""
        self.texts: list[str] = []
        self.page = ""

    def add(self, shape: Element) -> None:
        """Add a shape, a table, or a group of those."""
        if shape.tag == f"{_P}sp":
            self._shape(shape)
        elif shape.tag == f"{_P}graphicFrame":
            rows = ([_text(cell) for cell in row.iter(f"{_A}tc")] for row in shape.iter(f"{_A}tr"))
            lines = [line for line in map(table_row, rows) if line]
            if lines:
                self.texts.append("\n".join(lines))
        elif shape.tag != _FALLBACK:
            for child in shape:
                self.add(child)

    def _shape(self, shape: Element) -> None:
        properties = shape.find(f"{_P}nvSpPr/{_P}cNvPr")
        place = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        google = _GOOGLE_SHAPE.fullmatch("" if properties is None else properties.get("name", ""))
        if google and not self.page:
            self.page = google[1]
        kind = "" if place is None else place.get("type", "")
        body = shape.find(f"{_P}txBody")
        if body is None or kind in _FURNITURE:
            return
        text = _text(body)
        if kind in _TITLES and not self.title:
            self.title = text
        elif text:
            self.texts.append(text)


def _text(element: Element) -> str:
    lines = []
    for paragraph in element.iter(f"{_A}p"):
        pieces = (
            "\n" if piece.tag == f"{_A}br" else piece.text or ""
            for piece in paragraph.iter()
            if piece.tag in (f"{_A}t", f"{_A}br")
        )
        lines.append(tidy("".join(pieces)))
    return "\n".join(filter(None, lines))
