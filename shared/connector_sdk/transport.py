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


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Tracked


class _TLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TrackedTLS


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._track(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **kwargs)
        self._track(manager)
        return manager

    @staticmethod
    def _track(manager: urllib3.PoolManager) -> None:
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}


def build_session() -> requests.Session:
    """Return a session that threads may share.

    It keeps nothing of one caller for the next: no cookies, no `.netrc`. The certificate bundle
    of the environment (`REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE`) is honoured.
    """
    session = requests.Session()
    session.trust_env = False  # .netrc would add credentials of its own
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or True
    adapter = _Adapter(pool_connections=16, pool_maxsize=_POOL_SIZE)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
