"""Write the tables of generic-rest's `sources/README.md`: `make catalogue`.

One table lists every source; in each source's section one lists its variables. They are made of
the source files and of the cases that verify them. The words between the tables are written by
hand. With `--check` nothing is written, and a page that is not what it would be is an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from generic_rest_connector.auth import RelayAuth, kinds
from generic_rest_connector.loader import SOURCES, read
from generic_rest_connector.source import Source, Step, Variable, expressions
from generic_rest_connector.yaml_document import YamlDocument
from scripts.processes import ROOT

PAGE = SOURCES / "README.md"
CASES = ROOT / "tests" / "connectors" / "generic_rest" / "catalogue"
_ALL = ("source", "what is searched", "`auth`", "the query as", "requests", "verified")
_VARIABLES = ("variable", "what it says", "default")
_BEGIN, _END = "<!-- make catalogue: begin -->", "<!-- make catalogue: end -->"
_SECTION = re.compile(r"^## (?P<title>.+)\n\n`(?P<name>[a-z0-9-]+)\.yaml`\.", re.MULTILINE)


class Stale(Exception):
    """The page and the sources do not fit together; the message says what to do."""


def page(text: str) -> str:
    """Return the page with its tables as the sources have them now.

    Args:
        text: the page as it is.

    Raises:
        Stale: a source has no section, or a section no source.
    """
    sources = {path.stem: path for path in SOURCES.glob("*.yaml")}
    sections = {found["name"]: found["title"] for found in _SECTION.finditer(text)}
    for name in sorted(sources.keys() ^ sections.keys()):
        what = "has no section" if name in sources else "has a section, and no file"
        raise Stale(f"{name} {what}; a section begins with '## Title' and `{name}.yaml`.")
    if list(sections) != sorted(sections):
        raise Stale(f"The sections of {PAGE.name} are not in the order of their files' names.")
    rows = (_row(sections[name], sources[name]) for name in sorted(sources))
    head, _, rest = text.partition(_BEGIN)
    _, _, rest = rest.partition(_END)
    parts = re.split(r"(?m)^(?=## )", rest)
    body = "".join(map(_with_variables, parts))
    return f"{head}{_BEGIN}\n{_table(_ALL, rows)}\n{_END}{body}".rstrip() + "\n"


_read = cache(read)


def _with_variables(part: str) -> str:
    """Return a section with its table of variables written anew."""
    found = _SECTION.match(part)
    if found is None:
        return part
    words = part.partition(f"\n| {_VARIABLES[0]} |")[0].rstrip()
    variables = _read(SOURCES / f"{found['name']}.yaml").env.values()
    if not variables:
        return f"{words}\n\n"
    return f"{words}\n\n{_table(_VARIABLES, map(_variable, variables))}\n\n"


def _variable(variable: Variable) -> tuple[str, ...]:
    secret = " (secret)" if variable.is_secret else ""
    default = f"`{variable.default}`" if variable.default not in (None, "") else "–"
    needed = "required" if variable.is_required else default
    return f"`{variable.var}`{secret}", variable.description, needed


def _row(title: str, path: Path) -> tuple[str, ...]:
    source = _read(path)
    case: Any = YamlDocument(CASES / path.name).data
    anchor = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
    return (
        f"[{title}](#{anchor})",
        summary(path),
        ", ".join(_kinds(source)),
        ", ".join(dict.fromkeys(way for step in source.search for way in _ways(step))),
        _requests(source),
        case["verified"],
    )


def summary(path: Path) -> str:
    """Return what a source searches, as the comment at the head of its file says."""
    line = path.read_text(encoding="utf-8").splitlines()[1]
    return line.removeprefix("# ").partition(": ")[0].removesuffix(":")


def _kinds(source: Source) -> Iterator[str]:
    for _, kind in kinds(source.auth):
        has_oauth = isinstance(kind, RelayAuth) and source.oauth is not None
        yield kind.type + (" (OAuth)" if has_oauth else "")


def _ways(step: Step) -> Iterator[str]:
    """Yield how the query is written in a step's request."""
    if step.match:
        yield "`match`"
    request = [step.path, step.params, step.json_, step.form, step.graphql]
    found = [read for _, expression in expressions(request) for read in expression.reads]
    functions = sorted({read.function for read in found if read.name == "query"})
    yield from (f"`{name}(query)`" if name else "`query`" for name in functions)


def _requests(source: Source) -> str:
    steps = str(len(source.search) + len(source.before))
    fetches = max(len(step.fetch) for step in source.search)
    per_hit = f" + {fetches} per hit" if fetches else ""
    is_capped = "hits" in source.limits.model_fields_set
    return steps + per_hit + (f", at most {source.limits.hits} hits" if is_capped else "")


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status, 0 when the page is as it should be.

    Args:
        arguments: those of the process when not given.
    """
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    asked = parser.parse_args(arguments)
    text = PAGE.read_text(encoding="utf-8")
    try:
        wanted = page(text)
    except Stale as error:
        print(error, file=sys.stderr)
        return 1
    if asked.check and text != wanted:
        print(f"{PAGE} is not what the sources are: make catalogue", file=sys.stderr)
        return 1
    if not asked.check:
        PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
