"""The audit chain: append to it, and prove that it is whole."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any, NoReturn

from django.db import transaction

from activity import policy
from activity.models import AuditEntry, AuditHead

FIRST_PREVIOUS = "0" * 64
HEAD_KEY = 1


def append(
    *,
    actor: str,
    action: str,
    subject: str = "",
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry, in the caller's transaction where there is one.

    Takes the lock on the head, so it comes last of all locks in that transaction.
    actor: "user:<id>", "command:<name>" or "system". action: "area:subject:action".
    details: coded words, whole numbers and references; never an address, code or answer.
    Raises ValidationError for a text that does not fit its column, TypeError for details that
    JSON cannot carry unchanged.
    """
    with transaction.atomic():
        head = _lock_head()
        entry = AuditEntry(
            number=head.number + 1,
            actor=actor,
            action=action,
            subject=subject,
            reason=reason,
            details=_as_stored(details or {}),
            previous=head.digest,
        )
        entry.digest = digest_of(entry)
        # SQLite would keep a text that is too long, PostgreSQL would not.
        entry.clean_fields()
        entry.save()
        head.number, head.digest = entry.number, entry.digest
        head.save(update_fields=["number", "digest"])
    return entry


def digest_of(entry: AuditEntry) -> str:
    """Give the SHA-256, in hex, of the digest before and the canonical form of the entry."""
    content = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "reason": entry.reason,
        "details": entry.details,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{entry.previous}\n{canonical}".encode("ascii")).hexdigest()


def head() -> AuditHead:
    """Give the newest link as the database names it; number 0 for an empty chain."""
    return AuditHead.objects.filter(pk=HEAD_KEY).first() or AuditHead(pk=HEAD_KEY)


def verify() -> list[str]:
    """Say what is wrong with the chain, in words; an empty list when it is whole.

    Reads in batches and takes no lock. What cannot be seen from inside: the newest entries cut off
    together with a head set back. Keep the printed digest elsewhere (``verify_audit_chain``).
    """
    problems: list[str] = []
    last = AuditEntry(number=0, digest=FIRST_PREVIOUS)
    while True:
        is_moving = False
        for entry in _entries_after(last.number):
            problems += _problems_between(last, entry)
            last, is_moving = entry, True
        newest = head()
        # Entries may have been appended while we read: go on until the head is reached.
        if newest.number <= last.number or not is_moving:
            return problems + _problems_at_the_end(last, newest)


def _lock_head() -> AuditHead:
    locked = AuditHead.objects.select_for_update().filter(pk=HEAD_KEY)
    head = locked.first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(pk=HEAD_KEY)], ignore_conflicts=True)
        head = locked.get()
    return head


def _as_stored(details: dict[str, Any]) -> Any:
    """Give details as the database will give them back, so that the digest stays true."""
    return json.loads(json.dumps(details), parse_float=_refuse_float)


def _refuse_float(text: str) -> NoReturn:
    raise TypeError(f"A float may come back changed from the database: {text}")


def _entries_after(number: int) -> Iterator[AuditEntry]:
    rows = AuditEntry.objects.filter(number__gt=number).order_by("number")
    return rows.iterator(chunk_size=policy.AUDIT_BATCH)


def _problems_between(last: AuditEntry, entry: AuditEntry) -> list[str]:
    problems = []
    if entry.number > last.number + 1:
        problems.append(f"missing: entries {last.number + 1} to {entry.number - 1}")
    elif entry.previous != last.digest:
        problems.append(f"out of order: entry {entry.number} does not follow entry {last.number}")
    if entry.digest != digest_of(entry):
        problems.append(f"changed: entry {entry.number}")
    return problems


def _problems_at_the_end(last: AuditEntry, newest: AuditHead) -> list[str]:
    if newest.number > last.number:
        return [f"missing: entries {last.number + 1} to {newest.number}"]
    if (newest.number, newest.digest) != (last.number, last.digest):
        return [f"wrong head: it names entry {newest.number}, the chain ends at {last.number}"]
    return []
