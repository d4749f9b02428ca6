"""The text of a file: Google's own types exported, plain text downloaded."""

from __future__ import annotations

from connector_sdk import Forbidden, TextUnavailable, decode_text

from .drive import Context, Drive, File, NotFound, Refused

_MAX_BYTES = 10 * 1024 * 1024  # what Drive exports at the most, so the same for a download
_GOOGLE = "application/vnd.google-apps."
# https://developers.google.com/workspace/drive/api/guides/ref-export-formats
_SPREADSHEET = f"{_GOOGLE}spreadsheet"
_EXPORTS = {
    f"{_GOOGLE}document": "text/plain",
    _SPREADSHEET: "text/csv",
    f"{_GOOGLE}presentation": "text/plain",
}
_PLAIN = {
    "application/json",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/javascript",
    "application/x-sh",
    "application/sql",
    "application/toml",
    "application/x-tex",
}
_MARKUP = {"text/html", "text/rtf", "text/richtext"}


def text_of(file: File, drive: Drive, context: Context) -> str:
    """Return the text of a file.

    Raises:
        TextUnavailable: it has none that can be read, or Drive does not give it out.
        ConnectorError: Drive failed.
    """
    name, mime_type = file.get("name", file["id"]), str(file["mimeType"])
    export = _EXPORTS.get(mime_type)
    if export is None and not _is_plain(mime_type):
        raise TextUnavailable(
            "unsupported_type", f"{name}: the text of a file of type {mime_type} is not read."
        )
    if not file.get("capabilities", {}).get("canDownload", True):
        raise TextUnavailable("download_refused", f"{name}: its owner does not allow downloads.")
    if export is None and int(file.get("size", 0)) > _MAX_BYTES:
        raise TextUnavailable(
            "too_large", f"{name}: has more than {_MAX_BYTES // 1024 // 1024} MB."
        )
    try:
        content = drive.export(file, export) if export else drive.download(file)
    except Refused as refused:
        too_large = "exportSizeLimitExceeded" in refused.reasons
        reason = "too_large" if too_large else "download_refused"
        raise TextUnavailable(reason, f"{name}: {refused.detail}") from None
    except Forbidden as refused:
        # Without the name: a missing scope is missing for every file, and said once.
        raise TextUnavailable("scope_missing", refused.detail) from None
    except NotFound:
        raise TextUnavailable("gone", f"{name}: was deleted while it was searched.") from None
    if mime_type == _SPREADSHEET:
        context.warn(
            "first_sheet_only", f"{name}: of a Google Sheet the first sheet alone is read."
        )
    return decode_text(content)


def _is_plain(mime_type: str) -> bool:
    return mime_type in _PLAIN or (mime_type.startswith("text/") and mime_type not in _MARKUP)
