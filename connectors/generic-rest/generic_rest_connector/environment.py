"""The variables that a source file names, read from the environment or `.env`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, create_model, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from connector_sdk import ConfigurationError

from .model import Model

_TYPES: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool, "secret": str}


class Variable(Model):
    """One entry of `env:`: an environment variable, and what it holds.

    Without `default` it must be set; `default: null` makes it optional.
    """

    var: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    type: Literal["str", "int", "float", "bool", "secret"] = "str"
    default: str | int | float | bool | None = None
    description: str = ""

    @model_validator(mode="after")
    def _no_secret_in_the_file(self) -> Self:
        if self.is_secret and self.default is not None:
            raise ValueError("a secret has no default but null: its value belongs in no file")
        if self.var.startswith("GENERIC_REST_"):
            raise ValueError("GENERIC_REST_ is the prefix of the connector's own variables")
        return self

    @property
    def is_secret(self) -> bool:
        """Whether it may stand in `auth:` only."""
        return self.type == "secret"

    @property
    def is_required(self) -> bool:
        """Whether the connector does not start without it."""
        return "default" not in self.model_fields_set


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )


def read_environment(variables: Mapping[str, Variable]) -> dict[str, Any]:
    """Return the value of each variable by its name in the source file.

    Raises:
        ConfigurationError: one is missing or not of its type; the message names it.
    """
    fields: dict[str, Any] = {
        f"env_{name}": (
            _TYPES[variable.type] if variable.is_required else _TYPES[variable.type] | None,
            Field(
                default=... if variable.is_required else variable.default,
                validation_alias=variable.var,
            ),
        )
        for name, variable in variables.items()
    }
    try:
        found = create_model("Environment", __base__=_Environment, **fields)()
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        raise ConfigurationError(
            "; ".join(_explain(variables, problem) for problem in problems)
        ) from None
    return {name: getattr(found, f"env_{name}") for name in variables}


def _explain(variables: Mapping[str, Variable], problem: Any) -> str:
    name = str(problem["loc"][0])
    if problem["type"] != "missing":
        return f"{name}: {problem['msg']}"
    texts = [v.description for v in variables.values() if v.var == name and v.description]
    return f"{name} is missing" + (f": {texts[0]}" if texts else "")
