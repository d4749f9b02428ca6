"""A person at a browser, over HTTP: keeps cookies, fills in forms, goes where links and answers lead."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from tests.support.gateway import RunningGateway


@dataclass
class Form:
    """A form of a page: where it leads, and what it holds.

    Args:
        action: absolute.
        fields: the values of its inputs, by name.
        button: the words on its button.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    button: str = ""


class _Forms(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.forms: list[Form] = []
        self._in_button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given["method"] == "post"
            self.forms.append(Form(urljoin(self._url, given.get("action", ""))))
        elif tag == "input":
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        self._in_button = tag == "button" or (self._in_button and tag == "span")

    def handle_endtag(self, tag: str) -> None:
        self._in_button = self._in_button and tag != "button"

    def handle_data(self, data: str) -> None:
        if self._in_button:
            self.forms[-1].button += data


class Visitor:
    """One browser of one person.

    Args:
        gateway: where it goes.
    """

    def __init__(self, gateway: RunningGateway) -> None:
        self.gateway = gateway
        self.http = requests.Session()
        self.http.trust_env = False

    def get(self, url: str, **more: Any) -> requests.Response:
        """Open an address, and do not go on by itself."""
        return self.http.get(
            urljoin(self.gateway.url, url), allow_redirects=False, timeout=30, **more
        )

    def post(self, url: str, **more: Any) -> requests.Response:
        """Send a form, as any program could."""
        return self.http.post(
            urljoin(self.gateway.url, url), allow_redirects=False, timeout=30, **more
        )

    def press(self, page: requests.Response, button: str, **fields: str) -> requests.Response:
        """Fill in the form that has this button, and press it."""
        form = form_of(page, button)
        headers = {"Origin": self.gateway.url, "Sec-Fetch-Site": "same-origin"}
        return self.post(form.action, data={**form.fields, **fields}, headers=headers)

    def sign_in(self, secret: str, page: requests.Response | None = None) -> requests.Response:
        """Sign in with a key or a code, on a page that asks for it, and go where that leads."""
        answer = self.press(page if page is not None else self.get("/"), "Sign in", secret=secret)
        assert answer.status_code == 303, answer.text
        return self.get(answer.headers["Location"])

    def begin(self, link: str) -> str:
        """Press the button of a link's page; return the provider's address that it leads to."""
        page = self.get(link)
        answer = self.press(page, button_of(page, "Continue"))
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def consent(self, provider_url: str, user: str = "alice", decision: str = "allow") -> str:
        """Answer the provider's question; return the callback's address that it leads to."""
        answer = self.http.post(
            provider_url,
            data={"user": user, "decision": decision},
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def connect(self, link: str, user: str = "alice", decision: str = "allow") -> requests.Response:
        """Go the whole way from a link; return what the callback answers."""
        return self.get(self.consent(self.begin(link), user, decision))


def forms_of(page: requests.Response) -> list[Form]:
    """Return the forms of a page."""
    parser = _Forms(page.url)
    parser.feed(page.text)
    for form in parser.forms:
        form.button = " ".join(form.button.split())
    return parser.forms


def form_of(page: requests.Response, button: str) -> Form:
    """Return the one form that has this button."""
    found = [form for form in forms_of(page) if form.button == button]
    assert len(found) == 1, f"{button!r} is not one button of {page.url}: {page.text}"
    return found[0]


def button_of(page: requests.Response, beginning: str) -> str:
    """Return the one button whose words begin so."""
    found = [form.button for form in forms_of(page) if form.button.startswith(beginning)]
    assert len(found) == 1, page.text
    return found[0]


def name_of(page: requests.Response) -> str | None:
    """Return who is signed in on a page."""
    found = re.search(r"Signed in as <strong>(.*?)</strong>", page.text)
    return found[1] if found else None


def query_of(url: str) -> dict[str, str]:
    """Return the parameters of an address, each of which is there once."""
    parsed = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert all(len(values) == 1 for values in parsed.values())
    return {name: values[0] for name, values in parsed.items()}
