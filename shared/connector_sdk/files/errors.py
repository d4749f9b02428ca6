"""Why a file, or the rest of it, was not read."""

from __future__ import annotations


class Unreadable(Exception):
    """A file that has no text to give.

    Args:
        reason: a stable word: `password_protected`, `damaged`, `too_large`, `too_complex`.
        detail: a clause that follows the file's name: "is protected by a password".
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def damaged(kind: str) -> Unreadable:
    """Return the error for a file that is not what its type says, or was cut off."""
    return Unreadable("damaged", f"is not a valid {kind}: it may be damaged or cut off.")


def password_needed() -> Unreadable:
    """Return the error for a file that only a password opens."""
    return Unreadable("password_protected", "is protected by a password.")


def too_complex() -> Unreadable:
    """Return the error for a file that took more time or memory than one file is given."""
    return Unreadable(
        "too_complex", "was not read: it takes more time or memory than one file is given."
    )
