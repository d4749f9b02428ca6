"""Kinds of file that a question asks for: "the slides about …", "Tabelle", "diapositives"."""

from __future__ import annotations

import re
from dataclasses import dataclass

# By the names that connectors use for the type of a file. A word such as "document" or "report"
# is missing on purpose: people say it of every file.
_KINDS = {
    "presentation": (
        "slides|slide deck|slidedeck|deck|decks|presentation|presentations|powerpoint|powerpoints|"
        "pptx|keynote|folien|foliensatz|präsentation|präsentationen|présentation|présentations|"
        "diapositives|diapos|diaporama|presentación|presentaciones|diapositivas|presentazione|"
        "presentazioni|presentatie|presentaties|apresentação|apresentações"
    ),
    "spreadsheet": (
        "spreadsheet|spreadsheets|excel|excel sheet|excel file|google sheet|google sheets|workbook|"
        "xlsx|csv|tabelle|tabellen|exceltabelle|excel-tabelle|excel-datei|tabellenkalkulation|"
        "tableur|feuille de calcul|fichier excel|tableau excel|hoja de cálculo|foglio di calcolo|"
        "rekenblad|planilha"
    ),
    "document": (
        "google doc|google docs|word document|word file|docx|word-dokument|word-datei|"
        "document word|fichier word|documento word"
    ),
    "pdf": "pdf|pdfs|pdf file|pdf-datei|pdf-dokument|fichier pdf|document pdf",
    "text": "text file|text files|txt|textdatei|fichier texte|archivo de texto|markdown",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split("|")}
_WORDS = re.compile(
    r"(?<![\w.\-])(?:"
    + "|".join(re.escape(word) for word in sorted(_KIND_OF, key=len, reverse=True))
    + r")(?![\w\-])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Typed:
    """A question with the kinds of file taken out.

    Args:
        kinds: what is asked for: `presentation`, `spreadsheet`, `document`, `pdf`, `text`.
        rest: the question without them.
        words: the kinds as they were written.
    """

    kinds: tuple[str, ...]
    rest: str
    words: str = ""


def find_kinds(query: str) -> Typed:
    """Find the kinds of file that a question names.

    Args:
        query: in English, German or French; a few words of other languages are known.
    """
    found = [match[0] for match in _WORDS.finditer(query)]
    kinds = dict.fromkeys(_KIND_OF[word.lower()] for word in found)
    return Typed(tuple(kinds), _WORDS.sub(" ", query), " ".join(found))
