"""Drive's query language: https://developers.google.com/workspace/drive/api/guides/search-files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .settings import Kind, Options

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"

_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
MIME_TYPES: dict[Kind, tuple[str, ...]] = {
    "document": (
        "application/vnd.google-apps.document",
        f"{_OFFICE}.wordprocessingml.document",
        "application/msword",
        f"{_OPEN}.text",
        "application/rtf",
    ),
    "spreadsheet": (
        "application/vnd.google-apps.spreadsheet",
        f"{_OFFICE}.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        f"{_OPEN}.spreadsheet",
        "text/csv",
        "text/tab-separated-values",
    ),
    "presentation": (
        "application/vnd.google-apps.presentation",
        f"{_OFFICE}.presentationml.presentation",
        "application/vnd.ms-powerpoint",
        f"{_OPEN}.presentation",
    ),
    "pdf": ("application/pdf",),
    "text": (),
}


def literal(value: str) -> str:
    r"""Return a value quoted: `\` and `'` are the two characters that need escaping."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def ladder(terms: list[str]) -> Iterable[str]:
    """Yield conditions on the text, from narrow to wide: all of the terms, then any of them."""
    clauses = [f"fullText contains {literal(term)}" for term in terms]
    yield " and ".join(clauses)
    if len(clauses) > 1:
        yield "(" + " or ".join(clauses) + ")"


def files_matching(text: str, options: Options) -> str:
    """Return the whole query for files whose text meets a condition.

    Trashed files would be found, and a shortcut's target is found by itself.
    """
    clauses = [text, "trashed = false", f"mimeType != '{FOLDER}'", f"mimeType != '{SHORTCUT}'"]
    if options.modified_after:
        clauses.append(f"modifiedTime > {_time(options.modified_after)}")
    if options.modified_before:
        clauses.append(f"modifiedTime < {_time(options.modified_before)}")
    if options.owner:
        clauses.append(f"{literal(options.owner)} in owners")
    if options.type == "text":
        clauses.append("mimeType contains 'text/'")
    elif options.type:
        types = [f"mimeType = {literal(mime_type)}" for mime_type in MIME_TYPES[options.type]]
        clauses.append("(" + " or ".join(types) + ")")
    return " and ".join(clauses)


def children_of(folder_ids: Iterable[str]) -> str:
    """Return the query for what leads further down from these folders: folders and shortcuts."""
    parents = " or ".join(f"{literal(folder_id)} in parents" for folder_id in folder_ids)
    return f"({parents}) and trashed = false and (mimeType = '{FOLDER}' or mimeType = '{SHORTCUT}')"


def _time(moment: datetime) -> str:
    return literal(moment.strftime("%Y-%m-%dT%H:%M:%S"))  # read as UTC
