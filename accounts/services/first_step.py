"""The password: the first step of a sign-in, checked at one cost for known and unknown names."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, OuterRef
from django.utils import timezone

from accounts import errors, hooks, policy, queries, signals
from accounts.client import Client
from accounts.enums import Action, FailurePool, SignInStage
from accounts.hooks import Assessment
from accounts.models import Contact, User
from accounts.services import devices, failures, passwords, trust


@dataclass(frozen=True)
class RightPassword:
    """What a right password leads to.

    stage: what is asked for next, None: nothing. ends_row: a row of wrong passwords from outside
    stands and is over once the sign-in is complete. is_attacked: it is so long that unknown
    browsers need a mailed code too. trust_token: the new value of the trust cookie, "" for none.
    mailbox: where the mailed code goes, None where another step is next. assessment: how unusual
    this sign-in is; judged here and not again, however many steps follow.
    """

    user: User
    pool: FailurePool
    stage: SignInStage | None
    ends_row: bool
    is_attacked: bool
    trust_token: str
    mailbox: Contact | None
    assessment: Assessment


def check_password(identifier: str, password: str, *, client: Client) -> RightPassword:
    """Check identifier and password, at the same cost whether the account exists or not.

    Raises WrongPassword, LimitReached, HashingBusy; to who knows the password AccountPaused,
    PasswordSpent, and SecondStepMissing to staff without a second step.
    """
    user = _find(identifier, client)
    is_known = user is not None and user.is_known  # type: ignore[attr-defined]
    pool = FailurePool.KNOWN if is_known else FailurePool.PAIR
    # Cheap refusals before the dear hash.
    row = failures.count_password(identifier, user, pool, client=client)
    # A switched-off account is answered for as one that does not exist.
    answers = user if user is not None and user.is_active else None
    try:
        is_right = passwords.check(answers, password)
    except errors.HashingBusy:
        # Not looked at: a server under load must not use up a person's tries.
        failures.give_back_password(identifier, user, pool, client=client)
        raise
    if not is_right or answers is None:
        tell_failure(user, errors.WrongPassword, pool, client)
        raise errors.WrongPassword
    failures.give_back_password(identifier, answers, pool, client=client)
    require_unpaused(answers, pool, client)
    _require_unspent(answers, pool, client)
    return _what_follows(answers, pool, row, client)


def tell_failure(
    user: User | None, reason: type[errors.AccountsError], pool: FailurePool, client: Client
) -> None:
    """Have a refused try recorded."""
    with transaction.atomic():
        signals.sign_in_failed.send(
            sender=User, user=user, client=client, reason=reason.code, pool=pool
        )


def require_unpaused(user: User, pool: FailurePool, client: Client) -> None:
    """Raise AccountPaused, to who has shown that the account is theirs."""
    # As just read: a freeze from now on raises the epoch, which ends this sign-in too.
    if Action.SIGN_IN not in policy.MODES[user.mode]:
        tell_failure(user, errors.AccountPaused, pool, client)
        raise errors.AccountPaused(since=user.frozen_at, cause=user.frozen_cause)


def _find(identifier: str, client: Client) -> User | None:
    """Find the account, with is_known (this browser) and has_second_step; always one query."""
    second_step = queries.uses_second_step(OuterRef("pk"))
    return queries.find_account(
        identifier,
        timezone.now(),
        is_known=devices.knows_browser(client),
        has_second_step=ExpressionWrapper(second_step, output_field=BooleanField()),
    )


def _require_unspent(user: User, pool: FailurePool, client: Client) -> None:
    """Raise PasswordSpent, to who has typed the password that a report ended."""
    # As just read, as with a pause: what is spent from now on raises the epoch.
    if user.password_spent_at is not None:
        tell_failure(user, errors.PasswordSpent, pool, client)
        raise errors.PasswordSpent


def _what_follows(user: User, pool: FailurePool, row: int, client: Client) -> RightPassword:
    """Give what is asked for after the password; renews the trust of a browser that has it.

    A doubtful sign-in shows the second step in a trusted browser too, whose trust stays as it is:
    cookies that were copied into another country neither serve there nor end the owner's trust.
    Without a second step a mailed code is asked for, and without a mailbox nothing: whoever has the
    password is never shut out for being somewhere else.
    """
    # Read with the account and of one epoch with it: a change since then ends this sign-in.
    has_second_step = user.has_second_step  # type: ignore[attr-defined]
    if user.is_staff and not has_second_step:
        tell_failure(user, errors.SecondStepMissing, pool, client)
        raise errors.SecondStepMissing
    is_attacked = row >= policy.OUTSIDE_FAILURES.limit
    assessment = hooks.assess(user, client)
    may_be_spared = has_second_step and trust.is_possible(user)
    trust_token = ""
    if may_be_spared and not assessment.needs_confirmation:
        trust_token = trust.renew(user, client)
    stage: SignInStage | None = None
    mailbox: Contact | None = None
    if has_second_step and not trust_token:
        stage = SignInStage.SECOND_STEP
    elif is_attacked or assessment.needs_confirmation:
        mailbox = queries.primary_contact(user)
        stage = SignInStage.MAILED_CODE if mailbox else None
    return RightPassword(
        user=user,
        pool=pool,
        stage=stage,
        ends_row=row > 0,
        is_attacked=is_attacked,
        trust_token=trust_token,
        mailbox=mailbox,
        assessment=assessment,
    )
