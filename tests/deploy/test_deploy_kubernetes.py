"""The Kubernetes manifests, as kustomize renders them."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.tools import CONNECTORS, DEPLOY, module, program, run

FOLDER = DEPLOY / "kubernetes"
KINDS = {
    "ConfigMap",
    "Deployment",
    "HorizontalPodAutoscaler",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Service",
    "ServiceAccount",
}
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/kustomization.yaml"))
DEPLOYED = sorted(set(NAMES) & set(CONNECTORS))
# What each Deployment is called, by its folder.
SERVICES = {name: f"{name}-connector" for name in DEPLOYED} | {"gateway": "connector-gateway"}


@cache
def _rendered(folder: Path) -> str:
    done = run(program("kubectl"), "kustomize", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _manifests(name: str) -> dict[str, Any]:
    """The manifests of a connector by their kind."""
    return {one["kind"]: one for one in yaml.safe_load_all(_rendered(FOLDER / name))}


def test_every_connector_that_ships_has_a_folder_and_all_runs_them() -> None:
    assert {"gdrive", "slack", "generic-rest"} <= set(DEPLOYED)
    found = list(yaml.safe_load_all(_rendered(FOLDER / "all")))
    deployments = {one["metadata"]["name"] for one in found if one["kind"] == "Deployment"}
    assert deployments == set(SERVICES.values())
    assert len(found) == len(KINDS) * len(SERVICES)


@pytest.mark.parametrize("name", ["all", *SERVICES])
def test_the_manifests_are_valid(name: str, tmp_path: Path) -> None:
    """Against the schemas of the newest Kubernetes; a key that it does not know is a mistake."""
    file = tmp_path / "manifests.yaml"
    file.write_text(_rendered(FOLDER / name))
    done = run(*module("kubernetes_validate"), "--strict", "--quiet", file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_mistake_in_a_manifest_is_found(tmp_path: Path) -> None:
    """So that the test before is one."""
    file = tmp_path / "manifests.yaml"
    file.write_text(_rendered(FOLDER / "slack").replace("terminationGrace", "terminatingGrace"))
    assert run(*module("kubernetes_validate"), "--strict", "--quiet", file).returncode


@pytest.mark.parametrize(("name", "called"), SERVICES.items())
def test_everything_selects_the_pods_of_this_connector_and_no_others(
    name: str, called: str
) -> None:
    """An empty selector would take every pod of the namespace, or none."""
    manifests = _manifests(name)
    assert manifests.keys() == KINDS
    wanted = {"app.kubernetes.io/name": called}
    deployment = manifests["Deployment"]["spec"]
    pod = deployment["template"]
    assert pod["metadata"]["labels"] == wanted
    assert deployment["selector"]["matchLabels"] == wanted
    assert manifests["Service"]["spec"]["selector"] == wanted
    assert manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == wanted
    assert manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == wanted
    (spread,) = pod["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == wanted
    target = manifests["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert target["name"] == manifests["Deployment"]["metadata"]["name"] == called
    assert pod["spec"]["serviceAccountName"] == manifests["ServiceAccount"]["metadata"]["name"]
    settings, secret = pod["spec"]["containers"][0]["envFrom"]
    assert settings["configMapRef"]["name"] == manifests["ConfigMap"]["metadata"]["name"]
    # The gateway cannot do without: its encryption keys are in there.
    optional = {} if name == "gateway" else {"optional": True}
    assert secret["secretRef"] == {"name": called, **optional}


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_meets_the_restricted_standard_and_writes_nothing(name: str) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    pod = _manifests(name)["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 65532
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/tmp", "/dev/shm"}  # noqa: S108
    assert all(volume.keys() == {"name", "emptyDir"} for volume in pod["volumes"])
    for kind in ("startup", "readiness", "liveness"):
        assert container[f"{kind}Probe"]["httpGet"] == {"path": "/health", "port": "http"}
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > pause + 30  # gunicorn's graceful_timeout


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_gets_out_to_dns_and_https_only(name: str) -> None:
    """And the gateway to the connectors beside it, and to PostgreSQL."""
    policy = _manifests(name)["NetworkPolicy"]["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert all(rule.keys() == {"ports"} for rule in policy["egress"])
    out = {(p["protocol"], p["port"]) for rule in policy["egress"] for p in rule["ports"]}
    beside = {("TCP", 8080), ("TCP", 5432)} if name == "gateway" else set()
    assert out == {("UDP", 53), ("TCP", 53), ("TCP", 443)} | beside
    assert policy["ingress"] == [{"ports": [{"protocol": "TCP", "port": 8080}]}]


def test_the_overlay_of_the_guide_with_the_component(tmp_path: Path) -> None:
    """As an operator writes it: their image, their namespace, and scaling by requests as well."""
    shutil.copytree(FOLDER, tmp_path / "deploy/kubernetes")
    (overlay,) = re.findall(r"```yaml\n(.*?)```", (DEPLOY / "README.md").read_text(), re.DOTALL)
    folder = tmp_path / "production"
    folder.mkdir()
    component = "components: [../deploy/kubernetes/requests-in-flight]\n"
    assert component.strip() in (DEPLOY / "README.md").read_text()
    (folder / "kustomization.yaml").write_text(overlay + component)
    rendered = run(program("kubectl"), "kustomize", folder)
    assert rendered.returncode == 0, rendered.stderr
    manifests = {one["kind"]: one for one in yaml.safe_load_all(rendered.stdout)}
    assert all(one["metadata"]["namespace"] == "search" for one in manifests.values())
    (container,) = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.com/search/slack-connector:0.1.0"
    metrics = manifests["HorizontalPodAutoscaler"]["spec"]["metrics"]
    assert [metric["type"] for metric in metrics] == ["Resource", "Pods"]
    file = tmp_path / "manifests.yaml"
    file.write_text(rendered.stdout)
    done = run(*module("kubernetes_validate"), "--strict", "--quiet", file)
    assert done.returncode == 0, done.stdout + done.stderr
