"""Whose request it is, whatever the headers say (attacks.md 12, 13)."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.services import networks

PEER = "192.0.2.1"
LONG = "1.2.3.4," * 2_000


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        # Without a proxy of ours the header is the sender's own story.
        ("198.51.100.7", 0, PEER),
        ("", 0, PEER),
        # Each proxy of ours appends one; what stands further left is made up.
        ("198.51.100.7", 1, "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7", 1, "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7, 10.0.0.1", 2, "198.51.100.7"),
        ("198.51.100.7:4711", 1, "198.51.100.7"),
        ("[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("::ffff:198.51.100.7", 1, "198.51.100.7"),
        ("fe80::1%eth0", 1, "fe80::1"),
        # Fewer entries than proxies, or garbage: the peer, never nothing.
        ("198.51.100.7", 2, PEER),
        ("", 1, PEER),
        (",", 1, PEER),
        ("unknown", 1, PEER),
        ("999.1.1.1", 1, PEER),
        ("198.51.100.7;", 1, PEER),
        ("\x00", 1, PEER),
        (LONG, 1, PEER),
        (LONG + "198.51.100.7", 1, "198.51.100.7"),
        ("x" * 10_240, 1, PEER),
    ],
)
def test_address_is_what_the_outermost_proxy_of_ours_saw(forwarded, proxies, expected):
    assert networks.client_address(PEER, forwarded, proxies) == expected


@pytest.mark.parametrize("peer", ["", "unix:", "garbage"])
def test_unknown_peer_is_one_bucket_and_no_error(peer):
    address = networks.client_address(peer, "", 0)

    assert (address, networks.network_of(address), networks.wide_network_of(address)) == (
        "",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("address", "network", "wide"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.0/24"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::1", "2001:db8:1:ffff::", "2001:db8:1::/48"),
    ],
)
def test_networks_are_what_one_line_is_given(address, network, wide):
    assert networks.network_of(address) == network
    assert networks.wide_network_of(address) == wide


@pytest.mark.parametrize(
    ("address", "factor"),
    [("10.1.2.3", 20), ("10.2.0.1", 1), ("2001:db8::1", 5), ("", 1), ("::ffff:10.1.2.3", 20)],
)
def test_shared_networks_have_their_factor(address, factor):
    shared = ["10.1.0.0/16=20", "2001:db8::/32=5"]

    assert networks.shared_factor(address, shared) == factor


@pytest.mark.parametrize(
    "pair", ["10.1.0.0/16", "10.1.0.0/16=many", "campus=3", "=", "10.1.0.1/16=2"]
)
def test_unreadable_shared_networks_are_refused(pair):
    with pytest.raises(ImproperlyConfigured):
        networks.shared_factor("10.1.2.3", [pair])


@pytest.mark.parametrize(
    ("address", "around"),
    [
        ("203.0.113.7", "203.0.0.0/16"),
        ("::ffff:203.0.113.7", "203.0.0.0/16"),
        ("2001:db8:1:2::9", "2001:db8::/32"),
        ("no address", ""),
        ("", ""),
    ],
)
def test_range_is_about_what_one_provider_has(address, around):
    assert networks.range_of(address) == around
