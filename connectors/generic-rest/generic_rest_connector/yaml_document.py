"""YAML with the line of every key, so that a mistake can be pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from connector_sdk import ConfigurationError

Place = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: `2025-09-03` stays a string, and so does `no`."""


_SURPRISES = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")
_Loader.yaml_implicit_resolvers = {
    first: [resolver for resolver in resolvers if resolver[0] not in _SURPRISES]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("true|True|false|False"), list("tTfF")
)


class YamlDocument:
    """Parsed YAML, and the line of everything in it.

    Args:
        path: of the file.

    Raises:
        ConfigurationError: it cannot be read or is not YAML, or a key stands twice in its block.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            node = loader.get_single_node()
            self._lines = dict(_lines(node, ()))
            self.data = loader.construct_document(node) if node is not None else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigurationError(f"{path}:{line}: not YAML: {error.problem}") from None
        except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
            reason = str(error).splitlines()[0]
            raise ConfigurationError(f"{path} cannot be read: {reason}") from None

    def line(self, place: Place) -> int:
        """Return the line of the deepest part of a place that the file has."""
        return self._lines.get(self._known(place), 1)

    def mistake(self, place: Place, message: str) -> str:
        """Return one line that says where a mistake is, and what it is.

        Args:
            place: the keys down to it, as pydantic has them.
            message: what was expected.
        """
        known = self._known(place)
        shown = known if place[-1:] == known[-1:] else (*known, *place[-1:])
        key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in shown).lstrip(".")
        return f"{self._path}:{self.line(place)}: {key or 'the file'}: {message}"

    def _known(self, place: Place) -> Place:
        """Leave out what pydantic puts between the keys: the kind of a union's member."""
        known: Place = ()
        for part in place:
            if (*known, part) in self._lines:
                known = (*known, part)
        return known


def _lines(node: yaml.Node | None, place: Place) -> Iterator[tuple[Place, int]]:
    seen = set()
    for position, item in enumerate(node.value if isinstance(node, yaml.CollectionNode) else ()):
        key, value = item if isinstance(node, yaml.MappingNode) else (item, item)
        name = key.value if isinstance(node, yaml.MappingNode) else position
        if isinstance(name, list) or name in seen:
            problem = (
                "a key must be a plain word"
                if isinstance(name, list)
                else f"{name}: stands here twice"
            )
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        seen.add(name)
        yield (*place, name), key.start_mark.line + 1
        yield from _lines(value, (*place, name))
