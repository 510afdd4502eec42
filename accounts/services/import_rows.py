"""Rows of an import file: from text to checked values, one refusal for each bad row."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings

from accounts import imported_hashes, normalise, policy
from accounts.errors import AddressRefused, ImportedHashRefused, RowRefused
from accounts.normalise import Address

FIELDS = (
    "email",
    "external_id",
    "phone",
    "password",
    "password_hash",
    "first_name",
    "last_name",
    "birth_date",
    "country",
    "postal_code",
    "created_at",
    "language",
    "time_zone",
    "protected",
    "is_active",
    "contacts",
)
FACT_PREFIX = "fact:"  # a column of a CSV file for each; JSON lines have an object "facts"
FACT_LONGEST = 200  # characters
LONGEST = {"external_id": 254, "first_name": 150, "last_name": 150, "postal_code": 20}
YES, NO = {"true", "yes", "1", "t", "y"}, {"false", "no", "0", "f", "n"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,6})?")


@dataclass(frozen=True)
class ImportedContact:
    """An address of a row; ``verified_at`` None: nobody has shown yet that it is theirs."""

    address: Address
    verified_at: datetime | None
    signs_in: bool = False


@dataclass(frozen=True)
class AccountRow:
    """A checked row; times are aware."""

    line: int
    external_id: str | None
    contacts: list[ImportedContact]
    password: str = field(default="", repr=False)
    password_hash: str = field(default="", repr=False)
    values: dict[str, Any] = field(default_factory=dict)  # fields of User, by name
    created_at: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict, repr=False)  # by name

    @property
    def primaries(self) -> list[Address]:
        """What the person signs in with: at most an e-mail address and a phone."""
        return [contact.address for contact in self.contacts if contact.signs_in]


Raw = tuple[int, dict[str, Any] | RowRefused]


def read_json_lines(lines: Iterable[str]) -> Iterator[Raw]:
    """Give (line number, object) of each line that is not empty."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            yield number, RowRefused("not JSON")
        else:
            is_object = isinstance(row, dict)
            yield number, row if is_object else RowRefused("not a JSON object")


