"""Word documents (.docx), by ECMA-376 part 1, §17."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ..blocks import Block
from .flow import Flow
from .package import Package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "ptab": "\t"}
_LEFT_OUT = {"del", "moveFrom", "pPr", "rPr", "instrText", "delText", "sdtPr", "fldData"}
_CONTENTS = -1  # the level of a table of contents, which says what the headings say
_GOOGLE_HEADING = "_heading="  # Google Docs' bookmarks: `_heading=h.30j0zll`


def read(content: bytes) -> Iterator[Block]:
    """Yield a document's sections and tables, its foot- and endnotes last.

    Raises:
        Unreadable: it is no Word document.
    """
    package = Package(content, "Word document")
    main = package.main_part()
    related = dict(package.relations(main).values())
    found = False
    for namespace in (_W, _STRICT):
        reader = _Reader(namespace, _heading_levels(package, related.get("styles", ""), namespace))
        for element in package.elements(main, f"{namespace}body"):
            found = True
            reader.add(element)
            yield from reader.flow.blocks()
        if found:
            break
    for kind in ("footnotes", "endnotes"):
        reader.flow.heading(1, "")
        for note in package.optional(related.get(kind, ""), f"{reader.namespace}{kind}"):
            if note.get(f"{reader.namespace}type") is None:  # else a separator
                for child in note:
                    reader.add(child)
            yield from reader.flow.blocks()
    yield from reader.flow.blocks(last=True)


def _heading_levels(package: Package, part: str, namespace: str) -> dict[str, int]:
    """The styles that are headings, by id: their names are English in every language of Word."""
    levels: dict[str, int] = {}
    parents: dict[str, str] = {}
    for style in package.optional(part, f"{namespace}styles"):
        identifier = style.get(f"{namespace}styleId", "")
        name = _value(style.find(f"{namespace}name"), namespace).lower()
        outline = _value(style.find(f"{namespace}pPr/{namespace}outlineLvl"), namespace)
        parents[identifier] = _value(style.find(f"{namespace}basedOn"), namespace)
        if name.startswith("toc "):
            levels[identifier] = _CONTENTS
        elif name.startswith("heading ") and name[8:].isdigit():
            levels[identifier] = int(name[8:])
        elif outline.isdigit() and int(outline) < 9:
            levels[identifier] = int(outline) + 1
    for identifier in parents:
        above, seen = identifier, {identifier}
        while above not in levels and parents.get(above) and parents[above] not in seen:
            above = parents[above]
            seen.add(above)
        if above in levels:
            levels[identifier] = levels[above]
    return levels


def _value(element: Element | None, namespace: str) -> str:
    return "" if element is None else element.get(f"{namespace}val", "")


class _Reader:
    """Puts the children of a body into a flow."""

    def __init__(self, namespace: str, levels: dict[str, int]) -> None:
        self.flow = Flow()
        self.namespace = namespace
        self._levels = levels
        self._left_out = {namespace + name for name in _LEFT_OUT} | {_FALLBACK}
        self._characters = {namespace + name: text for name, text in _CHARACTERS.items()}

    def add(self, element: Element) -> None:
        """Add a paragraph, a table, or what a content control or a revision holds of them."""
        name = element.tag.removeprefix(self.namespace)
        if name == "p":
            self._paragraph(element)
        elif name == "tbl":
            self.flow.table(
                [list(map(self._text, self._cells(row))) for row in self._rows(element)]
            )
        elif element.tag not in self._left_out:
            for child in element:
                self.add(child)

    def _paragraph(self, element: Element) -> None:
        properties = element.find(f"{self.namespace}pPr")
        level, listed = 0, False
        if properties is not None:
            style = _value(properties.find(f"{self.namespace}pStyle"), self.namespace)
            outline = _value(properties.find(f"{self.namespace}outlineLvl"), self.namespace)
            level = self._levels.get(style, 0)
            if outline.isdigit() and int(outline) < 9:
                level = int(outline) + 1
            listed = properties.find(f"{self.namespace}numPr") is not None
        text = self._text(element)
        if level == _CONTENTS:
            return
        if level and text.strip():
            self.flow.heading(level, text, self._anchor(element))
        elif text.strip():
            self.flow.paragraph(f"- {text}" if listed else text, close=listed)

    def _anchor(self, element: Element) -> str:
        for bookmark in element.iter(f"{self.namespace}bookmarkStart"):
            name = bookmark.get(f"{self.namespace}name", "")
            if name.startswith(_GOOGLE_HEADING):
                return name[1:]
        return ""

    def _rows(self, table: Element) -> Iterator[Element]:
        for child in table:
            if child.tag == f"{self.namespace}tr":
                yield child
            elif child.tag not in self._left_out and child.tag != f"{self.namespace}tc":
                yield from self._rows(child)

    def _cells(self, row: Element) -> Iterator[Element]:
        for child in row:
            if child.tag == f"{self.namespace}tc":
                yield child
            elif child.tag not in self._left_out:
                yield from self._cells(child)

    def _text(self, element: Element) -> str:
        pieces: list[str] = []
        self._collect(element, pieces)
        return "".join(pieces)

    def _collect(self, element: Element, pieces: list[str]) -> None:
        for child in element:
            if child.tag == f"{self.namespace}t":
                pieces.append(child.text or "")
            elif child.tag in self._characters:
                pieces.append(self._characters[child.tag])
            elif child.tag not in self._left_out:
                self._collect(child, pieces)
                if child.tag == f"{self.namespace}p":  # in a cell or a text box
                    pieces.append("\n")
