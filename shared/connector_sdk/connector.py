"""A search function with all that serves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g

from . import logs
from .auth import Authenticator
from .context import SearchContext, SearchFunction
from .deadline import Deadline
from .errors import Forbidden, ServiceCredentialRefused, Unauthorized
from .execution import Execution, Pools
from .http import HttpClient
from .oauth import OAuth
from .openapi import openapi
from .options import parse_body
from .settings import ConnectorSettings
from .transport import build_session


@dataclass
class Connector:
    """One connector, built once for a process.

    Args:
        name: as its folder has it.
        search: its work.
        settings: what it was told.
        oauth: its provider's endpoints, if there are any.
    """

    name: str
    search: SearchFunction
    settings: ConnectorSettings
    oauth: OAuth | None

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
        return openapi(self.name, self.settings.options_model, self.oauth)

    def run(
        self, environ: dict[str, Any], read_body: Callable[[], bytes]
    ) -> SearchContext[Any, Any]:
        """Authenticate, read and search; the answer's rows are left in `g.rows`."""
        deadline = Deadline(self.settings.search_timeout_seconds)
        credential = self.authenticator.authenticate(environ)
        g.credential = credential.kind.value
        query, options = parse_body(read_body(), self.settings.options_model)
        context: SearchContext[Any, Any] = SearchContext(
            credential=credential,
            settings=self.settings,
            options=options,
            limit=options.limit or self.settings.search_limit,
            deadline=deadline,
            http=self.http,
            executor=self.pools.calls,
        )
        g.context = context
        try:
            g.rows = Execution(self.search, query, context, self.pools).rows()
        except (Unauthorized, Forbidden) as error:
            if not credential.is_service:
                raise
            raise ServiceCredentialRefused(
                "The provider refuses the service credential of this connector, which its operator "
                f"must mend: {error.detail}"
            ) from error
        return context
