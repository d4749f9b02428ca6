"""Bytes as text: by their mark, by what is declared, as UTF-8, or by what is likeliest."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 32 * 1024  # bytes; guessing looks at every one of them many times
_NOT_ASCII = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
# What pages declare is a label: Windows' superset is meant (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "shift_jis": "cp932"}


def decode(content: bytes, declared: str = "") -> str:
    """Return the text of a file in any encoding.

    Args:
        content: its bytes.
        declared: the charset that its content type or the file itself names, "" for none.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for encoding in filter(None, (_known(declared), "utf-8")):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(_guess(content), "replace")


def charset_of(content_type: str) -> str:
    """Return the charset parameter of a content type, "" for none."""
    found = re.search(r"charset\s*=\s*[\"']?([\w.:+-]+)", content_type, re.IGNORECASE)
    return found[1] if found else ""


def _known(name: str) -> str:
    try:
        name = codecs.lookup(name.strip()).name if name.strip() else ""
        b"".decode(name or "utf-8")  # refuses codecs that are none of text
    except (LookupError, ValueError):
        return ""
    return _MEANT.get(name, name)


def _guess(content: bytes) -> str:
    head = content[:_SAMPLE]
    if head.count(0) * 5 > len(head):
        # Text without a mark whose every other byte is zero.
        return "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
    from charset_normalizer import from_bytes

    # Where a file has its foreign letters far below the beginning, those lines are looked at.
    lines, size = [], 0
    for line in _NOT_ASCII.finditer(content):
        lines.append(line[0][:1000])
        size += len(lines[-1])
        if size > _SAMPLE:
            break
    best = from_bytes(b"\n".join(lines), enable_fallback=False).best()
    return _MEANT.get(best.encoding, best.encoding) if best else "cp1252"
