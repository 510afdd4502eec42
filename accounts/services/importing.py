"""Taking over the accounts of another system: rows in, accounts out, never a message.

Each password costs one Argon2 (about 20 ms of one core), wrapped hashes too, so that every row in
the database costs the same to attack. All cores hash; nothing is hashed inside a transaction.
"""

import os
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import policy, signals, validators
from accounts.errors import RowRefused
from accounts.hashers import WrappedPasswordHasher
from accounts.models import Contact, ProfileFact, User
from accounts.services import import_updates, passwords, profiles
from accounts.services.import_rows import AccountRow, ImportedContact, Raw, check_row

BATCH = 200  # rows in one transaction: a second or two of hashing, then a short write


@dataclass
class Report:
    """What became of the rows; ``refused`` is (line number, reason)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Import:
    """One run over one file.

    names: our field to the file's column, where they differ. seen: key of an identifier to the
    line that has it, over the whole file.
    """

    names: Mapping[str, str]
    is_dry_run: bool
    is_update: bool = False
    report: Report = field(default_factory=Report)
    seen: dict[str, int] = field(default_factory=dict)


def import_rows(
    rows: Iterable[Raw],
    *,
    names: Mapping[str, str] | None = None,
    is_dry_run: bool = False,
    is_update: bool = False,
) -> Report:
    """Take over rows, batch by batch.

    Bad rows and rows whose identifiers belong to another account or line are refused and do not
    stop the others. A row whose account is here already changes nothing, unless ``is_update``: then
    its profile and facts become those of the row, and nothing else does.
    """
    run = Import(names or {}, is_dry_run, is_update)
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        _import_batch(run, batch)
    if (run.report.created or run.report.updated) and not is_dry_run:
        _tell_audit(run.report)
    return run.report


def _import_batch(run: Import, batch: list[Raw]) -> None:
    checked = [row for line, raw in batch if (row := _checked(run, line, raw))]
    new = _without_known(run, checked)
    if run.is_dry_run:
        run.report.created += len(new)
        return
    encoded = _hash_all(new)
    try:
        _write(list(zip(new, encoded, strict=True)))
        run.report.created += len(new)
    except IntegrityError:
        # Somebody signed up meanwhile: one by one, so that only their row is refused.
        for row, password in zip(new, encoded, strict=True):
            _write_one(run, row, password)


def _checked(run: Import, line: int, raw: dict[str, object] | RowRefused) -> AccountRow | None:
    """Give the row with our names, or note its refusal."""
    try:
        if isinstance(raw, RowRefused):
            raise raw
        taken = set(run.names.values())
        ours = {name: value for name, value in raw.items() if name not in taken}
        ours |= {name: raw[theirs] for name, theirs in run.names.items() if theirs in raw}
        row = check_row(line, ours, now=timezone.now())
        _refuse_seen(run, row)
    except RowRefused as refusal:
        run.report.refused.append((line, str(refusal)))
        return None
    return row


def _refuse_seen(run: Import, row: AccountRow) -> None:
    keys = _identifiers(row)
    for key, words in keys.items():
        if key in run.seen:
            raise RowRefused(f"the same {words} as line {run.seen[key]}")
    run.seen |= dict.fromkeys(keys, row.line)


def _identifiers(row: AccountRow) -> dict[str, str]:
    """Give what must belong to one account, with the words for it."""
    keys = {address.match_key: f"{address.kind} address" for address in row.primaries}
    if row.external_id:
        # An address as external id is the row's own e-mail (import_rows), hence one key.
        keys.setdefault(row.external_id, "external_id")
    return keys


def _without_known(run: Import, rows: list[AccountRow]) -> list[AccountRow]:
    """Leave out the accounts that are here, and refuse what collides with others."""
    owners = _owners(key for row in rows for key in _identifiers(row))
    names = dict(User.objects.filter(pk__in=owners.values()).values_list("pk", "external_id"))
    new = []
    for row in rows:
        taken = {key: owners[key] for key in _identifiers(row) if key in owners}
        if not taken:
            new.append(row)
        elif _is_here(row, taken, names, is_update=run.is_update):
            _note_known(run, row, next(iter(taken.values())))
        else:
            words = _identifiers(row)[next(iter(taken))]
            run.report.refused.append((row.line, f"the {words} belongs to another account"))
    return new


def _note_known(run: Import, row: AccountRow, owner: uuid.UUID) -> None:
    """Count a row whose account is here, and bring the account up to it where that is asked."""
    if run.is_update and import_updates.update(owner, row, is_dry_run=run.is_dry_run):
        run.report.updated += 1
    else:
        run.report.unchanged += 1


def _owners(keys: Iterable[str]) -> dict[str, uuid.UUID]:
    """Give who holds each identifier now; two queries."""
    wanted = list(keys)
    by_name = User.objects.filter(external_id__in=wanted).values_list("external_id", "pk")
    by_contact = Contact.objects.filter(
        match_key__in=wanted, signs_in=True, removed_at__isnull=True
    ).values_list("match_key", "user_id")
    return {key: pk for key, pk in [*by_name, *by_contact] if key is not None}


def _is_here(
    row: AccountRow,
    taken: dict[str, uuid.UUID],
    names: dict[uuid.UUID, str | None],
    *,
    is_update: bool,
) -> bool:
    """Tell whether the account that holds these identifiers is the row's own.

    An external id decides, because people change addresses; without one, all must agree. A file of
    updates may name accounts by their addresses alone.
    """
    if len(set(taken.values())) != 1:
        return False
    name = names[next(iter(taken.values()))]
    is_whole = len(taken) == len(_identifiers(row))
    if is_update and row.external_id is None:
        return is_whole
    return name == row.external_id and (row.external_id is not None or is_whole)


def _hash_all(rows: list[AccountRow]) -> list[str]:
    """Give what is stored for each row's password, hashed on all cores."""
    # As many threads as hashing slots, so that none of them waits in vain.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(_hash, rows))


