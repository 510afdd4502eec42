"""The two keys of an address, and what a typed identifier may mean (design.md section 2).

The *match key* is identity: equal keys are one address. The *limit key* is what budgets count and
what "the same proof" means: every spelling that reaches one mailbox has one limit key.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import idna
import phonenumbers

from accounts.enums import ContactKind
from accounts.errors import AddressRefused

MAX_EMAIL = 254  # RFC 5321 4.5.3.1.3 less the angle brackets
MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1
# RFC 5322 3.2.3 dot-atom, ASCII only: no quotes, comments, spaces or control characters.
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
E164 = re.compile(r"\+[1-9][0-9]{5,14}")  # as what sends the texts has it
SPACES = re.compile(r"[ \t\u00a0\u202f]")
UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
# Unicode's categories of spaces, dashes, and of control and format characters.
SILENT = {"Zs", "Zl", "Zp", "Pd", "Cc", "Cf"}
# Domains that are one mail service, by the service's own words.
ALIAS_DOMAINS = {"googlemail.com": "gmail.com", "pm.me": "proton.me", "protonmail.com": "proton.me"}
DOTLESS_DOMAINS = {"gmail.com"}


@dataclass(frozen=True)
class Address:
    """A checked address: what to write to, what it is compared by, what limits count."""

    kind: ContactKind
    value: str
    match_key: str
    limit_key: str


def address(typed: str) -> Address:
    """Read an e-mail address or a phone number in international form; raises AddressRefused."""
    return email(typed) if "@" in typed else phone(typed)


def email(typed: str) -> Address:
    """Read an e-mail address; raises AddressRefused.

    Only A-Z are lower-cased: other foldings join addresses that mail servers keep apart.
    """
    bare = SPACES.sub("", typed)
    local, at, domain = bare.rpartition("@")
    if not at or len(local) > MAX_LOCAL or not LOCAL_PART.fullmatch(local):
        raise AddressRefused
    ascii_domain = _ascii_domain(domain)
    value = f"{local}@{ascii_domain}"
    if len(value) > MAX_EMAIL:
        raise AddressRefused
    match_key = value.translate(UPPER)
    return Address(ContactKind.EMAIL, value, match_key, _limit_key(match_key))


def phone(typed: str) -> Address:
    """Read a phone number that starts with + or 00, as E.164; raises AddressRefused."""
    text = SPACES.sub("", typed)
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise AddressRefused from None
    if not phonenumbers.is_possible_number(number):
        raise AddressRefused
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # The library also takes local numbers of a few digits, and German ones of seventeen.
    if not E164.fullmatch(value):
        raise AddressRefused
    return Address(ContactKind.PHONE, value, value, value)


def external_id(typed: str) -> str:
    """Give the form in which user names and member numbers are stored and compared."""
    return SPACES.sub("", typed).translate(UPPER)


def fact(typed: str) -> str:
    """Give the form in which the organisation's own facts are compared: letters and digits count.

    People leave out the dashes and spaces of a number, or write them as some other ones.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", typed).casefold())
    return "".join(sign for sign in folded if unicodedata.category(sign) not in SILENT)


def identifier_key(typed: str) -> str:
    """Give what limits count for an identifier as typed: one bucket for every spelling of it."""
    try:
        return address(typed).limit_key
    except AddressRefused:
        return external_id(typed)[:MAX_EMAIL]


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    """Give the domain as UTS 46 non-transitional A-labels, with at least two labels."""
    try:
        text = idna.encode(domain, uts46=True, transitional=False, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise AddressRefused from None
    # A dot at the end would be a second spelling of one domain, and a second bucket.
    last_label = text.rpartition(".")[2]
    if "." not in text or not last_label or last_label.isdigit():
        raise AddressRefused
    return text


def _limit_key(match_key: str) -> str:
    local, _, domain = match_key.rpartition("@")
    domain = ALIAS_DOMAINS.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in DOTLESS_DOMAINS:
        local = local.replace(".", "")
    return f"{local}@{domain}"
