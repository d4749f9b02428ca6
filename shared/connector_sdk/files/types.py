"""Which kinds of file are read, recognised by their first bytes, their type and their name."""

from __future__ import annotations

from enum import StrEnum


class FileType(StrEnum):
    """A kind of file that has a reader."""

    PDF = "pdf"
    WORD = "docx"
    POWERPOINT = "pptx"
    SPREADSHEET = "xlsx"  # also xls, xlsb and ods
    OPEN_DOCUMENT = "odf"  # texts and presentations
    HTML = "html"
    MARKDOWN = "md"
    TABLE = "csv"
    RTF = "rtf"
    MAIL = "eml"
    TEXT = "txt"


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_BY_CONTENT_TYPE = {
    "application/pdf": FileType.PDF,
    "application/x-pdf": FileType.PDF,
    f"{_OPEN_XML}wordprocessingml.document": FileType.WORD,
    f"{_OPEN_XML}wordprocessingml.template": FileType.WORD,
    "application/vnd.ms-word.document.macroenabled.12": FileType.WORD,
    f"{_OPEN_XML}presentationml.presentation": FileType.POWERPOINT,
    f"{_OPEN_XML}presentationml.slideshow": FileType.POWERPOINT,
    f"{_OPEN_XML}presentationml.template": FileType.POWERPOINT,
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": FileType.POWERPOINT,
    f"{_OPEN_XML}spreadsheetml.sheet": FileType.SPREADSHEET,
    f"{_OPEN_XML}spreadsheetml.template": FileType.SPREADSHEET,
    "application/vnd.ms-excel": FileType.SPREADSHEET,
    "application/vnd.ms-excel.sheet.macroenabled.12": FileType.SPREADSHEET,
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": FileType.SPREADSHEET,
    f"{_OPEN_DOCUMENT}text": FileType.OPEN_DOCUMENT,
    f"{_OPEN_DOCUMENT}text-template": FileType.OPEN_DOCUMENT,
    f"{_OPEN_DOCUMENT}presentation": FileType.OPEN_DOCUMENT,
    f"{_OPEN_DOCUMENT}presentation-template": FileType.OPEN_DOCUMENT,
    f"{_OPEN_DOCUMENT}spreadsheet": FileType.SPREADSHEET,
    f"{_OPEN_DOCUMENT}spreadsheet-template": FileType.SPREADSHEET,
    "text/html": FileType.HTML,
    "application/xhtml+xml": FileType.HTML,
    "text/markdown": FileType.MARKDOWN,
    "text/x-markdown": FileType.MARKDOWN,
    "text/csv": FileType.TABLE,
    "application/csv": FileType.TABLE,
    "text/comma-separated-values": FileType.TABLE,
    "text/tab-separated-values": FileType.TABLE,
    "application/rtf": FileType.RTF,
    "application/x-rtf": FileType.RTF,
    "text/rtf": FileType.RTF,
    "text/richtext": FileType.RTF,  # what Drive calls it
    "message/rfc822": FileType.MAIL,
    **dict.fromkeys(
        (
            "application/json",
            "application/ld+json",
            "application/x-ndjson",
            "application/xml",
            "application/yaml",
            "application/x-yaml",
            "application/javascript",
            "application/x-javascript",
            "application/x-sh",
            "application/sql",
            "application/toml",
            "application/x-tex",
            "application/x-latex",
        ),
        FileType.TEXT,
    ),
}
_BY_SUFFIX = {
    "pdf": FileType.PDF,
    **dict.fromkeys(("docx", "docm", "dotx"), FileType.WORD),
    **dict.fromkeys(("pptx", "pptm", "ppsx", "potx"), FileType.POWERPOINT),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xlsb", "xls", "ods", "ots"), FileType.SPREADSHEET),
    **dict.fromkeys(("odt", "ott", "odp", "otp"), FileType.OPEN_DOCUMENT),
    **dict.fromkeys(("html", "htm", "xhtml"), FileType.HTML),
    **dict.fromkeys(("md", "markdown"), FileType.MARKDOWN),
    **dict.fromkeys(("csv", "tsv", "tab"), FileType.TABLE),
    "rtf": FileType.RTF,
    "eml": FileType.MAIL,
    **dict.fromkeys(("txt", "text", "log", "json", "xml", "yaml", "yml"), FileType.TEXT),
}
# Types that say nothing: what uploads have whose sender did not know better.
_UNKNOWN = {"", "application/octet-stream", "binary/octet-stream", "application/x-download"}


def file_type(content_type: str, name: str = "") -> FileType | None:
    """Return how a file would be read, before its content is known; None for not at all.

    Args:
        content_type: its MIME type; parameters (`; charset=…`) are ignored.
        name: its name, whose suffix decides where the type says nothing.
    """
    content_type = content_type.partition(";")[0].strip().lower()
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if content_type in _UNKNOWN:
        return _BY_SUFFIX.get(suffix)
    known = _BY_CONTENT_TYPE.get(content_type)
    if known is None and (content_type.startswith("text/") or content_type.endswith("+xml")):
        known = None if content_type.startswith("image/") else FileType.TEXT
    if known is FileType.TEXT and suffix in ("md", "markdown", "csv", "tsv", "eml"):
        return _BY_SUFFIX[suffix]  # sent as text/plain by whoever does not know the finer type
    return known


def readable(content_type: str, name: str = "") -> bool:
    """Return whether files of this type are read."""
    return file_type(content_type, name) is not None
