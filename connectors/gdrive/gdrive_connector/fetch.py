"""The whole document behind a result: a file, by its id."""

from __future__ import annotations

import re

from connector_sdk import Document, NotFound

from . import drive as api
from .drive import Context, Drive
from .query import FOLDER, SHORTCUT
from .search import FILE_FIELDS, corpus_of, document_of, trees_of

_ID = re.compile(r"[A-Za-z0-9_\-]{5,200}", re.ASCII)


def fetch(document_id: str, context: Context) -> Document:
    """Return a file that a search of this caller could have found.

    Raises:
        NotFound: there is none for this caller, it is in the bin, or it is not in the folder or
            the shared drive that this connector searches.
        ConnectorError: as Drive's answer says.
    """
    unknown = NotFound("There is no such file in Drive, or this caller may not see it.")
    if not _ID.fullmatch(document_id):
        raise unknown
    drive = Drive(context)
    try:
        file = drive.get(document_id, f"{FILE_FIELDS},trashed,driveId")
    except api.NotFound:
        raise unknown from None
    if file.get("trashed") or file["mimeType"] in (FOLDER, SHORTCUT):
        raise unknown
    shared_drive = context.settings.shared_drive_id
    if shared_drive and file.get("driveId") != shared_drive:
        raise unknown
    trees = trees_of(drive, context, corpus_of(context))
    if trees is None or not all(tree.holds(file) for tree in trees):
        raise unknown
    return document_of(file, drive, context)
