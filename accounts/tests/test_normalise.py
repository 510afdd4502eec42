"""The two keys of an address (attacks.md 13, 19, 20)."""

import traceback

import pytest

from accounts import normalise
from accounts.enums import ContactKind
from accounts.errors import AddressRefused


@pytest.mark.parametrize(
    ("typed", "match_key"),
    [
        ("maria@example.org", "maria@example.org"),
        ("Maria@Example.ORG", "maria@example.org"),
        ("  maria@example.org ", "maria@example.org"),
        ("ma ria@example.org", "maria@example.org"),
        ("maria\u00a0@example.org", "maria@example.org"),
        ("maria+shop@example.org", "maria+shop@example.org"),
        ("o'neill@example.org", "o'neill@example.org"),
        ("maria@bücher.example", "maria@xn--bcher-kva.example"),
        ("maria@BÜCHER.example", "maria@xn--bcher-kva.example"),
        # UTS 46 non-transitional: sharp s is a letter of its own, not "ss".
        ("maria@straße.example", "maria@xn--strae-oqa.example"),
        # Full-width letters in a domain are the domain they are mapped to.
        ("maria@\uff45xample.org", "maria@example.org"),
    ],
)
def test_spellings_of_one_address_have_one_match_key(typed, match_key):
    assert normalise.email(typed).match_key == match_key


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "maria",
        "maria@",
        "@example.org",
        "maria@example",
        "maria@@example.org",
        "maria@example.org,thief@example.net",
        "maria@example.org;thief@example.net",
        "maria@example.org thief@example.net",
        "maria@example.org\nthief@example.net",
        "maria@example.org\r\nBcc: thief@example.net",
        "maria@example.org\x00",
        '"maria"@example.org',
        "maria(comment)@example.org",
        "<maria@example.org>",
        "maria@[127.0.0.1]",
        "maria@127.0.0.1",
        "maría@example.org",
        "m\u0430ria@example.org",  # Cyrillic a
        "\uff4daria@example.org",  # full-width m
        "maria@exa mple..org",
        ".maria@example.org",
        "maria.@example.org",
        "ma..ria@example.org",
        "maria@-example.org",
        "maria@exa_mple.org",
        "maria@example.org.",
        "m" * 65 + "@example.org",
        "maria@" + "a" * 64 + ".org",
        "maria@" + ".".join(["a" * 60] * 5) + ".org",
        "\u200bmaria@example.org",
    ],
)
def test_what_mail_should_not_go_to_is_refused(typed):
    with pytest.raises(AddressRefused):
        normalise.email(typed)


@pytest.mark.parametrize("typed", ["maria rossi", "maria@exa_mple.org"])
def test_refusal_brings_nothing_that_was_typed_into_a_traceback(typed):
    with pytest.raises(AddressRefused) as refusal:
        normalise.email(typed)

    logged = "".join(traceback.format_exception(refusal.value))
    assert [part for part in ("maria", "rossi", "exa_mple") if part in logged] == []


def test_look_alike_domain_has_a_key_of_its_own():
    # Cyrillic e: another domain, and never the one on file.
    assert normalise.email("maria@\u0435xample.org").match_key == "maria@xn--xample-2of.org"


def test_stored_value_keeps_the_case_of_the_mailbox():
    assert normalise.email("Maria@Example.org").value == "Maria@example.org"


@pytest.mark.parametrize(
    ("typed", "limit_key"),
    [
        ("maria+shop@example.org", "maria@example.org"),
        ("+shop@example.org", "+shop@example.org"),
        ("m.a.r.i.a@gmail.com", "maria@gmail.com"),
        ("Maria+1@GoogleMail.com", "maria@gmail.com"),
        ("maria@protonmail.com", "maria@proton.me"),
        ("m.aria@example.org", "m.aria@example.org"),
    ],
)
def test_limits_count_a_mailbox_and_not_its_spellings(typed, limit_key):
    assert normalise.email(typed).limit_key == limit_key


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+49 (151) 234-56789", "+4915123456789"),
    ],
)
def test_phone_numbers_are_kept_as_e164(typed, value):
    found = normalise.phone(typed)

    assert (found.kind, found.value, found.match_key) == (ContactKind.PHONE, value, value)


@pytest.mark.parametrize(
    "typed",
    # The last two are possible to the library: a local number, and one longer than E.164 has.
    [
        "",
        "0612345678",
        "+",
        "+12",
        "+9999999999999999",
        "phone",
        "\x00",
        "+49 151",
        "+49 151 234567890123",
    ],
)
def test_numbers_without_their_country_are_refused(typed):
    with pytest.raises(AddressRefused):
        normalise.phone(typed)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("A@X.com", "a@x.com"),
        (" a@x.com", "a@x.com"),
        ("a+1@x.com", "a@x.com"),
        ("M-4711", "m-4711"),
        (" m-4711 ", "m-4711"),
        ("+33 6 12 34 56 78", "+33612345678"),
    ],
)
def test_identifiers_as_typed_share_one_bucket(typed, key):
    assert normalise.identifier_key(typed) == key
