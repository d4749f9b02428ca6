"""Show what a source file asks and finds: `make try-source SOURCE=path.yaml QUERY="…"`.

Every request is shown as it is sent, secrets masked; then the documents. With FIXTURE, saved
answers are mapped and nothing is sent: one file for each request in their order, searches before
what is fetched for their hits. Without, the provider is asked when there are credentials: the
operator's in the variables that the file names, or a user's token in USER_TOKEN.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from dotenv import dotenv_values
from requests.structures import CaseInsensitiveDict

from connector_sdk import (
    ConfigurationError,
    ConnectorError,
    Credential,
    Deadline,
    Document,
    HttpClient,
    Kind,
    Response,
    SearchContext,
)
from connector_sdk.documents import row
from connector_sdk.errors import ProviderUnavailable
from connector_sdk.logs import redact
from generic_rest_connector.loader import Loaded, find, load, read
from generic_rest_connector.search import search
from generic_rest_connector.source import Source

_SECONDS = 20.0


class Inline(Executor):
    """Runs each call when it is submitted, so that requests come in the file's order."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call, and return it as done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is raised again by `result()`
            future.set_exception(error)
        return future


@dataclass
class ShowingClient(HttpClient):
    """Shows each request; then it is sent, or answered from a file.

    Args:
        fixtures: saved answers in the order of the requests; None where the provider is asked.
        secrets: what is masked in what is shown.
    """

    fixtures: Iterator[bytes] | None = None
    secrets: Iterable[str] = ()

    def request(self, method: str, url: str, *, deadline: Deadline, **arguments: Any) -> Response:
        """Show a request and return its answer.

        Raises:
            ConnectorError: as `HttpClient.request` does, or there is no saved answer.
        """
        parts = {name: arguments.get(name) for name in ("headers", "params", "data", "json")}
        prepared = requests.Request(method, url, **parts).prepare()
        print(_masked(_as_text(prepared), self.secrets), end="\n\n")
        if self.fixtures is None:
            return super().request(method, url, deadline=deadline, **arguments)
        content = next(self.fixtures, None)
        if content is None:
            raise ProviderUnavailable("no saved answer was given for this request.")
        return Response(200, CaseInsensitiveDict(), content, urlsplit(prepared.url or "").netloc)


def _as_text(request: requests.PreparedRequest) -> str:
    lines = [f"{request.method} {request.url}"]
    lines += [f"{n}: {v}" for n, v in request.headers.items() if n != "Content-Length"]
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    if body and request.headers.get("Content-Type") == "application/json":
        lines.append(json.dumps(json.loads(body), ensure_ascii=False, indent=2))
    elif isinstance(body, str):
        lines += [f"{name} = {value}" for name, value in parse_qsl(body, keep_blank_values=True)]
    return "\n".join(lines)


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "[redacted]")
    return redact(text)


def stand_ins(source: Source, given: Mapping[str, str | None]) -> dict[str, str]:
    """Return a value for each variable that must be set and is not, to show a request with.

    Args:
        source: the file.
        given: the variables that are set.
    """
    addresses = [t for t in (source.base_url, *source.hosts) if not t.text.startswith("http")]
    whole = {read.key for t in addresses for e in t.expressions for read in e.reads}
    values = {}
    for name, variable in source.env.items():
        if variable.is_required and not given.get(variable.var):
            word = variable.var.lower().replace("_", "-")
            values[variable.var] = {
                "secret": f"[{variable.var}]",
                "str": f"https://{word}.example" if name in whole else word,
            }.get(variable.type, "1")
    return values


