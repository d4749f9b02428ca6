"""Turning Google's own types into files, as files.export does."""

from __future__ import annotations

import csv
import html
import io
import re

from sandbox.drive_file import DOCUMENT, DRAWING, GOOGLE, SHEET, SLIDES, DriveFile, decode
from sandbox.native_office import document, slides
from sandbox.office import pdf, xlsx

_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
PPTX = _OFFICE + "presentationml.presentation"
_FORMATS = {
    DOCUMENT: ("text/plain", "text/markdown", "text/html", DOCX, "application/pdf"),
    SHEET: ("text/csv", "text/tab-separated-values", XLSX),
    SLIDES: ("text/plain", PPTX, "application/pdf"),
    DRAWING: ("image/svg+xml",),
}
_MARKUP = (
    (re.compile(r"^#{1,6} +", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[-*] +", re.MULTILINE), r"\1* "),
    (re.compile(r"\*\*(.+?)\*\*"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"),
)
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def export_formats(mime_type: str | None = None) -> tuple[str, ...]:
    """Return what a type can be exported to."""
    return _FORMATS.get(mime_type or "", ())


def all_formats() -> dict[str, list[str]]:
    """Return the map that about.get gives."""
    return {source: list(targets) for source, targets in _FORMATS.items() if GOOGLE in source}


def export(file: DriveFile, mime_type: str) -> bytes:
    """Convert a file to one of its formats."""
    if mime_type in {"text/csv", "text/tab-separated-values"}:
        # Only ever the first sheet: a workbook's text needs the xlsx.
        return _table(file.sheets[0][1], "," if mime_type == "text/csv" else "\t")
    if mime_type == XLSX:
        return xlsx([(name, _rows(content)) for name, content in file.sheets])
    if mime_type == "image/svg+xml":
        return _SVG
    text = decode(file.content)
    if mime_type == "text/markdown":
        return text.encode()
    if mime_type == "text/html":
        return _page(file.name, text)
    if mime_type == DOCX:
        return document(text)
    if mime_type == PPTX:
        return slides(text)
    plain = plain_text(text)
    if mime_type == "application/pdf":
        return pdf(plain.splitlines())
    # As Google's: a byte order mark first, and Windows line ends.
    return b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode()


def plain_text(markdown: str) -> str:
    """Take the Markdown off a text."""
    for pattern, instead in _MARKUP:
        markdown = pattern.sub(instead, markdown)
    return markdown.replace("\r\n", "\n")


def _page(title: str, text: str) -> bytes:
    paragraphs = "".join(
        f"<p>{html.escape(part)}</p>" for part in plain_text(text).split("\n") if part.strip()
    )
    head = f"<head><title>{html.escape(title)}</title><style>p{{margin:0}}</style></head>"
    return f"<html>{head}<body>{paragraphs}</body></html>".encode()


def _rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(decode(content))))


def _table(content: bytes, delimiter: str) -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator="\r\n").writerows(_rows(content))
    return target.getvalue().removesuffix("\r\n").encode()
