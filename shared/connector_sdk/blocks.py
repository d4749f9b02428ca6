"""Blocks: a document's text, cut at the places where one may open it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A piece of a document that must not be torn apart from its place.

    A paragraph, a section, a slide, a page, a table's rows.

    Args:
        text: its plain text; paragraphs separated by blank lines, table rows by line breaks.
        heading: what it stands under: heading path, sheet name, slide title; "" for none.
        header: a table's header row, repeated with each passage of it; "" for no table.
        fragment: what opens the document there: `page=3`, `slide=id.p4`; "" for none.
    """

    text: str
    heading: str = ""
    header: str = ""
    fragment: str = ""
