"""One field for every second step that is typed: counted first, then told apart by its shape."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts import errors, policy
from accounts.client import Client
from accounts.models import CodeDevice, RecoveryCodeSet, TotpDevice, User
from accounts.services import budgets, code_devices, recovery_codes, totp
from accounts.services.budgets import Use

TypedStep = TotpDevice | CodeDevice | RecoveryCodeSet


def verify(
    user: User | None,
    typed: str,
    *,
    client: Client,
    uses: Sequence[Use],
    over: Sequence[Use] = (),
    subject: str = "",
) -> TypedStep:
    """Accept a code of the account; raises WrongToken, LimitReached, ChallengeExhausted.

    typed: six digits are an app's, eight the code that was sent to ``subject`` (a challenge of
    policy.SECOND_STEP_CODE; "" where none is taken), everything else a printed code. uses: what is
    counted, before anything is compared, () where that was done; a right code gives back its own
    count and no other. over: counts that end with a right code. Call it outside transactions.
    Without a user the same work is done for nothing.
    """
    now = timezone.now()
    budgets.consume_all(uses, now=now)
    found = _accept(user, recovery_codes.read(typed), subject, client=client, now=now)
    if found is None:
        raise errors.WrongToken
    budgets.give_back_all(uses, over=over)
    return found


def _accept(
    user: User | None, code: str, subject: str, *, client: Client, now: datetime
) -> TypedStep | None:
    is_number = code.isascii() and code.isdigit()
    if is_number and len(code) == totp.DIGITS:
        return totp.accept(user, code, now)
    if is_number and len(code) == policy.SECOND_STEP_CODE.digits and subject:
        return code_devices.accept(user, code, subject)
    return recovery_codes.accept(user, code, client=client, now=now)
