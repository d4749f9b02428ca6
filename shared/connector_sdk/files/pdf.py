"""PDF, by the reader of a browser (PDFium)."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
from pypdfium2 import PdfDocument, PdfiumError

from ..blocks import Block
from .errors import Unreadable, damaged, password_needed
from .flow import Flow
from .pdf_page import (
    Line,
    body_size,
    ends_paragraph,
    hyphenates,
    is_heading,
    joined,
    page_lines,
    without_furniture,
)
from .progress import Progress

_PASSWORD_NEEDED = pypdfium2.raw.FPDF_ERR_PASSWORD
_MAX_BOOKMARKS = 2_000


def read(content: bytes, progress: Progress) -> Iterator[Block]:
    """Yield each page, in sections where it has headings: lines of larger letters.

    A page without a heading before it stands under the chapter of the document's bookmarks.

    Args:
        content: the file.
        progress: told how many pages there are, and how many are read.

    Raises:
        Unreadable: it is no PDF, needs a password, or holds pictures of pages and no text.
    """
    try:
        document = PdfDocument(content)
        progress.total, progress.unit = len(document), "pages"
    except PdfiumError as error:
        if error.err_code == _PASSWORD_NEEDED:
            raise password_needed() from None
        raise damaged("PDF") from None
    chapters = _chapters(document)
    flow, chapter, found = Flow(), "", False
    before: list[Line] = []
    after = _lines(document, 0)
    for number in range(progress.total):
        lines, after = after, _lines(document, number + 1)
        flow.place(f"page={number + 1}")
        _add_page(without_furniture(lines, before, after), flow)
        before = lines
        progress.done += 1
        chapter = chapters.get(number, chapter)
        flow.place("")
        for block in flow.blocks(last=progress.done == progress.total):
            found = True
            yield Block(block.text, block.heading or chapter, fragment=block.fragment)
    if not found and progress.total:
        raise Unreadable("no_text", "has no text in it, only pictures: it may be a scan.")


def _chapters(document: PdfDocument) -> dict[int, str]:
    """The path of bookmarks that begins with a page, by the page's number from 0."""
    chapters: dict[int, str] = {}
    path: list[str] = []
    for count, mark in enumerate(document.get_toc()):
        target = mark.get_dest()
        page = target.get_index() if target else None
        del path[mark.level :]
        path.append(" ".join(mark.get_title().split()))
        if page is not None:
            chapters.setdefault(page, " > ".join(filter(None, path)))
        if count >= _MAX_BOOKMARKS:
            break
    return chapters


def _lines(document: PdfDocument, number: int) -> list[Line]:
    if number >= len(document):
        return []
    try:
        page = document[number]
        try:
            return page_lines(page)
        finally:
            page.close()
    except PdfiumError:
        return []  # one damaged page does not spoil the others


def _add_page(lines: list[Line], flow: Flow) -> None:
    body, hyphenated = body_size(lines), hyphenates(lines)
    text = ""
    for at, line in enumerate(lines):
        text = joined(text, line.text, hyphenated=hyphenated)
        if at + 1 < len(lines) and not ends_paragraph(lines, at):
            continue
        if is_heading(text, line, body):
            # The larger, the higher; in quarters of a point.
            flow.heading(-round(4 * line.height), text)
        else:
            flow.paragraph(text)
        text = ""
