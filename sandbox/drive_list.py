"""files.list: which files a query finds, in which order, page by page."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.drive_fields import Match
from sandbox.drive_file import FOLDER, DriveFile
from sandbox.drive_query import Query, QueryError, parse
from sandbox.google_errors import GoogleError, invalid, not_found
from sandbox.world import World

MAX_PAGE = 1000
_ORDERS: dict[str, Callable[[DriveFile, str], Any]] = {
    "createdTime": lambda file, _: file.created.timestamp(),
    "modifiedTime": lambda file, _: file.modified.timestamp(),
    "modifiedByMeTime": lambda file, who: file.modified.timestamp() if who == file.owner else 0,
    "recency": lambda file, _: file.modified.timestamp(),
    "sharedWithMeTime": lambda file, who: file.created.timestamp() if file.shared_with(who) else 0,
    "viewedByMeTime": lambda file, who: file.viewed[who].timestamp() if who in file.viewed else 0,
    "name": lambda file, _: file.name.casefold(),
    "name_natural": lambda file, _: file.name.casefold(),
    "quotaBytesUsed": lambda file, _: len(file.content),
    "folder": lambda file, _: file.mime_type != FOLDER,
    "starred": lambda file, who: who not in file.starred,
}


def truth(parameters: Mapping[str, str], name: str) -> bool:
    """Read a boolean parameter; absent is false."""
    value = parameters.get(name, "false").lower()
    if value not in {"true", "false"}:
        raise invalid(name, f"Invalid boolean value: '{value}'.")
    return value == "true"


def page_size(parameters: Mapping[str, str], largest: int = MAX_PAGE) -> int:
    """Read pageSize; larger ones are cut to the largest."""
    value = parameters.get("pageSize", "100")
    if not value.isdecimal() or int(value) < 1:
        raise invalid(
            "pageSize", f"Invalid value '{value}'. Values must be within the range: [1, {largest}]"
        )
    return min(int(value), largest)


@dataclass(frozen=True)
class Page:
    """One page of what was found."""

    files: Sequence[DriveFile]
    next_token: str
    incomplete: bool


class FileSearch:
    """files.list for one caller."""

    def __init__(self, world: World, who: str, *, app_files_only: bool) -> None:
        self._world = world
        self._who = who
        self._app_files_only = app_files_only

    def page(self, parameters: Mapping[str, str]) -> Page:
        """Answer one request."""
        query = _query(parameters.get("q", ""))
        candidates, incomplete = self._candidates(parameters)
        who, people = self._who, self._world.people
        found = [file for file in candidates if query.matches(Match(file, who, people))]
        found = self._ordered(found, query, parameters.get("orderBy", ""))
        size = page_size(parameters)
        start = self._start(parameters)
        end = start + size
        token = self._token(parameters, end) if end < len(found) else ""
        return Page(found[start:end], token, incomplete)

    def _candidates(self, parameters: Mapping[str, str]) -> tuple[Iterable[DriveFile], bool]:
        every_drive = truth(parameters, "includeItemsFromAllDrives")
        supported = truth(parameters, "supportsAllDrives")
        if every_drive and not supported:
            raise invalid(
                "supportsAllDrives",
                "The supportsAllDrives parameter must be true when includeItemsFromAllDrives is.",
            )
        if parameters.get("spaces", "drive") not in {"drive", ""}:
            return [], False
        corpora = parameters.get("corpora") or parameters.get("corpus") or "user"
        drive_id = parameters.get("driveId", "")
        if bool(drive_id) != (corpora == "drive"):
            raise invalid(
                "driveId",
                "The driveId parameter must be specified if and only if corpora is set to drive.",
            )
        files = self._world.drive.findable(self._who)
        if self._app_files_only:
            files = tuple(file for file in files if self._who in file.opened_with_app)
        if corpora == "user":
            return self._own(files, every_drive), False
        if corpora == "domain":
            return [file for file in files if not file.drive_id and file.domain_shared], False
        if corpora not in {"drive", "allDrives"}:
            raise invalid("corpora", f"Invalid value '{corpora}'.")
        if not every_drive:
            raise invalid(
                "includeItemsFromAllDrives",
                f"The includeItemsFromAllDrives parameter must be true when corpora is {corpora}.",
            )
        if corpora == "drive":
            self._see_drive(drive_id)
            return [file for file in files if file.drive_id == drive_id], False
        return self._all(files)

    def _own(self, files: Iterable[DriveFile], every_drive: bool) -> list[DriveFile]:
        """Return the user corpus: of a shared drive only what was opened or shared directly."""
        who = self._who
        return [
            file
            for file in files
            if not file.drive_id or (every_drive and (who in file.direct or who in file.viewed))
        ]

    def _all(self, files: Iterable[DriveFile]) -> tuple[list[DriveFile], bool]:
        skipped = {
            drive.id
            for drive in self._world.drive.drives.values()
            if drive.unsearchable and self._who in drive.members
        }
        return [file for file in files if file.drive_id not in skipped], bool(skipped)

    def _see_drive(self, drive_id: str) -> None:
        drive = self._world.drive.drives.get(drive_id)
        if drive is None or self._who not in drive.members:
            raise not_found(drive_id, what="Shared drive", location="driveId")

    def _ordered(self, found: list[DriveFile], query: Query, order_by: str) -> list[DriveFile]:
        if query.full_text:
            if order_by:
                raise GoogleError(
                    400,
                    "badRequest",
                    "Sorting is not supported for queries with fullText terms. Results are always"
                    " in descending relevance order.",
                    location="orderBy",
                )
            # Candidates come newest first, and sorting keeps that order among equals.
            return sorted(found, key=lambda file: -sum(map(file.index.has_phrase, query.terms)))
        for part in reversed(order_by.split(",") if order_by else []):
            name, _, direction = part.strip().partition(" ")
            if name not in _ORDERS or direction not in {"", "desc"}:
                raise invalid("orderBy", f"Invalid value '{part.strip()}'.")
            read = _ORDERS[name]
            newest_first = name == "recency"
            found.sort(
                key=lambda file: read(file, self._who),
                reverse=(direction == "desc") is not newest_first,
            )
        return found

    def _digest(self, parameters: Mapping[str, str]) -> str:
        kept = {
            name: value
            for name, value in parameters.items()
            if name in {"q", "corpora", "driveId", "orderBy"}
        }
        text = json.dumps([self._who, sorted(kept.items())])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _token(self, parameters: Mapping[str, str], at: int) -> str:
        return base64.urlsafe_b64encode(f"{at}.{self._digest(parameters)}".encode()).decode()

    def _start(self, parameters: Mapping[str, str]) -> int:
        token = parameters.get("pageToken", "")
        if not token:
            return 0
        try:
            at, _, digest = base64.urlsafe_b64decode(token).decode().partition(".")
        except (binascii.Error, ValueError):
            raise invalid("pageToken") from None
        if not at.isdecimal() or digest != self._digest(parameters):
            raise invalid("pageToken")
        return int(at)


def _query(text: str) -> Query:
    try:
        return parse(text)
    except QueryError:
        # Google does not say what is wrong; neither do we, so that nobody comes to rely on it.
        raise invalid("q") from None
