from __future__ import annotations

from pathlib import Path

import pytest

from generic_rest_connector.auth import Credentials
from generic_rest_connector.settings import Settings
from scripts import check_source as check
from tests.connectors.generic_rest.connector import KEY, Starter

GOOD = """\
version: 1
name: thing
base_url: https://api.example.com/v1
env:
  key: {var: THING_KEY, type: secret}
  size: {var: THING_SIZE, type: int, default: 5}
auth:
  type: relay
  fallback: {type: bearer, token: "${env.key}"}
headers: {X-Version: "3"}
options:
  space: {type: str}
search:
  - path: /search/${query}
    params: {n: "${env.size}"}
    results: items
    fetch:
      page: {path: "/pages/${id}"}
    document:
      id: id
      title: title
limits: {hits: 50}
"""

# What is changed in GOOD, into what; the line and key that are named, and a word of what is said.
BAD: list[tuple[str, str, str, str]] = [
    ("version: 1", "version: 2", "1: version:", "1"),
    ("version: 1\n", "", "1: version:", "is missing"),
    ("name: thing", "name: Some Thing", "2: name:", "pattern"),
    ("name: thing", "nmae: thing", "2: nmae:", "did you mean name?"),
    ("name: thing", "name: [thing]", "2: name:", "string"),
    ("version: 1", "- version: 1", "2:", "not YAML"),
    (GOOD, "just text", "1: the file:", "dictionary"),
    (GOOD, "", "1: the file:", "dictionary"),
    ("name: thing", "name: thing\nname: other", "3:", "name: stands here twice"),
    ("base_url: https://api.example.com/v1\n", "", "1: base_url:", "is missing"),
    ("api.example.com/v1", "${query}.example.com", "3: base_url:", "'query' is not known here"),
    ("THING_KEY", "thing_key", "5: env.key.var:", "pattern"),
    ("THING_KEY", "GENERIC_REST_KEY", "5: env.key:", "prefix"),
    ("type: secret", "type: password", "5: env.key.type:", "secret"),
    ("type: secret", "type: secret, default: abc", "5: env.key:", "no file"),
    ("type: relay", "type: magic", "7: auth:", "relay"),
    ("type: relay\n", "", "7: auth.type:", "is missing"),
    ('"${env.key}"', "abc", "9: auth.fallback.token:", "secret"),
    ('"${env.key}"', '"${env.size}"', "9: auth.fallback.token:", "secret"),
    ('"${env.key}"', '"${env.kye}"', "9: auth.fallback.token:", "'kye' is not among"),
    ('"${env.key}"', '"${query}"', "9: auth.fallback.token:", "'query' is not known"),
    ('X-Version: "3"', 'Authorization: "Bearer x"', "10: headers.Authorization:", "`auth:`"),
    ('X-Version: "3"', 'X-Key: "${env.key}"', "10: headers.X-Key:", "secret"),
    ('X-Version: "3"', '"X Key": a', "10: headers.X Key:", "pattern"),
    ("space: {type: str}", "limit: {type: int}", "12: options.limit:", "already"),
    ("space: {type: str}", "space: {type: text}", "12: options.space.type:", "time"),
    ("/search/${query}", "search", "14: search[0].path:", "'/'"),
    ("/search/${query}", "https://evil.example/", "14: search[0].path:", "'/'"),
    ("/search/${query}", "//evil.example/", "14: search[0].path:", "'//'"),
    ("/search/${query}", "/a/../b", "14: search[0].path:", "'..'"),
    ("/search/${query}", "/a?b=c", "14: search[0].path:", "params"),
    ("/search/${query}", "/a/${qeury}", "14: search[0].path:", "'qeury' is not known here"),
    ("/search/${query}", "/a/${env.key}", "14: search[0].path:", "secret"),
    ("/search/${query}", "/a/${options.sapce}", "14: search[0].path:", "'sapce'"),
    ("/search/${query}", "/a/${query", "14: search[0].path:", "closes"),
    ("${env.size}", "${plian(query)}", "15: search[0].params.n:", "no function 'plian'"),
    ("${env.size}", "${text(query)}", "15: search[0].params.n:", "takes 2 arguments"),
    ("${env.size}", "${query[}", "15: search[0].params.n:", "not JMESPath"),
    ("results: items", "results: items[", "16: search[0].results:", "not JMESPath"),
    ("results: items", "results: [items]", "16: search[0].results:", "string"),
    ("    results: items\n", "", "14: search[0].results:", "is missing"),
    ("${id}", "${env.size}", "18: search[0].fetch.page.path:", "'_env'"),
    ("${id}", "${_secret}", "18: search[0].fetch.page.path:", "_response"),
    ('path: "/pages/${id}"', "as: text", "18: search[0].fetch.page:", "`url`"),
    ("page: {", "_page: {", "18: search[0].fetch._page:", "pattern"),
    ("      id: id", "      key: id", "14: search[0]:", "`id`"),
    ("title: title", "title: ${_env.key}", "21: search[0].document.title:", "secret"),
    ("title: title", "title: 5", "21: search[0].document.title:", "string"),
    ("hits: 50", "hits: 500", "22: limits.hits:", "100"),
    ("hits: 50", "hits: many", "22: limits.hits:", "integer"),
    (
        "results: items",
        "graphql: {query: 'a ${query}'}\n    results: items",
        "16: search[0].graphql.query:",
        "variables",
    ),
    (
        "results: items",
        "json: {'a${query}': 1}\n    results: items",
        "16: search[0].json:",
        "without '${'",
    ),
    (
        "results: items",
        "json: {}\n    form: {}\n    results: items",
        "14: search[0]:",
        "more than one",
    ),
    ("results: items", "method: DELETE\n    results: items", "16: search[0].method:", "POST"),
    ("${env.size}", "x ${query} y", "15: search[0].params.n:", "longer string"),
    ("${env.size}", "x ${query || 'y'} y", "15: search[0].params.n:", "longer string"),
    ("${env.size}", "x ${lower(query)}", "15: search[0].params.n:", "longer string"),
    ("${env.size}", "x ${[query, cql(query)]}", "15: search[0].params.n:", "longer string"),
    ("${env.size}", "x ${@.query}", "15: search[0].params.n:", "'@' is not known"),
    ("${env.size}", "x ${to_string(@)}", "15: search[0].params.n:", "'@' is not known"),
    ('{n: "${env.size}"}', '{jql: "${query}"}', "15: search[0].params.jql:", "write jql(query)"),
    ('{n: "${env.size}"}', '{cql: "${plain(query)}"}', "15: search[0].params.cql:", "cql(query)"),
    (
        '{n: "${env.size}"}',
        '{$filter: "${query}"}',
        "15: search[0].params.$filter:",
        "odata(query)",
    ),
    ('{n: "${env.size}"}', '{SQL: "${fts5(query)}"}', "15: search[0].params.SQL:", "SQL"),
    (
        "results: items",
        "json: {query: {query_string: {query: '${query}'}}}\n    results: items",
        "16: search[0].json.query.query_string.query:",
        "lucene(query)",
    ),
    (
        '{n: "${env.size}"}',
        '{n: "${query}"}\n    language: {n: gmail}',
        "15: search[0].params.n:",
        "gmail(query)",
    ),
    (
        "results: items",
        "language: {n: sqll}\n    results: items",
        "16: search[0].language.n:",
        "cql",
    ),
    ("results: items", "when: env.key\n    results: items", "16: search[0].when:", "secret"),
    ("results: items", "when: id\n    results: items", "16: search[0].when:", "'id' is not known"),
    ("results: items", "match: title\n    results: items", "16: search[0].match:", "list"),
    ("results: items", "keep: _secret\n    results: items", "16: search[0].keep:", "_response"),
    ("results: items", "each: items[\n    results: items", "16: search[0].each:", "not JMESPath"),
    ("results: items", "url: link\n    results: items", "14: search[0]:", "`path` or `url`"),
    ("path: /search/${query}", "url: link", "14: search[0]:", "a search has a `path`"),
    (
        'path: "/pages/${id}"',
        'path: "/pages", params: {cql: "${_query}"}',
        "18: search[0].fetch.page.params.cql:",
        "cql(query)",
    ),
    ("search:\n", "before: {x: {path: '/${query}'}}\nsearch:\n", "13: before.x.path:", "'query'"),
    ("search:\n", "before: {x: {path: '/${x}'}}\nsearch:\n", "13: before.x.path:", "'x'"),
    ("search:\n", "before: {query: {path: /x}}\nsearch:\n", "13: before.query:", "another name"),
    ("hits: 50", "seconds: 0", "22: limits.seconds:", "greater than 0"),
    ("hits: 50", "time: 5", "22: limits.time:", "unknown key"),
    ("version: 1", "version: 1\nallow_private: maybe", "2: allow_private:", "boolean"),
    ("type: relay", "type: any", "9: auth.fallback:", "known: type, of"),
    (
        '{type: bearer, token: "${env.key}"}',
        '{type: basic, username: "${env.size}", password: x}',
        "9: auth.fallback.password:",
        "secret",
    ),
    (
        '{type: bearer, token: "${env.key}"}',
        "{type: client_credentials, token_url: 'https://x.example/${env.key}', client_id: a, "
        "client_secret: '${env.key}'}",
        "9: auth.fallback.token_url:",
        "secret",
    ),
    (
        '{type: bearer, token: "${env.key}"}',
        "{type: client_credentials, token_url: 'https://x.example/', client_id: a, "
        "client_secret: secret-in-a-file}",
        "9: auth.fallback.client_secret:",
        "secret",
    ),
    (
        '{type: bearer, token: "${env.key}"}',
        '{type: query, params: {n: "${env.key}"}}',
        "15: search[0].params.n:",
        "`auth:` sends already",
    ),
    (
        "base_url: https://api.example.com/v1",
        "base_url: 'https://${env.key}.x'",
        "3: base_url:",
        "secret",
    ),
    ("headers:", "unauthorized: [200]\nheaders:", "10: unauthorized[0]:", "400"),
]


