"""One-time codes: one row per purpose and subject, counted first and then compared.

A resend overwrites the code and keeps the attempts, so that asking again refills nothing.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import errors, signals
from accounts.client import Client
from accounts.enums import ContactKind
from accounts.models import Challenge, User
from accounts.normalise import Address
from accounts.policy import WRONG_CODES_PER_CONTACT, ChallengeKind
from accounts.services import budgets
from outbox.enums import Channel, MessageState, Queue
from outbox.models import Message
from outbox.services.queue import queue_message
from vault import digests

logger = logging.getLogger(__name__)

POOL_LENGTH = 10  # of Challenge.pool

COUNT_A_TRY = """
UPDATE accounts_challenge SET attempts = attempts + 1
WHERE purpose = %s AND subject = %s AND attempts < %s
RETURNING *
"""


def issue(
    kind: ChallengeKind,
    subject: str,
    to: Address,
    *,
    client: Client,
    user: User | None = None,
    context: dict[str, Any] | None = None,
    pool: str = "",
    is_silent: bool = False,
    is_decoy: bool = False,
    is_first: bool = False,
) -> Challenge:
    """Send a code to ``to``, the first or a newer one; raises ResendTooSoon, ChallengeExhausted.

    user: whose change of epoch makes the code worthless. pool: who shares the daily count of wrong
    codes for this address; "" is everybody. is_silent: the row is made as ever, but its code goes
    nowhere (sign-up with an address that has an account). is_decoy: the message too is queued as
    ever, but too late to be sent, so that the work tells nothing. is_first: ``subject`` is random
    and new, so no earlier code is looked for. No budget of codes sent: that is the caller's. Runs
    in the caller's transaction.
    """
    now = timezone.now()
    code = digests.new_code(kind.digits)
    with transaction.atomic():
        challenge = None if is_first else _row(kind, subject)
        if challenge is not None:
            _require_resend(kind, challenge, now)
        number = challenge.number + 1 if challenge else 1
        message = None
        if not is_silent:
            shown = {**(context or {}), "number": number}
            until = now if is_decoy else now + kind.longest
            message = _queue(kind, to, code, shown, client=client, now=now, until=until)
        values = _binding(kind, subject, to, code, user) | {
            "pool": pool,
            "number": number,
            "message_id": message.pk if message else None,
            "sent_at": now,
            "expires_at": now + kind.longest,
            "used_at": None,
        }
        issued = _write(kind, subject, challenge, values, now)
        signals.code_sent.send(
            sender=Challenge, user=user, client=client, purpose=kind.name, reason=""
        )
    return issued


def require_resend(kind: ChallengeKind, subject: str) -> None:
    """Raise ResendTooSoon or ChallengeExhausted when ``issue`` would; for before a budget."""
    challenge = state(kind, subject)
    if challenge is not None:
        _require_resend(kind, challenge, timezone.now())


def verify(
    kind: ChallengeKind, subject: str, code: str, *, client: Client | None = None
) -> Challenge:
    """Use up the open challenge of ``subject``; raises WrongCode or ChallengeExhausted.

    code: digits only. client: given, a refusal is told by the signal ``code_refused``.
    """
    try:
        return _verify(kind, subject, code)
    except errors.ChallengeError as error:
        logger.info("code_rejected", extra={"purpose": kind.name, "reason": error.code})
        if client is not None:
            _tell_refusal(kind, subject, error, client)
        raise


def state(kind: ChallengeKind, subject: str) -> Challenge | None:
    """Give the challenge of ``subject``, used or not; None when none was ever sent."""
    return Challenge.objects.filter(purpose=kind.name, subject=subject).first()


def tries_left(kind: ChallengeKind, challenge: Challenge | None) -> int:
    """Give how often a code may still be typed."""
    return max(0, kind.attempts - challenge.attempts) if challenge else 0


def resend_from(kind: ChallengeKind, challenge: Challenge) -> datetime:
    """Give from when a newer code may be asked for, as long as no mail is held up."""
    return challenge.sent_at + kind.resend_after


def pool_of(key: str) -> str:
    """Name those who share one daily count of wrong codes for an address.

    Strangers who use up theirs on purpose leave the person's own tries alone.
    """
    return digests.token_hash(key)[:POOL_LENGTH]


def _verify(kind: ChallengeKind, subject: str, code: str) -> Challenge:
    # Counted first and durably, so that parallel guesses cannot outrun the limit.
    with transaction.atomic(durable=True):
        counted = list(Challenge.objects.raw(COUNT_A_TRY, [kind.name, subject, kind.attempts]))
    if not counted:
        raise errors.ChallengeExhausted
    challenge = counted[0]
    bound = _bound(subject, challenge.address)
    if not digests.matches(challenge.code_hmac, code, purpose=kind.name, subject=bound):
        _count_wrong(challenge)
        raise errors.WrongCode
    # The same digest again: of two right posts, and of a post and a resend, one wins. The epoch is
    # asked by a subquery: a join would put all conditions into one, and PostgreSQL does not look
    # at a subquery again when the row that it waited for has changed.
    now = timezone.now()
    is_of_epoch = Exists(User.objects.filter(pk=OuterRef("user_id"), epoch=OuterRef("epoch")))
    still_open = Challenge.objects.filter(
        Q(user_id=None) | is_of_epoch,
        # Who has typed too many wrong ones today is not believed with a right one.
        ~Exists(budgets.used_up(WRONG_CODES_PER_CONTACT, *_typists(challenge), now=now)),
        pk=challenge.pk,
        code_hmac=challenge.code_hmac,
        used_at=None,
        expires_at__gt=now,
    )
    if not still_open.update(used_at=now):
        used = budgets.peek(WRONG_CODES_PER_CONTACT, *_typists(challenge), now=now)
        is_day_over = used >= WRONG_CODES_PER_CONTACT.limit
        raise errors.ChallengeExhausted if is_day_over else errors.WrongCode
    challenge.used_at = now
    return challenge


def _count_wrong(challenge: Challenge) -> None:
    """Count a wrong code for its address and day; raises ChallengeExhausted past the limit."""
    try:
        budgets.consume(WRONG_CODES_PER_CONTACT, *_typists(challenge))
    except errors.LimitReached as error:
        raise errors.ChallengeExhausted from error


def _typists(challenge: Challenge) -> tuple[str, str]:
    """Name who shares one daily count of wrong codes."""
    return challenge.limit_key, challenge.pool


def _row(kind: ChallengeKind, subject: str) -> Challenge | None:
    return Challenge.objects.select_for_update().filter(purpose=kind.name, subject=subject).first()


def _require_resend(kind: ChallengeKind, challenge: Challenge, now: datetime) -> None:
    is_over = bool(challenge.used_at) and not kind.may_follow_a_used_one
    if is_over or challenge.attempts >= kind.attempts:
        raise errors.ChallengeExhausted
    if now < resend_from(kind, challenge):
        raise errors.ResendTooSoon(until=resend_from(kind, challenge))
    if challenge.message_id is None or not kind.waits_for_mail:
        return
    next_try_at = (
        Message.objects.filter(pk=challenge.message_id, state=MessageState.DEFERRED)
        .values_list("due_at", flat=True)
        .first()
    )
    # A second mail would wait behind the first, and of two codes people type the wrong one.
    if next_try_at:
        raise errors.ResendTooSoon(until=next_try_at)


def _queue(
    kind: ChallengeKind,
    to: Address,
    code: str,
    context: dict[str, Any],
    *,
    client: Client,
    now: datetime,
    until: datetime,
) -> Message | None:
    """Queue the message that carries the code; what it says of times is made at delivery."""
    figures = {
        "lifetime_seconds": int(kind.lifetime.total_seconds()),
        "sent_at": now.isoformat(),
    }
    return queue_message(
        kind.message_kind,
        address=to.value,
        channel=Channel.SMS if to.kind == ContactKind.PHONE else Channel.EMAIL,
        queue=Queue.CODES,
        context=context | figures,
        secrets={"code": f"{code[: kind.digits // 2]}-{code[kind.digits // 2 :]}"},
        expires_at=until,
        language=client.language,
        time_zone=client.time_zone,
    )


def _binding(
    kind: ChallengeKind, subject: str, to: Address, code: str, user: User | None
) -> dict[str, Any]:
    """Give what the code of a challenge is bound to, and the code itself as its keyed digest."""
    return {
        "user": user,
        "epoch": user.epoch if user else None,
        "address": to.value,
        "limit_key": to.limit_key,
        "code_hmac": digests.keyed(code, purpose=kind.name, subject=_bound(subject, to.value)),
    }


def _write(
    kind: ChallengeKind,
    subject: str,
    former: Challenge | None,
    values: dict[str, Any],
    now: datetime,
) -> Challenge:
    """Insert the row or re-key it; of two that do so at once, one gets ResendTooSoon."""
    too_soon = errors.ResendTooSoon(until=now + kind.resend_after)
    if former is None:
        try:
            with transaction.atomic():
                return Challenge.objects.create(purpose=kind.name, subject=subject, **values)
        except IntegrityError as error:
            raise too_soon from error
    rows = Challenge.objects.filter(pk=former.pk, number=former.number, used_at=former.used_at)
    if not rows.update(**values):
        raise too_soon
    for name, value in values.items():
        setattr(former, name, value)
    return former


def _bound(subject: str, address: str) -> str:
    """Bind the digest to who is asked and to the address the code went to."""
    return f"{subject} {address}"


def _tell_refusal(
    kind: ChallengeKind, subject: str, error: errors.ChallengeError, client: Client
) -> None:
    challenge = state(kind, subject)
    with transaction.atomic():
        signals.code_refused.send(
            sender=Challenge,
            user=challenge.user if challenge else None,
            client=client,
            purpose=kind.name,
            reason=error.code,
        )
