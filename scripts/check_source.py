"""Validate a source file of generic-rest: `make check-source SOURCE=path.yaml`."""

from __future__ import annotations

import argparse
import sys

from connector_sdk import ConfigurationError
from generic_rest_connector.loader import find, read
from generic_rest_connector.source import Source


def describe(source: Source) -> str:
    """Return what a source file says, for the person who wrote it."""
    lines = [f"{source.name}: {source.base_url.text}, auth {source.auth.type}"]
    for variable in source.env.values():
        need = "required" if variable.is_required else f"default {variable.default}"
        lines.append(f"  variable {variable.var} ({variable.type}, {need})")
    lines += [f"  option {name} ({option.type})" for name, option in source.options.items()]
    lines += [f"  before the search: {name}" for name in source.before]
    for step in source.search:
        path = step.path.text if step.path is not None else ""
        lines.append(f"  {step.verb} {path} -> {step.results.text}")
        lines += [f"    fetch {name} per hit" for name in step.fetch]
        lines.append(f"    documents with {', '.join(step.document)}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status, 0 when the file is right.

    Args:
        arguments: those of the process when not given.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="path of a file, or the name of one that ships")
    try:
        print(describe(read(find(parser.parse_args(arguments).source))))
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
