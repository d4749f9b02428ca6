"""Starts a reader: run by its path, as in `python -I connector_sdk/files/__main__.py`."""

import sys
from pathlib import Path
from types import ModuleType

# The SDK itself, with its web framework, is neither needed nor waited for: its packages stand
# there by name alone.
_FILES = Path(__file__).resolve().parent
for _name, _folder in (("connector_sdk", _FILES.parent), ("connector_sdk.files", _FILES)):
    _package = ModuleType(_name)
    _package.__path__ = [str(_folder)]
    sys.modules[_name] = _package

from connector_sdk.files.worker import serve  # noqa: E402 - the packages come first

if __name__ == "__main__":
    serve()
