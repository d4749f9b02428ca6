"""A real wiki: Debian's MediaWiki on PHP's own web server and SQLite, closed to who has no token.

Whose a bearer token is, is told by a session provider (`mediawiki_tokens.php`), as it is with
MediaWiki's Extension:OAuth, which Debian does not have; who may read is decided by MediaWiki.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scripts.processes import environment, stop, wait_for
from tests.deploy.tools import program

_WIKI = "/usr/share/mediawiki"
_LISTENING = re.compile(r"Development Server \((http://[\d.]+:\d+)\) started")
# What the installer writes, and then ours.
_SETTINGS = """
$wgGroupPermissions['*']['read'] = false;
$wgServer = 'http://' . ( $_SERVER['HTTP_HOST'] ?? '127.0.0.1' );
$wgMainCacheType = $wgParserCacheType = $wgSessionCacheType = CACHE_NONE;
$wgJobRunRate = 0;
require '{tokens}';
"""


@contextmanager
def running_mediawiki(
    folder: Path, pages: Mapping[str, str], tokens: Mapping[str, str]
) -> Iterator[str]:
    """Run MediaWiki on a port that the system chooses, and yield its address until the end.

    Args:
        folder: an empty folder for the database, the settings and the log.
        pages: their texts in wikitext, by title.
        tokens: the user that each bearer token stands for; `Admin` is one.
    """
    php = program("php")
    program(f"{_WIKI}/maintenance/update.php")  # where it is not, the package is not installed
    settings = folder / "LocalSettings.php"
    variables = environment(
        {"MW_CONFIG_FILE": str(settings), "WIKI_TOKENS": json.dumps(dict(tokens))}
    )

    def maintain(script: str, *arguments: str) -> None:
        command = [php, f"{_WIKI}/maintenance/{script}.php", *arguments]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    maintain(
        "install",
        *("--dbtype", "sqlite", "--dbname", "wiki", "--dbpath", str(folder / "data")),
        *("--confpath", str(folder), "--scriptpath", "", "--server", "http://127.0.0.1"),
        *("--pass", "a-Passphrase-of-the-tests", "Handbook", "Admin"),
    )
    ours = _SETTINGS.replace("{tokens}", str(Path(__file__).with_name("mediawiki_tokens.php")))
    settings.write_text(settings.read_text() + ours)
    texts = folder / "pages"
    texts.mkdir()
    for title, text in pages.items():
        (texts / f"{title}.txt").write_text(text)
    maintain("importTextFiles", *map(str, sorted(texts.iterdir())))
    maintain("rebuildtextindex")
    log = folder / "php.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [php, "-S", "127.0.0.1:0", "-t", _WIKI],
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        found = wait_for(lambda: _LISTENING.search(log.read_text()), process, log.read_text)
        yield found[1]
    finally:
        stop(process)
