"""Slack's OAuth: the user-only pair of addresses, and the classic pair."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.wrappers import Response

from sandbox import consent
from sandbox.answers import json_answer
from sandbox.grants import Grant, GrantError
from sandbox.tokens import Token
from sandbox.world import World

ROTATING_LIFETIME = 43200
USER, CLASSIC = "v2_user", "v2"
_APP_ID = "A0SANDBOX"


class SlackOAuth:
    """The authorize pages, and the two methods that give out tokens."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, app: Flask) -> None:
        """Add the routes to the app."""
        for endpoint, method, answer in (
            (USER, "oauth.v2.user.access", self._user_answer),
            (CLASSIC, "oauth.v2.access", self._classic_answer),
        ):
            app.add_url_rule(
                f"/slack/oauth/{endpoint}/authorize",
                f"slack_authorize_{endpoint}",
                lambda endpoint=endpoint: self.authorize(endpoint),
                methods=["GET", "POST"],
            )
            app.add_url_rule(
                f"/slack/api/{method}",
                f"slack_access_{endpoint}",
                lambda endpoint=endpoint, answer=answer: self.access(endpoint, answer),
                methods=["GET", "POST"],
            )

    def authorize(self, endpoint: str) -> Response:
        """Show the consent page, and take the answer."""
        sent = request.args
        redirect_uri = sent.get("redirect_uri", "")
        scopes, bot_scopes = _scopes(sent.get("scope", "")), _scopes("")
        if endpoint == CLASSIC:
            scopes, bot_scopes = _scopes(sent.get("user_scope", "")), scopes
        if sent.get("client_id") != self._world.people.oauth_clients["slack"][0]:
            return consent.problem("invalid_client_id")
        if consent.bad_redirect(redirect_uri):
            return consent.problem("bad_redirect_uri: https, or loopback.")
        if not scopes and not bot_scopes:
            return consent.problem("no_scopes")
        users = [user for user in self._world.people.users.values() if not user.deactivated]
        if request.method == "GET":
            return consent.page("Sign in to Slack (sandbox)", users, (*scopes, *bot_scopes))
        user = request.form.get("user", "")
        if request.form.get("decision") != "allow":
            return consent.back(redirect_uri, error="access_denied")
        if user not in {known.key for known in users}:
            return consent.problem("nobody is called so")
        code = self._world.grants.code(
            Grant(
                endpoint=endpoint,
                client_id=sent["client_id"],
                user=user,
                scopes=scopes,
                bot_scopes=bot_scopes,
                redirect_uri=redirect_uri,
                challenge=sent.get("code_challenge", ""),
                challenge_method=sent.get("code_challenge_method", "plain"),
            )
        )
        return consent.back(redirect_uri, code=code)

    def access(self, endpoint: str, answer: Any) -> Response:
        """Give out tokens; errors come with status 200."""
        if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
            return json_answer({"ok": False, "error": "invalid_arguments"})
        client_id, secret = self._world.people.oauth_clients["slack"]
        sent_id, sent_secret = consent.client_of(request)
        if sent_id != client_id:
            return json_answer({"ok": False, "error": "invalid_client_id"})
        if sent_secret != secret:
            return json_answer({"ok": False, "error": "bad_client_secret"})
        try:
            body = self._granted(endpoint, client_id, answer)
        except GrantError as error:
            return json_answer({"ok": False, "error": str(error)})
        return json_answer(body)

    def _granted(self, endpoint: str, client_id: str, answer: Any) -> dict[str, Any]:
        kind = request.form.get("grant_type", "authorization_code")
        if kind == "refresh_token":
            token = request.form.get("refresh_token", "")
            grant = self._world.grants.refreshed(token, client_id, once=True)
            return self._user_answer(grant)
        if kind != "authorization_code":
            raise GrantError("invalid_grant_type")
        grant = self._world.grants.redeem(
            request.form.get("code", ""),
            client_id=client_id,
            redirect_uri=request.form.get("redirect_uri", ""),
            verifier=request.form.get("code_verifier", ""),
        )
        if grant.endpoint != endpoint:
            raise GrantError("oauth_authorization_url_mismatch")
        body: dict[str, Any] = answer(grant)
        return body

    def _user_answer(self, grant: Grant) -> dict[str, Any]:
        user = self._world.people.users[grant.user]
        return {
            **self._common(),
            "user_id": user.slack_id,
            "scope": ",".join(grant.scopes),
            **self._token(grant),
        }

    def _classic_answer(self, grant: Grant) -> dict[str, Any]:
        """Return the bot's token at the top, if one was asked for, and the user's inside."""
        body = self._common()
        person: dict[str, Any] = {"id": self._world.people.users[grant.user].slack_id}
        if grant.scopes:
            person |= {"scope": ",".join(grant.scopes), **self._token(grant)}
        if grant.bot_scopes:
            token = self._world.tokens.issue(
                "slack", grant.user, grant.bot_scopes, prefix="xoxb-sandbox-", bot=True
            )
            body |= {
                "access_token": token.value,
                "token_type": "bot",
                "scope": ",".join(grant.bot_scopes),
                "bot_user_id": "U0SANDBOXBOT",
            }
        return body | {"authed_user": person}

    def _common(self) -> dict[str, Any]:
        workspace = self._world.people.workspace
        return {
            "ok": True,
            "app_id": _APP_ID,
            "team": {"id": workspace.id, "name": workspace.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _token(self, grant: Grant) -> dict[str, Any]:
        tokens = self._world.tokens
        if not self._world.rotation:
            token: Token = tokens.issue("slack", grant.user, grant.scopes)
            return {"access_token": token.value, "token_type": "user"}
        token = tokens.issue(
            "slack",
            grant.user,
            grant.scopes,
            expires_in=ROTATING_LIFETIME,
            prefix="xoxe.xoxp-sandbox-",
        )
        return {
            "access_token": token.value,
            "token_type": "user",
            "expires_in": ROTATING_LIFETIME,
            "refresh_token": self._world.grants.refresh_token(grant, "xoxe-1-sandbox-"),
        }


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