@pytest.mark.parametrize(("old", "new", "place", "says"), BAD, ids=lambda text: text[:40])
def test_a_mistake_names_file_line_key_and_what_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, place: str, says: str
) -> None:
    path = tmp_path / "thing.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    assert check.main([str(path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}:{place}")
    assert says in line


@pytest.mark.parametrize(
    "content",
    [b"a: &x [*x]", b"\xff\xfe\x00", b"a: \x00", b"? [a]\n: b", b"!!python/object:os.x {}"],
)
def test_what_cannot_be_read_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "thing.yaml"
    path.write_bytes(content)
    assert check.main([str(path)]) == 1
    assert capsys.readouterr().err.startswith(f"{path}")


def test_a_good_file_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "thing.yaml"
    path.write_text(GOOD)
    assert check.main([str(path)]) == 0
    out = capsys.readouterr().out
    for part in ("THING_KEY (secret, required)", "GET /search/${query} -> items", "option space"):
        assert part in out


def stopped(starter: Starter, text: str, capsys: pytest.CaptureFixture[str], **env: str) -> str:
    """Start a connector that must not, and return the line that says why."""
    with pytest.raises(SystemExit):
        starter.start(text, **env)
    (line,) = capsys.readouterr().out.splitlines()
    return line


@pytest.mark.parametrize(
    ("text", "env", "says"),
    [
        (GOOD, {}, "THING_KEY is missing"),
        (GOOD, {"THING_KEY": ""}, "THING_KEY is missing"),
        (GOOD, {"THING_KEY": "a-long-secret", "THING_SIZE": "x"}, "THING_SIZE: Input should be"),
        (
            GOOD,
            {"THING_KEY": "two\nlines"},
            "the header Authorization is empty or has a line break",
        ),
        (GOOD, {"THING_KEY": "a-long-secret"}, "CONNECTOR_API_KEY) is missing"),
        (
            GOOD.replace("https://api.example.com", "http://api.example.com"),
            {"THING_KEY": "a-long-secret"},
            "plain http",
        ),
        (
            GOOD.replace("/v1", "/v1?key=1"),
            {"THING_KEY": "a-long-secret"},
            "has a query or a fragment",
        ),
        (
            GOOD.replace("limits:", "hosts: ['ftp://x.example']\nlimits:"),
            {"THING_KEY": "a-long-secret"},
            "'ftp://x.example' is not an absolute http",
        ),
        ("name: thing", {}, "thing.yaml:1: version: is missing"),
    ],
)
def test_the_start_stops_with_one_line(
    starter: Starter,
    capsys: pytest.CaptureFixture[str],
    text: str,
    env: dict[str, str],
    says: str,
) -> None:
    line = stopped(starter, text, capsys, **env)
    assert says in line
    assert "a-long-secret" not in line
    assert "two\nlines" not in line