def _hash(row: AccountRow) -> str:
    if row.password_hash:
        return WrappedPasswordHasher().wrap(row.password_hash)
    return make_password(validators.normalise(row.password) if row.password else None)


def _write(rows: list[tuple[AccountRow, str]]) -> None:
    """Create accounts and contacts in one transaction; raises IntegrityError, having done nothing.

    No fact is sent for each: facts become notices, and an import writes to nobody.
    """
    with transaction.atomic():
        users = User.objects.bulk_create([_user(row, encoded) for row, encoded in rows])
        ProfileFact.objects.bulk_create(
            fact
            for user, (row, _encoded) in zip(users, rows, strict=True)
            for fact in profiles.build_facts(user, row.facts)
        )
        Contact.objects.bulk_create(
            _contact(user, contact)
            for user, (row, _encoded) in zip(users, rows, strict=True)
            for contact in row.contacts
        )
        passwords.record_imported_work(encoded for row, encoded in rows if row.password_hash)


def _write_one(run: Import, row: AccountRow, encoded: str) -> None:
    try:
        _write([(row, encoded)])
        run.report.created += 1
    except IntegrityError:
        run.report.refused.append((row.line, "an identifier was taken while the import ran"))


def _user(row: AccountRow, encoded: str) -> User:
    created_at = row.created_at or timezone.now()
    return User(external_id=row.external_id, password=encoded, created_at=created_at, **row.values)


def _contact(user: User, contact: ImportedContact) -> Contact:
    return Contact.at(
        user,
        contact.address,
        signs_in=contact.signs_in,
        added_at=contact.verified_at or timezone.now(),
        verified_at=contact.verified_at,
        counts_from=_counts_from(user, contact.verified_at),
        # The organisation says today that it is theirs; its age is another matter.
        proved_at=timezone.now() if contact.verified_at else None,
    )


def _counts_from(user: User, verified_at: datetime | None) -> datetime | None:
    """Give from when a contact is a strong proof (docs/decisions/imported-contacts.md)."""
    if verified_at is None:
        return None
    if verified_at - user.created_at <= policy.MADE_AT_SIGN_UP:
        return verified_at
    return verified_at + policy.CONTACT_COUNTS_AFTER


def _tell_audit(report: Report) -> None:
    with transaction.atomic():
        signals.staff_acted.send(
            sender=User,
            actor=None,
            action="accounts:file:imported",
            subject="",
            reason=f"{report.created} created, {report.updated} updated, "
            f"{len(report.refused)} refused",
        )
