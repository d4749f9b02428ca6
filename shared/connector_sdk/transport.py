"""The pooled session: connections kept across requests, each call able to be broken off."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError

from .addresses import AddressCheck, connect

_POOL_SIZE = 64  # connections kept to one host: dozens of searches, a few calls each


class Call:
    """One call on the wire, so that another thread can end it."""

    def __init__(self) -> None:
        self.aborted = False
        self._connection: HTTPConnection | None = None
        self._socket: socket.socket | None = None

    def uses(self, connection: HTTPConnection) -> None:
        """Note the connection that this call waits on.

        Raises:
            ConnectionAbortedError: the call was ended before it reached the wire.
        """
        self._connection = connection
        # Kept apart, as http.client forgets the socket of an answer that ends with the connection.
        self._socket = connection.sock or self._socket
        if self.aborted:
            self.abort()
            raise ConnectionAbortedError("the request is over")

    def abort(self) -> None:
        """Close the socket under whatever the call is doing."""
        self.aborted = True
        for sock in {self._socket, getattr(self._connection, "sock", None)}:
            if sock is None:
                continue
            with contextlib.suppress(OSError):
                # The plain shutdown: an SSLSocket's own forgets its TLS state, which the thread
                # that is reading still needs to fail in good order.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


_thread = threading.local()


@contextlib.contextmanager
def on_the_wire(call: Call) -> Iterator[None]:
    """Make `call` the one that this thread's connections report to."""
    _thread.call = call
    try:
        yield
    finally:
        _thread.call = None


def _report(connection: HTTPConnection) -> None:
    call: Call | None = getattr(_thread, "call", None)
    if call is not None:
        call.uses(connection)


class _Tracked(HTTPConnection):
    def connect(self) -> None:
        _report(self)
        super().connect()
        _report(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _report(self)
        super().request(*args, **kwargs)


class _TrackedTLS(_Tracked, HTTPSConnection):
    pass


def _pools(allowed: AddressCheck | None) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Return the pools by scheme, of connections that call allowed addresses only."""

    class Checked(_Tracked):
        def _new_conn(self) -> socket.socket:
            # Through a proxy the address is the proxy's, which the operator has chosen.
            if allowed is None or self.proxy is not None:
                return super()._new_conn()
            seconds = self.timeout if isinstance(self.timeout, int | float) else None
            try:
                # TLS then checks the certificate against the name, as it does for any address.
                return connect(self._dns_host.strip("[]"), self.port, seconds, allowed)
            except socket.gaierror as error:
                raise NameResolutionError(self.host, self, error) from error
            except OSError as error:
                raise NewConnectionError(self, "no address took the connection") from error

    class CheckedTLS(Checked, _TrackedTLS):
        pass

    class Pool(urllib3.HTTPConnectionPool):
        ConnectionCls = Checked

    class TLSPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = CheckedTLS

    return {"http": Pool, "https": TLSPool}


class _Adapter(HTTPAdapter):
    def __init__(self, allowed: AddressCheck | None) -> None:
        self._pools = _pools(allowed)
        super().__init__(pool_connections=16, pool_maxsize=_POOL_SIZE)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def build_session(allowed_address: AddressCheck | None = None) -> requests.Session:
    """Return a session that threads may share.

    It keeps nothing of one caller for the next: no cookies, no `.netrc`. The certificate bundle
    of the environment (`REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE`) is honoured.

    Args:
        allowed_address: whether an address may be connected to, asked of what a name was resolved
            to for that connection; every address may where it is not given. A proxy resolves names
            by itself and is not checked: where names come from strangers, there must be none
            (`HttpClient(…, proxies=False)`).
    """
    session = requests.Session()
    session.trust_env = False  # .netrc would add credentials of its own
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    adapter = _Adapter(allowed_address)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
