"""Attacks 12-15: no header, spelling, network or broken part gets around a limit."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.policy import EDGE_LIMITS, WIDE_FACTOR
from accounts.tests.factories import PASSWORD, make_user
from acsr_site.tests.ports import free_port
from outbox.models import Message
from recovery.models import RecoveryTicket
from tests.factories import make_browser, sign_in, start

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
PER_NETWORK = 5  # codes to one address
GARBAGE = [
    "",
    "a",
    "203.0.113.7:80",
    "[2001:db8::7]:80",
    "1.2.3.4, 5.6.7.8, 9.10.11.12",
    ",,,",
    "%s%s%n",
    "x" * 10_000,
    "\u00ff\u00fe",
    "127.0.0.1\x00",
    "fe80::1%eth0",
    "999.999.999.999",
]


def starts_let_through(browsers, *, contact=MARIA) -> int:
    """Start once in each browser with one address; give how often a code was sent."""
    for number, browser in enumerate(browsers):
        start(browser, f"someone{number}@example.org", contact)
    return Message.objects.filter(kind="recovery.code").count()


def test_12_a_forged_forwarded_header_for_each_request_lifts_no_limit():
    browsers = [make_browser(HTTP_X_FORWARDED_FOR=f"198.51.100.{n}") for n in range(8)]

    assert starts_let_through(browsers) == PER_NETWORK


@pytest.mark.parametrize("proxies", [0, 1, 3])
@pytest.mark.parametrize("header", GARBAGE, ids=lambda text: ascii(text[:20]))
def test_12_garbage_in_the_header_is_no_error_and_skips_no_limit(settings, proxies, header):
    settings.TRUSTED_PROXY_COUNT = proxies
    browsers = [make_browser(HTTP_X_FORWARDED_FOR=header) for _ in range(PER_NETWORK + 2)]

    answers = [start(browser, MARIA).status_code for browser in browsers]

    assert answers == [302] * PER_NETWORK + [429] * 2


def test_12_without_the_header_behind_a_proxy_the_limit_holds(settings):
    settings.TRUSTED_PROXY_COUNT = 1

    assert starts_let_through([make_browser() for _ in range(8)]) == PER_NETWORK


def test_12_only_what_our_own_proxy_appended_counts(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    forged = [make_browser(HTTP_X_FORWARDED_FOR=f"192.0.2.{n}, 203.0.113.9") for n in range(8)]

    assert starts_let_through(forged) == PER_NETWORK
    assert {*RecoveryTicket.objects.values_list("network", flat=True)} == {"203.0.113.9"}


@pytest.mark.parametrize("address", ["", "not an address", "unix:", "203.0.113.9\x00"])
def test_12_a_server_that_knows_no_address_counts_all_as_one(address):
    assert starts_let_through([make_browser(address) for _ in range(8)]) == PER_NETWORK


@pytest.mark.parametrize(
    "spelling",
    [
        "MARIA@Example.ORG",
        " maria@example.org ",
        "maria+x@example.org",
        "maria @example.org",
        "maria@EXAMPLE\uff0eorg",
        "maria@\uff45xample.org",
        "maria@ex\u00adample.org",
    ],
    ids=ascii,
)
def test_13_every_spelling_of_an_address_is_in_one_bucket(spelling):
    starts_let_through([make_browser() for _ in range(PER_NETWORK)])

    answer = start(make_browser(), "someone@example.org", spelling)

    assert answer.status_code == 429


@pytest.mark.parametrize(
    "addresses",
    [
        [f"2001:db8:1:1::{n}" for n in range(1, 9)],
        ["203.0.113.9", "::ffff:203.0.113.9", "::ffff:cb00:7109", *["203.0.113.9"] * 5],
    ],
    ids=["one /64", "mapped"],
)
def test_13_spellings_of_one_network_are_in_one_bucket(addresses):
    assert starts_let_through([make_browser(address) for address in addresses]) == PER_NETWORK


def test_13_hopping_inside_a_48_meets_a_coarser_limit(monkeypatch):
    few = replace(EDGE_LIMITS["start"][0], limit=3)
    monkeypatch.setitem(EDGE_LIMITS, "start", (few,))
    limit = few.limit * WIDE_FACTOR
    answers = [
        make_browser(f"2001:db8:1:{number:x}::1").post("/acsr/name/", {}).status_code
        for number in range(limit + 2)
    ]

    assert answers == [200] * limit + [429] * 2


def test_13_mapped_addresses_share_nothing_with_each_other():
    starts_let_through([make_browser("::ffff:203.0.113.9") for _ in range(PER_NETWORK)])

    other = start(make_browser("::ffff:203.0.113.10"), "someone@example.org", MARIA)

    assert other.status_code == 302


@pytest.fixture
def no_cache(settings):
    """A Redis that is not there, as the cache of the edge limits."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
        }
    }


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/acsr/", {"identifier": MARIA}),
        ("/acsr/name/", {"contact": MARIA}),
        ("/acsr/status/", {"contact_email": MARIA}),
        ("/sign-in/", {"identifier": MARIA, "password": PASSWORD}),
        ("/sign-in/", {"identifier": MARIA, "password": "wrong"}),
        ("/sign-up/", {"email": MARIA, "password1": PASSWORD, "password2": PASSWORD}),
    ],
)
def test_14_without_the_cache_nothing_limited_is_done_and_the_answer_is_polite(
    no_cache, path, fields
):
    make_user(email=MARIA)

    answer = make_browser().post(path, fields)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert not Message.objects.exists()
    assert not RecoveryTicket.objects.exists()


def test_14_pages_that_need_no_limit_work_without_the_cache(no_cache):
    answers = [make_browser().get(path).status_code for path in ("/", "/acsr/", "/sign-in/")]

    assert answers == [200, 200, 200]


def test_15_however_often_an_address_is_named_it_gets_no_more_than_its_cap(deliver):
    make_user(email=MARIA)
    for number in range(40):
        browser = make_browser(f"198.51.{number}.7")
        start(browser, MARIA)
        if number % 5 == 0:
            browser.post("/acsr/name/", {"contact": MARIA})
            browser.post("/acsr/status/", {"contact_email": MARIA})
            sign_in(browser, MARIA, "wrong")
    deliver()

    kinds = [letter.extra_headers["X-Message-Kind"] for letter in mail.outbox]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "recovery.code": 10,
        "recovery.names": 3,
        "recovery.requests": 3,
    }


def test_15_the_cap_is_new_on_the_next_day(time_machine):
    starts_let_through([make_browser() for _ in range(PER_NETWORK)])
    time_machine.move_to(timezone.now() + timedelta(hours=24, minutes=1))

    assert start(make_browser(), "someone@example.org", MARIA).status_code == 302
