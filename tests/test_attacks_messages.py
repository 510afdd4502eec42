"""Attacks 19-22: where messages go, and what the links in them do.

What the outbox does by itself (20 at its last gate, 24) is tested there.
"""

import re
from collections import Counter

import pytest
from django.core import mail

from accounts.models import Challenge, Contact, User
from accounts.tests.factories import make_contact, make_user
from outbox.models import Message
from recovery.models import NoticeLink, Objection, Proof, RecoveryTicket
from recovery.services import notices
from tests.factories import make_browser, recover, start, type_code

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
OLD = "maria.old@example.net"
LINK = re.compile(r"https?://\S+")
LOOK_ALIKES = [
    "m\u0430ria@example.org",  # Cyrillic a
    "maria@ex\u0430mple.org",
    "mar\u0131a@example.org",  # dotless i
    "MAR\u0130A@example.org",
    "\uff4daria@example.org",  # full width m
    "maria@example.org\u200b",  # zero width
    "mar\u00ada@example.org",
    "\u202emaria@example.org",  # right to left
    "maria@\u24d4xample.org",  # circled e, which UTS 46 maps
]
TWO_IN_ONE = [
    "maria@example.org,thief@example.net",
    "maria@example.org;thief@example.net",
    "maria@example.org thief@example.net",
    "maria@example.org\r\nBcc: thief@example.net",
    "maria@example.org\nthief@example.net",
    "maria@example.org%0athief@example.net",
    "<maria@example.org>,<thief@example.net>",
    '"maria@example.org"@example.net',
    "thief@example.net(maria@example.org)",
    "maria@example.org@example.net",
    "maria@[127.0.0.1]",
    "maria@example.org\x00@example.net",
]


@pytest.fixture
def maria():
    user = make_user(email=MARIA, first_name="Maria")
    make_contact(user, OLD)
    return user


def sent_to() -> set[str]:
    return {*Message.objects.values_list("address", flat=True)}


@pytest.mark.parametrize("typed", LOOK_ALIKES, ids=ascii)
def test_19_nothing_that_opens_an_account_goes_to_a_look_alike(maria, typed, deliver):
    browser = make_browser()
    start(browser, typed, "thief@example.net")
    start(browser, MARIA, typed)
    browser.post("/acsr/name/", {"contact": typed})
    for message in Message.objects.filter(kind="recovery.code"):
        browser.post("/acsr/code/", {"code": message.secrets["code"]})
    browser.post("/acsr/proof/contact/", {"contact": typed})
    deliver()

    # UTS 46 says of one of these that it is the same name: then the stored address is written to.
    assert all(address.isascii() for address in sent_to())
    assert not [letter for letter in mail.outbox if letter.to != [MARIA] and MARIA in letter.body]
    assert not RecoveryTicket.objects.exclude(contact=MARIA).filter(state="approved").exists()


@pytest.mark.parametrize("typed", TWO_IN_ONE, ids=ascii)
def test_20_two_addresses_in_a_field_reach_neither(maria, typed):
    browser = make_browser()
    fields = {"password1": "Bright-window-9-hill", "password2": "Bright-window-9-hill"}

    answers = [
        start(browser, MARIA, typed),
        browser.post("/acsr/", {"identifier": typed}),
        browser.post("/acsr/name/", {"contact": typed}),
        browser.post("/acsr/status/", {"contact_email": typed}),
        browser.post("/sign-up/", {"email": typed, **fields}),
    ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert not Message.objects.exists()


@pytest.mark.parametrize("field", ["identifier", "contact_email"])
def test_20_of_a_field_sent_twice_no_value_is_taken(maria, field):
    fields = {"identifier": MARIA, "contact_email": MARIA}
    fields[field] = [MARIA, "thief@example.net"]

    make_browser().post("/acsr/", fields)

    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_SERVER": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_REFERER": "https://evil.example/acsr/"},
        {"HTTP_X_ORIGINAL_URL": "https://evil.example/"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_21_links_are_built_from_the_settings(maria, settings, deliver, headers):
    browser = make_browser(**headers)
    start(browser, MARIA)
    type_code(browser, MARIA)
    notices.send_due()
    deliver()

    links = {link for letter in mail.outbox for link in LINK.findall(letter.body)}
    assert any("/acsr/stop/" in link for link in links)
    assert [link for link in links if not link.startswith(settings.SITE_URL)] == []
    assert not any("evil" in letter.body for letter in mail.outbox)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.x", "[::"]
)
def test_21_a_bad_host_gets_400_and_nothing_happens(maria, host):
    answer = make_browser(HTTP_HOST=host).post("/acsr/", {"identifier": MARIA})

    assert answer.status_code == 400
    assert not Message.objects.exists()


def test_22_a_scanner_that_opens_every_link_changes_nothing(maria, deliver):
    recover(make_browser(), MARIA)
    start(thief := make_browser("198.51.100.7"), MARIA, "thief@example.net")
    type_code(thief, "thief@example.net")
    notices.send_due()
    deliver()
    links = {link for letter in mail.outbox for link in LINK.findall(letter.body)}
    before = rows()

    for link in links:
        for method in ("get", "head", "options", "get"):
            answer = getattr(make_browser("192.0.2.1"), method)(link)
            assert answer.status_code < 500

    assert len([link for link in links if "/acsr/stop/" in link]) >= 2
    assert rows() == before


def rows() -> Counter[str]:
    """Give all that a link could change, as text."""
    tables = (User, Contact, Challenge, Message, RecoveryTicket, Proof, NoticeLink, Objection)
    return Counter(str(values) for table in tables for values in table.objects.values())
