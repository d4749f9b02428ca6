"""The real work: a query and a credential in, Drive's documents out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from connector_sdk import BadRequest, Document, Forbidden, content_words

from .drive import Context, Drive, File, NotFound
from .folders import Tree, tree_below
from .query import MIME_TYPES, files_matching, ladder
from .text import text_of

_FIELDS = (
    "nextPageToken,incompleteSearch,files(id,name,mimeType,webViewLink,modifiedTime,size,parents,"
    "resourceKey,owners(displayName),lastModifyingUser(displayName),capabilities(canDownload))"
)
_PAGE = 200  # where hits are compared with a folder; a list call costs the same whatever its size
_MAX_PAGES = 5
_KINDS = {mime_type: kind for kind, types in MIME_TYPES.items() for mime_type in types}


def search(query: str, context: Context) -> Iterator[Document]:
    """Yield the files whose text or name has the words of the query.

    All of the words are asked for first; any of them where that finds less than half of the limit.

    Raises:
        BadRequest: the query has no word, or an option names what this caller cannot see.
        ConnectorError: as Drive's answer says.
    """
    terms = content_words(query)
    if not terms:
        raise BadRequest("'query' has no word to search for: Drive finds letters and digits only.")
    corpus = _corpus(context)
    drive = Drive(context)
    trees = _trees(drive, context, corpus)
    if trees is None:
        return
    found: set[str] = set()
    for condition in ladder(terms):
        for file in _files(condition, drive, context, corpus, trees):
            if file["id"] not in found:
                found.add(file["id"])
                yield _document(file, drive, context)
            if len(found) >= context.limit:
                return
        if len(found) * 2 >= context.limit:
            return


def _corpus(context: Context) -> dict[str, str]:
    """Where files.list looks: one shared drive, which is faster, or everything."""
    configured, asked = context.settings.shared_drive_id, context.options.drive_id
    if configured and asked and asked != configured:
        raise BadRequest("Option 'drive_id': this connector searches one other shared drive only.")
    drive_id = asked or configured
    return {"corpora": "drive", "driveId": drive_id} if drive_id else {"corpora": "allDrives"}


def _trees(drive: Drive, context: Context, corpus: dict[str, str]) -> list[Tree] | None:
    """The folders that a hit must be in, all of them; None when this caller may not see one."""
    trees = []
    if context.settings.folder_id:
        try:
            trees.append(tree_below(context.settings.folder_id, drive, context, corpus))
        except NotFound:
            context.mark_answered()
            context.warn(
                "folder_not_visible",
                "This connector searches one folder (GDRIVE_FOLDER_ID), which this caller may not "
                "see or which is gone.",
            )
            return None
    if context.options.folder_id:
        try:
            trees.append(tree_below(context.options.folder_id, drive, context, corpus))
        except NotFound:
            raise BadRequest("Option 'folder_id': this caller sees no such folder.") from None
    return trees


def _files(
    condition: str, drive: Drive, context: Context, corpus: dict[str, str], trees: list[Tree]
) -> Iterator[File]:
    parameters: dict[str, Any] = {
        "q": files_matching(condition, context.options),
        # Twice the limit, as the wider condition finds again what the narrow one has found.
        "pageSize": _PAGE if trees else min(2 * context.limit, _PAGE),
        "fields": _FIELDS,
        **corpus,
    }
    for _ in range(_MAX_PAGES):
        try:
            answer = drive.list(**parameters)
        except NotFound:
            raise _unknown_drive(context) from None
        context.mark_answered()
        if answer.get("incompleteSearch"):
            context.warn("incomplete_search", "Drive could not search all of the shared drives.")
        for file in answer.get("files", []):
            if all(tree.holds(file) for tree in trees):
                yield file
        parameters["pageToken"] = answer.get("nextPageToken")
        if not parameters["pageToken"]:
            return
    if trees:
        context.warn(
            "too_many_hits",
            f"Only the first {_MAX_PAGES * _PAGE} hits in Drive were compared with the folder.",
        )


def _unknown_drive(context: Context) -> BadRequest | Forbidden:
    if context.options.drive_id:
        return BadRequest("Option 'drive_id': this caller sees no such shared drive.")
    return Forbidden(
        "This connector searches one shared drive (GDRIVE_SHARED_DRIVE_ID), of which this caller "
        "is no member."
    )


def _document(file: File, drive: Drive, context: Context) -> Document:
    people = file.get("owners") or [file.get("lastModifyingUser") or {}]
    mime_type = str(file["mimeType"])
    google_type = mime_type.rpartition(".")[2] if "google" in mime_type else "file"
    return Document(
        id=file["id"],
        title=file.get("name"),
        text=partial(text_of, file, drive, context),
        url=file.get("webViewLink"),
        timestamp=file.get("modifiedTime"),
        author=[person.get("displayName") for person in people],
        type=_KINDS.get(mime_type, google_type),
    )