def read_csv(lines: Iterable[str]) -> Iterator[Raw]:
    """Give (line number, cells by column) of each record; empty cells are left out."""
    reader = csv.DictReader(lines, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, RowRefused(f"not CSV: {error}")
            continue
        if None in row:
            yield reader.line_num, RowRefused("more cells than columns")
            continue
        yield reader.line_num, {name: cell for name, cell in row.items() if cell}


def check_row(line: int, raw: Mapping[str, Any], *, now: datetime) -> AccountRow:
    """Give the checked row; ``raw`` has our names; raises RowRefused with what is wrong."""
    _refuse_broken_text(raw)
    given = {name: raw[name] for name in FIELDS if raw.get(name) not in (None, "")}
    created_at = _past(given, "created_at", now)
    row = AccountRow(
        line=line,
        external_id=_external_id(given),
        contacts=_contacts(given, created_at or now, now),
        password=_text(given, "password", policy.PASSWORD_TYPED_LONGEST),
        password_hash=_text(given, "password_hash", policy.PASSWORD_TYPED_LONGEST),
        values=_values(given),
        created_at=created_at,
        facts=_facts(raw),
    )
    if not row.external_id and not row.primaries:
        raise RowRefused("one of email, external_id and phone is needed")
    _check_password(row)
    return row


def _refuse_broken_text(raw: Mapping[str, Any]) -> None:
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise RowRefused("not UTF-8") from error


def _check_password(row: AccountRow) -> None:
    if row.password and row.password_hash:
        raise RowRefused("password and password_hash: give one of them")
    if row.password_hash:
        try:
            imported_hashes.recipe_of(row.password_hash)
        except ImportedHashRefused as error:
            raise RowRefused(f"password_hash: {error}") from error


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the profile as fields of User; what is not given keeps the model's default."""
    values: dict[str, Any] = {
        name: _text(given, name, LONGEST[name])
        for name in ("first_name", "last_name", "postal_code")
        if name in given
    }
    if "birth_date" in given:
        values["birth_date"] = _birth_date(_text(given, "birth_date", 10))
    if "country" in given:
        values["country"] = _matching(given, "country", re.compile(r"[A-Za-z]{2}")).upper()
    if "language" in given:
        values["language"] = _matching(given, "language", LANGUAGE)
    if "time_zone" in given:
        values["time_zone"] = _time_zone(_text(given, "time_zone", 64))
    if "protected" in given:
        values["is_protected"] = _yes_or_no(given, "protected")
    if "is_active" in given:
        values["is_active"] = _yes_or_no(given, "is_active")
    return values


def _facts(raw: Mapping[str, Any]) -> dict[str, str]:
    """Give the organisation's own facts, by name; only those that this site asks about."""
    listed = raw.get("facts") or {}
    if not isinstance(listed, dict):
        raise RowRefused("facts: not an object")
    columns = {
        name.removeprefix(FACT_PREFIX): value
        for name, value in raw.items()
        if name.startswith(FACT_PREFIX)
    }
    asked = {pair.partition("=")[0].strip() for pair in settings.EVIDENCE_FACTS}
    facts = {}
    for name, value in (listed | columns).items():
        if value in (None, ""):
            continue
        if name not in asked:
            raise RowRefused("facts: one that EVIDENCE_FACTS does not ask about")
        facts[name] = _text({"facts": value}, "facts", FACT_LONGEST)
        if not normalise.fact(facts[name]):
            raise RowRefused("facts: one without a letter or digit")
    return facts


def _contacts(given: Mapping[str, Any], made_at: datetime, now: datetime) -> list[ImportedContact]:
    """Give the primaries, then the listed ones; a listed primary only dates it."""
    listed: dict[str, ImportedContact] = {}
    for entry in _list_of_contacts(given):
        contact = _listed_contact(entry, now)
        if contact.address.match_key in listed:
            raise RowRefused("contacts: the same address twice")
        listed[contact.address.match_key] = contact
    primaries = []
    for name in ("email", "phone"):
        if name in given:
            address = _address(name, given[name])
            dated = listed.pop(address.match_key, None)
            verified_at = (dated.verified_at if dated else None) or made_at
            primaries.append(ImportedContact(address, verified_at, signs_in=True))
    return [*primaries, *listed.values()]


def _list_of_contacts(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = given.get("contacts", [])
    if isinstance(entries, str):  # a cell of a CSV file
        try:
            entries = json.loads(entries)
        except (ValueError, RecursionError) as error:
            raise RowRefused("contacts: not JSON") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RowRefused("contacts: not a list of objects")
    return entries


def _listed_contact(entry: Mapping[str, Any], now: datetime) -> ImportedContact:
    kind = entry.get("kind")
    if kind not in ("email", "phone"):
        raise RowRefused("contacts: kind is email or phone")
    return ImportedContact(_address(kind, entry.get("value")), _past(entry, "verified_at", now))


def _address(kind: str, value: Any) -> Address:
    read = normalise.email if kind == "email" else normalise.phone
    try:
        return read(str(value))
    except AddressRefused as error:
        raise RowRefused(f"{kind}: not an address we can write to") from error


def _external_id(given: Mapping[str, Any]) -> str | None:
    typed = _text(given, "external_id", LONGEST["external_id"])
    if not typed:
        return None
    key = normalise.external_id(typed)
    own = normalise.external_id(str(given.get("email", "")))
    # A name that reads as somebody else's address would stand between them and their account.
    if key.startswith("+") or ("@" in key and key != own):
        raise RowRefused("external_id: reads as an address that is not the row's own e-mail")
    return key


def _text(given: Mapping[str, Any], name: str, longest: int) -> str:
    value = given.get(name, "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowRefused(f"{name}: not text")
    text = str(value)
    if name != "password" and any(unicodedata.category(sign) == "Cc" for sign in text):
        raise RowRefused(f"{name}: a line break or control character")
    if len(text) > longest:
        raise RowRefused(f"{name}: longer than {longest} characters")
    return text


def _matching(given: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    text = _text(given, name, 20)
    if not pattern.fullmatch(text):
        raise RowRefused(f"{name}: not a code we know")
    return text


def _birth_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RowRefused("birth_date: not a date such as 1990-12-31") from error


def _time_zone(name: str) -> str:
    if name not in _time_zones():
        raise RowRefused("time_zone: not a name such as Europe/Berlin")
    return name


@cache
def _time_zones() -> frozenset[str]:
    """Give all names once: they are read from hundreds of files."""
    return frozenset(available_timezones())


def _yes_or_no(given: Mapping[str, Any], name: str) -> bool:
    word = str(given[name]).strip().lower()
    if word not in YES | NO:
        raise RowRefused(f"{name}: neither true nor false")
    return word in YES


def _past(given: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    """Give a time that is not to come; without a zone it is UTC."""
    text = given.get(name)
    if text in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(str(text))
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise RowRefused(f"{name}: not a time such as 2024-05-01T12:00:00Z") from error
    if at > now:
        raise RowRefused(f"{name}: in the future")
    return at
