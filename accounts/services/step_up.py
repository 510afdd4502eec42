"""A fresh sign that it is still the same person, for what matters most.

It asks for the strongest class that the account has. Its tries are counted apart from those of
sign-in: who guesses in a stolen session keeps nobody from signing in.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.client import Client
from accounts.enums import StepUpWay
from accounts.models import Challenge, CodeDevice, Passkey, RecoveryCodeSet, TotpDevice, User
from accounts.services import (
    budgets,
    challenges,
    code_devices,
    passwords,
    recovery_codes,
    second_step,
    sessions,
)
from accounts.services.budgets import Use
from accounts.services.second_step import TypedStep
from accounts.session_store import SessionStore

STEP_UP = "step_up"
POOL = "step_up"


@dataclass(frozen=True)
class Asked:
    """What ``user`` has to confirm with.

    has_app, has_sent: where their codes are taken. has_printed: printed codes are in use.
    """

    user: User
    way: StepUpWay
    has_password: bool
    has_app: bool
    has_sent: bool
    has_printed: bool

    @cached_property
    def sent(self) -> list[CodeDevice]:
        """Where a code can be sent to, [] where none is taken."""
        rows = CodeDevice.objects.in_use().filter(user=self.user).select_related("contact")
        return list(rows.order_by("pk")) if self.has_sent else []

    @property
    def takes_code(self) -> bool:
        """Tell whether a code may be typed."""
        return self.way == StepUpWay.SECOND_STEP or (
            self.way == StepUpWay.PASSKEY and self.has_printed
        )

    @property
    def takes_form(self) -> bool:
        """Tell whether anything can be typed at all."""
        return self.takes_code or (self.way == StepUpWay.PASSWORD and self.has_password)


def ask(user: User) -> Asked:
    """Tell what to ask ``user`` for; one query."""
    kinds = (Passkey, TotpDevice, CodeDevice, RecoveryCodeSet)
    has_passkey, has_app, has_sent, has_printed = User.objects.values_list(
        *[Exists(kind.objects.in_use().filter(user=user)) for kind in kinds]
    ).get(pk=user.pk)
    way = StepUpWay.PASSWORD
    if has_passkey:
        way = StepUpWay.PASSKEY
    elif has_app or has_sent:
        way = StepUpWay.SECOND_STEP
    return Asked(
        user=user,
        way=way,
        has_password=bool(user.password) and user.has_usable_password(),
        has_app=has_app and way == StepUpWay.SECOND_STEP,
        has_sent=has_sent and way == StepUpWay.SECOND_STEP,
        has_printed=has_printed,
    )


def subject_of(client: Client) -> str:
    """Give who may type the code that is sent for a step-up: this session alone."""
    return f"step_up:{client.session}"


def last_sent(asked: Asked, *, client: Client) -> Challenge | None:
    """Give the code that this session asked for last; None where none was or it is taken no more.

    Its address is that of a second step in use.
    """
    if not asked.sent:
        return None
    sent = challenges.state(policy.SECOND_STEP_CODE, subject_of(client))
    if sent is None or sent.used_at or _device_at(asked, sent.address) is None:
        return None
    return sent


def send_code(user: User, method: int | None, *, client: Client) -> CodeDevice:
    """Send a code to one of the account's second steps, by its key; gives it.

    method: None for where the last one went. Raises NoSuchAuthenticator, also where only stronger
    classes are taken; ResendTooSoon, LimitReached, ChallengeExhausted.
    """
    asked = ask(user)
    if method is None:
        last = last_sent(asked, client=client)
        device = _device_at(asked, last.address) if last else None
    else:
        device = next((each for each in asked.sent if each.pk == method), None)
    if device is None:
        raise errors.NoSuchAuthenticator
    code_devices.send(user, device.contact, subject_of(client), client=client)
    return device


def confirm(
    session: SessionBase, asked: Asked, password: str, typed: str, *, client: Client
) -> TypedStep | None:
    """Check the password, and the code where the account has a second step; remember it a while.

    asked: as ``ask`` gave it in this request. password: "" where the account has none. typed: a
    code of an app, a sent or a printed one; in the place of a passkey a printed one alone; "" where
    none is asked. Gives whose code it was, None for none. The session gets a new key. Raises
    WrongPassword, WrongToken, ChallengeExhausted, LimitReached, HashingBusy. Call it outside
    transactions.
    """
    user = asked.user
    of_password, of_code = _uses_of(asked)
    # In one statement, over all sessions of the account, and before the dear hash.
    budgets.consume_all([*of_password, *of_code])
    shown = None
    try:
        if of_password and not passwords.check(user, password):
            raise errors.WrongPassword
        if of_code:
            shown = _check_code(asked, typed, client)
    except errors.HashingBusy:
        # Not looked at: a server under load must not use up a person's tries.
        budgets.give_back_all([*of_password, *of_code])
        raise
    except errors.WrongPassword as error:
        budgets.give_back_all(of_code)
        tell_failure(user, error, client)
        raise
    except (errors.WrongToken, errors.ChallengeExhausted) as error:
        budgets.give_back_all(of_password)
        tell_failure(user, error, client)
        raise
    budgets.give_back_all([*of_password, *of_code])
    _remember(session, user, asked.way, is_strong=False)
    return shown


def confirm_with_passkey(
    session: SessionBase, user: User, passkey: Passkey, *, client: Client
) -> None:
    """Remember a ceremony of WebAuthn with user verification, just now, with this passkey.

    Raises WrongToken for a passkey of somebody else or one that is removed.
    """
    if passkey.user_id != user.pk or not passkey.confirmed or passkey.made_at is None:
        tell_failure(user, errors.WrongToken(), client)
        raise errors.WrongToken
    is_old = timezone.now() - passkey.made_at >= policy.STRONG_STEP_UP_AFTER
    _remember(session, user, StepUpWay.PASSKEY, is_strong=is_old)


def is_fresh(session: SessionBase, now: datetime) -> bool:
    """Tell whether the person confirmed a moment ago (policy.STEP_UP_LIVES).

    It counts for the account that is signed in and no other. A change of the account elsewhere has
    ended the session itself (User.epoch).
    """
    kept = session.get(STEP_UP)
    if kept is None or kept["user"] != session.get(SESSION_KEY):
        return False
    return _is_recent(datetime.fromisoformat(kept["at"]), now)


def is_strong(session: SessionBase) -> bool:
    """Tell whether it was a passkey that counts as two strong proofs (STRONG_STEP_UP_AFTER)."""
    return is_fresh(session, timezone.now()) and bool(session[STEP_UP]["is_strong"])


def has_just_signed_in(session: SessionStore, now: datetime) -> bool:
    """Tell whether a sign-in with the second step was a moment ago; for the password page alone.

    One that a trusted browser was spared the second step at does not count.
    """
    signed_in_at = session.row.signed_in_at if session.row else None
    shown_at = session.get(sessions.SECOND_STEP_AT)
    if signed_in_at is None or shown_at is None:
        return False
    return _is_recent(signed_in_at, now) and _is_recent(datetime.fromisoformat(shown_at), now)


def spend(session: SessionBase) -> None:
    """Forget it: one confirmation pays for one new contact or authenticator."""
    session.pop(STEP_UP, None)


def tell_failure(user: User, error: errors.AccountsError, client: Client) -> None:
    """Have a refused confirmation recorded."""
    with transaction.atomic():
        signals.step_up_failed.send(sender=User, user=user, client=client, reason=error.code)


def _device_at(asked: Asked, address: str) -> CodeDevice | None:
    return next((each for each in asked.sent if each.contact.value == address), None)


def _uses_of(asked: Asked) -> tuple[list[Use], list[Use]]:
    """Give what is counted for the password and for the code; [] for what is not asked."""
    parts = (str(asked.user.pk),)
    of_password = [Use(policy.PASSWORD_CONFIRMATIONS, parts)]
    of_code = [Use(rule, (POOL, *parts)) for rule in policy.SECOND_STEP_RULES]
    # Who can show neither is asked for a password that does not exist, and so refused.
    takes_password = asked.has_password or not asked.takes_code
    takes_code = asked.way != StepUpWay.PASSWORD
    return of_password if takes_password else [], of_code if takes_code else []


def _check_code(asked: Asked, typed: str, client: Client) -> TypedStep:
    needs_printed = asked.way == StepUpWay.PASSKEY
    # In the spelling by which kinds are told apart: separators make no app's code a printed one.
    if needs_printed and len(recovery_codes.read(typed)) < policy.RECOVERY_CODE_LENGTH:
        raise errors.WrongToken
    subject = "" if needs_printed else subject_of(client)
    return second_step.verify(asked.user, typed, client=client, uses=(), subject=subject)


def _remember(session: SessionBase, user: User, way: StepUpWay, *, is_strong: bool) -> None:
    session.cycle_key()
    session[STEP_UP] = {
        "at": timezone.now().isoformat(),
        "user": str(user.pk),
        "way": str(way),
        "is_strong": is_strong,
    }


def _is_recent(at: datetime, now: datetime) -> bool:
    return now - at <= policy.STEP_UP_LIVES
