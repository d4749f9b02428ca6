"""Reading a file as a connector does: in the pool's processes, within a request's deadline."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from connector_sdk import Deadline, TextUnavailable
from connector_sdk.blocks import Block
from connector_sdk.files import read_file

SAMPLES = Path(__file__).with_name("samples")


@dataclass
class Reading:
    """What came of reading a file.

    Args:
        blocks: its text.
        warnings: the reasons of what was said.
        details: the sentences of what was said.
        failure: the reason why there is no text, "" where there is.
    """

    blocks: list[Block]
    warnings: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    failure: str = ""

    @property
    def text(self) -> str:
        """All of the text, with headings and headers."""
        return "\n".join(
            part for b in self.blocks for part in (b.heading, b.header, b.text) if part
        )

    def under(self, heading: str) -> str:
        """Return the text of the blocks whose last heading is this."""
        blocks = [b for b in self.blocks if b.heading.split(" > ")[-1] == heading]
        return "\n".join(b.text for b in blocks)


def read(content: bytes, content_type: str, name: str = "the file", seconds: float = 30) -> Reading:
    """Read a file, and tell what came of it."""
    reading = Reading([])

    def warn(reason: str, detail: str) -> None:
        reading.warnings.append(reason)
        reading.details.append(detail)

    try:
        reading.blocks = read_file(
            content, content_type, name, deadline=Deadline(seconds), warn=warn
        )
    except TextUnavailable as unavailable:
        reading.failure = unavailable.reason
        reading.details.append(unavailable.detail)
    return reading


def sample(name: str, content_type: str) -> Reading:
    """Read one of the sample files."""
    return read((SAMPLES / name).read_bytes(), content_type, name)
