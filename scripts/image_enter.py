"""Start a program in the tree of an image, as a container that may write nothing would.

    unshare --mount --pid --fork python -m scripts.image_enter TREE UID:GID FOLDER PROGRAM …

Nothing is left of the mounts when the mount namespace ends with the program.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_DEVICES = ("null", "zero", "random", "urandom")


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


def _mount_all(tree: Path) -> None:
    """Make the tree read-only, but for /tmp and /dev/shm."""
    _mount("--bind", tree, tree)
    _mount("-t", "proc", "proc", tree / "proc")
    _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", tree / "tmp")
    devices = tree / "dev"
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", devices)
    for device in _DEVICES:
        (devices / device).touch()
        _mount("--bind", Path("/dev", device), devices / device)
    (devices / "shm").mkdir()
    _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", devices / "shm")
    _mount("-o", "remount,bind,ro", devices)
    _mount("-o", "remount,bind,ro", tree)


def main() -> None:
    """Mount, change the root and the user, and become the program."""
    tree, user, folder, *program = sys.argv[1:]
    uid, gid = (int(number) for number in user.split(":"))
    _mount_all(Path(tree))
    os.chroot(tree)
    os.chdir(folder)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    os.execve(program[0], program, os.environ)  # noqa: S606


if __name__ == "__main__":
    main()
