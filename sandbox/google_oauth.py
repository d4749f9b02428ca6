"""Google's OAuth: consent, code, refresh, service accounts and revocation."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from sandbox import consent
from sandbox.answers import json_answer
from sandbox.grants import Grant, GrantError
from sandbox.people import SERVICE
from sandbox.service_account import AssertionRefused, verify
from sandbox.world import World

LIFETIME = 3599
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ENDPOINT = "google"


class OAuthError(Exception):
    """An answer of the token endpoint that is an error."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.body = {"error": error, "error_description": description}
        self.status = status


class GoogleOAuth:
    """The routes below /google/."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Add the routes to the app."""
        authorize = "/google/o/oauth2/v2/auth"
        app.add_url_rule(authorize, "google_authorize", self.authorize, methods=["GET", "POST"])
        app.add_url_rule("/google/token", "google_token", self.token, methods=["POST"])
        app.add_url_rule("/google/revoke", "google_revoke", self.revoke, methods=["POST"])

    def authorize(self) -> Response:
        """Show the consent page, and take the answer."""
        sent = request.args
        redirect_uri = sent.get("redirect_uri", "")
        scopes = tuple(sent.get("scope", "").split())
        if sent.get("client_id") != self._world.people.oauth_clients["google"][0]:
            return consent.problem("invalid_client: the OAuth client was not found.")
        if consent.bad_redirect(redirect_uri):
            return consent.problem("redirect_uri_mismatch: https, or loopback.")
        if sent.get("response_type") != "code" or not scopes:
            return consent.problem("invalid_request: response_type=code and scope are required.")
        users = [user for user in self._world.people.users.values() if not user.deactivated]
        if request.method == "GET":
            return consent.page("Sign in with Google (sandbox)", users, scopes)
        user = request.form.get("user", "")
        if request.form.get("decision") != "allow":
            return consent.back(redirect_uri, error="access_denied")
        if user not in {known.key for known in users}:
            return consent.problem("nobody is called so")
        first = self._world.grants.first_consent(sent["client_id"], user)
        again = "consent" in sent.get("prompt", "").split()
        code = self._world.grants.code(
            Grant(
                endpoint=_ENDPOINT,
                client_id=sent["client_id"],
                user=user,
                scopes=scopes,
                redirect_uri=redirect_uri,
                challenge=sent.get("code_challenge", ""),
                challenge_method=sent.get("code_challenge_method", "plain"),
                offline=sent.get("access_type") == "offline" and (first or again),
            )
        )
        return consent.back(redirect_uri, code=code, scope=" ".join(scopes))

    def token(self) -> Response:
        """Give out tokens."""
        kinds = {
            "authorization_code": self._code,
            "refresh_token": self._refresh,
            JWT_BEARER: self._assertion,
        }
        kind = kinds.get(request.form.get("grant_type", ""), self._unknown)
        try:
            body = kind()
        except OAuthError as error:
            return json_answer(error.body, error.status)
        except GrantError as error:
            return json_answer({"error": "invalid_grant", "error_description": str(error)}, 400)
        return json_answer(body)

    @staticmethod
    def _unknown() -> dict[str, Any]:
        raise OAuthError("unsupported_grant_type", "Invalid grant_type")

    def _client(self) -> str:
        sent = consent.client_of(request)
        if sent != self._world.people.oauth_clients["google"]:
            raise OAuthError("invalid_client", "Unauthorized", 401)
        return sent[0]

    def _code(self) -> dict[str, Any]:
        client_id = self._client()
        grant = self._world.grants.redeem(
            request.form.get("code", ""),
            client_id=client_id,
            redirect_uri=request.form.get("redirect_uri", ""),
            verifier=request.form.get("code_verifier", ""),
        )
        if grant.endpoint != _ENDPOINT:
            raise GrantError("Malformed auth code.")
        body = self._access(grant.user, grant.scopes)
        if grant.offline:
            body["refresh_token"] = self._world.grants.refresh_token(grant, "1//sandbox-")
        return body

    def _refresh(self) -> dict[str, Any]:
        client_id = self._client()
        grants, once = self._world.grants, self._world.rotation
        grant = grants.refreshed(request.form.get("refresh_token", ""), client_id, once=once)
        body = self._access(grant.user, grant.scopes)
        if once:
            body["refresh_token"] = grants.refresh_token(grant, "1//sandbox-")
        return body

    def _assertion(self) -> dict[str, Any]:
        try:
            claims = verify(
                request.form.get("assertion", ""), self._world.people.service_email, self._token_uri
            )
        except AssertionRefused as refused:
            raise OAuthError("invalid_grant", str(refused)) from refused
        subject = str(claims.get("sub", ""))
        user: str | None = SERVICE
        if subject and subject != self._world.people.service_email:
            known = self._world.people.by_email.get(subject.casefold())
            user = known if self._world.people.delegation else None
        if user is None:
            raise OAuthError(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not"
                " authorized for any of the scopes requested.",
                401,
            )
        scopes = tuple(str(claims.get("scope", "")).split())
        if not scopes:
            raise OAuthError("invalid_scope", "Empty or missing scope not allowed.")
        body = self._access(user, scopes)
        del body["scope"]
        return body

    @property
    def _token_uri(self) -> str:
        return f"{self._world.url}/google/token"

    def _access(self, user: str, scopes: tuple[str, ...]) -> dict[str, Any]:
        token = self._world.tokens.issue("gdrive", user, scopes, expires_in=LIFETIME)
        return {
            "access_token": token.value,
            "expires_in": LIFETIME,
            "scope": " ".join(scopes),
            "token_type": "Bearer",
        }

    def revoke(self) -> Response:
        """End a token."""
        value = request.values.get("token", "")
        if self._world.grants.revoke(value) or self._world.tokens.revoke(value):
            return json_answer({})
        body = {"error": "invalid_token", "error_description": "Token expired or revoked"}
        return json_answer(body, 400)
