"""What a platform needs to know to send users through a provider's OAuth (RFC 6749 §4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode


@dataclass(frozen=True)
class OAuth:
    """A provider's authorization code grant.

    Args:
        authorization_endpoint: where users give their consent.
        token_endpoint: where codes and refresh tokens become access tokens.
        scopes: the least that a search needs.
        extra_parameters: what the authorization endpoint wants beside the standard parameters.
        scope_separator: between scopes; RFC 6749 has a space.
        console: the provider's page on which an OAuth client is made.
    """

    authorization_endpoint: str
    token_endpoint: str
    scopes: tuple[str, ...]
    extra_parameters: Mapping[str, str] = field(default_factory=dict)
    scope_separator: str = " "
    console: str = ""

    @property
    def authorize_url(self) -> str:
        """The authorization endpoint with its extra parameters, as it is registered."""
        if not self.extra_parameters:
            return self.authorization_endpoint
        return f"{self.authorization_endpoint}?{urlencode(self.extra_parameters)}"

    @property
    def scope(self) -> str:
        """All scopes in one string, as it is registered."""
        return self.scope_separator.join(self.scopes)
