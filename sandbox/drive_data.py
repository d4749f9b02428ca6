"""Google Drive's content, read from drive/index.yaml and the files beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sandbox.drive_file import (
    DOCUMENT,
    DRAWING,
    FOLDER,
    SHEET,
    SHORTCUT,
    SLIDES,
    DriveFile,
    decode,
)
from sandbox.people import SERVICE, People
from sandbox.sections import Section, read_yaml

TYPES = {
    "folder": FOLDER,
    "shortcut": SHORTCUT,
    "document": DOCUMENT,
    "spreadsheet": SHEET,
    "presentation": SLIDES,
    "drawing": DRAWING,
}
_KEYS = [
    "id",
    "name",
    "type",
    "parent",
    "owner",
    "readers",
    "writers",
    "link",
    "resource_key",
    "created",
    "modified",
    "viewed",
    "starred",
    "opened_with_app",
    "trashed",
    "can_download",
    "export_too_large",
    "description",
    "target",
    "path",
    "sheets",
    "indexed_as",
    "properties",
]
_EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SharedDrive:
    """A shared drive. One that is unsearchable makes a search of all drives incomplete."""

    id: str
    name: str
    created: datetime
    members: frozenset[str]
    unsearchable: bool = False


@dataclass(kw_only=True, eq=False)
class Drive:
    """All files and shared drives."""

    files: dict[str, DriveFile] = field(default_factory=dict)
    drives: dict[str, SharedDrive] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.findable = lru_cache(maxsize=None)(self._findable)

    def _findable(self, who: str) -> tuple[DriveFile, ...]:
        """Return what a person's search goes through, the newest first."""
        found = [file for file in self.files.values() if file.findable(who)]
        return tuple(sorted(found, key=lambda file: file.modified, reverse=True))


def root_of(who: str) -> str:
    """Return the id of a person's My Drive."""
    return f"0AMyDrive-{who}"


def load_drive(folder: Path, people: People) -> Drive:
    """Read the index and every file it names."""
    top = read_yaml(folder / "index.yaml").only("drives", "files")
    drive = Drive()
    for who in (*people.users, SERVICE):
        drive.files[root_of(who)] = _root(root_of(who), "My Drive", owner=who)
    for section in top.sections("drives"):
        section.only("id", "name", "created", "members", "unsearchable")
        shared = SharedDrive(
            id=section.text("id"),
            name=section.text("name"),
            created=section.time("created", _EPOCH),
            members=people.expand(section, "members"),
            unsearchable=section.flag("unsearchable"),
        )
        drive.drives[shared.id] = shared
        drive.files[shared.id] = _root(shared.id, shared.name, drive_id=shared.id)
    sections: dict[str, Section] = {}
    for section in top.sections("files"):
        file = _file(section.only(*_KEYS), folder, people)
        if file.id in drive.files:
            raise section.error("id", "is used twice")
        drive.files[file.id] = file
        sections[file.id] = section
    for name, section in sections.items():
        _connect(drive.files[name], section, drive)
    for file in drive.files.values():
        parents = _parents(file, drive, sections)
        file.drive_id = parents[-1].drive_id if parents else file.drive_id
        if file.drive_id and file.owner:
            raise sections[file.id].error("owner", "a shared drive owns its files itself")
        shared_drive = drive.drives.get(file.drive_id)
        file.settle(parents, shared_drive.members if shared_drive else frozenset())
    return drive


def _root(identifier: str, name: str, *, owner: str = "", drive_id: str = "") -> DriveFile:
    return DriveFile(
        id=identifier,
        name=name,
        mime_type=FOLDER,
        created=_EPOCH,
        modified=_EPOCH,
        owner=owner,
        drive_id=drive_id,
        root=True,
    )


def _file(section: Section, folder: Path, people: People) -> DriveFile:
    kind = section.text("type")
    if kind not in TYPES and "/" not in kind:
        raise section.error("type", f"must be a MIME type or one of {', '.join(TYPES)}")
    created = section.time("created", _EPOCH)
    link = section.text("link", "")
    openers = {"": frozenset(), "domain": people.domain_members}.get(link)
    if link == "anyone":
        openers = frozenset({*people.users, SERVICE})
    if openers is None:
        raise section.error("link", "must be anyone or domain")
    entries = section.texts("readers") + section.texts("writers")
    file = DriveFile(
        id=section.text("id"),
        name=section.text("name"),
        mime_type=TYPES.get(kind, kind),
        created=created,
        modified=section.time("modified", created),
        owner=people.require(section, "owner") if "owner" in section else "",
        parent=section.text("parent", ""),
        description=section.text("description", ""),
        readers=people.expand(section, "readers"),
        writers=people.expand(section, "writers"),
        domain_shared="domain" in entries or "anyone" in entries,
        link=link,
        resource_key=section.text("resource_key", ""),
        link_openers=openers,
        viewed=section.times("viewed"),
        starred=people.expand(section, "starred"),
        opened_with_app=people.expand(section, "opened_with_app"),
        trashed=section.flag("trashed"),
        can_download=section.flag("can_download") if "can_download" in section else True,
        export_too_large=section.flag("export_too_large"),
    )
    for name in file.viewed:
        if name not in people.users and name != SERVICE:
            raise section.error("viewed", f"nobody in users.yaml is called {name!r}")
    properties = section.section("properties")
    file.properties = {key: properties.text(key) for key in properties.keys()}  # noqa: SIM118
    _read_content(file, section, folder)
    return file


def _read_content(file: DriveFile, section: Section, folder: Path) -> None:
    if "path" in section:
        file.content = _read(folder, section, "path", section.text("path"))
    file.sheets = tuple(
        (Path(name).stem, _read(folder, section, "sheets", name))
        for name in section.texts("sheets")
    )
    if file.mime_type in {DOCUMENT, SLIDES} and "path" not in section:
        raise section.error("path", "a document needs its text")
    if file.mime_type == SHEET and not file.sheets:
        raise section.error("sheets", "a spreadsheet needs at least one .csv")
    if "indexed_as" in section:
        file.indexed = decode(_read(folder, section, "indexed_as", section.text("indexed_as")))
    elif file.sheets:
        file.indexed = "\n".join(decode(content) for _, content in file.sheets)
    elif file.native or file.mime_type.startswith(("text/", "application/json")):
        file.indexed = decode(file.content)


def _read(folder: Path, section: Section, key: str, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise section.error(key, f"{name} lies outside {folder}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise section.error(key, f"cannot read {name}: {error.strerror}") from error


def _connect(file: DriveFile, section: Section, drive: Drive) -> None:
    """Find the parent and the shortcut's target, which may stand further down in the index."""
    if not file.parent:
        if not file.owner:
            raise section.error("owner", "is missing (only files in a shared drive have none)")
        file.parent = root_of(file.owner)
    parent = drive.files.get(file.parent)
    if parent is None or parent.mime_type != FOLDER:
        raise section.error("parent", f"{file.parent!r} is no folder or shared drive")
    if file.mime_type == SHORTCUT:
        file.target = drive.files.get(section.text("target"))
        if file.target is None:
            raise section.error("target", f"no file has the id {section.text('target')!r}")


def _parents(file: DriveFile, drive: Drive, sections: dict[str, Section]) -> list[DriveFile]:
    found: list[DriveFile] = []
    above = file.parent
    while above:
        folder = drive.files[above]
        if folder in found or folder is file:
            raise sections[file.id].error("parent", "the folders form a circle")
        found.append(folder)
        above = folder.parent
    return found
