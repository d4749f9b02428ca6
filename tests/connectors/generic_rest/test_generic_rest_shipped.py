from __future__ import annotations

from pathlib import Path

import pytest

from generic_rest_connector.loader import SOURCES, load
from tests.connectors.generic_rest.connector import Starter
from tests.connectors.generic_rest.provider import Answer, Provider


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_that_ships_is_right_short_and_explained(path: Path) -> None:
    loaded = load(path.stem)
    assert loaded.source.name == path.stem
    lines = path.read_text().splitlines()
    assert lines[0].startswith("# ")
    assert len([line for line in lines if line.strip() and not line.startswith("#")]) <= 40
    example = (SOURCES.parent / ".env.example").read_text()
    for variable in loaded.source.env.values():
        assert f"#   {variable.var}=" in example


def test_wikipedia(starter: Starter, provider: Provider) -> None:
    hit = {
        "pageid": 9,
        "title": "Lens",
        "snippet": 'A <span class="searchmatch">lens</span> &amp; glass',
        "timestamp": "2026-01-01T00:00:00Z",
        "wordcount": 5,
    }
    provider.answers["/w/api.php"] = Answer({"query": {"search": [hit]}})
    thing = starter.start((SOURCES / "wikipedia.yaml").read_text(), provider.url)
    (row,) = thing.results('who "made" in:this -not?')
    assert row["text"] == "A lens & glass"
    assert row["url"] == f"{provider.url}/?curid=9"
    sent = dict(provider.only.params)
    assert (sent["srsearch"], sent["srlimit"]) == ("made", "10")
    provider.answers["/w/api.php"] = Answer({"error": {"code": "ratelimited", "info": "x"}})
    assert thing.search().status_code == 502


def test_linear(starter: Starter, provider: Provider) -> None:
    node = {
        "identifier": "OPT-7",
        "title": "Ghost image",
        "description": "In the LX-200",
        "url": "https://linear.app/o/issue/OPT-7",
        "updatedAt": "2026-01-01T00:00:00.000Z",
        "state": {"name": "Todo"},
        "assignee": None,
        "team": {"name": "Optics"},
    }
    provider.answers["/graphql"] = Answer({"data": {"searchIssues": {"nodes": [node]}}})
    thing = starter.start((SOURCES / "linear.yaml").read_text(), provider.url)
    query = 'ghost") { id } } mutation { x(a: "'
    (row,) = thing.results(query, token="user-token")
    assert row == {
        "id": "OPT-7",
        "title": "OPT-7 Ghost image",
        "text": "In the LX-200",
        "url": "https://linear.app/o/issue/OPT-7",
        "timestamp": "2026-01-01T00:00:00Z",
        "container": "Optics",
        "state": "Todo",
    }
    sent = provider.only.json
    assert sent["variables"] == {"term": query, "first": 10}
    assert "mutation" not in sent["query"]
    flows = thing.client.get("/openapi.json").get_json()["components"]["securitySchemes"]
    assert "https://linear.app/oauth/authorize" in str(flows)


def test_notion(starter: Starter, provider: Provider) -> None:
    page = {
        "id": "p1",
        "url": "https://www.notion.so/p1",
        "last_edited_time": "2026-01-01T00:00:00.000Z",
        "properties": {
            "State": {"type": "select", "select": {"name": "x"}},
            "Any name": {
                "type": "title",
                "title": [{"plain_text": "Travel "}, {"plain_text": "policy"}],
            },
        },
    }
    provider.answers["/search"] = Answer({"results": [page]})
    provider.answers["/pages/p1/markdown"] = Answer({"markdown": "# Meals\n\n45 EUR"})
    thing = starter.start((SOURCES / "notion.yaml").read_text(), provider.url)
    (row,) = thing.results("travel", token="user-token", options={"limit": 4})
    assert row["title"] == "Travel policy"
    assert row["text"] == "# Meals\n\n45 EUR"
    assert provider.received[0].json == {
        "query": "travel",
        "page_size": 4,
        "filter": {"property": "object", "value": "page"},
    }
