"""Who works at the company: users, groups, the service account and the OAuth clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.sections import DataError, Section, read_yaml

SERVICE = "service"  # the service account's name wherever a user could stand
GROUP = "group:"


@dataclass(frozen=True, kw_only=True)
class User:
    """One person."""

    key: str
    name: str
    email: str
    slack_id: str
    title: str = ""
    timezone: str = "Europe/Berlin"
    guest: bool = False
    deactivated: bool = False


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The Slack workspace."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class People:
    """Everybody, and what they belong to."""

    domain: str
    workspace: Workspace
    users: dict[str, User]
    groups: dict[str, tuple[str, ...]]
    service_name: str
    service_email: str
    delegation: bool
    slack_service_user: str
    oauth_clients: dict[str, tuple[str, str]]
    by_email: dict[str, str] = field(default_factory=dict)
    by_slack_id: dict[str, User] = field(default_factory=dict)

    @property
    def domain_members(self) -> frozenset[str]:
        """The users an entry `domain` means: everyone but guests."""
        return frozenset(key for key, user in self.users.items() if not user.guest)

    def expand(self, section: Section, key: str) -> frozenset[str]:
        """Return the users that a list of names, groups and `domain` means."""
        found: set[str] = set()
        for entry in section.texts(key):
            if entry == "domain":
                found |= self.domain_members
            elif entry == "anyone":
                found |= {*self.users, SERVICE}
            elif entry.startswith(GROUP) and entry.removeprefix(GROUP) in self.groups:
                found |= set(self.groups[entry.removeprefix(GROUP)])
            elif entry in self.users or entry == SERVICE:
                found.add(entry)
            else:
                raise section.error(key, f"nobody in users.yaml is called {entry!r}")
        return frozenset(found)

    def require(self, section: Section, key: str) -> str:
        """Return the name of a user, who must exist."""
        name = section.text(key)
        if name not in self.users and name != SERVICE:
            raise section.error(key, f"nobody in users.yaml is called {name!r}")
        return name


def load_people(path: Path) -> People:
    """Read users.yaml."""
    top = read_yaml(path).only(
        "domain", "workspace", "users", "groups", "service_account", "oauth_clients"
    )
    users = {key: _user(key, section) for key, section in top.named("users")}
    if not users:
        raise DataError(f"{path}: users: at least one user is needed")
    groups = {name: _group(name, top, users) for name in top.section("groups").keys()}  # noqa: SIM118
    service = top.section("service_account").only("name", "email", "delegation", "slack_user")
    slack_user = service.text("slack_user", next(iter(users)))
    if slack_user not in users:
        raise service.error("slack_user", f"nobody in users is called {slack_user!r}")
    workspace = top.section("workspace").only("id", "name", "url")
    people = People(
        domain=top.text("domain"),
        workspace=Workspace(
            id=workspace.text("id"), name=workspace.text("name"), url=workspace.text("url")
        ),
        users=users,
        groups=groups,
        service_name=service.text("name", "Search service"),
        service_email=service.text("email", "search@sandbox.iam.gserviceaccount.com"),
        delegation=service.flag("delegation"),
        slack_service_user=slack_user,
        oauth_clients=_clients(top),
    )
    people.by_email.update({user.email.casefold(): key for key, user in users.items()})
    people.by_email[people.service_email.casefold()] = SERVICE
    people.by_slack_id.update({user.slack_id: user for user in users.values()})
    return people


def _user(key: str, section: Section) -> User:
    section.only("name", "email", "slack", "title", "timezone", "guest", "deactivated")
    if key == SERVICE:
        raise section.error("name", f"{SERVICE!r} is the service account's name")
    return User(
        key=key,
        name=section.text("name"),
        email=section.text("email"),
        slack_id=section.text("slack"),
        title=section.text("title", ""),
        timezone=section.text("timezone", "Europe/Berlin"),
        guest=section.flag("guest"),
        deactivated=section.flag("deactivated"),
    )


def _group(name: str, top: Section, users: dict[str, User]) -> tuple[str, ...]:
    section = top.section("groups")
    members = section.texts(name)
    for member in members:
        if member not in users and member != SERVICE:
            raise section.error(name, f"nobody in users is called {member!r}")
    return tuple(members)


def _clients(top: Section) -> dict[str, tuple[str, str]]:
    clients = {
        name: (f"sandbox-{name}-client", f"sandbox-{name}-secret") for name in ("google", "slack")
    }
    for name, section in top.named("oauth_clients"):
        section.only("id", "secret")
        clients[name] = (section.text("id"), section.text("secret"))
    return clients
