"""How both providers see a text: words of letters and digits, whatever the case."""

import re

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Return the words of a text, in order; punctuation and underscores act as spaces."""
    return _WORD.findall(text.casefold())


class WordIndex:
    """The words of one text, prepared so that a search only looks them up."""

    __slots__ = ("_line", "all")

    def __init__(self, text: str) -> None:
        found = words(text)
        self.all = frozenset(found)
        self._line = f" {' '.join(found)} "

    def has_phrase(self, phrase: tuple[str, ...]) -> bool:
        """Say whether the words stand side by side in the text."""
        if len(phrase) == 1:
            return phrase[0] in self.all
        return self.all.issuperset(phrase) and f" {' '.join(phrase)} " in self._line

    def has_prefix(self, prefix: str) -> bool:
        """Say whether any word begins with the prefix."""
        return f" {prefix}" in self._line
