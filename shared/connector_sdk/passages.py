"""Passages: a document's text in pieces that a language model can be given one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .blocks import Block
from .sentences import leans_back, sentences

Text = str | Sequence[Block]

_CHARACTERS = 13  # a word has no more, so that what has no spaces (code, keys) is measured too
# Chinese and Japanese, and before U+1800 Thai, Lao, Burmese and Khmer.
_UNSPACED = re.compile(
    r"[\u0e01-\u0ece\u1000-\u104a\u1780-\u17d3\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_OTHER_SPACES = "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_UNFINISHED = re.compile(r"[\w,;–-]$")
_STUB = 0.25  # of a passage: with less in it, the next paragraph is cut rather than left for later
_SECTION = 0.5  # of a passage: with less in it, the next section is put behind it
_HEAD = 0.25  # of a passage: as much of it may be its heading, and as much a table's header row


@dataclass(frozen=True)
class Passage:
    """A piece of a document.

    Args:
        text: with the heading that it stands under, and a table's header row.
        places: what opens the document there, each with the character that it begins with.
    """

    text: str
    places: tuple[tuple[int, str], ...] = ()

    def fragment(self, position: int = 0) -> str:
        """Return what opens the document at a character of the text; "" for none."""
        return next((name for start, name in reversed(self.places) if start <= position), "")


@dataclass(slots=True)
class _Unit:
    """What is not cut: a paragraph, a row, or a sentence of a long paragraph."""

    text: str
    size: int
    before: str = "\n\n"  # what stands between it and the one before in the same passage
    previous: str = ""  # the sentence before, where this one needs it


def size(text: str) -> int:
    """Return how long a text is, in words; scripts without spaces by their characters."""
    return _size(_with_plain_spaces(text))


def _size(text: str) -> int:
    if "  " in text:
        words = len(text.split())
    else:
        # An upper bound, much cheaper and mostly exact.
        words = text.count(" ") + text.count("\n") + text.count("\t") + 1
    if not text.isascii():
        more = len(text.encode("utf-8", "surrogatepass")) - len(text)
        if more * 2 > len(text) and (found := _UNSPACED.search(text)):
            # Each such character has two bytes more; two or four of them say as much as a word.
            words += more // (8 if found[0] < "\u1800" else 4)
    return max(words, len(text) // _CHARACTERS)


def _with_plain_spaces(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for space in _OTHER_SPACES if not text.isascii() else ():
        text = text.replace(space, " ")
    return text


def whole(text: Text) -> str:
    """Return a text in one piece, each heading once before what stands under it."""
    return "\n\n".join(passage.text for passage in split(text, 0))


def split(text: Text, words: int) -> list[Passage]:
    """Return a text as passages of at most so many words; one of no more stays whole.

    They begin and end with paragraphs, rows, slides and sections, or with sentences where these
    are too long, and never overlap but for a sentence that the next one points back to.

    Args:
        text: plain, or in blocks.
        words: of a passage, 0 for no limit.
    """
    builder = _Builder(words or 1 << 60)
    for block in _joined([Block(text)] if isinstance(text, str) else text):
        builder.add(block)
    return builder.passages()


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, two as one where a paragraph runs on behind the end of a page."""
    held: Block | None = None
    for block in blocks:
        if held is not None and _runs_on(held, block):
            held = Block(f"{held.text.rstrip()} {block.text}", held.heading, "", held.fragment)
            continue
        if held is not None:
            yield held
        held = block
    if held is not None:
        yield held


def _runs_on(first: Block, second: Block) -> bool:
    return bool(
        first.heading == second.heading
        and not first.header
        and not second.header
        and second.text[:1].islower()
        and _UNFINISHED.search(first.text[-3:].rstrip())
    )


