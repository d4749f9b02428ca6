"""The sandbox and the Drive connector as processes, and questions to them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from scripts.processes import connector_url, start_connector, start_module, stop

_AT_ONCE = 8  # questions
_SETTINGS = {
    "PASSAGES_PER_FILE": "0",
    "SEARCH_LIMIT": "10",
    "SEARCH_TIMEOUT_SECONDS": "120",  # a slow machine is to change nothing but the time
    "WEB_CONCURRENCY": "2",
    "LOG_LEVEL": "WARNING",
}
_UNRANKED = {"PASSAGE_RANKING": "false"}

Rows = list[dict[str, str]]


class Failed(Exception):
    """A search was not answered, so that nothing can be measured."""


@dataclass
class Connector:
    """The Drive connector, in front of the sandbox.

    Args:
        url: where it listens.
        sandbox: what the sandbox's ready file says.
        warnings: how often it warned, by reason.
    """

    url: str
    sandbox: Mapping[str, Any]
    warnings: Counter[str] = field(default_factory=Counter)
    _threads: threading.local = field(default_factory=threading.local)

    def answers(self, owner: str, questions: Iterable[str]) -> Iterator[Rows]:
        """Yield the answer to each question in order, several asked at once.

        Args:
            owner: as whom, by their name in the sandbox.
            questions: what to search for.

        Raises:
            Failed: a search was not answered.
        """
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            yield from threads.map(lambda question: self.answer(owner, question), questions)

    def answer(self, owner: str, question: str) -> Rows:
        """Return the answer to a question.

        Raises:
            Failed: the search was not answered.
        """
        token = self.sandbox["users"][owner]["gdrive_token"]
        response = self._session().post(
            f"{self.url}/search",
            json={"query": question},
            headers={"Authorization": f"Bearer {token}"},
            timeout=180,
        )
        if response.status_code != 200:
            raise Failed(f"{question!r} as {owner}: {response.status_code} {response.text[:500]}")
        answer = response.json()
        self.warnings.update(warning["reason"] for warning in answer.get("warnings", []))
        rows: Rows = answer["results"]
        return rows

    def answer_and_downloads(self, owner: str, question: str) -> tuple[Rows, int]:
        """Return the answer to a question, and how many files were read for it.

        Raises:
            Failed: the search was not answered.
        """
        log = f"{self.sandbox['url']}/sandbox/requests"
        self._session().delete(log, timeout=60)
        rows = self.answer(owner, question)
        received = self._session().get(log, timeout=60).json()["requests"]
        return rows, sum(
            item["path"].endswith("/export") or item["query"].get("alt") == "media"
            for item in received
        )

    def _session(self) -> requests.Session:
        if not hasattr(self._threads, "session"):
            self._threads.session = requests.Session()
        session: requests.Session = self._threads.session
        return session


@contextmanager
def running(data: Path, folder: Path, *, ranked: bool) -> Iterator[Connector]:
    """Run the connector in front of a sandbox that serves `data`, until the end of the block.

    Args:
        data: the sandbox's data folder.
        folder: for the logs of both; it is empty.
        ranked: whether passages are ranked.

    Raises:
        RuntimeError: one of them did not start.
    """
    with ExitStack() as stack:
        process, ready = start_module("sandbox", folder, "--port", "0", "--data", str(data))
        stack.callback(stop, process)
        settings = {**_SETTINGS, **({} if ranked else _UNRANKED)}
        settings["GDRIVE_API_ENDPOINT"] = ready["gdrive_api_endpoint"]
        process = start_connector("gdrive", settings, folder)
        stack.callback(stop, process)
        yield Connector(connector_url(process, folder), ready)
