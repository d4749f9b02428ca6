"""Plain text: decoded, cleaned, and cut to what a language model is given of it."""

from __future__ import annotations

import codecs
import re

MAX_WORDS = 300
_MAX_CHARACTERS = 4_000  # for text that has no spaces to count words by
_WORD = re.compile(r"\S+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_BLANK_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def decode_text(content: bytes) -> str:
    """Return the text of a file, by its byte order mark, as UTF-8, or as Windows' Western script.

    Args:
        content: the bytes of a plain-text file.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Return text without control characters, unpaired surrogates and runs of empty lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return _BLANK_LINES.sub("\n\n", _CONTROL.sub("", text)).strip()


def excerpt(text: str) -> str:
    """Return the beginning of a text, at most 300 words of it, ended at a sentence where it can."""
    # A text of megabytes need not be looked at whole for its beginning.
    text = clean(text[: 4 * _MAX_CHARACTERS])
    cut = len(text)
    for count, word in enumerate(_WORD.finditer(text), start=1):
        if count > MAX_WORDS:
            cut = word.start()
            break
    cut = min(cut, _MAX_CHARACTERS)
    if cut == len(text):
        return text
    shown = text[:cut].rstrip()
    sentence = max(shown.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "\n", "。"))
    return shown[: sentence + 1].rstrip() if sentence > cut // 2 else shown
