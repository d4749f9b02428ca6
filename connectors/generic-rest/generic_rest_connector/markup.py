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
_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset "  # noqa: SIM905 - words read better
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section "
    "summary table tbody tfoot thead tr ul".split()
)


def html(markup: str) -> str:
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
    # A cell is kept apart from the next one; a tag that HTML does not know is within its line.
    if tag in {"td", "th"}:
        return " "
    return _LINE if tag in _BLOCKS else ""


_MARKDOWN = (
    (re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?|```.*$|~~~.*$)", re.MULTILINE), ""),
    # Bounded, so that a text of brackets alone takes no longer than another.
    (re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)"), r"\1"),
    (re.compile(r"(?<![\w*_~`\\])[*_~`]{1,3}(?=[^\s*_~`])"), ""),
    (re.compile(r"(?<=[^\s*_~`\\])[*_~`]{1,3}(?![\w*_~`])"), ""),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def markdown(text: str) -> str:
    """Return the text of Markdown: its words and lines, without marks, fences and addresses."""
    text = text[:_MAX_CHARACTERS]
    for pattern, stands in _MARKDOWN:
        text = pattern.sub(stands, text)
    return text.strip()


_ADF_LINES = frozenset(
    "paragraph heading codeBlock hardBreak rule listItem tableRow panel".split()  # noqa: SIM905 - words read better
)


def adf(node: object) -> str:
    """Return the text of the Atlassian document format: a line for each block.

    https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
    """
    if not isinstance(node, dict):
        return "" if node is None else str(node)  # an older API's plain text
    attributes, content = node.get("attrs"), node.get("content")
    shown = {**(attributes if isinstance(attributes, dict) else {}), **node}
    text = str(shown.get("text") or shown.get("url") or "")
    text += "".join(map(adf, content if isinstance(content, list) else ()))
    kind = str(node.get("type"))
    if kind == "doc":
        return text.strip()
    return f"{text}\n" if kind in _ADF_LINES and text[-1:] != "\n" else text


def all_text(value: object) -> str:
    """Return every string in a value, however deep, a line for each."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return "\n".join(filter(None, map(all_text, items)))
    return value if isinstance(value, str) else ""