def test_the_source_must_be_given_and_be_there(
    starter: Starter, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "GENERIC_REST_SOURCE is missing" in stopped(
        starter, GOOD, capsys, GENERIC_REST_SOURCE=""
    )
    for name in ("nowhere", "../datasette", "/no/such.yaml"):
        line = stopped(starter, GOOD, capsys, GENERIC_REST_SOURCE=name)
        assert "the sources that ship are" in line
        assert "wikipedia" in line


def test_variables_come_from_env_files_too(starter: Starter) -> None:
    (starter.folder / ".env").write_text(f"THING_KEY=from-the-file\nCONNECTOR_API_KEY={KEY}\n")
    starter.start(GOOD)
    loaded = Settings().loaded
    assert isinstance(loaded.credentials, Credentials)
    assert loaded.credentials.headers == {"Authorization": "Bearer from-the-file"}
    assert loaded.env == {"size": 5}
    assert "from-the-file" not in repr(loaded.credentials)


def test_yaml_has_no_surprises(starter: Starter) -> None:
    text = GOOD.replace('"3"', "2025-09-03").replace("{type: str}", "{values: [no, yes, 'on']}")
    starter.start(text, THING_KEY="a-long-secret", CONNECTOR_API_KEY=KEY)
    source = Settings().loaded.source
    assert source.headers["X-Version"].text == "2025-09-03"
    assert source.options["space"].values == ["no", "yes", "on"]
