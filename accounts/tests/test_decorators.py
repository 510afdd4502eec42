"""Limits at the edge (attacks.md 12, 13, 14)."""

import pytest
import redis.exceptions
from django.http import HttpResponse
from django.test import RequestFactory

from accounts import policy
from accounts.decorators import edge_limit
from accounts.errors import LimitReached
from accounts.policy import Rule
from accounts.tests.factories import make_client

RULE = Rule("test.edge", 2, policy.EDGE_LIMITS["sign_in"][0].window)


@edge_limit("test")
def view(request):
    return HttpResponse("done")


@pytest.fixture(autouse=True)
def _two_posts_are_allowed(monkeypatch):
    monkeypatch.setitem(policy.EDGE_LIMITS, "test", (RULE,))


def post(address="203.0.113.9", method="post"):
    request = getattr(RequestFactory(), method)("/")
    request.client = make_client(address)
    return view(request)


def test_posts_past_the_limit_are_refused_with_their_time():
    post()
    post()

    with pytest.raises(LimitReached) as refusal:
        post()

    assert refusal.value.until is not None


def test_reading_is_not_counted():
    for _ in range(5):
        post(method="get")

    assert post().content == b"done"


def test_mapped_addresses_share_the_bucket_of_their_ipv4():
    post()
    post("::ffff:203.0.113.9")

    with pytest.raises(LimitReached):
        post("::ffff:203.0.113.9")


def test_neighbours_in_one_network_do_not_share():
    post()
    post()

    assert post("203.0.113.10").content == b"done"


def test_hopping_inside_a_wide_network_ends_at_ten_times_the_limit():
    for number in range(RULE.limit * policy.WIDE_FACTOR):
        post(f"2001:db8:1:{number:x}::1")

    with pytest.raises(LimitReached):
        post("2001:db8:1:ffff::1")
    assert post("2001:db8:2::1").content == b"done"


def test_shared_networks_have_their_factor(settings):
    settings.SHARED_NETWORKS = ["203.0.113.0/24=3"]
    for _ in range(RULE.limit * 3):
        post()

    with pytest.raises(LimitReached):
        post()


def test_unknown_address_is_limited_too():
    post("")
    post("")

    with pytest.raises(LimitReached):
        post("")


def test_cache_that_is_down_lets_nothing_through(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }

    with pytest.raises(redis.exceptions.ConnectionError):
        post()
