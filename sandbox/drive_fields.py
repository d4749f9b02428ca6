"""The fields a Drive query can ask about, and how each compares."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.drive_data import root_of
from sandbox.drive_file import DriveFile
from sandbox.people import People
from sandbox.words import words


@dataclass(frozen=True, slots=True)
class Match:
    """What a test looks at: a file, and who asks."""

    file: DriveFile
    who: str
    people: People


Test = Callable[[Match], bool]

_EQUALITY = ("=", "!=")
_ORDER: dict[str, Callable[[datetime, datetime], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS: dict[str, tuple[str, ...]] = {
    "name": ("contains", *_EQUALITY),
    "fullText": ("contains",),
    "mimeType": ("contains", *_EQUALITY),
    "modifiedTime": tuple(_ORDER),
    "viewedByMeTime": tuple(_ORDER),
    "createdTime": tuple(_ORDER),
    "trashed": _EQUALITY,
    "starred": _EQUALITY,
    "sharedWithMe": _EQUALITY,
    "parents": ("in",),
    "owners": ("in",),
    "writers": ("in",),
    "readers": ("in",),
    "shortcutDetails.targetId": _EQUALITY,
}
_FLAGS: dict[str, Test] = {
    "trashed": lambda match: match.file.in_trash,
    "starred": lambda match: match.who in match.file.starred,
    "sharedWithMe": lambda match: match.file.shared_with(match.who),
}
_TIMES: dict[str, Callable[[Match], datetime | None]] = {
    "modifiedTime": lambda match: match.file.modified,
    "createdTime": lambda match: match.file.created,
    "viewedByMeTime": lambda match: match.file.viewed.get(match.who),
}


def field_test(field: str, relation: str, value: str | bool) -> Test | None:
    """Return the test for one clause, or nothing when the value does not fit the field."""
    if field in _FLAGS:
        return _flag(_FLAGS[field], relation, value) if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None
    if field in _TIMES:
        return _time(_TIMES[field], relation, value)
    if relation == "in":
        return _member(field, value)
    return _text(field, relation, value)


def _flag(read: Test, relation: str, value: bool) -> Test:
    wanted = value if relation == "=" else not value
    return lambda match: read(match) is wanted


def _time(read: Callable[[Match], datetime | None], relation: str, value: str) -> Test | None:
    try:
        constant = datetime.fromisoformat(value)
    except ValueError:
        return None
    if constant.tzinfo is None:
        constant = constant.replace(tzinfo=UTC)
    compare = _ORDER[relation]

    def test(match: Match) -> bool:
        at = read(match)
        return at is not None and compare(at, constant)

    return test


def _member(field: str, value: str) -> Test:
    if field == "parents":
        return lambda match: match.file.parent == (root_of(match.who) if value == "root" else value)

    def test(match: Match) -> bool:
        who = match.who if value == "me" else match.people.by_email.get(value.casefold())
        file = match.file
        if field == "owners":
            return who == file.owner and who is not None
        if field == "writers":
            return who in file.writers or (who == file.owner and who is not None)
        return who in file.allowed

    return test


def _text(field: str, relation: str, value: str) -> Test:
    if field == "shortcutDetails.targetId":
        wanted = relation == "="
        return lambda match: (
            (match.file.target is not None and match.file.target.id == value) is wanted
        )
    if relation == "contains":
        if field == "mimeType":
            return lambda match: match.file.mime_type.startswith(value)
        prefix = tuple(words(value))
        return lambda match: _name_contains(match.file.name_words, prefix)
    equal = relation == "="
    if field == "name":
        return lambda match: (match.file.name == value) is equal
    return lambda match: (match.file.mime_type == value) is equal


def _name_contains(name: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Say whether the words stand side by side in a name; the last may be a word's beginning."""
    if not wanted:
        return False
    *whole, last = wanted
    for start in range(len(name) - len(whole)):
        stop = start + len(whole)
        if list(name[start:stop]) == whole and name[stop].startswith(last):
            return True
    return False
