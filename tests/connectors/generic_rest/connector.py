"""The connector's app within the test's process: what it calls is real, its own HTTP is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector_sdk import create_app
from generic_rest_connector.oauth import OAUTH
from generic_rest_connector.search import search
from generic_rest_connector.settings import Settings

KEY = "connector-key-of-the-tests-0123456789"
USER = "user-token-canary-41c7"


@dataclass
class Searcher:
    """A connector to be searched."""

    client: FlaskClient

    def search(
        self,
        query: str = "travel policy",
        token: str | None = None,
        *,
        user_token: str | None = None,
        **body: Any,
    ) -> TestResponse:
        headers = {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if user_token is not None:
            headers["X-User-Access-Token"] = user_token
        return self.client.post("/search", json={"query": query, **body}, headers=headers)

    def results(self, *args: Any, **kwargs: Any) -> list[dict[str, str]]:
        """Return the rows of a search that must be answered completely."""
        answer = self.search(*args, **kwargs)
        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Search-Status"] == "complete", answer.text
        rows: list[dict[str, str]] = answer.get_json()["results"]
        return rows


@dataclass
class Starter:
    """Starts connectors on source files that a test writes."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def start(self, text: str, url: str | None = None, **env: str) -> Searcher:
        """Start one.

        Args:
            text: the source file.
            url: where its API is.
            env: further variables.
        """
        path = self.folder / "thing.yaml"
        path.write_text(dedent(text))
        self.monkeypatch.setenv("GENERIC_REST_SOURCE", str(path))
        if url is not None:
            self.monkeypatch.setenv("GENERIC_REST_BASE_URL", url)
        for name, value in env.items():
            self.monkeypatch.setenv(name, value)
        app = create_app("generic-rest", search, Settings, OAUTH)
        return Searcher(app.test_client())
