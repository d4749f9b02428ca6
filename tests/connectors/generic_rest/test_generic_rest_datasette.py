"""Against the real Datasette, as `make demo` runs it, with the connector as a real process."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.rest_server import SCHEMA
from scripts.processes import ROOT, environment, wait_for
from tests.connectors.generic_rest.connector import KEY, Starter
from tests.connectors.generic_rest.contract import NAME
from tests.support.connectors import Connector, running
from tests.support.datasette import TOKEN, Datasette, running_datasette


@pytest.fixture(scope="module")
def connector(datasette: Datasette) -> Iterator[Connector]:
    settings = {"GENERIC_REST_SOURCE": "datasette", "DATASETTE_URL": datasette.url}
    with running(NAME, settings) as started:
        yield started


@pytest.fixture(scope="module")
def behind_key(datasette: Datasette) -> Iterator[Connector]:
    settings = {
        "GENERIC_REST_SOURCE": "datasette",
        "DATASETTE_URL": datasette.url,
        "DATASETTE_TOKEN": TOKEN,
        "CONNECTOR_API_KEY": KEY,
        "LOG_LEVEL": "DEBUG",
    }
    with running(NAME, settings) as started:
        yield started


def sent_words(datasette: Datasette) -> str:
    """Return the full-text query of the last request that Datasette logged."""
    target: str = re.findall(r'"GET (\S+) HTTP', datasette.log())[-1]
    return parse_qs(urlsplit(target).query)["words"][0]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("How do I get reimbursed for a train ticket?", "Expense claims and reimbursement"),
        ("I lost my laptop, what now?", "Lost or stolen laptop, phone or badge"),
        ("Who may speak to journalists and the press?", "Questions from the press"),
        ("arret de travail", "When you are ill"),
    ],
)
def test_a_question_finds_its_article_first(
    connector: Connector, question: str, title: str
) -> None:
    answer = connector.search(question, TOKEN)
    assert answer.status_code == 200
    rows = answer.json()["results"]
    assert rows[0]["title"] == title
    assert {"id", "title", "text", "url", "timestamp", "author"} == set(rows[0])
    assert requests.get(rows[0]["url"], headers={"Authorization": f"Bearer {TOKEN}"}, timeout=9).ok


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("travel'; drop table articles --", "drop"),
        ('"travel" OR "policy', "travel"),
        ("travel NEAR(policy, 2) NOT x*", "near"),
        ("title:travel ^policy", "title"),
        ("the of and", "the"),
        ("OR", "or"),
        ("AND OR NOT", "not"),
        ("travel\u202e مرحبا", "مرحبا"),
        ("x" * 2000, "x" * 2000),
        ("two\\words\nhere", "words"),
    ],
)
def test_a_hostile_query_reaches_sqlite_as_words(
    connector: Connector, datasette: Datasette, query: str, word: str
) -> None:
    answer = connector.search(query, TOKEN)
    assert answer.status_code == 200, answer.text
    sent = sent_words(datasette)
    assert re.fullmatch(r'"[^\W_]+"(?: OR "[^\W_]+")*', sent)
    assert f'"{word}"' in sent
    assert set(re.findall(r'"(.*?)"', sent)) <= set(re.findall(r"[^\W_]+", query.lower()))


@pytest.mark.parametrize("query", ["'", '"', "\\", "^", "😀", "-- ;"])
def test_a_query_without_a_word_is_400(connector: Connector, query: str) -> None:
    answer = connector.search(query, TOKEN)
    assert answer.status_code == 400
    assert "letters or digits" in answer.json()["detail"]


def test_its_403_with_a_page_is_401_for_a_users_token(
    connector: Connector, datasette: Datasette
) -> None:
    bare = requests.get(f"{datasette.url}/handbook.json", timeout=9)
    assert (bare.status_code, bare.headers["Content-Type"][:9]) == (403, "text/html")
    assert "WWW-Authenticate" not in bare.headers
    answer = connector.search("travel", "not-the-token")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_key_gets_the_services_view_and_a_refused_token_does_not(
    behind_key: Connector,
) -> None:
    assert behind_key.search("travel", KEY).json()["results"]
    assert behind_key.search("travel", KEY, user_token=TOKEN).json()["results"]
    assert behind_key.search("travel", KEY, user_token="user-canary-77").status_code == 401
    log = behind_key.log()
    for secret in (KEY, TOKEN, "user-canary-77"):
        assert secret not in log


def test_a_refused_service_credential_is_502(datasette: Datasette) -> None:
    settings = {
        "GENERIC_REST_SOURCE": "datasette",
        "DATASETTE_URL": datasette.url,
        "DATASETTE_TOKEN": "operators-canary-88",
        "CONNECTOR_API_KEY": KEY,
    }
    with running(NAME, settings) as connector:
        answer = connector.search("travel", KEY)
        assert answer.status_code == 502
        assert "operators-canary-88" not in answer.text + connector.log()


TABLE_SEARCH = """
version: 1
name: thing
base_url: https://api.example.com
auth: {type: relay}
search:
  - path: /handbook/articles.json
    params: {_search: "${fts5(query)}", _searchmode: raw, _size: "${limit}", _shape: objects}
    errors: "!contains(human_description_en, 'search matches') && 'the table is not searched'"
    results: rows
    document: {id: id, title: title}
"""


def test_the_tables_own_search_works_with_the_readmes_source(
    starter: Starter, datasette: Datasette
) -> None:
    thing = starter.start(TABLE_SEARCH, datasette.url)
    rows = thing.results("lost laptop", token=TOKEN)
    assert "Lost or stolen laptop, phone or badge" in [row["title"] for row in rows]
    assert rows[0]["title"] == "Lost or stolen laptop, phone or badge"


def test_a_search_that_datasette_silently_ignores_is_seen(starter: Starter, tmp_path: Path) -> None:
    schema = SCHEMA.replace('content="articles"', "content='articles'")
    folder = tmp_path / "datasette"
    folder.mkdir()
    with running_datasette(folder, schema=schema) as datasette:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        ignored = requests.get(
            f"{datasette.url}/handbook/articles.json?_search=laptop&_size=100",
            headers=headers,
            timeout=9,
        )
        assert ignored.json()["filtered_table_rows_count"] == 26
        thing = starter.start(TABLE_SEARCH, datasette.url)
        answer = thing.search("laptop", token=TOKEN)
        assert answer.status_code == 502
        assert "the table is not searched" in answer.get_json()["detail"]


def test_the_server_of_the_demo_says_when_it_is_ready_and_ends_cleanly(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.rest_server", "--port", "0", "--ready-file", str(ready)],
        cwd=ROOT,
        env=environment({"TMPDIR": str(tmp_path)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: ready.exists() or None, process, lambda: "")
        told = json.loads(ready.read_text())
        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        headers = {"Authorization": f"Bearer {told['token']}"}
        answer = requests.get(f"{told['url']}/handbook/articles.json", headers=headers, timeout=9)
        assert len(answer.json()["rows"]) == 26
    finally:
        process.send_signal(signal.SIGTERM)
        output = process.communicate(timeout=20)[0].decode()
    assert process.returncode == 0
    assert told["url"] in output
    assert list(tmp_path.iterdir()) == [ready]
    with pytest.raises(requests.ConnectionError):
        requests.get(told["url"], timeout=9)
