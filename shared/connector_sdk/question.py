"""What a question in words means, for a provider that searches by keyword."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from .calendars import MONTHS
from .dates import Span, find_date
from .kinds import find_kinds
from .queries import MAX_TERMS, OPERATORS, all_words, content_words, is_acronym, language, unique
from .stopwords import LANGUAGES
from .unspaced import is_unspaced

_QUOTED = re.compile(
    r'"([^"]{2,200})"|[“„«‹]\s*([^“”„»›]{2,200}?)\s*[”“»›]|[「『]([^「」『』]{2,200})[」』]'
)
_EDGES = ".,;:!?¿¡…()[]{}<>«»„“”‹›\"'’`*~|/\\"
_FILE_NAME = re.compile(r"[\w\-.]*\w\.[A-Za-z][A-Za-z0-9]{1,4}")
_BETWEEN_WORDS = re.compile(r"[\s/\\|]+|[,;:](?=\D)|(?<=\D)[,;:]")
# A verb and its pronoun: "rembourse-t-elle", "avons-nous".
_INVERTED = re.compile(
    r"-(?:t-)?(?:je|tu|il|elle|on|nous|vous|ils|elles|ce|moi|le|la)$", re.IGNORECASE
)
# In German every noun has a capital, so a capital says nothing of it.
_NOUNS_WITHOUT_CAPITALS = frozenset({"en", "fr", "es", "it", "nl", "pt"})


@dataclass(frozen=True)
class Question:
    """A question, read.

    A term is a word, or several words with spaces between them, which stand side by side.

    Args:
        language: the question's own, as `LANGUAGES` has it.
        names: its quoted phrases and distinctive terms: file names, names, identifiers, numbers.
        words: the other words that say what it is about.
        span: the time that it names, if it names one.
        kinds: the kinds of file that it asks for, if any: `presentation`.
        beside: the words of the time and the kinds, which may stand in a text as well.
        file_names: those of `names` that are one, as they were written: `report.pdf`.
    """

    language: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    span: Span | None = None
    kinds: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """All that it is about, what is distinctive first."""
        return (*self.names, *self.words)

    @property
    def narrows(self) -> bool:
        """Whether it names a time or a kind of file."""
        return bool(self.span or self.kinds)


def read_question(query: str, now: datetime, *, kinds: bool = True) -> Question:
    """Read a question.

    Args:
        query: as it was asked, in any language; those of `LANGUAGES` are understood best.
        now: the moment that "last week" is relative to.
        kinds: whether the provider knows kinds of file; else their words are words.
    """
    text = unicodedata.normalize("NFC", query)
    spoken = language(text)
    phrases = [" ".join(all_words("".join(groups))) for groups in _QUOTED.findall(text)]
    dated = find_date(_QUOTED.sub(" ", text), now, spoken)
    typed = find_kinds(dated.rest) if kinds else None
    rest = typed.rest if typed else dated.rest
    tokens = _tokens(rest, spoken)
    found = _Sorted(tokens, spoken, shouting=query.isupper())
    names = unique(filter(None, [*phrases, *found.names]))[:MAX_TERMS]
    taken = {name.casefold() for name in names}
    words = [word for word in found.words if word.casefold() not in taken]
    beside = [
        word
        for word in all_words(f"{dated.words} {typed.words if typed else ''}")
        if word.casefold() not in LANGUAGES[spoken] or word.lower() in MONTHS  # such as May
    ]
    if not (names or words or dated.span or (typed and typed.kinds)):
        words = content_words(query)  # of nothing but stop words all stay
    return Question(
        language=spoken,
        names=tuple(names),
        words=tuple(unique(words)[: MAX_TERMS - len(names)]),
        span=dated.span,
        kinds=typed.kinds if typed else (),
        beside=tuple(unique(beside)),
        file_names=tuple(found.file_names),
    )


def _tokens(text: str, spoken: str) -> list[str]:
    tokens = [token.strip(_EDGES) for token in _BETWEEN_WORDS.split(text)]
    if spoken == "fr":
        tokens = [_INVERTED.sub("", token) for token in tokens]
    return [token for token in tokens if any(character.isalnum() for character in token)]


class _Sorted:
    """Tokens, sorted into what is distinctive and what is not."""

    def __init__(self, tokens: list[str], spoken: str, *, shouting: bool) -> None:
        self.names: list[str] = []
        self.words: list[str] = []
        self.file_names: list[str] = []
        self._stop = LANGUAGES[spoken]
        plain = [token for token in tokens if token.isalpha()]
        capitals = [token for token in plain[1:] if token[0].isupper()]
        # A Title Like This One says nothing either.
        self._capitals_tell = spoken in _NOUNS_WITHOUT_CAPITALS and (
            len(capitals) * 2 <= len(plain)
        )
        for at, token in enumerate(tokens):
            self._add(token, first=at == 0, shouting=shouting)

    def _add(self, token: str, *, first: bool, shouting: bool) -> None:
        parts = all_words(token)
        whole = " ".join(parts)
        if not parts or whole in OPERATORS:
            return
        if _FILE_NAME.fullmatch(token) and not token.replace(".", "").isdigit():
            self.file_names.append(token)
            self.names.append(whole)
        elif len(parts) == 1 and is_unspaced(whole):
            self.words += content_words(whole)
        elif self._is_distinctive(whole, token, first=first, shouting=shouting):
            self.names.append(whole)
        elif len(parts) > 1 and any(part.casefold() not in self._stop for part in parts):
            self.words.append(whole)
        else:
            self.words += [part for part in parts if part.casefold() not in self._stop]

    def _is_distinctive(self, whole: str, token: str, *, first: bool, shouting: bool) -> bool:
        if any(character.isdigit() for character in whole):
            return len(whole) > 1
        if shouting:
            return False
        if (
            is_acronym(whole)
            or "_" in token
            or any(c.isupper() for c in whole[1:] if " " not in whole)
        ):
            return True
        if whole.casefold() in self._stop:
            return False
        return self._capitals_tell and not first and len(whole) > 1 and whole[0].isupper()
