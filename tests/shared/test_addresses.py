"""Which addresses may be called where somebody else chose the name, tried with real sockets."""

from __future__ import annotations

import ipaddress

import pytest

from connector_sdk import Deadline, HttpClient, ProviderError
from connector_sdk.addresses import AddressRefused, allowed_address, check_addresses, connect
from connector_sdk.transport import build_session
from tests.support.wire import answer, serving

NEVER = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",  # noqa: S104 - nothing is bound
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
]
PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "::1",
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "fd12:3456::1",
    "::ffff:10.0.0.5",
    "64:ff9b::7f00:1",
]
PUBLIC = ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", NEVER)
@pytest.mark.parametrize("private", [False, True])
def test_metadata_and_nobody_s_addresses_are_never_called(address: str, private: bool) -> None:
    assert not allowed_address(ipaddress.ip_address(address), private=private)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_called_only_where_that_is_meant(address: str) -> None:
    assert not allowed_address(ipaddress.ip_address(address), private=False)
    assert allowed_address(ipaddress.ip_address(address), private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    assert allowed_address(ipaddress.ip_address(address), private=False)


@pytest.mark.parametrize(
    "spelling", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"]
)
def test_other_spellings_of_an_address_are_the_same_address(spelling: str) -> None:
    with pytest.raises(AddressRefused):
        connect(spelling, 80, 1.0, check_addresses(private=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
def test_a_refused_address_hears_nothing(host: str) -> None:
    with serving(lambda connection, request, over: connection.sendall(answer())) as wire:
        url = wire.url.replace("127.0.0.1", host)
        session = build_session(check_addresses(private=False))
        http = HttpClient(None, session=session, proxies=False, plain_http=True)
        with pytest.raises(ProviderError, match="address that may not be called"):
            http.request("GET", url, deadline=Deadline(5), headers={"Authorization": "Bearer t"})
        assert wire.connections == 0


def test_a_checked_session_calls_what_is_allowed() -> None:
    with serving(lambda connection, request, over: connection.sendall(answer())) as wire:
        session = build_session(check_addresses(private=True))
        http = HttpClient(None, session=session, proxies=False, plain_http=True)
        assert http.request("GET", wire.url, deadline=Deadline(5)).status == 200
        assert wire.connections == 1
