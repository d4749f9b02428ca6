"""Who can be who: the tokens that every sandbox starts with, and how they are told."""

from __future__ import annotations

from sandbox.people import SERVICE
from sandbox.tokens import (
    DRIVE,
    DRIVE_FILE,
    DRIVE_METADATA,
    SLACK_CLASSIC,
    SLACK_GRANULAR,
    State,
    Token,
    token_value,
)
from sandbox.world import World

SLACK_BOT = "xoxb-sandbox-bot"
_BOT_SCOPES = ("search:read.public", "search:read.files", "search:read.users", "channels:history")


def issue_all(world: World) -> dict[str, str]:
    """Issue everybody's tokens and the special ones; return the special ones by name."""
    for name, user in world.people.users.items():
        state: State = "deactivated" if user.deactivated else "live"
        _gdrive(world, name, name, DRIVE, state)
        _slack(world, name, name, *SLACK_CLASSIC, state=state)
        _slack(world, f"{name}-granular", name, *SLACK_GRANULAR, state=state)
    who = next(name for name, user in world.people.users.items() if not user.deactivated)
    _slack(world, SERVICE, world.people.slack_service_user, *SLACK_CLASSIC, *SLACK_GRANULAR)
    bot = Token(
        value=SLACK_BOT, provider="slack", user=who, scopes=frozenset(_BOT_SCOPES), bot=True
    )
    special = {
        "gdrive_expired": _gdrive(world, "expired", who, DRIVE, expired=True),
        "gdrive_revoked": _gdrive(world, "revoked", who, DRIVE, "revoked"),
        "gdrive_metadata_only": _gdrive(world, "metadata-only", who, DRIVE_METADATA),
        "gdrive_drive_file": _gdrive(world, "drive-file", who, DRIVE_FILE),
        "gdrive_no_scope": _gdrive(world, "no-scope", who, "openid"),
        "gdrive_service": _gdrive(world, SERVICE, SERVICE, DRIVE),
        "slack_expired": _slack(world, "expired", who, *SLACK_CLASSIC, expired=True),
        "slack_revoked": _slack(world, "revoked", who, *SLACK_CLASSIC, state="revoked"),
        "slack_deactivated": _slack(world, "deactivated", who, *SLACK_CLASSIC, state="deactivated"),
        "slack_no_scope": _slack(world, "no-scope", who, "users:read"),
        "slack_search_only": _slack(world, "search-only", who, "search:read"),
        "slack_public_only": _slack(world, "public-only", who, "search:read.public"),
        "slack_bot": world.tokens.add(bot),
    }
    return {name: token.value for name, token in special.items()}


def _gdrive(
    world: World, name: str, user: str, scope: str, state: State = "live", *, expired: bool = False
) -> Token:
    return world.tokens.add(
        Token(
            value=token_value("gdrive", name),
            provider="gdrive",
            user=user,
            scopes=frozenset({scope}),
            state=state,
            expires_at=0.0 if expired else None,
        )
    )


def _slack(
    world: World, name: str, user: str, *scopes: str, state: State = "live", expired: bool = False
) -> Token:
    return world.tokens.add(
        Token(
            value=token_value("slack", name),
            provider="slack",
            user=user,
            scopes=frozenset(scopes),
            state=state,
            expires_at=0.0 if expired else None,
        )
    )


def describe(world: World, special: dict[str, str]) -> str:
    """Return the text that a starting sandbox prints."""
    url = world.url
    lines = [
        f"The sandbox listens on {url} (loopback only). Set:",
        f"  GDRIVE_API_ENDPOINT={url}/drive/v3/",
        f"  SLACK_BASE_URL={url}/slack/api/",
        "",
        "Who you can be (Drive token, Slack token; the Slack token with -granular at its end",
        "carries the scopes of the Real-time Search API):",
    ]
    for name, user in world.people.users.items():
        note = " (deactivated)" if user.deactivated else " (guest)" if user.guest else ""
        lines.append(
            f"  {name:10} {token_value('gdrive', name):24} {token_value('slack', name)}{note}"
        )
    slack_service = token_value("slack", SERVICE)
    google, slack = (world.people.oauth_clients[name] for name in ("google", "slack"))
    lines += [
        "",
        "Tokens that are special:",
        *(f"  {name:22} {value}" for name, value in special.items()),
        f"  {'slack_service_token':22} {slack_service}",
        f"  {'':22} (which belongs to {world.people.slack_service_user})",
        "",
        f"Service account: {world.people.service_email}",
        "  its key file is service_account_info in the file that --ready-file writes",
        "",
        "OAuth (client id, secret):",
        f"  Google  {google[0]}, {google[1]}",
        f"          {url}/google/o/oauth2/v2/auth, {url}/google/token",
        f"  Slack   {slack[0]}, {slack[1]}",
        f"          {url}/slack/oauth/v2_user/authorize, {url}/slack/api/oauth.v2.user.access",
        "",
        "Faults (sandbox/README.md lists them):",
        f"  curl {url}/sandbox/faults -H 'Content-Type: application/json' \\",
        """    -d '{"path": "/drive/v3/files", "times": 1, "status": 429, "retry_after": "2"}'""",
        f"  curl -X DELETE {url}/sandbox/faults",
    ]
    return "\n".join(lines)
