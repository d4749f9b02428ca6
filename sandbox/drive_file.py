"""One file in Drive: what it is, who may open it and which words it holds."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.words import WordIndex, words

GOOGLE = "application/vnd.google-apps."
FOLDER = GOOGLE + "folder"
SHORTCUT = GOOGLE + "shortcut"
DOCUMENT = GOOGLE + "document"
SHEET = GOOGLE + "spreadsheet"
SLIDES = GOOGLE + "presentation"
DRAWING = GOOGLE + "drawing"


@dataclass(kw_only=True, eq=False)
class DriveFile:
    """A file, folder or shortcut. What is inherited is filled in once, at load."""

    id: str
    name: str
    mime_type: str
    created: datetime
    modified: datetime
    owner: str = ""  # empty in a shared drive, which owns its files itself
    parent: str = ""
    drive_id: str = ""
    description: str = ""
    content: bytes = b""
    sheets: tuple[tuple[str, bytes], ...] = ()
    indexed: str = ""
    readers: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    domain_shared: bool = False
    link: str = ""
    resource_key: str = ""
    link_openers: frozenset[str] = frozenset()
    viewed: dict[str, datetime] = field(default_factory=dict)
    starred: frozenset[str] = frozenset()
    opened_with_app: frozenset[str] = frozenset()
    trashed: bool = False
    can_download: bool = True
    export_too_large: bool = False
    target: DriveFile | None = None
    root: bool = False  # "My Drive" and the top of a shared drive: never listed

    direct: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    in_trash: bool = False
    index: WordIndex = field(default_factory=lambda: WordIndex(""))
    name_words: tuple[str, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)

    def settle(self, parents: list[DriveFile], drive_members: frozenset[str]) -> None:
        """Fill in what follows from the folders above and from the content."""
        own = {self.owner} if self.owner else set()
        self.direct = self.readers | self.writers | frozenset(own)
        self.allowed = self.direct | drive_members
        for folder in parents:
            self.allowed |= folder.readers | folder.writers
            self.link_openers |= folder.link_openers
        self.in_trash = self.trashed or any(folder.trashed for folder in parents)
        self.name_words = tuple(words(self.name))
        self.index = WordIndex("\n".join((self.name, self.description, self.indexed)))

    @property
    def native(self) -> bool:
        """Whether it is one of Google's own types, which are exported, not downloaded."""
        return self.mime_type.startswith(GOOGLE)

    def findable(self, who: str) -> bool:
        """Whether a search of this person may return it."""
        return not self.root and (
            who in self.allowed or (who in self.link_openers and who in self.viewed)
        )

    def opens(self, who: str, keys: dict[str, str]) -> bool:
        """Whether this person may open it, given the resource keys that were sent."""
        if who in self.allowed:
            return True
        if who not in self.link_openers:
            return False
        return not self.resource_key or who in self.viewed or keys.get(self.id) == self.resource_key

    def shared_with(self, who: str) -> bool:
        """Whether it is among the person's "Shared with me"."""
        return not self.drive_id and who != self.owner and who in self.direct


def decode(content: bytes) -> str:
    """Return a plain file's text, whatever it was saved as."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
