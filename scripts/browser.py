"""A browser without a window: keeps cookies, follows redirects, fills in forms."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


class Browser:
    """One user's browser.

    Attributes:
        page: the last answer; its URL is where the browser is.
    """

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self.page = requests.Response()

    def open(self, url: str) -> requests.Response:
        """Go to a page."""
        self.page = self._session.get(url, timeout=30)
        return self.page

    def submit(self, *, form: str = "", **filled: str) -> requests.Response:
        """Fill in a form of the page and send it, with what is hidden in it.

        Args:
            form: a part of the address that the form is sent to, where the page has several.
            filled: values by the name of their field.

        Raises:
            LookupError: the page has no such form.
        """
        forms = _Forms()
        forms.feed(self.page.text)
        for action, fields in forms.found:
            url = urljoin(self.page.url, action)
            if form in url:
                # As a browser says it: from which page this comes.
                origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.page.url))
                self.page = self._session.post(
                    url, data={**fields, **filled}, headers={"Origin": origin}, timeout=30
                )
                return self.page
        raise LookupError(f"{self.page.url} has no form {form!r}: {self.page.text[:500]}")


class _Forms(HTMLParser):
    """Reads a page's forms: where each is sent, and the fields that have a value."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((named.get("action", ""), {}))
        elif tag == "input" and self.found and named.get("name"):
            self.found[-1][1][named["name"]] = named.get("value", "")
