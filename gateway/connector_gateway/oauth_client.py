"""A provider's token endpoint: Authlib speaks OAuth, the gateway's HTTP client sends."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.client import OAuth2Client

from connector_sdk import ConnectorError, Deadline, DeadlineExceeded, HttpClient, Response

from .errors import BadGateway, GatewayTimeout, RateLimited, Unavailable, of_upstream
from .tokens import ClientRefused, Tokens, read_tokens

_log = logging.getLogger(__name__)
_MAX_BYTES = 256 * 1024
_METHODS = ("client_secret_post", "client_secret_basic")
_TRANSIENT = (Unavailable, RateLimited, GatewayTimeout)
_PAUSE = 0.3  # seconds before a second try


class TokenEndpoint:
    """The token and revocation endpoints of a provider, as one client.

    Args:
        http: sends the requests, each once.
        name: the connector's id, for messages.
        client_id: the client's id.
        client_secret: the client's secret.
        method: `client_secret_post` or `client_secret_basic`; None to find out which is demanded.
    """

    def __init__(
        self, http: HttpClient, name: str, client_id: str, client_secret: str, method: str | None
    ) -> None:
        self._http = http
        self._where = f"connector '{name}': its provider's token endpoint"
        self._client_id = client_id
        self._client_secret = client_secret
        self.method = method

    def redeem(
        self,
        url: str,
        *,
        code: str,
        redirect_uri: str,
        code_verifier: str | None,
        deadline: Deadline,
    ) -> Tokens:
        """Exchange an authorization code (RFC 6749 §4.1.3).

        Raises:
            GrantEnded: the code is not good.
            ApiError: the provider failed, or refuses the client.
        """
        more = {"code_verifier": code_verifier} if code_verifier else {}
        return self._ask(
            deadline,
            lambda client: client.fetch_token(
                url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                **more,
            ),
        )

    def refresh(self, url: str, *, refresh_token: str, deadline: Deadline) -> Tokens:
        """Get the next access token (RFC 6749 §6).

        Raises:
            GrantEnded: the refresh token is not good any more.
            ApiError: the provider failed, or refuses the client.
        """
        return self._ask(
            deadline, lambda client: client.refresh_token(url, refresh_token=refresh_token)
        )

    def revoke(self, url: str, tokens: Tokens, deadline: Deadline) -> None:
        """Have tokens revoked (RFC 7009), or as Slack does it.

        The refresh token's revocation ends its access tokens as well (RFC 7009 §2.1).

        Raises:
            ApiError: the provider could not be asked, or refuses.
        """
        # https://docs.slack.dev/reference/methods/auth.revoke: the token says for itself what ends.
        if urlsplit(url).path.endswith("/auth.revoke"):
            bearer = {"Authorization": f"Bearer {tokens.access_token}"}
            answer = self._wire(deadline).post(url, data={}, headers=bearer)
        else:
            client = self._client(self.method or _METHODS[0], deadline)
            answer = client.revoke_token(url, token=tokens.refresh_token or tokens.access_token)
        if answer.status >= 300 or _says_no(answer):
            raise BadGateway(f"{self._where} did not revoke them, and answered {answer.status}")

    def _client(self, method: str, deadline: Deadline) -> _Client:
        return _Client(
            self._wire(deadline),
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
        )

    def _wire(self, deadline: Deadline) -> _Wire:
        return _Wire(self._http, self._where, deadline)

    def _ask(self, deadline: Deadline, grant: Callable[[_Client], Any]) -> Tokens:
        """Ask; once more after a passing failure.

        Where only the answer was lost, a token or code that is good once was used by the first try;
        the second then hears so, and nothing is lost by it that was not lost before.
        """
        try:
            return self._authenticated(deadline, grant)
        except _TRANSIENT as error:
            pause = _PAUSE if error.retry_after is None else float(error.retry_after)
            if pause > deadline.remaining() / 2:
                raise
            _log.warning("%s; it is tried again", error.message)
        deadline.wait(pause)
        return self._authenticated(deadline, grant)

    def _authenticated(self, deadline: Deadline, grant: Callable[[_Client], Any]) -> Tokens:
        # A provider may know one of the two ways only (RFC 6749 §2.3.1).
        for method in (self.method,) if self.method else _METHODS:
            try:
                tokens = read_tokens(self._where, grant(self._client(method, deadline)))
            except ClientRefused as refused:
                word = refused
            else:
                self.method = method
                return tokens
        raise BadGateway(
            f"{self._where} refuses the OAuth client ({word}): an admin must mend client_id and "
            "client_secret"
        )


def _says_no(answer: Response) -> bool:
    try:
        body = answer.json()
    except ConnectorError:
        return False  # RFC 7009 §2.2: the status says it all
    return isinstance(body, dict) and body.get("ok") is False


class _Client(OAuth2Client):
    """Authlib's client, which hands back the answer: it is read here, whatever its status."""

    def parse_response_token(self, resp: Response) -> Any:
        return resp

    def _refresh_token(self, url: str, **parts: Any) -> Any:
        parts.pop("refresh_token", None)
        return self._http_post(url, **parts)


class _Wire:
    """What Authlib takes for a session: applies the client's authentication, and sends."""

    def __init__(self, http: HttpClient, where: str, deadline: Deadline) -> None:
        self._http = http
        self._where = where
        self._deadline = deadline

    def post(
        self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any = None
    ) -> Response:
        sent, body = {**headers, "Accept": "application/json"}, urlencode(data)
        if auth is not None:
            url, sent, body = auth.prepare("POST", url, sent, body)
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.pop("Content-Length", None)  # of the body before the client was added
        try:
            return self._http.request(
                "POST",
                url,
                deadline=self._deadline,
                headers=sent,
                data=body,
                max_bytes=_MAX_BYTES,
                tries=1,
            )
        except DeadlineExceeded as error:
            seconds = f"{self._deadline.seconds:g} seconds (GATEWAY_TOKEN_TIMEOUT_SECONDS)"
            raise of_upstream(error, f"{self._where} did not answer within {seconds}") from None
        except ConnectorError as error:
            raise of_upstream(error, f"{self._where} failed: {error.detail}") from None
