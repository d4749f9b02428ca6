"""Calls to the provider: only to hosts that are listed, bounded in time, size and tries."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests

from .addresses import AddressRefused
from .circuit import Circuit
from .deadline import Deadline
from .errors import (
    ConfigurationError,
    ProviderError,
    ProviderUnavailable,
    ResponseTooLarge,
)
from .response import Response
from .transport import Call, build_session, on_the_wire

CONNECT_SECONDS = 3.0
READ_SECONDS = 15.0
MAX_BYTES = 10 * 1024 * 1024
_TRIES = 3
_RETRIED = {429, 502, 503, 504}
_QUERY = re.compile(r"[?#].*", re.DOTALL)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def origin(url: str, *, plain_http: bool = False) -> str:
    """Return scheme, host and port of a URL: `https://slack.com:443`.

    Args:
        url: absolute.
        plain_http: whether http is taken for hosts other than loopback.

    Raises:
        ValueError: it is not an http(s) URL, carries a user name, or is plain http where that is
            not taken.
    """
    # Without its query, which may hold a key or what somebody asked: urlsplit keeps what it is given.
    parts = urlsplit(_QUERY.sub("", url))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an absolute http or https URL")
    if parts.username is not None or parts.password is not None:
        raise ValueError("carries a user name or password")
    if parts.scheme == "http" and not plain_http and parts.hostname not in LOOPBACK:
        raise ValueError("is plain http, which is for loopback only: use https")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return f"{parts.scheme}://{host}:{port}"


@dataclass
class HttpClient:
    """What every call goes through; one for a process.

    Args:
        allowed: URLs whose origins (scheme, host and port) may be called, and no others; None
            where the session checks the address of every host instead.
        session: the pooled session; another one only where a program brings its own.
        proxies: whether the proxies of the environment are used.
        plain_http: whether http may be spoken to hosts other than loopback.
    """

    allowed: Iterable[str] | None
    session: requests.Session = field(default_factory=build_session)
    circuit: Circuit = field(default_factory=Circuit)
    proxies: bool = True
    plain_http: bool = False

    def __post_init__(self) -> None:
        try:
            self._origins = frozenset(self._origin(url) for url in self.allowed or ())
        except ValueError as error:
            raise ConfigurationError(f"An address of the provider {error}.") from None

    def _origin(self, url: str) -> str:
        return origin(url, plain_http=self.plain_http)

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | bytes | str | None = None,
        json: Any = None,
        max_bytes: int = MAX_BYTES,
        tries: int = _TRIES,
        rate_limited: Callable[[Response], bool] = lambda _: False,
    ) -> Response:
        """Send a request and read its answer whole; redirects are not followed.

        Tried up to `tries` times, while the deadline allows: after a failure of the network, after
        429, 502, 503 and 504, and where `rate_limited` recognises the provider's own way to say
        "too fast". `Retry-After` is honoured. The last answer is returned whatever its status.

        Args:
            method: the HTTP method.
            url: absolute, on one of the allowed hosts.
            deadline: the request's; it bounds connecting, waiting, reading and trying again.
            headers: sent as they are.
            params: the query string, encoded here.
            data: a form, or a body that is encoded already.
            json: a body to be sent as JSON.
            max_bytes: the largest answer that is read, after decompression.
            tries: 1 for what must not reach the server twice.
            rate_limited: recognises an answer to be tried again.

        Raises:
            ProviderError: the host is not on the list, or the network failed.
            ProviderUnavailable: it cannot be reached.
            ResponseTooLarge: the answer is larger than `max_bytes`.
            DeadlineExceeded: the time is over.
        """
        try:
            prepared = requests.Request(
                method, url, headers=dict(headers or {}), params=params, data=data, json=json
            ).prepare()
            # What is checked is what is sent: the address as it was parsed for sending.
            target = self._origin(prepared.url or "")
        except requests.exceptions.InvalidHeader:
            raise ProviderError(
                "A credential or header of this connector holds characters that HTTP forbids."
            ) from None
        except ValueError:
            raise ProviderError(
                "The next address to call is not a URL that may be called."
            ) from None
        if self.allowed is not None and target not in self._origins:
            raise ProviderError(
                f"{target} is not a host of this connector's provider; nothing was sent to it."
            )
        host = urlsplit(target).netloc
        prepared.headers.setdefault("Accept-Encoding", "gzip, deflate")
        prepared.headers.setdefault("User-Agent", "connector-sdk")
        self.circuit.check(host)
        try:
            response = self._try(prepared, host, deadline, max_bytes, tries, rate_limited)
        except ProviderUnavailable:
            self.circuit.record(host, ok=False)
            raise
        self.circuit.record(host, ok=response.status < 500)
        return response

    def _try(
        self,
        prepared: requests.PreparedRequest,
        host: str,
        deadline: Deadline,
        max_bytes: int,
        tries: int,
        rate_limited: Callable[[Response], bool],
    ) -> Response:
        """Send up to `tries` times; return the last answer, or raise the last failure."""
        for attempt in range(1, tries + 1):
            deadline.check()
            last = attempt == tries
            delay = 0.25 * 2 ** (attempt - 1) * (1 + random.random())  # noqa: S311 - jitter only
            try:
                response = self._send(prepared, host, deadline, max_bytes)
            except ProviderUnavailable:
                if last or delay > deadline.remaining() / 2:
                    raise
            else:
                retry = response.status in _RETRIED or rate_limited(response)
                if response.retry_after is not None:
                    delay = response.retry_after
                if not retry or last or delay > deadline.remaining() / 2:
                    return response
            deadline.wait(delay)
        raise AssertionError("unreachable")

    def _send(
        self, prepared: requests.PreparedRequest, host: str, deadline: Deadline, max_bytes: int
    ) -> Response:
        left = deadline.check()
        call = Call()
        try:
            with (
                deadline.on_close(call.abort),
                on_the_wire(call),
                self.session.send(
                    prepared,
                    stream=True,
                    # A little past the deadline, which then speaks first.
                    timeout=(min(CONNECT_SECONDS, left + 0.1), min(READ_SECONDS, left + 0.1)),
                    allow_redirects=False,
                    proxies=_proxies_of(self._origin(prepared.url or "")) if self.proxies else {},
                ) as answer,
            ):
                content = _read(answer, host, max_bytes)
                # A head that is cut off reads like a whole one.
                deadline.check()
                return Response(answer.status_code, answer.headers, content, host)
        except AddressRefused:
            raise ProviderError(
                f"{host} is at an address that may not be called: link-local, private or loopback."
            ) from None
        except requests.exceptions.SSLError:
            deadline.check()
            raise ProviderUnavailable(f"The TLS certificate of {host} is not good.") from None
        except requests.exceptions.ConnectTimeout:
            deadline.check()
            raise ProviderUnavailable(f"{host} did not accept a connection in time.") from None
        except requests.exceptions.Timeout:
            deadline.check()
            raise ProviderUnavailable(f"{host} did not answer in time.") from None
        # ValueError: what a socket closed under its reader raises, besides the library's own.
        except (requests.exceptions.RequestException, OSError, ValueError):
            deadline.check()
            raise ProviderUnavailable(f"The connection to {host} failed.") from None


def _read(answer: requests.Response, host: str, max_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_content(64 * 1024):
        size += len(chunk)
        if size > max_bytes:
            raise ResponseTooLarge(f"{host} answered with more than {max_bytes} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


@lru_cache(maxsize=256)
def _proxies_of(target: str) -> dict[str, str]:
    """The operator's HTTPS_PROXY and NO_PROXY, read once for a host."""
    return requests.utils.get_environ_proxies(target)
