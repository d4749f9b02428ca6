"""No query changes what a source asks beyond the places that the file has for it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector_sdk import BadRequest, Deadline, HttpClient, SearchOptions, content_words
from connector_sdk.options import parse_body
from generic_rest_connector.calls import build
from generic_rest_connector.expressions import Expression, Template, Unfit
from generic_rest_connector.languages import LANGUAGES
from generic_rest_connector.loader import SOURCES, Loaded, read
from generic_rest_connector.source import Request, expressions, templates
from scripts.try_source import context_of, stand_ins

HOSTILE = [
    *(
        "'",
        '"',
        "\\",
        "`",
        ";",
        "--",
        "/*",
        "*/",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "<",
        ">",
        "|",
        "&&",
    ),
    *(
        "/",
        "..",
        "?",
        "#",
        "&",
        "=",
        "%2e",
        "%2F",
        "+",
        "@",
        ":",
        "//evil.example",
        "\r\nX: 1",
        "\0",
    ),
    *("AND", "OR", "NOT", "and", "or", "not", "NEAR", "^", "^NQ", "~", "*", "!", "-secret", "in:x"),
    *("ORDER BY", "${env.token}", "{{7*7}}", "$(id)", "\u202e", "日本語", "é", "İ", "ß", "q̃", "😀"),
    *("travel", "policy", "x1", "_", "a_b", "who's", "%", "\ufeff", "\u2028", "\uff07", "\u00b2"),
]
QUERIES = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(HOSTILE), max_size=8).map(lambda pieces: "".join(pieces))
    | st.lists(st.sampled_from(HOSTILE), max_size=8).map(" ".join)
)


class Anything(str):
    """Stands for what another answer would hold: every field of it is there, and a string."""

    __slots__ = ()

    def get(self, _: str) -> Anything:
        return self


class Asked:
    """The requests of a source for one query, each with what its expressions saw."""

    def __init__(self, loaded: Loaded) -> None:
        http = HttpClient([loaded.base_url])
        self._context = context_of(loaded, http, "user-token")
        assert isinstance(self._context.deadline, Deadline)
        self._loaded = loaded

    def __call__(self, query: str) -> Iterator[tuple[Request, dict[str, Any], Any]]:
        loaded = self._loaded
        before = {name: Anything("before") for name in loaded.source.before}
        options = dict.fromkeys(loaded.source.options)
        beside = {"query": query, "env": loaded.env, "options": options, "limit": 10}
        scope = {**beside, **before}
        # What is fetched for a hit is made of the hit, and of the query by its name beside it.
        hit = {f"_{name}": value for name, value in beside.items()}
        for step in loaded.source.search:
            if step.when is None or step.when.value(scope):
                yield step, scope, self._sent(step, scope, scope)
            for fetch in step.fetch.values():
                if any(read.name == "_query" for _, e in expressions(fetch) for read in e.reads):
                    yield fetch, hit, self._sent(fetch, hit, scope)

    def _sent(self, request: Request, scope: Any, request_scope: Any) -> Any:
        return requests.Request(**build(request, scope, request_scope, self._context)).prepare()


def shape(sent: requests.PreparedRequest) -> Any:
    """Return a request without the values that may differ from query to query."""
    parts = urlsplit(sent.url or "")
    body = sent.body.decode() if isinstance(sent.body, bytes) else sent.body or ""
    is_json = "json" in sent.headers.get("Content-Type", "")
    form = sorted({name for name, _ in parse_qsl(body, keep_blank_values=True)})
    return {
        "method": sent.method,
        "origin": (parts.scheme, parts.netloc, parts.fragment),
        "segments": parts.path.count("/"),
        "params": sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}),
        "headers": sorted(sent.headers),
        "body": json_shape(json.loads(body)) if is_json else form,
    }


def json_shape(value: Any) -> Any:
    """Return keys and types; a list may have one item for each word of the query."""
    if isinstance(value, dict):
        return {key: json_shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return (
            "strings" if all(isinstance(v, str) for v in value) else [json_shape(v) for v in value]
        )
    return type(value).__name__


def without_marks(text: str) -> str:
    return "".join(c for c in text if not unicodedata.category(c).startswith("M"))


def skeleton(text: str) -> str:
    """Return what stands between the words."""
    return re.sub(r"[^\W_]+", "w", without_marks(text))


def check_leaf(template: Template, scope: dict[str, Any], query: str) -> None:
    """A place holds the query itself and alone, or what the language's function may return."""
    reads = [read for e in template.expressions for read in e.reads if "query" in read.name]
    if not reads:
        return
    value = template.value(scope)
    if any(not read.function for read in reads):
        assert template.is_alone
        assert value == query or template.text not in ("${query}", "${_query}")
        return
    plain = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    pattern = ""
    for part in template.parts:
        if not isinstance(part, Expression):
            pattern += re.escape(without_marks(part))
            continue
        call = re.fullmatch(r"(\w+)\(_?query\)", part.text)
        if call is None or call[1] not in LANGUAGES:
            break
        pattern += LANGUAGES[call[1]].alphabet
    else:
        assert re.fullmatch(pattern, without_marks(plain[0])), value
    # The same as for as many words that nobody could take for anything else.
    name = "_query" if "_query" in scope else "query"
    benign = " ".join(f"benign{n}" for n in range(len(content_words(query))))
    harmless = template.value(type(scope)({**scope, name: benign}))
    expected = [str(item) for item in harmless] if isinstance(harmless, list) else [str(harmless)]
    assert list(map(skeleton, plain)) == list(map(skeleton, expected))


def loaded(path: Path) -> Loaded:
    source = read(path)
    return Loaded(source, None, stand_ins(source, {}))


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_query_changes_nothing_but_its_own_places(path: Path) -> None:
    """Host, path, parameter names, JSON shape and the query language stay what the file says."""
    ask = Asked(loaded(path))
    usual = [(shape(sent), sent) for _, _, sent in ask("travel policy")]

    @settings(max_examples=40, derandomize=True, database=None, deadline=None)
    @example(" ".join(HOSTILE))
    @example("OR")
    @example("..")
    @given(QUERIES)
    def holds(typed: str) -> None:
        try:
            query, _ = parse_body(json.dumps({"query": typed}).encode(), SearchOptions)
            asked = list(ask(query))
        except (BadRequest, Unfit):
            return  # refused: nothing is sent
        for (request, scope, sent), (expected, benign) in zip(asked, usual, strict=True):
            if not content_words(query):
                continue  # 400 where words are sent; elsewhere it stands alone
            assert shape(sent) == expected
            if request.path is not None and "query" not in request.path.text:
                assert urlsplit(str(sent.url)).path == urlsplit(str(benign.url)).path
            for place, template in templates(request):
                if place[0] in ("params", "json", "form", "graphql"):
                    check_leaf(template, scope, query)

    holds()


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_language_returns_nothing_outside_its_alphabet(name: str) -> None:
    alphabet = re.compile(LANGUAGES[name].alphabet)
    write = Expression(f"{name}(query)")

    @settings(max_examples=200, derandomize=True, database=None, deadline=None)
    @example(" ".join(HOSTILE))
    @given(QUERIES)
    def holds(query: str) -> None:
        written = write.search({"query": query})
        assert alphabet.fullmatch(without_marks(written))
        assert written == written.lower() or name in ("kql", "lucene", "sosl", "fts5")
        assert skeleton(written).count("w") >= len(content_words(query))

    holds()