def context_of(
    loaded: Loaded, client: HttpClient, user_token: str = "", limit: int = 10, **options: Any
) -> SearchContext[Any, Any]:
    """Return what a search is given: the user's token where there is one, else the operator's.

    Args:
        loaded: the source.
        client: what sends the requests.
        user_token: a user's token, "" for none.
        limit: how many documents are wanted.
        options: those that the caller sends.
    """
    credential = Credential(Kind.NONE)
    if loaded.relays and (user_token or (loaded.needs_credential and not loaded.credentials)):
        credential = Credential(Kind.USER, user_token or "[USER_TOKEN]")
    elif loaded.credentials is not None:
        credential = Credential(Kind.SERVICE, loaded.credentials)
    return SearchContext(
        credential=credential,
        settings=SimpleNamespace(loaded=loaded),
        options=loaded.source.options_model.model_validate(options),
        limit=limit,
        deadline=Deadline(_SECONDS),
        http=client,
        executor=Inline(),
    )


def rows(query: str, context: SearchContext[Any, Any]) -> list[dict[str, str]]:
    """Return the documents of a search as an answer has them.

    Raises:
        ConnectorError: the search failed.
    """
    found: dict[str, Document] = {}
    for document in search(query, context):
        found.setdefault(document.id, document)
        if len(found) >= context.limit:
            break
    return [row(document, str(document.text or "")) for document in found.values()]


def _load(name: str, given: Mapping[str, str | None], token: str) -> tuple[Loaded, list[str]]:
    """Return a source, and the variables that have to be set before it can be asked."""
    source = read(find(name))
    missing = stand_ins(source, given)
    loaded = load(name, given.get("GENERIC_REST_BASE_URL"), {**given, **missing})
    needed = list(missing)
    if loaded.needs_credential and not (loaded.credentials or (loaded.relays and token)):
        optional = [v.var for v in source.env.values() if v.is_secret and not v.is_required]
        needed += ["USER_TOKEN", *optional] if loaded.relays else optional
    return loaded, needed


def _lacking(found: list[dict[str, str]]) -> Iterator[str]:
    """Say what documents lack that a reader expects: JMESPath gives nothing for a wrong path."""
    for name in ("title", "text", "url"):
        without = sum(not one.get(name) for one in found)
        if without:
            which = f"{without} of {len(found)} documents: " if len(found) > 1 else ""
            yield f"{which}nothing is at `document.{name}`"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status, 0 when all went well.

    Args:
        arguments: those of the process when not given.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", help="path of a file, or the name of one that ships")
    parser.add_argument("query", help="what to search for")
    parser.add_argument("--fixture", default="", help="saved answers: a.json,b.json")
    parser.add_argument("--limit", type=int, default=10, help="how many documents are wanted")
    parser.add_argument("--options", default="", help='options that a caller sends: {"a": "b"}')
    asked = parser.parse_args(arguments)
    fixtures = [Path(name) for name in asked.fixture.split(",") if name]
    given: dict[str, str | None] = {**dotenv_values(".env"), **os.environ}
    token = given.get("USER_TOKEN") or ""
    try:
        loaded, needed = _load(asked.source, given, token)
        answers = [path.read_bytes() for path in fixtures]
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    client = ShowingClient(
        [loaded.base_url, *loaded.urls],
        fixtures=iter(answers) if answers or needed else None,
        secrets=[s for s in (*loaded.secrets, token) if s and not s.startswith(("[", "%5B"))],
    )
    try:
        options = json.loads(asked.options or "{}")
        context = context_of(loaded, client, token, asked.limit, **options)
    except (TypeError, ValueError) as error:
        print(f"OPTIONS: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    try:
        answer: dict[str, Any] = {"results": rows(asked.query, context)}
    except ConnectorError as error:
        if needed and not answers:
            print(
                f"Nothing was sent. Set {' or '.join(needed)} to ask the provider, or give saved "
                "answers: FIXTURE=answer.json"
            )
            return 0
        print(f"{error.status.value} {error.detail}", file=sys.stderr)
        return 1
    if context.warnings:
        answer["warnings"] = [f"{w.reason}: {w.detail}" for w in context.warnings]
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    for line in _lacking(answer["results"]):
        print(line, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
