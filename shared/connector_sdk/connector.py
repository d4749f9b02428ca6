"""A search function with all that serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g

from . import logs
from .auth import Authenticator, Credential
from .context import FetchFunction, SearchContext, SearchFunction
from .deadline import Deadline
from .errors import Forbidden, ServiceCredentialRefused, Unauthorized, Unsupported
from .execution import Execution, Pools
from .http import HttpClient
from .oauth import OAuth
from .openapi import openapi
from .options import SearchOptions, parse_body
from .settings import ConnectorSettings
from .transport import build_session
from .whole import Wanted, fetch_row


@dataclass
class Connector:
    """One connector, built once for a process.

    Args:
        name: as its folder has it.
        search: its work.
        settings: what it was told.
        oauth: its provider's endpoints, if there are any.
        fetch: how it gets one document by its id, if it can.
    """

    name: str
    search: SearchFunction
    settings: ConnectorSettings
    oauth: OAuth | None
    fetch: FetchFunction | None = None

    def prepare(self) -> None:
        """Build what the first request would otherwise wait for.

        Raises:
            ConfigurationError: the settings do not fit together.
        """
        logs.protect(*self.settings.secrets)
        session = build_session(self.settings.allowed_address)
        self.http = HttpClient(self.settings.provider_urls, session=session)
        self.authenticator = Authenticator(
            keys=self.settings.keys,
            service_credential=self.settings.service_credential,
            accepts_user_token=self.settings.accepts_user_token,
            needs_credential=self.settings.needs_credential,
        )

    @cached_property
    def pools(self) -> Pools:
        """The threads; made by the first request, as threads do not survive a fork."""
        return Pools()

    @cached_property
    def openapi(self) -> dict[str, Any]:
        """The description of the API."""
        return openapi(
            self.name,
            self.settings.options_model,
            self.oauth,
            fetches=self.fetch is not None,
        )

    def search_rows(self, environ: dict[str, Any], read_body: Callable[[], bytes]) -> None:
        """Authenticate, read the body and search; `g.context` and `g.rows` are the answer."""
        deadline = Deadline(self.settings.search_timeout_seconds)
        credential = self._authenticate(environ)
        query, options = parse_body(read_body(), self.settings.options_model)
        context = self._context(credential, options, deadline)
        with _as_service(credential):
            g.rows = Execution(self.search, query, context, self.pools).rows()

    def fetch_row(self, environ: dict[str, Any], read_wanted: Callable[[], Wanted]) -> None:
        """Authenticate, and get one document; `g.context` and `g.rows` are the answer.

        Raises:
            Unsupported: the connector cannot.
        """
        deadline = Deadline(self.settings.search_timeout_seconds)
        credential = self._authenticate(environ)
        wanted = read_wanted()
        if self.fetch is None:
            raise Unsupported(
                f"{self.name} finds documents by a query only, and cannot get one by its id. A "
                "search's results have the texts; whole ones where the operator sets "
                "PASSAGE_WORDS=0."
            )
        context = self._context(credential, self.settings.options_model.model_construct(), deadline)
        with _as_service(credential):
            g.rows = [fetch_row(self.fetch, wanted, context, self.pools)]

    def _authenticate(self, environ: dict[str, Any]) -> Credential:
        credential = self.authenticator.authenticate(environ)
        g.credential = credential.kind.value
        return credential

    def _context(
        self, credential: Credential, options: SearchOptions, deadline: Deadline
    ) -> SearchContext[Any, Any]:
        g.context = SearchContext(
            credential=credential,
            settings=self.settings,
            options=options,
            limit=options.limit or self.settings.search_limit,
            deadline=deadline,
            http=self.http,
            executor=self.pools.calls,
        )
        context: SearchContext[Any, Any] = g.context
        return context


@contextmanager
def _as_service(credential: Credential) -> Iterator[None]:
    """Tell the operator, not the caller, where it is the service credential that is refused."""
    try:
        yield
    except (Unauthorized, Forbidden) as error:
        if not credential.is_service:
            raise
        raise ServiceCredentialRefused(
            "The provider refuses the service credential of this connector, which its operator "
            f"must mend: {error.detail}"
        ) from error
