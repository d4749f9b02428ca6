"""Reading the data folder: typed look-ups whose errors name the file and the key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataError(ValueError):
    """The data folder is not as sandbox/README.md describes it."""


class Section:
    """One mapping of a YAML file, which knows where it stands."""

    def __init__(self, where: str, content: object) -> None:
        if not isinstance(content, Mapping):
            raise DataError(f"{where}: expected a mapping of keys")
        self.where = where
        self._content: dict[str, Any] = {str(key): value for key, value in content.items()}

    def error(self, key: str, problem: str) -> DataError:
        """Return an error that names the file and the key."""
        return DataError(f"{self.where}: {key}: {problem}")

    def only(self, *known: str) -> Section:
        """Refuse keys that nothing reads, since they are usually misspelt."""
        for key in self._content:
            if key not in known:
                raise self.error(key, f"unknown key; known are {', '.join(sorted(known))}")
        return self

    def __contains__(self, key: str) -> bool:
        return self._content.get(key) is not None

    def _typed(self, key: str, kind: type, name: str) -> Any:
        value = self._content.get(key)
        if value is not None and not isinstance(value, kind):
            raise self.error(key, f"must be {name}, not {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default the key must be there."""
        value = self._typed(key, str, "a text (quote it if it looks like a number)")
        if value is None and default is None:
            raise self.error(key, "is missing")
        return str(default if value is None else value)

    def flag(self, key: str) -> bool:
        """Return true or false; false when absent."""
        return bool(self._typed(key, bool, "true or false"))

    def number(self, key: str, default: int) -> int:
        """Return a whole number."""
        value = self._typed(key, int, "a whole number")
        return default if value is None else int(value)

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; empty when absent."""
        values = self._typed(key, list, "a list") or []
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "must be a list of texts")
        return list(values)

    def raw_list(self, key: str) -> list[Any]:
        """Return a list as it stands, for content that is passed on to clients."""
        return list(self._typed(key, list, "a list") or [])

    def time(self, key: str, default: datetime | None = None) -> datetime:
        """Return a time; one without a zone is UTC."""
        value = self._content.get(key)
        if value is None and default is not None:
            return default
        return self._as_time(key, value)

    def _as_time(self, key: str, value: object) -> datetime:
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        raise self.error(key, f"must be a time such as 2026-03-01T09:30:00Z, not {value!r}")

    def times(self, key: str) -> dict[str, datetime]:
        """Return a mapping of names to times."""
        values = self._typed(key, dict, "a mapping of names to times") or {}
        return {str(name): self._as_time(f"{key}.{name}", at) for name, at in values.items()}

    def section(self, key: str) -> Section:
        """Return a mapping inside this one; empty when absent."""
        return Section(f"{self.where}: {key}", self._content.get(key) or {})

    def sections(self, key: str) -> Iterator[Section]:
        """Yield the mappings of a list."""
        for number, item in enumerate(self.raw_list(key), start=1):
            label = item.get("id") or item.get("at") if isinstance(item, dict) else None
            yield Section(f"{self.where}: {key}[{label or number}]", item)

    def named(self, key: str) -> Iterator[tuple[str, Section]]:
        """Yield the mappings of a mapping, by name."""
        for name, item in (self._typed(key, dict, "a mapping") or {}).items():
            yield str(name), Section(f"{self.where}: {key}.{name}", item or {})

    def keys(self) -> Iterable[str]:
        """Return the keys."""
        return self._content.keys()


def read_yaml(path: Path) -> Section:
    """Read one YAML file whose top is a mapping."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}") from error
    return Section(str(path), content)
