"""Which of the ranked passages are the answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from .ranking import File, Ranked

_SAME = 0.95  # of the words: the two texts are one
_FEWEST = 20  # different words: of less two people may have said the same
_NUMBER = re.compile(r"\d+")


def choose(
    ranked: Sequence[Ranked],
    files: Sequence[File],
    *,
    limit: int,
    per_file: int,
    kept: Collection[int] = (),
) -> list[Ranked]:
    """Return the passages that are the answer, in their order.

    Of a file without a match its best passage stays in the running, by the provider's order: what
    a provider finds by meaning need not hold a word of the query.

    Args:
        ranked: as `rank` returns them.
        files: what was ranked.
        limit: how many passages at the most.
        per_file: how many of one file while other files have any; 0 for no limit.
        kept: files that stay, with up to half of the places, as something is wrong with their
            texts and their rank says nothing.
    """
    matching = {passage.file for passage in ranked if passage.matches}
    first = {passage.file: passage for passage in reversed(ranked)}
    running = [
        passage
        for passage in ranked
        if passage.matches or (passage.file not in matching and passage is first[passage.file])
    ]
    stays = [passage for passage in running if passage.file in kept][: limit // 2]
    others = _without_copies((p for p in running if p not in stays), files)
    most = per_file or limit
    chosen, spare = list(stays), []
    count = Counter(passage.file for passage in stays)
    for passage in others:
        if len(chosen) >= limit:
            break
        if count[passage.file] < most:
            count[passage.file] += 1
            chosen.append(passage)
        else:
            spare.append(passage)
    chosen += spare[: limit - len(chosen)]
    place = {id(passage): at for at, passage in enumerate(ranked)}
    return sorted(chosen, key=lambda passage: place[id(passage)])


def _without_copies(passages: Iterable[Ranked], files: Sequence[File]) -> Iterator[Ranked]:
    seen: list[tuple[frozenset[str], frozenset[str]]] = []
    for passage in passages:
        text = files[passage.file].passages[passage.passage]
        words = frozenset(text.casefold().split())
        if len(words) >= _FEWEST:
            # Two quarters' reports may differ in their numbers alone.
            numbers = frozenset(_NUMBER.findall(text))
            if any(numbers == others and _same(words, known) for known, others in seen):
                continue
            seen.append((words, numbers))
        yield passage


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    if min(len(one), len(other)) < _SAME * max(len(one), len(other)):
        return False
    return len(one & other) >= _SAME * len(one | other)
