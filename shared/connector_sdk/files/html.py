"""HTML, by the parser of a browser (https://html.spec.whatwg.org/#parsing)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ..blocks import Block
from .charset import decode
from .flow import Flow

_LEFT_OUT = {
    *("head", "script", "style", "noscript", "template", "svg", "math", "nav", "iframe", "object"),
    *("select", "button", "textarea", "canvas", "video", "audio", "-comment"),
}
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font"),
    *("i", "img", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small"),
    *("span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "-text", "br"),
}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CHARSET_BYTES = 1024  # where a page must declare it


def read(content: bytes, charset: str = "") -> Iterator[Block]:
    """Yield a page's sections and tables, without scripts, navigation and forms.

    Args:
        content: the page.
        charset: what its content type says, if it does.
    """
    declared = _META.search(content[:_CHARSET_BYTES])
    charset = charset or (declared[1].decode() if declared else "")
    parser = LexborHTMLParser(decode(content, charset))
    root = parser.body or parser.root
    if root is not None:
        yield from _blocks(root)


def _blocks(root: LexborNode) -> Iterator[Block]:
    flow = Flow()
    pieces: list[str] = []
    items = False

    def end_paragraph() -> None:
        nonlocal items
        text = _collapse("".join(pieces))
        pieces.clear()
        if text:
            flow.paragraph(f"- {text}" if items else text, close=items)
            items = False

    # A stack, as a page nests as deep as it likes. A node is left once its children are through.
    stack = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag or ""
        if tag in _INLINE:
            pieces.append(_inline(node, tag))
        else:
            end_paragraph()
            yield from flow.blocks()
        if leaving or tag in _LEFT_OUT:
            continue
        if tag in _HEADINGS:
            flow.heading(int(tag[1]), _text(node), node.attributes.get("id") or "")
        elif tag == "table" and node.css_first("table table, h1, h2, h3, h4, h5, h6") is None:
            flow.table(_rows(node))
        else:
            items = tag == "li" or (items and tag in _INLINE)
            if tag not in _INLINE:
                stack.append((node, True))
            stack.extend((child, False) for child in reversed(_children(node)))
    end_paragraph()
    yield from flow.blocks(last=True)


def _inline(node: LexborNode, tag: str) -> str:
    if tag == "br":
        return "\v"  # a line break that is no white space of the source
    return node.text_content or "" if tag == "-text" else ""


def _children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _text(root: LexborNode) -> str:
    pieces: list[str] = []
    stack = _children(root)[::-1]
    while stack:
        node = stack.pop()
        tag = node.tag or ""
        if tag in _LEFT_OUT:
            continue
        pieces.append(_inline(node, tag) if tag in _INLINE else "\v")
        stack.extend(reversed(_children(node)))
    return _collapse("".join(pieces))


def _collapse(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\v"))
    return "\n".join(filter(None, lines))


def _rows(table: LexborNode) -> list[list[str]]:
    return [
        [_text(cell) for cell in _children(row) if cell.tag in ("td", "th")]
        for row in table.css("tr")
    ]
