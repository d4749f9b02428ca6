"""Print how a connector is registered: `python -m connector_sdk.register gdrive --url https://…`.

The bodies are those of Cohere's `POST /v1/connectors`, ready to send once the words in capitals are
replaced; https://docs.cohere.com/v1/docs/connector-authentication describes the three ways.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from typing import Any
from urllib.parse import urlsplit

from .errors import ConfigurationError
from .oauth import OAuth

_PLATFORM = "https://api.cohere.com"
_CALLBACK = "/v1/connectors/oauth/token"


def main(arguments: list[str] | None = None) -> int:
    """Print the registration; return 2 for a URL that a platform would refuse."""
    parser = argparse.ArgumentParser(prog="register", description=__doc__)
    parser.add_argument("name", help="the connector's folder: gdrive")
    parser.add_argument("--url", required=True, help="where the connector is: https://…/search")
    parser.add_argument("--platform", default=_PLATFORM, help="base URL of the platform or gateway")
    given = parser.parse_args(arguments)
    problem = _problem_of(given.url)
    if problem:
        print(f"URL {problem}", file=sys.stderr)  # noqa: T201
        return 2
    try:
        name, oauth, takes_user_tokens = _describe(given.name)
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    platform = given.platform.rstrip("/")
    print(  # noqa: T201
        registration(name, given.url, platform, oauth, takes_user_tokens=takes_user_tokens)
    )
    return 0


def registration(
    name: str, url: str, platform: str, oauth: OAuth | None, *, takes_user_tokens: bool
) -> str:
    """Return what to send, and what to enter at the provider, for each way to authenticate.

    Args:
        name: the connector's name.
        url: of its search.
        platform: base URL of Cohere's API, or of a gateway.
        oauth: the provider's endpoints; None where it has none.
        takes_user_tokens: whether the connector can search with a user's token.
    """
    common = {"name": name, "url": url}
    service = {
        **common,
        "service_auth": {"type": "bearer", "token": "THE VALUE OF CONNECTOR_API_KEY"},
    }
    parts = [
        "# 1. Service to service: everybody searches with the connector's own credential.\n"
        "#    Make a key, set it as CONNECTOR_API_KEY at the connector, and send it here:\n"
        "#    python3 -c 'import secrets; print(secrets.token_urlsafe(32))'\n"
        + _call(platform, service)
    ]
    if oauth is not None and takes_user_tokens:
        registered = {
            **common,
            "oauth": {
                "client_id": "CLIENT ID",
                "client_secret": "CLIENT SECRET",
                "authorize_url": oauth.authorize_url,
                "token_url": oauth.token_endpoint,
                "scope": oauth.scope,
            },
        }
        parts.append(
            f"# {len(parts) + 1}. OAuth 2.0: each user searches with their own permissions; the\n"
            "#    platform keeps and refreshes the tokens, so the connector runs without a key.\n"
            f"#    Make an OAuth client at {oauth.console or 'the provider'}\n"
            f"#    with this redirect URI: {platform}{_CALLBACK}\n{_call(platform, registered)}"
        )
    if takes_user_tokens:
        parts.append(
            f"# {len(parts) + 1}. Pass-through: your application has the user's token and sends it "
            f"with each call.\n{_call(platform, common)}\n"
            '# and in chat: connectors=[{"id": "…", "user_access_token": "THE USER\'S TOKEN"}]'
        )
    return "\n\n".join(parts)


def _call(platform: str, body: dict[str, Any]) -> str:
    """The same registration over HTTP and with the SDK."""
    arguments = ",\n    ".join(f"{key}={value!r}" for key, value in body.items())
    return (
        f"curl {platform}/v1/connectors \\\n"
        '  -H "Authorization: Bearer $CO_API_KEY" -H "Content-Type: application/json" \\\n'
        f"  -d '{json.dumps(body, indent=2)}'\n\n"
        "import cohere\n"
        f'co = cohere.Client(base_url="{platform}")\n'
        f"co.connectors.create(\n    {arguments},\n)"
    )


def _problem_of(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "must be absolute: https://…/search"
    if not parts.path.endswith("/search"):
        return "must end in /search, which is what the platform calls"
    if parts.query or parts.fragment:
        return "must have no query: the platform sends it as it is"
    return ""


def _describe(name: str) -> tuple[str, OAuth | None, bool]:
    """Return a connector's name, its OAuth endpoints, and whether it takes users' tokens.

    Raises:
        ConfigurationError: there is no such connector, or what it tells of itself is wrong.
    """
    package = f"{name.replace('-', '_')}_connector"
    try:
        module = importlib.import_module(f"{package}.oauth")
    except ModuleNotFoundError:
        raise ConfigurationError(f"there is no connector named {name}") from None
    if hasattr(module, "describe"):
        found: tuple[str, OAuth | None, bool] = module.describe()
        return found
    return name, module.OAUTH, True


if __name__ == "__main__":
    raise SystemExit(main())
