"""The text of a file: Google's own types exported, others downloaded, and both read."""

from __future__ import annotations

from dataclasses import replace

from connector_sdk import Forbidden, TextUnavailable
from connector_sdk.blocks import Block
from connector_sdk.files import read_file

from .drive import Context, Drive, File, NotFound, Refused
from .formats import EXPORTS, FRAGMENTS, SPREADSHEET, described, is_readable

_MAX_BYTES = 10 * 1024 * 1024  # what Drive exports at the most, so the same for a download
_TOO_LARGE = "exportSizeLimitExceeded"


def text_of(file: File, drive: Drive, context: Context) -> str | list[Block]:
    """Return the text of a file, or for one that cannot be read what stands for it.

    Nothing, where as many files are read already as one search may read: a limit is no omission.

    Raises:
        TextUnavailable: it has none that can be read, or Drive does not give it out.
        ConnectorError: Drive failed.
    """
    name, mime_type = str(file.get("name", file["id"])), str(file["mimeType"])
    if not is_readable(file):
        context.warn(
            "unsupported_type", f"{name}: the text of a file of type {mime_type} is not read."
        )
        return described(file)
    if not file.get("capabilities", {}).get("canDownload", True):
        raise TextUnavailable("download_refused", f"{name}: its owner does not allow downloads.")
    if mime_type not in EXPORTS and int(file.get("size", 0)) > _MAX_BYTES:
        raise TextUnavailable(
            "too_large", f"{name}: has more than {_MAX_BYTES // 1024 // 1024} MB."
        )
    if not drive.may_read_another():
        return ""
    content, content_type = _content(file, drive, context)
    blocks = read_file(content, content_type, name, deadline=context.deadline, warn=context.warn)
    return [_placed(block, mime_type) for block in blocks]


def _content(file: File, drive: Drive, context: Context) -> tuple[bytes, str]:
    """The bytes of a file, and their type."""
    name, mime_type = str(file.get("name", file["id"])), str(file["mimeType"])
    try:
        if mime_type in EXPORTS:
            return _exported(file, drive, context)
        return drive.download(file), mime_type
    except Refused as refused:
        too_large = _TOO_LARGE in refused.reasons
        reason = "too_large" if too_large else "download_refused"
        raise TextUnavailable(reason, f"{name}: {refused.detail}") from None
    except Forbidden as refused:
        # Without the name: a missing scope is missing for every file, and said once.
        raise TextUnavailable("scope_missing", refused.detail) from None
    except NotFound:
        raise TextUnavailable("gone", f"{name}: was deleted while it was searched.") from None


def _exported(file: File, drive: Drive, context: Context) -> tuple[bytes, str]:
    export = EXPORTS[str(file["mimeType"])]
    try:
        return drive.export(file, export.whole), export.whole
    except Refused as refused:
        if _TOO_LARGE not in refused.reasons:
            raise
    content = drive.export(file, export.smaller)
    if file["mimeType"] == SPREADSHEET:
        context.warn(
            "first_sheet_only",
            f"{file.get('name', file['id'])}: is too large for Drive to export whole, so that its "
            "first sheet alone is read.",
        )
    return content, export.smaller


def _placed(block: Block, mime_type: str) -> Block:
    """The block, without a fragment that means nothing behind the link of such a file."""
    known = FRAGMENTS.get(mime_type)
    if block.fragment and not (known and block.fragment.startswith(known)):
        return replace(block, fragment="")
    return block
