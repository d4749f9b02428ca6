"""Query languages: words become an operand that the language reads as words and as nothing else."""

from __future__ import annotations

import re
from typing import NamedTuple

from connector_sdk import content_words


class Language(NamedTuple):
    """How the words of a question are written in a query language.

    The words hold letters, digits and their marks only, and are in lower case, in which no
    language here has an operator; where one has, each word stands in quotes.

    Args:
        start: before the first word.
        word: a word, where `{}` stands.
        between: between two words.
        end: after the last word.
    """

    start: str = ""
    word: str = "{}"
    between: str = " "
    end: str = ""

    def write(self, query: str) -> str:
        """Return a question as an operand; "" for a question without a word."""
        found = [self.word.replace("{}", word.lower()) for word in content_words(query)]
        return f"{self.start}{self.between.join(found)}{self.end}" if found else ""

    @property
    def alphabet(self) -> str:
        """A regular expression for all that `write` may return, once marks are taken away."""
        word = re.escape(self.word).replace(re.escape("{}"), r"[^\W_]+")
        operand = f"{word}(?:{re.escape(self.between)}{word})*"
        return f"(?:{re.escape(self.start)}{operand}{re.escape(self.end)})?"


# The functions that a query goes through. Each gives a whole operand, its quotes included.
LANGUAGES = {
    "plain": Language(),
    "cql": Language(start='"', end='"'),  # Confluence: text ~ "travel policy"
    "jql": Language(start='"', end='"'),  # Jira: text ~ "travel policy"
    "kql": Language(start="(", between=" OR ", end=")"),  # Microsoft Search and SharePoint
    "github": Language(),
    "odata": Language(start="'", end="'"),  # contains(subject, 'travel policy')
    "lucene": Language(start="(", between=" OR ", end=")"),  # Elasticsearch, Solr and their like
    "sysparm": Language(),  # ServiceNow: 123TEXTQUERY321=travel policy
    "soql": Language(start="'%", between="%", end="%'"),  # Salesforce: Name LIKE '%travel%policy%'
    "sosl": Language(start="{", word='"{}"', between=" OR ", end="}"),  # Salesforce: FIND {…}
    "gmail": Language(start="{", end="}"),  # any of the words
    "fts5": Language(word='"{}"', between=" OR "),  # SQLite: https://www.sqlite.org/fts5.html
}

# Parameters and JSON keys that hold a query language wherever they are met, and its function; a
# source file adds its own with `language:`. None: a query has no place there at all.
PARAMETERS: dict[str, str | None] = {
    "cql": "cql",
    "jql": "jql",
    "kql": "kql",
    "querystring": "kql",
    "$search": "kql",
    "$filter": "odata",
    "sysparm_query": "sysparm",
    "query_string": "lucene",
    "simple_query_string": "plain",
    "soql": "soql",
    "sosl": "sosl",
    "sql": None,
}
