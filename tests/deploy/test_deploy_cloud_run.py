"""Cloud Run: what `make deploy-… DRY_RUN=1` prints, and the files for those who apply files.

Where gcloud is installed, its own parser reads every command and every file. It has no account
here, so that is where it stops: nothing is sent.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import CONNECTORS, DEPLOY, program, run

FILES = sorted((DEPLOY / "cloud-run").glob("*.yaml"))
NO_ACCOUNT = "do not currently have an active account"
SECRETS = {
    "gdrive": "GDRIVE_CONNECTOR_API_KEY=gdrive-key GDRIVE_SERVICE_ACCOUNT_INFO=gdrive-account:7",
    "slack": "CONNECTOR_API_KEY=slack-key",
    "generic-rest": "",
}
CASES = [
    case
    for name, secrets in SECRETS.items()
    for case in (
        (name,),
        (name, "--public"),
        (name, "--secrets", secrets, "--settings", "A=1,2 LOG_LEVEL='DEBUG'"),
    )
]


def _dry_run(*arguments: str) -> str:
    where = ("--project", "acme-search", "--region", "europe-west1")
    done = run(sys.executable, "-m", "scripts.deploy", *where, "--dry-run", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _commands(script: str) -> list[list[str]]:
    """Every command of the script, also those within `$(…)` and on both sides of `|` and `||`."""
    script = re.sub(r"\\\n|(?<=\|)\n", " ", script)
    lines = []
    for line in script.splitlines():
        if assigned := re.fullmatch(r"[A-Z]+=\$\((.*)\)", line):
            lines.append(assigned[1])
        elif line and not line.startswith(("#", ":", "set ")):
            lines += re.split(r"\|+", line.replace("> /dev/null 2>&1", ""))
            lines += re.findall(r"\$\((.*?)\)", line)
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_dry_run_is_a_script_whose_commands_are_known(case: tuple[str, ...]) -> None:
    """A shell can read it, and nothing in it is left to fill in but what it says itself."""
    script = _dry_run(*case)
    assert run("bash", "-n", "-c", script).returncode == 0
    commands = _commands(script)
    tools = {"docker", "podman", "buildah"}
    assert {command[0] for command in commands} <= {"gcloud", "curl", "make", "echo", *tools}
    assert {c[1] for c in commands if c[0] == "gcloud"} >= {
        *("services", "artifacts", "iam", "auth", "run"),
    }
    assert [c[1] for c in commands if c[0] in tools] == ["build", "login", "push"]
    assert set(re.findall(r"\$\{?([A-Z_]+)", script)) <= {"URL", "KEY", "TOKEN"}
    assert "None" not in script


def test_gcloud_takes_every_command(tmp_path: Path) -> None:
    """Those of the guide, too: every flag and its value, as far as it gets without an account."""
    gcloud = program("gcloud")
    script = _dry_run("gdrive", "--secrets", SECRETS["gdrive"], "--settings", "A=1,2 B=3")
    commands = [c for c in _commands(script) if c[0] == "gcloud"]
    assert len(commands) == 12
    guide = (DEPLOY / "README.md").read_text().replace("\\\n", "")
    found = re.findall(r"^ *(?:KEY=\$\()?(gcloud [^\n)]*)", guide, re.MULTILINE)
    # A file from standard input is tried below.
    commands += [shlex.split(line) for line in found if " replace - " not in line]
    assert len(commands) == 15
    for command in commands:
        _expect_only_the_account_missing(gcloud, command[1:], tmp_path)


def _expect_only_the_account_missing(gcloud: str, command: list[str], folder: Path) -> None:
    said = run(
        gcloud,
        *command,
        CLOUDSDK_CONFIG=str(folder),
        CLOUDSDK_CORE_DISABLE_PROMPTS="1",
        CLOUDSDK_CORE_CHECK_GCE_METADATA="false",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING="true",
    )
    assert NO_ACCOUNT in said.stderr, (command, said.stderr)


def _deploy_flags(*arguments: str) -> dict[str, str]:
    (deploy,) = (c for c in _commands(_dry_run(*arguments)) if c[1:3] == ["run", "deploy"])
    return dict(word.partition("=")[::2] for word in deploy if word.startswith("--"))


def test_it_is_private_unless_it_is_said_to_be_public() -> None:
    assert "--no-allow-unauthenticated" in _deploy_flags("slack")
    assert "--allow-unauthenticated" in _deploy_flags("slack", "--public")


def test_behind_iam_each_token_has_a_header_of_its_own() -> None:
    """Google's is in X-Serverless-Authorization, so that Authorization stays the caller's."""
    private, public = _dry_run("gdrive"), _dry_run("gdrive", "--public")
    google = '"X-Serverless-Authorization: Bearer $(gcloud auth print-identity-token)"'
    assert google in private
    assert '"Authorization: Bearer $TOKEN"' in private
    assert "X-Serverless-Authorization" not in public


def test_behind_a_key_the_users_token_moves_over() -> None:
    """As in the auth table."""
    script = _dry_run("slack", "--public", "--secrets", "SLACK_CONNECTOR_API_KEY=slack-key")
    assert '"Authorization: Bearer $KEY"' in script
    assert '"X-User-Access-Token: $TOKEN"' in script


def test_secrets_are_mounted_by_name_and_readable_for_this_service_alone() -> None:
    script = _dry_run("gdrive", "--secrets", SECRETS["gdrive"])
    flags = _deploy_flags("gdrive", "--secrets", SECRETS["gdrive"])
    assert flags["--set-secrets"] == (
        "GDRIVE_CONNECTOR_API_KEY=gdrive-key:latest,GDRIVE_SERVICE_ACCOUNT_INFO=gdrive-account:7"
    )
    account = "gdrive-connector@acme-search.iam.gserviceaccount.com"
    assert flags["--service-account"] == account
    assert script.count(f"--member=serviceAccount:{account}") == 2


def test_a_value_with_a_comma_stays_one_value() -> None:
    flags = _deploy_flags("slack", "--settings", "A=1,2 B='x y'")
    assert flags["--set-env-vars"] == "^;^A=1,2;B=x y"


def test_cloud_run_waits_longer_than_the_connector() -> None:
    assert _deploy_flags("slack")["--timeout"] == "60s"
    settings = ("--settings", "SLACK_SEARCH_TIMEOUT_SECONDS=120")
    assert _deploy_flags("slack", *settings)["--timeout"] == "130s"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--secrets", "SLACK_OAUTH_ACCESS_TOKEN=token"), "add CONNECTOR_API_KEY="),
        (("--settings", "SLACK_OAUTH_ACCESS_TOKEN=xoxp-1"), "give it in SECRETS"),
        (("--secrets", "CONNECTOR_API_KEY"), "must be VARIABLE=value"),
    ],
)
def test_what_would_not_start_is_not_deployed(arguments: tuple[str, ...], said: str) -> None:
    done = run(sys.executable, "-m", "scripts.deploy", "slack", "--dry-run", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "xoxp" not in done.stderr


def test_every_connector_has_a_file() -> None:
    assert {path.stem for path in FILES} >= {"gdrive", "slack", "generic-rest"}
    assert {path.stem for path in FILES} <= set(CONNECTORS)


def _service(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_a_file_makes_what_the_command_makes(path: Path) -> None:
    """Two ways to one service."""
    flags = _deploy_flags(path.stem)
    service = _service(path)
    assert service["metadata"]["name"] == f"{path.stem}-connector"
    template = service["spec"]["template"]
    annotations, spec = template["metadata"]["annotations"], template["spec"]
    (container,) = spec["containers"]
    assert annotations["autoscaling.knative.dev/minScale"] == flags["--min-instances"]
    assert annotations["autoscaling.knative.dev/maxScale"] == flags["--max-instances"]
    assert annotations["run.googleapis.com/startup-cpu-boost"] == "true"
    assert str(spec["containerConcurrency"]) == flags["--concurrency"]
    assert f"{spec['timeoutSeconds']}s" == flags["--timeout"]
    limits = container["resources"]["limits"]
    assert limits == {"cpu": flags["--cpu"], "memory": flags["--memory"]}
    for kind in ("startup", "liveness"):
        probe = dict(container[f"{kind}Probe"])
        given = {"httpGet.path": probe.pop("httpGet")["path"], **probe}
        assert flags[f"--{kind}-probe"] == ",".join(f"{k}={v}" for k, v in given.items())


def _with_secrets(path: Path) -> str:
    """The file with its commented secrets."""
    text = re.sub(r"^( +)# ", r"\1", path.read_text(), flags=re.MULTILINE)
    variables = yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]["env"]
    assert sum("valueFrom" in variable for variable in variables) == 2
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.stem))
def test_gcloud_takes_every_file(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "service.yaml"
    file.write_text(_with_secrets(path))
    _expect_only_the_account_missing(program("gcloud"), _replace(file), tmp_path)


def test_gcloud_refuses_a_key_that_it_does_not_know(tmp_path: Path) -> None:
    """So that the test before is one."""
    file = tmp_path / "service.yaml"
    file.write_text(FILES[0].read_text().replace("timeoutSeconds: 60", "timeOutSeconds: 60"))
    with pytest.raises(AssertionError, match="timeOutSeconds"):
        _expect_only_the_account_missing(program("gcloud"), _replace(file), tmp_path)


def _replace(file: Path) -> list[str]:
    return ["run", "services", "replace", str(file), "--project", "p", "--region", "r"]
