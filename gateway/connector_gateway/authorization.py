"""The authorization of a connector: the three operations that tool builders know, on Authlib."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlalchemy import update

from connector_sdk import Deadline

from . import consents, refresh
from .database import Database
from .errors import BadRequest
from .gateway import Gateway
from .models import Authorization, Connection, Connector
from .oauth_client import TokenEndpoint
from .secrets import digest, new_token
from .tokens import GrantEnded, Tokens


class ConnectorAuth:
    """The authorization code grant of one registered connector (RFC 6749 §4.1, RFC 7636).

    Args:
        gateway: the gateway.
        connector: registered with OAuth.
    """

    def __init__(self, gateway: Gateway, connector: Connector) -> None:
        self._gateway = gateway
        self._connector = connector
        self.endpoint = TokenEndpoint(
            gateway.http,
            connector.id,
            self._secret("sealed_client_id"),
            self._secret("sealed_client_secret"),
            connector.token_auth_method,
        )

    def get_auth_url(
        self,
        user_id: str,
        *,
        browser: str | None = None,
        after_token_redirect: str | None = None,
    ) -> str:
        """Note a consent that begins, and return the provider's URL for it.

        Args:
            user_id: whose connection it will be.
            browser: the secret of the cookie that the callback must bring; None for any browser.
            after_token_redirect: where the browser goes in the end.
        """
        connector, vault = self._connector, self._gateway.vault
        state, verifier = new_token(), new_token() if connector.pkce else None
        redirect_uri = self._gateway.settings.redirect_uri(connector.id)
        row = Authorization(
            digest=digest(state),
            stage="state",
            user_id=user_id,
            connector_id=connector.id,
            connector_version=connector.version,
            browser=None if browser is None else digest(browser),
            redirect_uri=redirect_uri,
            after_token_redirect=after_token_redirect,
        )
        if verifier is not None:
            row.sealed_code_verifier = vault.seal(verifier, "sealed_code_verifier", row.digest)
        with self._gateway.database.write() as session:
            consents.add(session, row)
        parameters = {
            "client_id": self._secret("sealed_client_id"),
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
        }
        if connector.scope:
            parameters["scope"] = connector.scope
        if verifier is not None:
            parameters["code_challenge"] = create_s256_code_challenge(verifier)
            parameters["code_challenge_method"] = "S256"
        return _with_parameters(connector.authorize_url or "", parameters)

    def retrieve_auth_token(
        self, request: Mapping[str, str], session: Authorization, user_id: str
    ) -> Tokens:
        """Redeem the code that the callback brought.

        Args:
            request: the callback's query: `code`.
            session: the consent under way, which was consumed by its state.
            user_id: whose it must be.

        Raises:
            BadRequest: the provider says that the code is not good, or there is none.
            ApiError: the provider failed, or refuses the client.
        """
        code = request.get("code", "")
        if not code or session.user_id != user_id:
            raise BadRequest("the provider sent no code: connect the account again")
        sealed = session.sealed_code_verifier
        verifier = sealed and self._gateway.vault.open(
            sealed, "sealed_code_verifier", session.digest
        )
        try:
            tokens = self.endpoint.redeem(
                self._connector.token_url or "",
                code=code,
                redirect_uri=session.redirect_uri,
                code_verifier=verifier,
                deadline=Deadline(self._gateway.settings.token_timeout_seconds),
            )
        except GrantEnded:
            raise BadRequest(
                "the provider says that the code is used or too old: connect the account again"
            ) from None
        self.remember_method()
        return tokens

    def try_refresh_token(self, session: Database, user_id: str, tool_auth: Connection) -> bool:
        """Refresh the tokens of a user, unless somebody else is at it.

        Args:
            session: the database, which gives short sessions: none is open while the provider is
                asked.
            user_id: whose they are.
            tool_auth: the row as it was read.

        Returns:
            Whether the row has changed since it was read: fresh tokens, or none any more.

        Raises:
            ApiError: the provider failed, or refuses the client; the row is as it was.
        """
        return refresh.refresh(self._gateway, session, self._connector, self, user_id, tool_auth)

    def remember_method(self) -> None:
        """Keep how the provider wants its client to authenticate, once that is known."""
        connector, method = self._connector, self.endpoint.method
        if connector.token_auth_method == method:
            return
        with self._gateway.database.write() as session:
            session.execute(
                update(Connector)
                .where(Connector.id == connector.id, Connector.version == connector.version)
                .values(token_auth_method=method)
            )

    def _secret(self, column: str) -> str:
        sealed = getattr(self._connector, column) or ""
        return self._gateway.vault.open(sealed, column, self._connector.id)


def _with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """Add parameters to a URL; its own stay, but for those that are ours to say."""
    parts = urlsplit(url)
    own = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in own if name not in parameters]
    # A space as %20, which everybody reads, and not as the + of forms.
    query = urlencode([*kept, *parameters.items()], quote_via=quote)
    return parts._replace(query=query).geturl()
