"""Printed recovery codes: ten, of 80 bits each, shown once, each used once."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.client import Client
from accounts.enums import Action
from accounts.models import RecoveryCode, RecoveryCodeSet, User
from accounts.services import authenticators, restrictions
from vault import digests

PURPOSE = "accounts.recovery_code"
# Base 32 without the letters that are taken for digits: I and L are read as 1, O as 0. Without U
# too, which is taken for V.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans("OIL", "011")
# Stands in where there are fewer codes, so that as many are computed; no code has it.
CODE_OF_NOBODY = "-"


def make(
    user: User, *, replaces: int | None, client: Client, is_strong: bool = False
) -> tuple[RecoveryCodeSet, list[str]]:
    """Make a set of codes in the place of the one in use; gives it and them, in groups of four.

    They are kept nowhere: show them once. replaces: the set that the person saw, None for none;
    two posts of one form make one set. Ends all sessions. Raises AccountChanged when it is
    another by now, Forbidden.
    """
    codes = [_new_code() for _ in range(policy.RECOVERY_CODES)]
    with transaction.atomic():
        restrictions.lock(user, Action.ADD_AUTHENTICATOR, is_strong=is_strong)
        former = queries.recovery_codes_of(user)
        if (former.pk if former else None) != replaces:
            raise errors.AccountChanged
        if former is not None:
            authenticators.take_away(user, [former], client=client, is_quiet=True)
        made: RecoveryCodeSet = RecoveryCodeSet.objects.create(
            user=user, confirmed=False, made_at=None
        )
        RecoveryCode.objects.bulk_create(
            RecoveryCode(code_set=made, number=number, code_hmac=_digest(user, code))
            for number, code in enumerate(codes, start=1)
        )
        authenticators.put_in_use(made, client=client, is_first=False)
    return made, [grouped(code) for code in codes]


def keep(user: User, set_id: int) -> None:
    """Note that the person has printed or saved the codes; raises NoSuchAuthenticator."""
    rows = RecoveryCodeSet.objects.in_use().filter(user=user, pk=set_id)
    is_noted = rows.filter(kept_at=None).update(kept_at=timezone.now())
    if not is_noted and not rows.exists():
        raise errors.NoSuchAuthenticator


def read(typed: str) -> str:
    """Give a code in its one spelling: O is 0, I and L are 1, case and separators do not matter."""
    plain = "".join(char for char in typed if char.isalnum())
    # ASCII alone: a dotless i and its like must not become letters of ours by a change of case.
    return plain.upper().translate(LOOK_ALIKES) if plain.isascii() else plain


def accept(
    user: User | None, typed: str, *, client: Client, now: datetime
) -> RecoveryCodeSet | None:
    """Use up a code; None for a wrong or used one. Two posts of one code: one wins.

    Count before. Sends ``recovery_code_used``. Without a user the same work is done for nothing.
    """
    code = _find(user, typed)
    if user is None or code is None:
        return None
    with transaction.atomic():
        if not RecoveryCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
            return None
        RecoveryCodeSet.objects.filter(pk=code.code_set_id).update(used_at=now)
        left = RecoveryCode.objects.filter(code_set=code.code_set_id, used_at=None).count()
        signals.recovery_code_used.send(sender=RecoveryCodeSet, user=user, client=client, left=left)
    code_set: RecoveryCodeSet = code.code_set
    code_set.used_at, code_set.left_after_use = now, left
    return code_set


def is_one(user: User, typed: str) -> bool:
    """Tell whether this is an unused code, without using it: for trying out; count before."""
    return _find(user, typed) is not None


def grouped(code: str) -> str:
    """Give a code as it is printed: XXXX-XXXX-XXXX-XXXX."""
    size = policy.RECOVERY_CODE_GROUP
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def _find(user: User | None, typed: str) -> RecoveryCode | None:
    """Give the unused code that was typed; one query and as many digests for everybody."""
    owner = user.pk if user else queries.NOBODY
    rows = list(
        RecoveryCode.objects.filter(
            code_set__user_id=owner, code_set__confirmed=True, used_at=None
        ).select_related("code_set")
    )
    typed, subject = read(typed), str(owner)
    stored = [row.code_hmac for row in rows]
    missing = policy.RECOVERY_CODES - len(stored)
    stored += [digests.keyed(CODE_OF_NOBODY, purpose=PURPOSE, subject=subject)] * missing
    # All are compared: the time must not tell which one it was.
    matches = [digests.matches(each, typed, purpose=PURPOSE, subject=subject) for each in stored]
    return next((row for row, fits in zip(rows, matches, strict=False) if fits), None)


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(policy.RECOVERY_CODE_LENGTH))


def _digest(user: User, code: str) -> str:
    return digests.keyed(code, purpose=PURPOSE, subject=str(user.pk))
