"""`gateway`: the operator's commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from connector_sdk import ConfigurationError
from connector_sdk.documents import rfc3339

from . import rotation, users
from .gateway import Gateway
from .models import AuditEvent, User
from .settings import load_settings
from .vault import new_key


class CommandFailed(Exception):
    """A command cannot do what it was asked; the message says why."""


def main() -> int:
    """Run a command; 0 when it did what it says, 1 when not, 2 when it was called wrongly."""
    parser = _parser()
    given = parser.parse_args()
    command: Callable[[argparse.Namespace], None] = given.command
    try:
        command(given)
    except (CommandFailed, ConfigurationError, users.NoSuchUser) as error:
        print(f"gateway: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gateway", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser(
        "serve", help="serve the API; makes a first admin, and says the key"
    )
    serve.add_argument("--port", default="8080")
    serve.set_defaults(command=_serve)

    user_commands = commands.add_parser("users", help="add, list, disable, new-key").add_subparsers(
        required=True, metavar="COMMAND"
    )
    add = user_commands.add_parser("add", help="add a user and print the API key, this once")
    add.add_argument("name")
    add.add_argument("--role", choices=("admin", "member"), default="member")
    add.set_defaults(command=_add)
    user_commands.add_parser("list", help="list the users").set_defaults(command=_list)
    disable = user_commands.add_parser("disable", help="end a user's keys, sessions and tokens")
    disable.add_argument("name")
    disable.set_defaults(command=_disable)
    key = user_commands.add_parser("new-key", help="print a new API key, this once; ends the old")
    key.add_argument("name")
    key.add_argument("--keep-old", action="store_true", help="let the old keys be good as well")
    key.set_defaults(command=_new_key)

    commands.add_parser(
        "new-encryption-key", help="print a key for GATEWAY_ENCRYPTION_KEYS"
    ).set_defaults(command=lambda _: _say(new_key()))
    commands.add_parser(
        "rotate-keys", help="encrypt every secret with the first of the encryption keys"
    ).set_defaults(command=_rotate)
    audit = commands.add_parser("audit", help="print who did, and was refused, what")
    audit.add_argument("--last", type=int, default=50, metavar="N", help="rows (50)")
    audit.set_defaults(command=_audit)
    return parser


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _gateway() -> Gateway:
    return Gateway.start(load_settings())


def _serve(given: argparse.Namespace) -> None:
    os.environ.setdefault("GATEWAY_PUBLIC_URL", f"http://localhost:{given.port}")
    gateway = _gateway()
    try:
        with gateway.database.write() as session:
            if not session.scalar(select(func.count()).select_from(User)):
                key = users.add(session, "admin", "admin")
                _say(
                    f"The first user is 'admin'. The API key, which is shown this once:\n\n  {key}\n"
                )
    except IntegrityError:
        pass  # another process made it, and has shown the key
    gateway.database.engine.dispose()
    environment = {"HOST": "127.0.0.1", **os.environ, "PORT": given.port}
    command = (sys.executable, "-m", "gunicorn", "-c", "python:connector_sdk.gunicorn_conf")
    os.execve(sys.executable, (*command, "connector_gateway.app:app"), environment)  # noqa: S606


def _add(given: argparse.Namespace) -> None:
    try:
        with _gateway().database.write() as session:
            key = users.add(session, given.name, given.role)
    except IntegrityError:
        raise CommandFailed(f"there is a user '{given.name}' already") from None
    _say(key)


def _list(_: argparse.Namespace) -> None:
    with _gateway().database.read() as session:
        for user in session.scalars(select(User).order_by(User.created_at)):
            state = "disabled" if user.disabled else user.role
            _say(f"{rfc3339(user.created_at)}  {state:<8}  {user.id}  {user.name}")


def _disable(given: argparse.Namespace) -> None:
    with _gateway().database.write() as session:
        users.disable(session, given.name)


def _new_key(given: argparse.Namespace) -> None:
    with _gateway().database.write() as session:
        key = users.new_key(session, given.name, keep_old=given.keep_old)
    _say(key)


def _rotate(_: argparse.Namespace) -> None:
    count = rotation.rotate_keys(_gateway())
    _say(f"{count} secrets are encrypted with the first key; the others can be dropped.")


def _audit(given: argparse.Namespace) -> None:
    with _gateway().database.read() as session:
        newest = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(given.last)
        for event in reversed(session.scalars(newest).all()):
            detail = " ".join(f"{name}={value}" for name, value in event.detail.items())
            _say(
                f"{rfc3339(event.at)}  {event.action:<20} {event.user_id or '-'} "
                f"{event.connector_id or '-'} {detail}".rstrip()
            )
