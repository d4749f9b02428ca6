"""Which reader a file goes to. Their libraries are imported with the first file of a type."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from importlib import import_module

from ..blocks import Block
from .errors import Unreadable, password_needed
from .progress import Progress
from .types import FileType

_MODULES = {
    FileType.PDF: "pdf",
    FileType.WORD: "word",
    FileType.POWERPOINT: "powerpoint",
    FileType.SPREADSHEET: "spreadsheet",
    FileType.OPEN_DOCUMENT: "open_document",
    FileType.HTML: "html",
    FileType.MARKDOWN: "markdown",
    FileType.TABLE: "delimited",
    FileType.RTF: "rtf",
    FileType.MAIL: "mail",
    FileType.TEXT: "plain",
}
_WITH_CHARSET = {FileType.HTML, FileType.MARKDOWN, FileType.TABLE, FileType.TEXT}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOLDERS = {
    "word/": FileType.WORD,
    "ppt/": FileType.POWERPOINT,
    "xl/": FileType.SPREADSHEET,
}


def blocks_of(content: bytes, declared: str, charset: str, progress: Progress) -> Iterator[Block]:
    """Yield a file's blocks.

    Args:
        content: the file.
        declared: the `FileType` that it was said to be; its first bytes know better.
        charset: what its content type says, "" for nothing.
        progress: told how far the reading has come.

    Raises:
        Unreadable: it has no text to give.
    """
    if not content.strip():
        return
    kind = _recognised(content, FileType(declared)) or FileType(declared)
    try:
        read = import_module(f".{_MODULES[kind]}", __package__).read
    except ImportError:
        raise Unreadable(
            "unsupported_type",
            "is of a type whose reader is not installed: it comes with connector-sdk[files].",
        ) from None
    if kind is FileType.PDF:
        yield from read(content, progress)
    elif kind in _WITH_CHARSET:
        yield from read(content, charset)
    else:
        yield from read(content)


def _recognised(content: bytes, declared: FileType) -> FileType | None:
    """What a file's first bytes say that it is; None where they are no one's."""
    if content.startswith(b"%PDF-"):
        return FileType.PDF
    if content.startswith(b"{\\rtf"):
        return FileType.RTF
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise password_needed()
        if "Workbook".encode("utf-16-le") in content or "Book\0".encode("utf-16-le") in content:
            return FileType.SPREADSHEET
        raise Unreadable(
            "unsupported_type",
            "is of a format of before 2007, which is not read: saved anew as .docx or .pptx it is.",
        )
    if content.startswith(b"PK\x03\x04"):
        return _in_archive(content, declared)
    return None


def _in_archive(content: bytes, declared: FileType) -> FileType | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                mimetype = archive.read("mimetype").decode("ascii", "replace").strip()
                if mimetype.startswith("application/vnd.oasis.opendocument."):
                    sheet = "spreadsheet" in mimetype
                    return FileType.SPREADSHEET if sheet else FileType.OPEN_DOCUMENT
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError):
        return None  # which the declared type's reader says
    for folder, kind in _FOLDERS.items():
        if any(name.startswith(folder) for name in names):
            return kind
    if declared in (FileType.TEXT, FileType.MARKDOWN, FileType.HTML, FileType.TABLE):
        raise Unreadable("unsupported_type", "is an archive, which is not read.")
    return None
