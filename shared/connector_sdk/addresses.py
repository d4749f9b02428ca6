"""Which addresses may be called where somebody else chose the name (SSRF)."""

from __future__ import annotations

import functools
import ipaddress
import socket
from collections.abc import Callable, Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
AddressCheck = Callable[[Address], bool]

# Where clouds answer a machine's own questions, credentials among them, beside link-local.
_METADATA = {
    ipaddress.ip_address(address)
    for address in (
        "fd00:ec2::254",  # AWS
        "fd20:ce::254",  # Google
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure's wire server
        "192.0.0.192",  # Oracle
    )
}
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")


class AddressRefused(Exception):
    """A name leads to an address that may not be called; the message names the host alone."""


def allowed_address(address: Address, *, private: bool) -> bool:
    """Whether an address may be called.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) is judged as itself. Link-local
    and metadata addresses, multicast, and those that stand for no host are never allowed.

    Args:
        address: what a name was resolved to.
        private: whether loopback, private and shared networks are allowed (RFC 6890).
    """
    return all(_allowed(form, private=private) for form in _forms(address))


def check_addresses(*, private: bool) -> AddressCheck:
    """Return `allowed_address` with its rule settled, as `build_session` takes it."""
    return functools.partial(allowed_address, private=private)


def connect(host: str, port: int, timeout: float | None, allowed: AddressCheck) -> socket.socket:
    """Resolve a name once, and connect to one of the addresses that were checked.

    Nothing is connected to when any of its addresses is refused: a name that mixes them is a trick.

    Args:
        host: a name or an address, without brackets.
        port: the TCP port.
        timeout: seconds for each address.
        allowed: whether an address may be called.

    Raises:
        AddressRefused: an address is not allowed.
        OSError: the name is not known, or no address took the connection.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, target in found:
        # A scope id (fe80::1%eth0) is not part of the address.
        if not allowed(ipaddress.ip_address(str(target[0]).partition("%")[0])):
            raise AddressRefused(host)
    failure: OSError = OSError("the name has no address")
    for family, kind, protocol, _, target in found:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(timeout)
            sock.connect(target)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


def _allowed(address: Address, *, private: bool) -> bool:
    if address in _METADATA or address.is_link_local or address.is_multicast:
        return False
    if address.is_unspecified or (address.is_reserved and not address.is_loopback):
        return False
    return private or address.is_global


def _forms(address: Address) -> Iterator[Address]:
    """The address, or the IPv4 addresses that it stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _NAT64) or (
        address in _IPV4_COMPATIBLE and int(address) > 1
    ):
        inner.append(last)
    found = [form for form in inner if form is not None]
    yield from found or [address]
