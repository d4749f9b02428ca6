"""What Drive's types of file are, and in which form each is read."""

from __future__ import annotations

from dataclasses import dataclass

from connector_sdk.files import readable

from .drive import Context, File

_GOOGLE = "application/vnd.google-apps."
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
SPREADSHEET = f"{_GOOGLE}spreadsheet"


@dataclass(frozen=True)
class Export:
    """How a file of Google's own types is read.

    https://developers.google.com/workspace/drive/api/guides/ref-export-formats

    Args:
        whole: the type that keeps all of it: headings, every sheet, the slides apart.
        smaller: the type that is asked for where that one is larger than Drive exports.
    """

    whole: str
    smaller: str


EXPORTS = {
    f"{_GOOGLE}document": Export(f"{_OPEN_XML}wordprocessingml.document", "text/plain"),
    SPREADSHEET: Export(f"{_OPEN_XML}spreadsheetml.sheet", "text/csv"),
    f"{_GOOGLE}presentation": Export(f"{_OPEN_XML}presentationml.presentation", "text/plain"),
}
# Behind a file's link, what opens it at a place: known for these alone.
FRAGMENTS = {
    f"{_GOOGLE}document": "heading=",
    f"{_GOOGLE}presentation": "slide=",
    "application/pdf": "page=",
}


def is_readable(file: File) -> bool:
    """Return whether the text of a file can be read, going by its type."""
    mime_type = str(file["mimeType"])
    return mime_type in EXPORTS or (
        not mime_type.startswith(_GOOGLE) and readable(mime_type, str(file.get("name", "")))
    )


def is_wanted(file: File, context: Context) -> bool:
    """Return whether a file is a result: one that cannot be read only if the operator says so."""
    return context.settings.unreadable == "name" or is_readable(file)


def medium(file: File) -> str:
    """Return `image`, `video` or `audio` for a file of that kind, "" for any other."""
    kind = str(file["mimeType"]).partition("/")[0]
    return kind if kind in ("image", "video", "audio") else ""


def described(file: File) -> str:
    """Return what stands for the text of a file that cannot be read: what it is, and is called.

    Args:
        file: with its `name`, and its `description` where somebody wrote one.
    """
    kind = {"image": "An image", "video": "A video", "audio": "A recording"}.get(medium(file))
    text = f"[{kind or 'A file'}, whose content is not read.] {file.get('name', file['id'])}"
    description = str(file.get("description") or "").strip()
    return f"{text}\n\n{description}" if description else text
