"""A connector as a service on Cloud Run: its names, and the gcloud commands for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from scripts.image import revision
from scripts.processes import GATEWAY

REPOSITORY = "connectors"
_KEY = "CONNECTOR_API_KEY"
_TIMEOUT_SECONDS = 60.0
_RUNS = {
    # As many as the connector has threads: more would wait for one.
    "concurrency": "64",
    "cpu": "1",
    "memory": "512Mi",
    "min-instances": "0",
    "max-instances": "10",
    "startup-probe": "httpGet.path=/health,periodSeconds=1,timeoutSeconds=1,failureThreshold=60",
    "liveness-probe": "httpGet.path=/health,periodSeconds=30,timeoutSeconds=5,failureThreshold=3",
}


class DeployError(Exception):
    """A connector cannot be deployed so, and why."""


@dataclass(frozen=True)
class Deployment:
    """What is deployed, and where to.

    Args:
        name: the connector's folder.
        project: of Google Cloud.
        region: of Cloud Run and Artifact Registry.
        secrets: variables, and the secret of Secret Manager that each gets; none leaves those
            that the service has.
        settings: variables and their values, in the same way.
        public: whether everybody may call it, or only those whom IAM lets in.
    """

    name: str
    project: str
    region: str
    secrets: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    public: bool = False

    @property
    def service(self) -> str:
        """The name of the service, of its image and of its service account."""
        return f"{self.name}-connector"

    @property
    def registry(self) -> str:
        """The host of the images."""
        return f"{self.region}-docker.pkg.dev"

    @property
    def image(self) -> str:
        """The image, tagged with the commit that it is made of."""
        tag = revision(12) or "latest"
        return f"{self.registry}/{self.project}/{REPOSITORY}/{self.service}:{tag}"

    @property
    def account(self) -> str:
        """Whom the service runs as."""
        return f"{self.service}@{self.project}.iam.gserviceaccount.com"

    @property
    def key(self) -> str | None:
        """The secret with the connector key."""
        return next((self.secrets[name] for name in self.secrets if name.endswith(_KEY)), None)

    @property
    def has_service_credential(self) -> bool:
        """Whether it can search without a user's token."""
        return any(not name.endswith(_KEY) for name in self.secrets)

    def check(self) -> None:
        """See that the connector will start with these settings.

        Raises:
            DeployError: it will not.
        """
        if self.name == GATEWAY:
            raise DeployError("The gateway keeps a database: deploy/README.md says how it is run.")
        open_to_all = any(name.endswith("ALLOW_UNAUTHENTICATED") for name in self.settings)
        if self.has_service_credential and not (self.key or open_to_all):
            raise DeployError(
                "With a service credential and no key, anybody who reaches the connector would "
                f"search with it, so it would not start: add {_KEY}=<name of a secret> to SECRETS."
            )
        plain = [name for name in self.settings if name.endswith((_KEY, "TOKEN", "_ACCOUNT_INFO"))]
        if plain:
            raise DeployError(f"{plain[0]} is a secret: give it in SECRETS, not in SETTINGS.")

    def gcloud(self, *arguments: str) -> list[str]:
        """Return a gcloud command for the project."""
        return ["gcloud", *arguments, "--project", self.project]

    def deploy_command(self) -> list[str]:
        """Return the command that makes a revision of the service, or the service."""
        options = {**_RUNS, "timeout": f"{self._timeout():.0f}s", "service-account": self.account}
        if self.settings:
            options["set-env-vars"] = _dictionary(self.settings)
        if self.secrets:
            versions = {k: v if ":" in v else f"{v}:latest" for k, v in self.secrets.items()}
            options["set-secrets"] = _dictionary(versions)
        return self.gcloud(
            *("run", "deploy", self.service, "--region", self.region, "--image", self.image),
            *(f"--{option}={value}" for option, value in options.items()),
            "--cpu-boost",
            "--allow-unauthenticated" if self.public else "--no-allow-unauthenticated",
            "--quiet",
        )

    def _timeout(self) -> float:
        """Seconds that Cloud Run waits: longer than the connector's own deadline."""
        deadline = max(
            (float(v) for k, v in self.settings.items() if k.endswith("SEARCH_TIMEOUT_SECONDS")),
            default=0.0,
        )
        return max(_TIMEOUT_SECONDS, deadline + 10)

    def url_command(self) -> list[str]:
        """Return the command that says where the service is."""
        return self.gcloud(
            *("run", "services", "describe", self.service, "--region", self.region),
            "--format=value(status.url)",
        )


def _dictionary(values: dict[str, str]) -> str:
    """Write a dictionary as gcloud reads it: `gcloud topic escaping`."""
    delimiter = next(c for c in ",;|@#~" if not any(c in value for value in values.values()))
    start = "" if delimiter == "," else f"^{delimiter}^"
    return start + delimiter.join(f"{name}={value}" for name, value in values.items())
