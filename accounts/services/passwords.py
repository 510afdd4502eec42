"""Passwords: what may become one, setting it, and checking it at the same cost for everybody.

Hashing takes tens of milliseconds, so it stands outside transactions: ``prepare`` before,
``store`` inside.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import BoundedSemaphore

from django.contrib.auth.hashers import (
    BasePasswordHasher,
    check_password,
    get_hasher,
    is_password_usable,
    make_password,
    verify_password,
)
from django.db import transaction
from django.utils import timezone

from accounts import errors, imported_hashes, policy, signals, validators
from accounts.client import Client
from accounts.enums import Action, PasswordCause
from accounts.hashers import WrappedPasswordHasher, hashing_slot
from accounts.models import FormerPassword, ImportedWork, User
from accounts.queries import NOBODY
from accounts.services import budgets, restrictions, sessions
from vault import digests

logger = logging.getLogger(__name__)

# Six hashes in a row would keep people who sign in waiting; never two such rows at once.
_former_gate = BoundedSemaphore(1)


@dataclass(frozen=True)
class Prepared:
    """A password that passed all rules, as it will be stored."""

    encoded: str

    def __repr__(self) -> str:
        return "Prepared(...)"


@dataclass(frozen=True)
class FormerMatch:
    """One typed earlier password: whether it was one, and the year in which it was replaced."""

    is_match: bool
    year: int | None = None


def rules(user: User | None = None) -> list[tuple[str, str]]:
    """Give (code, sentence) of the checklist; a first password has no earlier ones."""
    listed = validators.checklist()
    return listed if user else [item for item in listed if item[0] != validators.FORMER]


def judge(user: User | None, raw: str, *, extra_words: Iterable[str] = ()) -> None:
    """Raise PasswordRefused with the codes of the rules that ``raw`` breaks, history excepted.

    extra_words: names and addresses that are not on ``user`` yet.
    """
    broken = validators.broken_rules(raw, [*_words_of(user), *extra_words])
    if broken:
        raise errors.PasswordRefused(broken)


def prepare(user: User | None, raw: str, *, extra_words: Iterable[str] = ()) -> Prepared:
    """Judge a new password and hash it; call it outside transactions.

    Raises PasswordRefused, for a former password too; HashingBusy.
    """
    judge(user, raw, extra_words=extra_words)
    password = validators.normalise(raw)
    with hashing_slot():
        if user and _was_used(user, password):
            raise errors.PasswordRefused([validators.FORMER])
        return Prepared(make_password(password))


def store(user: User, prepared: Prepared, *, cause: PasswordCause, client: Client) -> None:
    """Set a prepared password and raise the epoch, inside the caller's transaction.

    One conditional UPDATE, which is the account's lock too: of two that change the account at once
    one wins. Raises AccountChanged when it is not as ``user`` was read.
    """
    now = timezone.now()
    unchanged = User.objects.filter(pk=user.pk, epoch=user.epoch, password=user.password)
    values = {
        "password": prepared.encoded,
        "password_changed_at": now,
        "password_spent_at": None,  # a new one is what ends that
    }
    if not unchanged.update(**values, epoch=user.epoch + 1):
        raise errors.AccountChanged
    if user.password and is_password_usable(user.password):
        FormerPassword.objects.create(
            user=user,
            encoded=user.password,
            # One that a report ended lived for no time: others know it, so it proves nothing.
            set_at=now if user.password_spent_at else user.password_changed_at or user.created_at,
            replaced_at=now,
        )
    user.password, user.password_changed_at = prepared.encoded, now
    user.password_spent_at = None
    user.epoch += 1
    signals.password_changed.send(sender=User, user=user, client=client, cause=cause)


def spend(user: User, *, client: Client) -> bool:
    """Let the present password open nothing any more; False where it is so, or there is none.

    Inside the caller's transaction, which holds the account's lock. Whoever is signed in can still
    set a new one with it. Raises the epoch, so that it ends the sign-ins that it has half opened.
    """
    if not (user.password and is_password_usable(user.password)):
        return False
    now = timezone.now()
    # Whatever its hash is by now: a sign-in may have renewed that, a new password raises the epoch.
    rows = User.objects.filter(pk=user.pk, password_spent_at=None)
    if not rows.update(password_spent_at=now):
        return False
    user.password_spent_at = now
    sessions.raise_epoch(user)
    signals.password_spent.send(sender=User, user=user, client=client)
    return True


def check(user: User | None, raw: str) -> bool:
    """Tell whether ``raw`` is the password of ``user``; costs the same for every account and none.

    One query and one Argon2, and for as long as imported hashes remain the work of the dearest of
    them: in full for who has none, the rest of it for who has a cheaper one. A right password
    renews a hash that is not of today's figures. Raises HashingBusy.
    """
    dearest = dict(ImportedWork.objects.values_list("algorithm", "work"))
    has_password = user is not None and user.password and is_password_usable(user.password)
    encoded = user.password if user and has_password else _password_of_nobody(get_hasher())
    with hashing_slot():
        is_right, is_old = verify_password(_as_hashed(raw, encoded), encoded)
        _spend_difference(encoded, dearest)
        renewed = make_password(validators.normalise(raw)) if is_right and is_old else None
    if user and renewed:
        _renew(user, renewed)
    return is_right


def compare_former(
    user: User | None, typed: Sequence[str], *, as_of: datetime
) -> tuple[FormerMatch, ...]:
    """Tell of each typed password whether it was one of the account's before ``as_of``.

    At most policy.FORMER_TYPED of them are looked at, against the youngest hashes that were set
    before ``as_of``; never against the present one. Whoever asks about whom, it is always the same
    number of verifications, by one thread of this process at a time, so that sign-ins find slots
    between them. Raises HashingBusy. Call it outside transactions.
    """
    dearest = dict(ImportedWork.objects.values_list("algorithm", "work"))
    former = _former_before(user, as_of)
    nobody = FormerPassword(encoded=_password_of_nobody(get_hasher()))
    hashes = [*former, *[nobody] * (policy.FORMER_COMPARED - len(former))]
    given = list(typed[: policy.FORMER_TYPED])
    raws = [*given, *[""] * (policy.FORMER_TYPED - len(given))]
    if not _former_gate.acquire(timeout=policy.FORMER_COMPARISON_WAIT.total_seconds()):
        raise errors.HashingBusy
    try:
        fits = [[_fits(raw, row.encoded, dearest) for row in hashes] for raw in raws]
    finally:
        _former_gate.release()
    matches: list[FormerMatch] = []
    spent: set[int] = set()  # the same password typed twice is one
    for row_fits in fits[: len(given)]:
        place = next((i for i, fit in enumerate(row_fits) if fit and i not in spent), None)
        if place is None:
            matches.append(FormerMatch(is_match=False))
        else:
            spent.add(place)
            matches.append(FormerMatch(is_match=True, year=hashes[place].replaced_at.year))
    return tuple(matches)


def change(user: User, old: str, new: str, *, client: Client) -> None:
    """Change the password of a signed-in person and end all other sessions.

    The asking session stays: its view calls ``update_session_auth_hash`` with ``user``, whose epoch
    is the new one. Raises WrongPassword, PasswordRefused, Forbidden, LimitReached, HashingBusy.
    """
    # A pause that comes later raises the epoch, and ``store`` then changes nothing.
    restrictions.require_as_read(user, Action.CHANGE_PASSWORD)
    budgets.consume(policy.PASSWORD_CONFIRMATIONS, str(user.pk))
    if not check(user, old):
        raise errors.WrongPassword
    prepared = prepare(user, new)
    try:
        with transaction.atomic():
            store(user, prepared, cause=PasswordCause.CHANGE, client=client)
            sessions.end_all(user, client=client, keep_session=client.session)
    except errors.AccountChanged as error:
        # Set anew by a recovery meanwhile: what was confirmed is no longer the password.
        raise errors.WrongPassword from error


def record_imported_work(encoded: Iterable[str]) -> None:
    """Raise the figures that every check spends to those of these wrapped hashes."""
    dearest: dict[str, int] = dict(ImportedWork.objects.values_list("algorithm", "work"))
    hasher = WrappedPasswordHasher()
    for algorithm, work in map(hasher.work_of, encoded):
        if work > dearest.get(algorithm, 0):
            dearest[algorithm] = work
    ImportedWork.objects.bulk_create(
        [ImportedWork(algorithm=algorithm, work=work) for algorithm, work in dearest.items()],
        update_conflicts=True,
        unique_fields=["algorithm"],
        update_fields=["work"],
    )


def _was_used(user: User, password: str) -> bool:
    """Compare with the present password and those before it: at most 5 verifications.

    All of them run, so that the time does not tell which one it was.
    """
    former = user.former_passwords.order_by("-replaced_at").values_list("encoded", flat=True)
    known = [user.password, *former[: policy.PASSWORDS_REMEMBERED - 1]]
    usable = [encoded for encoded in known if encoded and is_password_usable(encoded)]
    matches = [check_password(password, encoded) for encoded in usable]
    return any(matches)


def _words_of(user: User | None) -> list[str]:
    if user is None:
        return []
    contacts = user.contacts.filter(removed_at__isnull=True).values_list("value", flat=True)
    return [user.first_name, user.last_name, user.external_id or "", *contacts]


def _former_before(user: User | None, as_of: datetime) -> list[FormerPassword]:
    """Give the youngest former hashes that were set before ``as_of``; one query, for nobody too.

    Whoever took the account over and changed the password twice knows the one between: it is one of
    theirs, and no history.
    """
    rows = FormerPassword.objects.filter(user_id=user.pk if user else NOBODY)
    chain = list(rows.order_by("replaced_at", "pk"))
    before = user.created_at if user else as_of
    found = []
    for row in chain:
        is_owners = row.set_at != row.replaced_at  # not one that a report ended (store)
        if is_owners and (row.set_at or before) < as_of and is_password_usable(row.encoded):
            found.append(row)
        before = row.replaced_at
    return found[::-1][: policy.FORMER_COMPARED]


def _fits(raw: str, encoded: str, dearest: dict[str, int]) -> bool:
    """Verify, at the cost of the dearest; an empty text fits nothing."""
    with hashing_slot():
        is_right = check_password(_as_hashed(raw, encoded), encoded)
        _spend_difference(encoded, dearest)
    return is_right and bool(raw)


@lru_cache(maxsize=4)
def _password_of_nobody(hasher: BasePasswordHasher) -> str:
    """Give a hash that nothing matches, so that no account and a wrong password take one path."""
    return hasher.encode(digests.new_token(), hasher.salt())


def _as_hashed(raw: str, encoded: str) -> str:
    """Give the form that was hashed: NFC here, as typed on the site an import came from."""
    return raw if _is_wrapped(encoded) else validators.normalise(raw)


def _is_wrapped(encoded: str) -> bool:
    return encoded.startswith(f"{WrappedPasswordHasher.algorithm}$")


def _spend_difference(encoded: str, dearest: dict[str, int]) -> None:
    own = dict([WrappedPasswordHasher().work_of(encoded)]) if _is_wrapped(encoded) else {}
    for algorithm, work in dearest.items():
        imported_hashes.spend(algorithm, work - own.get(algorithm, 0))


def _renew(user: User, renewed: str) -> None:
    """Put today's hash of the same password in place of the old one.

    Only if that still stands: a password set meanwhile must not be undone by its predecessor.
    """
    if User.objects.filter(pk=user.pk, password=user.password).update(password=renewed):
        user.password = renewed
        logger.info("password_hash_renewed", extra={"user": str(user.pk)})
