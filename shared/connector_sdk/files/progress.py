"""How far a reader has come."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Progress:
    """How much of a file is read, for the sentence that says what was left out.

    Args:
        total: of how many; 0 where that is not known.
        unit: of what: "pages".
    """

    total: int = 0
    unit: str = ""
    done: int = 0

    def __str__(self) -> str:
        if self.total:
            return f"the first {self.done:,} of {self.total:,} {self.unit} were read"
        return "only its beginning was read"
