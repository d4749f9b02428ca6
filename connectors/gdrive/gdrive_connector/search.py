"""The real work: a query and a credential in, Drive's documents out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from connector_sdk import BadRequest, Document, Forbidden, Question, Step, ladder, read_question

from .drive import Context, Drive, File, NotFound
from .folders import Tree, tree_below
from .formats import is_wanted, medium
from .query import MIME_TYPES, condition, files_matching
from .text import text_of

FILE_FIELDS = (
    "id,name,description,mimeType,webViewLink,modifiedTime,size,parents,resourceKey,"
    "owners(displayName),lastModifyingUser(displayName),capabilities(canDownload)"
)
_FIELDS = f"nextPageToken,incompleteSearch,files({FILE_FIELDS})"
_PAGE = 200  # where hits are compared with a folder; a list call costs the same whatever its size
_MAX_PAGES = 5
_KINDS = {mime_type: kind for kind, types in MIME_TYPES.items() for mime_type in types}


def search(query: str, context: Context) -> Iterator[Document]:
    """Yield the files that a question means, those that meet its narrowest condition first.

    A wider condition is asked for only where the narrower ones found less than half of the limit.

    Raises:
        BadRequest: the query has no word, or an option names what this caller cannot see.
        ConnectorError: as Drive's answer says.
    """
    question = read_question(query, datetime.now(UTC))
    if not (question.terms or question.narrows):
        raise BadRequest("'query' has no word to search for: Drive finds letters and digits only.")
    corpus = corpus_of(context)
    drive = Drive(context)
    trees = trees_of(drive, context, corpus)
    if trees is None:
        return
    wanted = context.candidates
    found: set[str] = set()
    for step in ladder(question):
        for file in _files(step, question, drive, context, corpus, trees):
            if file["id"] not in found and is_wanted(file, context):
                found.add(file["id"])
                yield document_of(file, drive, context)
            if len(found) >= wanted:
                return
        if len(found) * 2 >= context.limit:
            return


def corpus_of(context: Context) -> dict[str, str]:
    """Return where files.list looks: one shared drive, which is faster, or everything."""
    configured, asked = context.settings.shared_drive_id, context.options.drive_id
    if configured and asked and asked != configured:
        raise BadRequest("Option 'drive_id': this connector searches one other shared drive only.")
    drive_id = asked or configured
    return {"corpora": "drive", "driveId": drive_id} if drive_id else {"corpora": "allDrives"}


def trees_of(drive: Drive, context: Context, corpus: dict[str, str]) -> list[Tree] | None:
    """Return the folders that a hit must be in, all of them; None if this caller sees one not."""
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
    step: Step,
    question: Question,
    drive: Drive,
    context: Context,
    corpus: dict[str, str],
    trees: list[Tree],
) -> Iterator[File]:
    text = condition(step, question)
    parameters: dict[str, Any] = {
        "q": files_matching(text, context.options, question if step.narrowed else None),
        # Twice what is wanted, as the wider condition finds again what the narrow one has found.
        "pageSize": _PAGE if trees else min(2 * context.candidates, _PAGE),
        "fields": _FIELDS,
        **corpus,
    }
    if not text:
        parameters["orderBy"] = "modifiedTime desc"  # by relevance, where there is a text
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


def document_of(file: File, drive: Drive, context: Context) -> Document:
    """Return a file as a document, whose text is read when it is asked for."""
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
        type=_KINDS.get(mime_type) or medium(file) or google_type,
    )
