"""Files that are made to harm whoever reads them; each is made here, from nothing."""

from __future__ import annotations

import io
import random
import zipfile
import zlib

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MEGABYTE = 1024 * 1024


def archive(parts: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target.getvalue()


def package(main: str, parts: dict[str, bytes | str]) -> bytes:
    root = (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    )
    return archive({"_rels/.rels": root, **parts})


def docx(document: bytes | str) -> bytes:
    return package("word/document.xml", {"word/document.xml": document})


def docx_of(body: str, prolog: str = "") -> bytes:
    return docx(f"{prolog}<w:document {W}><w:body>{body}</w:body></w:document>")


def zip_bomb() -> bytes:
    """60 MB of paragraphs in 100 KB."""
    paragraph = b"<w:p><w:r><w:t>bomb</w:t></w:r></w:p>"
    start = f"<w:document {W}><w:body>".encode()
    return docx(start + paragraph * (60 * MEGABYTE // len(paragraph)) + b"</w:body></w:document>")


def lying_zip() -> bytes:
    """Says that its document has one byte, and unpacks to 50 MB."""
    content = bytearray(docx(b" " * 50 * MEGABYTE))
    size = (50 * MEGABYTE).to_bytes(4, "little")
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (1).to_bytes(4, "little")
    return bytes(content)


def many_members() -> bytes:
    return archive({f"word/{number}.xml": "" for number in range(20_001)})


def billion_laughs() -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    return docx_of("<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>", f"<!DOCTYPE d [{entities}]>")


def external_entity(path: str) -> bytes:
    return docx_of(
        "<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{path}">]>'
    )


def deep_xml() -> bytes:
    depth = 200_000
    return docx_of("<w:sdt>" * depth + "<w:p/>" + "</w:sdt>" * depth)


def endless_pdf_stream() -> bytes:
    """A page whose content unpacks to 2 GB."""
    packer = zlib.compressobj(9)
    start = packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same bytes give the same block, so that it is packed only once.
    piece = packer.compress(b"(x) Tj " * (10 * MEGABYTE // 7)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = start + piece * 200 + packer.flush()
    return pdf(
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    )


def circular_pdf() -> bytes:
    """A tree of pages that is its own branch."""
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /Outlines 3 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2147483647 /Parent 2 0 R >>\nendobj\n"
        b"3 0 obj\n<< /First 3 0 R /Next 3 0 R /Title (x) >>\nendobj\n"
        b"trailer\n<< /Root 1 0 R >>\n"
    )


def pdf(content: bytes) -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources"
        b" << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>\nendobj\n"
        b"4 0 obj\n" + content + b"\nendobj\ntrailer\n<< /Root 1 0 R >>\n"
    )


def far_apart_cells() -> bytes:
    """A sheet of two cells in opposite corners, 17 thousand million cells apart."""
    sheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    )
    links = (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    return package(
        "xl/workbook.xml",
        {
            "xl/workbook.xml": f'<workbook xmlns="{sheet}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": links,
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{sheet}"><sheetData>{rows}</sheetData>'
            "</worksheet>",
        },
    )


def repeated_rows() -> bytes:
    """An OpenDocument sheet whose one cell stands there a thousand million times."""
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" '
        f'xmlns:text="{names}text:1.0"><office:body><office:spreadsheet><table:table '
        'table:name="S"><table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'table:number-columns-repeated="1024" office:value-type="string"><text:p>bomb</text:p>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return archive({"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": "<m/>"})


def nested_mail() -> bytes:
    head = "Subject: deep\nContent-Type: message/rfc822\n\n"
    return (head * 1000 + "Subject: deepest\n\nend").encode()


def nested_multipart() -> bytes:
    opening = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(1000)
    )
    return ("Subject: deep\n" + opening + "Content-Type: text/plain\n\nend").encode()


def noise(size: int = 200_000) -> bytes:
    return random.Random(6).randbytes(size)  # noqa: S311 - the same noise each time
