"""Stand-ins for the providers of a catalogue case: one server for each host that is called."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import jmespath
import pytest

from generic_rest_connector.yaml_document import YamlDocument
from scripts.processes import ROOT
from tests.connectors.generic_rest.provider import Answer, Provider, Received, running_provider

FIXTURES = ROOT.parent / "shared" / "fixtures"
CASES = sorted((Path(__file__).parent / "catalogue").glob("*.yaml"))
# What the HTTP library adds; compared only where a case lists it.
_USUAL = {"accept", "accept-encoding", "connection", "content-length", "content-type", "host"}
_USUAL |= {"user-agent"}


@dataclass
class Case:
    """A case file of the catalogue.

    Args:
        name: the source's.
        data: the file.
    """

    name: str
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Case:
        data: Any = YamlDocument(path).data
        return cls(path.stem, data)

    @property
    def requests(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.data["requests"]
        return found

    @property
    def is_documented(self) -> bool:
        return all("fixture" not in answer for answer in self.data["answers"])

    @property
    def id(self) -> str:
        return self.name + ("-documented_shape" if self.is_documented else "")

    def answers(self) -> list[bytes]:
        """Return the answers, one for each request; skip or fail where the fixtures are absent."""
        return [_content(answer) for answer in self.data["answers"]]


def _content(answer: dict[str, Any]) -> bytes:
    if "documented_text" in answer:
        return str(answer["documented_text"]).encode()
    if "documented" in answer:
        return json.dumps(answer["documented"]).encode()
    path = FIXTURES / str(answer["fixture"])
    if not path.is_file():
        message = f"the example answers are not there: {path}"
        if os.environ.get("REQUIRE_FIXTURES"):
            pytest.fail(message)
        pytest.skip(message)
    if "part" not in answer:
        return path.read_bytes()
    part: Any = jmespath.search(answer["part"], json.loads(path.read_bytes()))
    return json.dumps(part).encode()


def origin_of(url: str) -> str:
    """Return scheme and host of a URL, as it writes them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class StandIns:
    """The servers of a case, and what was asked of them."""

    case: Case
    answers: list[bytes]
    servers: dict[str, Provider] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def here(self, text: str) -> str:
        """Return a text with the stand-ins' addresses in place of the providers'."""
        for origin, server in self.servers.items():
            text = text.replace(origin, server.url)
        return text

    def there(self, text: str) -> str:
        """Return a text with the providers' addresses in place of the stand-ins'."""
        for origin, server in self.servers.items():
            for form in (str, partial(quote, safe="")):
                text = text.replace(form(server.url), form(origin))
        return text

    def answer(self, origin: str, received: Received) -> Answer:
        """Answer a request as the case's request like it; what it has none for is 404."""
        asked = self._as_case(origin, received)
        known = [comparable(request) for request in self.case.requests]
        like = [n for n, one in enumerate(known) if one["target"] == asked["target"]]
        equal = [n for n in like if _same(known[n], asked)]
        self.asked.append(asked)
        if not like:
            return Answer({"error": "the case has no such request"}, 404)
        return Answer(self.here(self.answers[(equal or like)[0]].decode()).encode())

    def _as_case(self, origin: str, received: Received) -> dict[str, Any]:
        body: Any = None
        if received.body:
            kind = "form" if "form" in received.headers["Content-Type"] else "json"
            text = self.there(received.body.decode())
            body = {kind: json.loads(text) if kind == "json" else _pairs(text)}
        url = self.there(f"{origin}{received.target}")
        headers = {name: self.there(value) for name, value in received.headers.items()}
        return comparable({"method": received.method, "url": url, "headers": headers, "body": body})


def comparable(request: dict[str, Any]) -> dict[str, Any]:
    """Return a case's request in the form in which two are compared."""
    parts = urlsplit(request["url"])
    body = request.get("body")
    if body and "form" in body:
        given = body["form"]
        body = {"form": _pairs(urlencode(given, doseq=True)) if isinstance(given, dict) else given}
    return {
        "target": f"{request['method']} {origin_of(request['url'])}{parts.path}",
        "params": _pairs(parts.query),
        "headers": {n.lower(): str(v) for n, v in (request.get("headers") or {}).items()},
        "body": body,
    }


def differences(expected: list[dict[str, Any]], asked: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return both lists in one order, without the headers that the case does not list."""
    wanted = sorted(map(comparable, expected), key=_order)
    got = sorted(asked, key=_order)
    listed = {name for request in wanted for name in request["headers"]}
    for request in got:
        kept = {n: v for n, v in request["headers"].items() if n in listed or n not in _USUAL}
        request["headers"] = kept
    return got, wanted


def _order(request: dict[str, Any]) -> str:
    return json.dumps([request["target"], request["params"], request["body"]], sort_keys=True)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return _order(one) == _order(other)


def _pairs(text: str) -> list[list[str]]:
    return sorted(list(pair) for pair in parse_qsl(text, keep_blank_values=True))


@contextmanager
def stand_ins(case: Case) -> Iterator[StandIns]:
    """Run a server for each host that the case calls, until the end of the block."""
    running = StandIns(case, case.answers())
    with ExitStack() as stack:
        for origin in {origin_of(request["url"]) for request in case.requests}:
            server = stack.enter_context(running_provider())
            server.otherwise = partial(running.answer, origin)
            running.servers[origin] = server
        yield running
