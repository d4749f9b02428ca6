"""The lines of a PDF's page, and which of them belong together: a page itself has only places."""

from __future__ import annotations

import itertools
import re
import statistics
from collections import Counter
from dataclasses import dataclass

import pypdfium2
from pypdfium2 import PdfPage

_HYPHEN = "\ufffe"  # PDFium's sign for a word that is parted at the end of a line
_BULLETS = ("•", "◦", "▪", "●", "‣")
_LINE = re.compile(f"[^\r\n{_HYPHEN}]+{_HYPHEN}?")
_NUMBER = re.compile(r"\d+")
_EDGE = 2  # lines at the top and at the bottom of a page, where headers, footers and numbers are
_NEAR = 5  # lines above and below that a line is compared with
_INDENT = 40.0  # points by which lines of one column may begin apart
_MAX_HEADING = 150  # characters


@dataclass(frozen=True)
class Line:
    """A line of text, with its box in points from the page's lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    height: float


def page_lines(page: PdfPage) -> list[Line]:
    """Return a page's lines in the order in which the file has them."""
    text_page = page.get_textpage()
    try:
        lines = []
        for found in _LINE.finditer(text_page.get_text_range()):
            text = found[0].strip()
            if text:
                start = found.start() + found[0].index(text[0])
                boxes = [_box(text_page, start + at) for at in (0, len(text) // 2, len(text) - 1)]
                # In the middle of three, as a letter may be of another font, or be drawn nowhere.
                bottom = statistics.median(box[1] for box in boxes)
                top = statistics.median(box[3] for box in boxes)
                lines.append(Line(text, boxes[0][0], boxes[2][2], bottom, top - bottom))
        return lines
    finally:
        text_page.close()


def _box(text_page: pypdfium2.PdfTextPage, at: int) -> tuple[float, float, float, float]:
    """The box of a letter of the page's text; letters may be in the text and not on the page."""
    at = pypdfium2.raw.FPDFText_GetCharIndexFromTextIndex(text_page, at)
    if at < 0:
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = text_page.get_charbox(at, loose=True)
    return left, bottom, right, top


def body_size(lines: list[Line]) -> float:
    """Return the height of most letters of a page."""
    heights: Counter[float] = Counter()
    for line in lines:
        heights[round(line.height, 1)] += len(line.text)
    return heights.most_common(1)[0][0] if heights else 0.0


def without_furniture(lines: list[Line], *neighbours: list[Line]) -> list[Line]:
    """Return a page without what stands at the edge of the pages beside it too, but for numbers.

    Args:
        lines: the page.
        neighbours: the page before and the page after.
    """
    body = body_size(lines)
    beside = {_mark(line) for page in neighbours for line in _edges(page)}
    furniture = [line for line in _edges(lines) if line.height <= body and _mark(line) in beside]
    return [line for line in lines if line not in furniture]


def _edges(lines: list[Line]) -> list[Line]:
    by_height = sorted(lines, key=lambda line: line.bottom)
    return by_height[:_EDGE] + by_height[-_EDGE:]


def _mark(line: Line) -> tuple[str, int]:
    return _NUMBER.sub("#", line.text), round(line.bottom / 2)


def is_heading(text: str, line: Line, body: float) -> bool:
    """Whether a paragraph that ends with this line is set as a heading: short, and larger."""
    return (
        line.height > 1.1 * body
        and len(text) <= _MAX_HEADING
        and sum(map(str.isalpha, text)) > 2
        and not text.endswith((".", ",", ";"))
    )


def ends_paragraph(lines: list[Line], at: int) -> bool:
    """Whether the next line begins something new: far below, in another size, after a short line."""
    line, below = lines[at], lines[at + 1]
    if line.text.endswith(_HYPHEN):
        return False
    if below.text.startswith(_BULLETS):
        return True
    if abs(line.height - below.height) > 0.1 * max(line.height, below.height):
        return True
    step = line.bottom - below.bottom
    near = lines[max(0, at - _NEAR) : at + _NEAR + 2]
    steps = [above.bottom - under.bottom for above, under in itertools.pairwise(near)]
    # Lines of a paragraph are nearest to each other; those beside each other are none.
    usual = min((step for step in steps if step > 0.8 * line.height), default=0.0)
    if step > 1.25 * usual:
        return True
    # Full lines of a column end near each other; the last of a paragraph need not.
    column = [other for other in near if abs(other.left - line.left) < _INDENT]
    width = max(other.right for other in column) - min(other.left for other in column)
    missing = max(other.right for other in column) - line.right
    return missing > 0.3 * width


def hyphenates(lines: list[Line]) -> bool:
    """Whether a page parts words at the ends of its lines; else those hyphens are the words' own."""
    parted = sum(line.text.endswith(_HYPHEN) for line in lines)
    return parted >= 3 and parted > 0.05 * len(lines)


def joined(text: str, line: str, *, hyphenated: bool) -> str:
    """Return a paragraph with its next line.

    Args:
        text: the paragraph so far.
        line: the line.
        hyphenated: whether the page parts words, as `hyphenates` says.
    """
    if text.endswith(_HYPHEN):
        return text[:-1] + ("" if hyphenated and line[:1].islower() else "-") + line
    return f"{text} {line}" if text else line
