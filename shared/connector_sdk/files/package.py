"""Office files: zip archives of XML, opened without trusting what they say of themselves."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse
from xml.parsers import expat

from .errors import Unreadable, damaged, password_needed

_MAX_MEMBERS = 20_000
_MAX_UNPACKED = 200 * 1024 * 1024  # of the XML; images are never unpacked
_MAX_RATIO = 200  # of XML parts above _SMALL; real ones reach a hundred
_SMALL = 5 * 1024 * 1024
_CHUNK = 64 * 1024
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """An office file's parts.

    Args:
        content: the file.
        kind: what to call it where it is none: "Word document".

    Raises:
        Unreadable: it is no zip archive, needs a password, or would unpack to too much.
    """

    def __init__(self, content: bytes, kind: str) -> None:
        self.kind = kind
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise damaged(kind) from None
        members = self._archive.infolist()
        if any(member.flag_bits & 1 for member in members):
            raise password_needed()
        texts = [m for m in members if m.filename.endswith((".xml", ".rels", ".bin", ".vml"))]
        bomb = any(m.file_size > max(_SMALL, _MAX_RATIO * m.compress_size) for m in texts)
        if len(members) > _MAX_MEMBERS or bomb or sum(m.file_size for m in texts) > _MAX_UNPACKED:
            raise Unreadable("too_large", "unpacks to more than is read of one file.")
        self._names = {member.filename for member in members}

    def __contains__(self, part: str) -> bool:
        return part in self._names

    def parts(self, prefix: str) -> list[str]:
        """Return the names of the parts below a folder, in order."""
        return sorted(name for name in self._names if name.startswith(prefix))

    def elements(self, part: str, parent: str) -> Iterator[Element]:
        """Yield the children of an element whole, each forgotten after its turn.

        Args:
            part: the part's name.
            parent: the element's name in Clark notation; children of every such element outside
                of a child that is yielded already.

        Raises:
            Unreadable: the part is missing or no well-formed XML, or has a document type.
        """
        inside: Element | None = None  # the parent that is open
        depth = 0
        try:
            with self._archive.open(part) as stream:
                _refuse_document_type(stream)
                for event, element in iterparse(stream, ("start", "end")):  # noqa: S314 - no DTD
                    if event == "start":
                        depth += inside is not None
                        if inside is None and element.tag == parent:
                            inside, depth = element, 0
                        continue
                    if element is inside:
                        inside = None
                    elif inside is not None:
                        depth -= 1
                        if depth == 0:
                            yield element
                            inside.clear()
        except (
            *(KeyError, ParseError, expat.ExpatError, zipfile.BadZipFile, zlib.error),
            *(EOFError, NotImplementedError, ValueError, LookupError),
        ):
            raise damaged(self.kind) from None

    def optional(self, part: str, parent: str) -> Iterator[Element]:
        """Yield as `elements` does; nothing where there is no such part."""
        if part in self:
            yield from self.elements(part, parent)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return what a part refers to: for each relation's id its kind's last word, and a part."""
        folder, _, name = part.rpartition("/")
        root = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationships"
        relations = {}
        for relation in self.optional(f"{folder}/_rels/{name}.rels".lstrip("/"), root):
            if relation.tag != _RELATIONS or relation.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
            kind = relation.get("Type", "").rpartition("/")[2]
            relations[relation.get("Id", "")] = (kind, target.lstrip("/"))
        return relations

    def main_part(self) -> str:
        """Return the name of an Open XML package's document.

        Raises:
            Unreadable: it names none.
        """
        for kind, target in self.relations("").values():
            if kind == "officeDocument" and target in self:
                return target
        raise damaged(self.kind)


class _RootReached(Exception):
    """The document begins: there is no document type."""


def _refuse_document_type(stream: IO[bytes]) -> None:
    """Raise where XML declares a document type, by which entities come; else start again.

    Looked for by itself, as ElementTree's fast parser has no place for such a check.
    """

    def refuse(*_: object) -> None:
        raise Unreadable("damaged", "declares a document type, which no file of its kind does.")

    def stop(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
    except _RootReached:
        pass
    stream.seek(0)
