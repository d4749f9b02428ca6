"""HTML as plain text, in time that grows with its length alone.

A tokenizer of our own, because what a provider answers is written by strangers: Python's
HTMLParser, and Beautiful Soup upon it, takes minutes for 200 kB of `<a b=` (3.11.7), with the
interpreter locked for every other request. Every repetition below is possessive or ends at the
next `<`, or runs to the end of the markup and is then done.
"""

from __future__ import annotations

import re
from html import escape, unescape

_MAX_CHARACTERS = 200_000  # far more than the 300 words that an answer shows
_ATTRIBUTES = r"""(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+"""
_TOKEN = re.compile(
    rf"""
      <!--.*?(?:-->|\Z)
    | <!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)
    | <(?P<dropped>script|style|template|noscript|title)\b[^<>]*+>
        .*?(?:</(?P=dropped)\b[^<>]*+>|\Z)
    | <time\b(?P<time>{_ATTRIBUTES})(?:(?<=/)>|>\s*+</time\s*+>)
    | </?(?P<tag>[a-z][^\s/<>]*+)(?:{_ATTRIBUTES}>|[^<>]*+>)
    | <[!?/][^<>]*+>
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_DATETIME = re.compile(r"""\bdatetime\s*+=\s*+["']?([^"'\s<>]+)""", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_LINE = "\0"  # where a line ends; HTML cannot hold it, and its own newlines are spaces
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp "  # noqa: SIM905 - words read better
    "small span strike strong sub sup time tt u var wbr".split()
)


def plain_text(markup: str) -> str:
    """Return the text of HTML: a line for each block, without markup, scripts and styles.

    Tags that HTML does not know are unwrapped, `<time datetime="…"/>` without content is its time,
    and a CDATA section, as Confluence keeps code in, is text.
    """
    text = unescape(_TOKEN.sub(_stands_for, markup[:_MAX_CHARACTERS]))
    lines = (_SPACE.sub(" ", line).strip() for line in text.split(_LINE))
    return "\n".join(filter(None, lines))


def _stands_for(token: re.Match[str]) -> str:
    if token["cdata"] is not None:
        return escape(token["cdata"]).replace("\n", _LINE)
    if token["time"] is not None:
        moment = _DATETIME.search(token["time"])
        return f" {moment[1]} " if moment else ""
    tag = (token["tag"] or "").lower()
    # A cell is kept apart from the next one; a tag of another vocabulary is within its line.
    if tag in {"td", "th"}:
        return " "
    return _LINE if tag and tag not in _INLINE and ":" not in tag else ""
