"""Whose request it is, behind proxies, and which network limits count it under."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.core.exceptions import ImproperlyConfigured

Ip = IPv4Address | IPv6Address


def client_address(peer: str, forwarded: str, proxies: int) -> str:
    """Give the address of the asking machine, "" where nothing usable is known.

    peer: who opened the connection. forwarded: the X-Forwarded-For header.
    proxies: how many of ours each request passes; every one of them appended one address, so that
    what stands further left was made up by the sender. Anything unreadable gives the peer: a limit
    may count too many under one address, but is never skipped.
    """
    if proxies > 0:
        entries = forwarded.rsplit(",", proxies)[-proxies:]
        claimed = read(entries[0]) if len(entries) == proxies else None
        if claimed:
            return str(claimed)
    own = read(peer)
    return str(own) if own else ""


def read(text: str) -> Ip | None:
    """Read an address, with a port or in brackets too; IPv4-mapped IPv6 becomes IPv4."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


def network_of(address: str) -> str:
    """Give what limits count: the IPv4 address itself, or the /64 that one line is given."""
    found = read(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False).network_address)
    return str(found) if found else ""


def wide_network_of(address: str) -> str:
    """Give the /24 or /48 around it: a home line has 65,536 /64 to hop between."""
    found = read(address)
    if found is None:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))  # noqa: PLR2004


def range_of(address: str) -> str:
    """Give the /16 or /32 around it: about what one provider has in one part of a country."""
    found = read(address)
    if found is None:
        return ""
    return str(ip_network((found, 16 if found.version == 4 else 32), strict=False))  # noqa: PLR2004


def shared_factor(address: str, shared: Iterable[str]) -> int:
    """Give by how much the limits of this address are multiplied; 1 for most.

    shared: "CIDR=factor" pairs (the setting SHARED_NETWORKS). Raises ImproperlyConfigured.
    """
    found = read(address)
    if found is None:
        return 1
    factors = [factor for network, factor in _read_shared(tuple(shared)) if found in network]
    return max(factors, default=1)


@lru_cache(maxsize=8)
def _read_shared(pairs: tuple[str, ...]) -> list[tuple[IPv4Network | IPv6Network, int]]:
    try:
        split = [pair.split("=") for pair in pairs]
        return [(ip_network(cidr.strip()), max(1, int(factor))) for cidr, factor in split]
    except ValueError as error:
        raise ImproperlyConfigured("SHARED_NETWORKS needs pairs like 10.1.0.0/16=20.") from error