class _Builder:
    """Puts units into passages, as many into each as fit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._done: list[Passage] = []
        self._parts: list[str] = []  # of the passage under way
        self._size = 0
        self._length = 0  # in characters
        self._places: list[tuple[int, str]] = []
        self._heading = self._header = ""  # the last that the passage has
        self._block = Block("")  # the one that units come from

    def passages(self) -> list[Passage]:
        self._close()
        return self._done

    def add(self, block: Block) -> None:
        block = self._with_short_head(block)
        units = _rows(block) if block.header else _paragraphs(block)
        self._block = block
        if self._parts and block.heading != self._heading and self._size >= _SECTION * self._limit:
            needed = self._head_size() + sum(unit.size for unit in units)
            if self._size + needed > self._limit:
                self._close()
        for unit in units:
            if not self._fits(unit) and self._must_be_cut(unit):
                for piece in _pieces(unit, self._alone()):
                    self._put(piece)
            else:
                self._put(unit)

    def _with_short_head(self, block: Block) -> Block:
        most = max(int(self._limit * _HEAD), 1)
        heading, header = (
            next(_runs(head, most)).strip() if size(head) > most else head
            for head in (block.heading, block.header)
        )
        return Block(block.text, heading, header, block.fragment)

    def _fits(self, unit: _Unit) -> bool:
        return self._size + unit.size + self._head_size() <= self._limit

    def _head_size(self) -> int:
        head = self._head()
        return size(head) if head else 0

    def _alone(self) -> int:
        """The room for a unit at the beginning of a passage."""
        heads = (self._block.heading, self._block.header)
        return self._limit - sum(size(head) for head in heads if head)

    def _must_be_cut(self, unit: _Unit) -> bool:
        return unit.size > self._alone() or 0 < self._size < _STUB * self._limit

    def _put(self, unit: _Unit) -> None:
        if self._parts and not self._fits(unit):
            self._close()
            both = unit.previous + unit.text
            if unit.previous and size(both) <= self._alone():
                unit = _Unit(both, size(both))
        head = self._head()
        between = (unit.before if not head else "\n\n") if self._parts else ""
        if not self._places or self._places[-1][1] != self._block.fragment:
            self._places.append((self._length + len(between), self._block.fragment))
        self._parts.append(f"{between}{head}{unit.text}")
        self._length += len(self._parts[-1])
        self._size += unit.size + (size(head) if head else 0)
        self._heading, self._header = self._block.heading, self._block.header

    def _head(self) -> str:
        """The block's heading and header row, where the passage does not have them yet."""
        heading, header = self._block.heading, self._block.header
        if heading == self._heading and header == self._header:
            return ""
        if heading == self._heading:
            heading = ""
        if header == self._header and not heading:
            header = ""
        return (f"{heading}\n\n" if heading else "") + (f"{header}\n" if header else "")

    def _close(self) -> None:
        if self._parts:
            places = tuple(self._places) if any(name for _, name in self._places) else ()
            self._done.append(Passage("".join(self._parts).strip(), places))
        self._parts, self._places, self._size, self._length = [], [], 0, 0
        self._heading = self._header = ""


def _rows(block: Block) -> list[_Unit]:
    text = _with_plain_spaces(block.text)
    return [_Unit(row, _size(row), "\n") for row in text.split("\n") if row.strip()]


def _paragraphs(block: Block) -> list[_Unit]:
    text = _with_plain_spaces(block.text).strip()
    return [_Unit(text, _size(text)) for text in _PARAGRAPHS.split(text) if text]


def _pieces(unit: _Unit, limit: int) -> Iterator[_Unit]:
    """A unit as its sentences, and those that are too long as runs of words or of characters."""
    before, previous = unit.before, ""
    for sentence in sentences(unit.text):
        length = _size(sentence.rstrip())
        needs = previous if leans_back(sentence) and size(previous) * 4 <= limit else ""
        if length <= limit:
            yield _Unit(sentence, length, before, needs)
        else:
            for part in _runs(sentence, limit):
                yield _Unit(part, _size(part.strip()), before)
                before = ""
        before, previous = "", sentence


def _runs(text: str, limit: int) -> Iterator[str]:
    """A text in runs of at most so many words, cut between words where there are any."""
    while True:
        start = text[: limit * _CHARACTERS]
        length = _size(start)
        if length <= limit and len(start) == len(text):
            break
        at = max(len(start) * limit // max(length, limit), 1)
        space = max(start.rfind(" ", at // 2, at), start.rfind("\n", at // 2, at))
        at = space + 1 or at
        yield from _runs(text[:at], limit) if _size(text[:at]) > limit else (text[:at],)
        text = text[at:]
    yield text
