"""The smallest honest .docx, .xlsx and .pdf files, written with the standard library."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
DOCUMENT_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPE = "application/vnd.openxmlformats-officedocument."
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_LINES_A_PAGE = 50


def docx(paragraphs: Iterable[str]) -> bytes:
    """Write a Word document."""
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text in paragraphs
    )
    document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return package(
        {"word/document.xml": TYPE + "wordprocessingml.document.main+xml"},
        "word/document.xml",
        {"word/document.xml": document},
    )


def xlsx(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> bytes:
    """Write a workbook with every sheet; all cells are texts or plain numbers."""
    names = ""
    links: dict[str, tuple[str, str]] = {}
    parts: dict[str, str] = {}
    types = {"xl/workbook.xml": TYPE + "spreadsheetml.sheet.main+xml"}
    for number, (name, rows) in enumerate(sheets, start=1):
        path = f"worksheets/sheet{number}.xml"
        names += f'<sheet name={quoteattr(name[:31])} sheetId="{number}" r:id="rId{number}"/>'
        links[f"rId{number}"] = ("worksheet", path)
        types["xl/" + path] = TYPE + "spreadsheetml.worksheet+xml"
        parts["xl/" + path] = _worksheet(rows)
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{_SHEET}" xmlns:r="{DOCUMENT_RELATIONS}"><sheets>{names}</sheets></workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = relationships(links)
    return package(types, "xl/workbook.xml", parts)


def _worksheet(rows: Sequence[Sequence[str]]) -> str:
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(_cell(f"{_column(at)}{number}", value) for at, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return f'<worksheet xmlns="{_SHEET}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(place: str, value: str) -> str:
    if value.replace(".", "", 1).removeprefix("-").isdecimal() and not value.startswith("0"):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _column(at: int) -> str:
    name = ""
    at += 1
    while at:
        at, letter = divmod(at - 1, 26)
        name = chr(65 + letter) + name
    return name


def relationships(links: dict[str, tuple[str, str]]) -> str:
    """Return the part that says what another refers to: for each id a kind and a target."""
    entries = "".join(
        f'<Relationship Id="{name}" Type="{DOCUMENT_RELATIONS}/{kind}" Target="{target}"/>'
        for name, (kind, target) in links.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}relationships">{entries}</Relationships>'


def package(types: dict[str, str], main: str, parts: dict[str, str]) -> bytes:
    """Write an Office file.

    Args:
        types: the content type of each part that needs its own.
        main: the part that is the document.
        parts: their XML by name.
    """
    overrides = "".join(
        f'<Override PartName="/{path}" ContentType="{kind}"/>' for path, kind in types.items()
    )
    content_types = (
        f'<Types xmlns="{_PACKAGE}content-types">'
        f'<Default Extension="rels" ContentType="{_RELATIONS}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    root = relationships({"rId1": ("officeDocument", main)})
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {"[Content_Types].xml": content_types, "_rels/.rels": root, **parts}
        for path, content in files.items():
            # A fixed date, so that the same text always gives the same bytes.
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), _XML + content)
    return target.getvalue()


def pdf(lines: Sequence[str]) -> bytes:
    """Write a PDF whose text can be selected; letters outside Latin-1 become question marks."""
    pages = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)] or [[]]
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, page in enumerate(pages):
        shown = b"".join(b"(" + _pdf_string(line) + b") Tj T*\n" for line in page)
        stream = b"BT /F1 10 Tf 14 TL 50 790 Td\n" + shown + b"ET"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * at)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    return _pdf_file(objects)


def _pdf_string(line: str) -> bytes:
    escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return escaped.encode("cp1252", "replace")


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    content = b"%PDF-1.4\n"
    offsets = []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(content))
    )
