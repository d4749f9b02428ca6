"""Drive's query language: https://developers.google.com/workspace/drive/api/guides/search-files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from typing import get_args

from connector_sdk import Question, Step
from connector_sdk.queries import all_words

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


def condition(step: Step, question: Question) -> str:
    """Return what a step asks of a file's text and name; "" where it asks for nothing."""
    names = {_phrase(name): name for name in question.file_names}
    clauses = [_contains(term, names) for term in step.every]
    if step.some:
        choices = [
            _joined("and", [_contains(term, names) for term in choice])
            for choice in combinations(step.some, step.least)
        ]
        clauses.append(_joined("or", choices))
    return " and ".join(clauses)


def _contains(term: str, file_names: dict[str, str]) -> str:
    """A condition on a word, or on several that stand side by side."""
    text = f"fullText contains {literal(_quoted(term))}"
    if name := file_names.get(term):
        # A file whose text is not indexed is found by its name.
        return f"({text} or name contains {literal(name)})"
    return text


def _quoted(term: str) -> str:
    return f'"{term}"' if " " in term else term


def _phrase(file_name: str) -> str:
    return " ".join(all_words(file_name))


def _joined(operator: str, clauses: list[str]) -> str:
    # "and" and "or" bind alike in Drive, from left to right.
    return clauses[0] if len(clauses) == 1 else f"({f' {operator} '.join(clauses)})"


def files_matching(text: str, options: Options, narrowing: Question | None = None) -> str:
    """Return the whole query for files whose text meets a condition.

    Trashed files would be found, and a shortcut's target is found by itself.

    Args:
        text: the condition; "" for none.
        options: what the request asks for; every hit has it.
        narrowing: the question whose time and kinds of file narrow the search further.
    """
    clauses = [text] if text else []
    clauses += ["trashed = false", f"mimeType != '{FOLDER}'", f"mimeType != '{SHORTCUT}'"]
    if options.modified_after:
        clauses.append(f"modifiedTime > {_time(options.modified_after)}")
    if options.modified_before:
        clauses.append(f"modifiedTime < {_time(options.modified_before)}")
    if options.owner:
        clauses.append(f"{literal(options.owner)} in owners")
    if options.type:
        clauses.append(_of_kind([options.type]))
    if narrowing is not None:
        clauses += _narrowed(narrowing, options)
    return " and ".join(clauses)


def _narrowed(question: Question, options: Options) -> Iterable[str]:
    if question.span and question.span.start:
        yield f"modifiedTime >= {_time(question.span.start)}"
    if question.span and question.span.end:
        yield f"modifiedTime < {_time(question.span.end)}"
    kinds = [kind for kind in get_args(Kind) if kind in question.kinds]
    if kinds and not options.type:
        yield _of_kind(kinds)


def _of_kind(kinds: Iterable[Kind]) -> str:
    clauses = [
        clause
        for kind in kinds
        for clause in (
            [f"mimeType = {literal(mime_type)}" for mime_type in MIME_TYPES[kind]]
            or ["mimeType contains 'text/'"]
        )
    ]
    return _joined("or", clauses)


def children_of(folder_ids: Iterable[str]) -> str:
    """Return the query for what leads further down from these folders: folders and shortcuts."""
    parents = " or ".join(f"{literal(folder_id)} in parents" for folder_id in folder_ids)
    return f"({parents}) and trashed = false and (mimeType = '{FOLDER}' or mimeType = '{SHORTCUT}')"


def _time(moment: datetime) -> str:
    return literal(moment.strftime("%Y-%m-%dT%H:%M:%S"))  # read as UTC
