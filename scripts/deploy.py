"""Deploy one connector to Cloud Run: `python -m scripts.deploy gdrive --project … --region …`.

It needs gcloud and a tool that builds images, and nothing but the standard library; with --dry-run
not even those, and prints a shell script that does the same.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scripts.deploy_service import REPOSITORY, DeployError, Deployment
from scripts.image import ImageError, build, build_command, find_tool, folder_of

_PLATFORM = "linux/amd64"  # what Cloud Run runs


@dataclass(frozen=True)
class Step:
    """A command, and what it is for.

    Args:
        purpose: in a few words.
        command: the command.
        unless: a command that succeeds where this one is not needed.
        given: a command whose output it reads.
    """

    purpose: str
    command: Sequence[str]
    unless: Sequence[str] = ()
    given: Sequence[str] = ()

    def __str__(self) -> str:
        line = shlex.join(self.command)
        if self.given:
            line = f"{shlex.join(self.given)} |\n  {line}"
        if self.unless:
            line = f"{shlex.join(self.unless)} > /dev/null 2>&1 ||\n  {line}"
        return f"\n# {self.purpose}\n{line}"

    def run(self) -> None:
        """Run it.

        Raises:
            DeployError: it failed; it has said why.
        """
        print(self, flush=True)
        if (
            self.unless
            and not subprocess.run(self.unless, capture_output=True, check=False).returncode
        ):
            return
        read = None
        if self.given:
            read = subprocess.run(self.given, stdout=subprocess.PIPE, check=False).stdout
        if subprocess.run(self.command, input=read, check=False).returncode:
            raise DeployError("That failed; what came before it is done, and is not done again.")


def steps_before(to: Deployment) -> Iterator[Step]:
    """What there must be before an image can be pushed."""
    apis = ("run", "artifactregistry", "secretmanager", "iam")
    yield Step(
        "The APIs that this uses.",
        to.gcloud("services", "enable", *(f"{api}.googleapis.com" for api in apis)),
    )
    where = ("--location", to.region)
    repositories = ("artifacts", "repositories")
    yield Step(
        "A repository for images, where there is none yet.",
        to.gcloud(*repositories, "create", REPOSITORY, *where, "--repository-format=docker"),
        unless=to.gcloud(*repositories, "describe", REPOSITORY, *where),
    )
    accounts = ("iam", "service-accounts")
    yield Step(
        "Whom the connector runs as: an account that may do nothing but read its own secrets.",
        to.gcloud(*accounts, "create", to.service),
        unless=to.gcloud(*accounts, "describe", to.account),
    )
    for secret in dict.fromkeys(value.partition(":")[0] for value in to.secrets.values()):
        yield Step(
            f"It may read {secret}.",
            to.gcloud(
                *("secrets", "add-iam-policy-binding", secret),
                f"--member=serviceAccount:{to.account}",
                "--role=roles/secretmanager.secretAccessor",
            ),
        )


def steps_after(to: Deployment, tool: str) -> Iterator[Step]:
    """What happens once there is an image."""
    yield Step(
        "Let the image in.",
        [tool, "login", "--username=oauth2accesstoken", "--password-stdin", to.registry],
        given=["gcloud", "auth", "print-access-token"],
    )
    yield Step("Push it.", [tool, "push", to.image])
    yield Step("Deploy it.", to.deploy_command())


def trial(to: Deployment) -> str:
    """Return how to try and to register the connector, as shell commands that read $URL."""
    lines, headers = [], []
    if not to.public:
        lines.append("# Google's token is for Cloud Run, and Authorization stays the caller's.")
        headers.append('"X-Serverless-Authorization: Bearer $(gcloud auth print-identity-token)"')
    if to.key:
        secret, _, version = to.key.partition(":")
        access = to.gcloud("secrets", "versions", "access", version or "latest", "--secret", secret)
        lines.append(f"KEY=$({shlex.join(access)})")
        headers.append('"Authorization: Bearer $KEY"')
    if to.name == "generic-rest":
        lines.append("# Where the source relays the caller's token, that goes along as well.")
    elif not to.has_service_credential:
        lines.append(": ${TOKEN:?the token of a user, to search as that user}")
        header = "X-User-Access-Token:" if to.key else "Authorization: Bearer"
        headers.append(f'"{header} $TOKEN"')
    headers.append("'Content-Type: application/json'")
    lines += [
        'curl "$URL/search" -d \'{"query": "travel policy"}\' \\',
        " \\\n".join(f"  -H {header}" for header in headers),
        "",
        "# Register it" + ("." if to.public else ", with a platform that IAM lets in."),
        f'make register-{to.name} URL="$URL/search"',
    ]
    return "\n".join(lines)


def dry_run(to: Deployment) -> None:
    """Print every command."""
    try:
        tool = find_tool()
    except ImageError:
        tool = "docker"
    print(f"# Deploys {to.service} to Cloud Run; run in the repository's root.")
    print(f"# To {to.region} of {to.project}: PROJECT=… and REGION=… say otherwise.\nset -e")
    command = build_command(tool, to.name, to.image, os.environ, _PLATFORM)
    steps = [*steps_before(to), Step("Build the image.", command), *steps_after(to, tool)]
    print(*steps, sep="\n")
    print(f"\n# Where it is, and how to try it.\nURL=$({shlex.join(to.url_command())})")
    print(f'echo "$URL"\n{trial(to)}')


def deploy(to: Deployment) -> None:
    """Deploy a connector, and say where it is and how to call it.

    Raises:
        DeployError: a command failed.
        ImageError: the image cannot be built.
    """
    if not shutil.which("gcloud"):
        raise DeployError("gcloud is not here: https://cloud.google.com/sdk/docs/install")
    tool = find_tool()
    for step in steps_before(to):
        step.run()
    build(tool, to.name, to.image, _PLATFORM)
    for step in steps_after(to, tool):
        step.run()
    url = subprocess.run(to.url_command(), capture_output=True, text=True, check=True).stdout
    print(f"\n{to.service} is deployed. To try it:\n\nURL={url.strip()}\n{trial(to)}")


def main(arguments: list[str] | None = None) -> int:
    """Deploy, or say how."""
    parser = argparse.ArgumentParser(prog="deploy", description=__doc__)
    parser.add_argument("name", help="the connector's folder")
    parser.add_argument("--project", default="")
    parser.add_argument("--region", default="")
    parser.add_argument("--secrets", default="", help="VARIABLE=secret[:version], space separated")
    parser.add_argument("--settings", default="", help="VARIABLE=value, space separated")
    parser.add_argument("--public", action="store_true", help="let everybody call it")
    parser.add_argument("--dry-run", action="store_true", help="print the commands instead")
    given = parser.parse_args(arguments)
    if not (given.dry_run or (given.project and given.region)):
        parser.error("say where to: PROJECT=… REGION=…")
    try:
        folder_of(given.name)
        to = Deployment(
            name=given.name,
            project=given.project or "my-project",
            region=given.region or "us-central1",
            secrets=_pairs(given.secrets),
            settings=_pairs(given.settings),
            public=given.public,
        )
        to.check()
        dry_run(to) if given.dry_run else deploy(to)
    except (DeployError, ImageError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _pairs(text: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in shlex.split(text)]
    wrong = next((name for name, equals, value in pairs if not (equals and value)), None)
    if wrong is not None:
        raise DeployError(f"{wrong}: must be VARIABLE=value")
    return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    raise SystemExit(main())
