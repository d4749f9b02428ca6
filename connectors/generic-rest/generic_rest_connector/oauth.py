"""The provider's OAuth endpoints: the `oauth:` block of a source file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from connector_sdk import OAuth

from .model import Model
from .template import Template, TemplateField


class OAuthBlock(Model):
    """What a platform needs for sending users through the provider's OAuth."""

    authorization_endpoint: TemplateField
    token_endpoint: TemplateField
    scopes: list[str] = Field(default_factory=list)
    extra_parameters: dict[str, str] = Field(default_factory=dict)
    scope_separator: str = " "
    console: str = ""

    def oauth(self, url: Callable[[Template], str]) -> OAuth:
        """Return the endpoints as the SDK takes them.

        Args:
            url: gives an address with its variables filled in, and checked.
        """
        return OAuth(
            authorization_endpoint=url(self.authorization_endpoint),
            token_endpoint=url(self.token_endpoint),
            scopes=tuple(self.scopes),
            extra_parameters=self.extra_parameters,
            scope_separator=self.scope_separator,
            console=self.console,
        )


def of_the_source(settings: Any) -> OAuth | None:
    """Return the endpoints that the source file states, if it states any."""
    endpoints: OAuth | None = settings.loaded.oauth
    return endpoints


OAUTH = of_the_source
