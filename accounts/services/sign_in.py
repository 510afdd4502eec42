"""Sign-in, step by step: password, then what the account or the moment asks for besides."""

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.client import Client
from accounts.enums import Action, FailurePool, SignInStage
from accounts.models import TotpDevice, User
from accounts.services import (
    budgets,
    challenges,
    failures,
    passwords,
    sessions,
    stages,
    totp,
)
from accounts.services.budgets import Use
from accounts.services.stages import Stage


@dataclass(frozen=True)
class RightPassword:
    """What a right password leads to.

    stage: what is asked for next, None: nothing. ends_row: a row of wrong passwords from outside
    stands and is over once the sign-in is complete.
    """

    user: User
    pool: FailurePool
    stage: SignInStage | None
    ends_row: bool


def check_password(identifier: str, password: str, *, client: Client) -> RightPassword:
    """Check identifier and password, at the same cost whether the account exists or not.

    Raises WrongPassword, LimitReached, HashingBusy; to who knows the password AccountPaused, and
    SecondStepMissing to staff without an app.
    """
    user = queries.find_account(identifier, timezone.now())
    pool = failures.pool_of(user, client)
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
        _tell_failure(user, errors.WrongPassword, pool, client)
        raise errors.WrongPassword
    failures.give_back_password(identifier, answers, pool, client=client)
    _require_unpaused(answers, pool, client)
    if answers.is_staff and not has_app(answers):
        _tell_failure(answers, errors.SecondStepMissing, pool, client)
        raise errors.SecondStepMissing
    stage = _next_stage(answers, is_attacked=row >= policy.OUTSIDE_FAILURES.limit)
    return RightPassword(answers, pool, stage, ends_row=row > 0)


def send_code(stage: Stage, *, client: Client) -> None:
    """Mail the code that an unknown browser needs; raises LimitReached, ResendTooSoon."""
    contact = queries.primary_contact(stage.user)
    if contact is None:
        raise errors.StageLost
    challenges.require_resend(policy.SIGN_IN_CODE, stage.subject)
    budgets.consume_all(
        [
            Use(policy.SIGN_IN_CODES_PER_NETWORK, (contact.limit_key, client.network)),
            Use(policy.SIGN_IN_CODES, (contact.limit_key,)),
        ]
    )
    challenges.issue(
        policy.SIGN_IN_CODE,
        stage.subject,
        contact.as_address(),
        client=client,
        user=stage.user,
        pool="sign_in",
    )


def verify_mailed_code(stage: Stage, code: str, *, client: Client) -> SignInStage | None:
    """Accept the mailed code; gives what is asked for next. Raises ChallengeError."""
    challenges.verify(policy.SIGN_IN_CODE, stage.subject, code, client=client)
    return SignInStage.SECOND_STEP if has_app(stage.user) else None


def verify_second_step(stage: Stage, token: str, *, client: Client) -> TotpDevice:
    """Accept a code from the authenticator app; raises WrongToken, LimitReached."""
    outside = failures.count_second_step(stage.user, stage.pool, client=client)
    try:
        device = totp.verify(stage.user, token, client=client, pool=stage.pool)
    except errors.WrongToken:
        _tell_failure(stage.user, errors.WrongToken, stage.pool, client)
        raise
    budgets.give_back_all(outside)
    return device


def complete(
    request: HttpRequest,
    user: User,
    *,
    client: Client,
    keep: bool,
    ends_row: bool,
    authenticators: list[str],
    second_step: TotpDevice | None = None,
) -> None:
    """Sign in after the last step; takes the request because Django's ``login`` does."""
    stages.drop(request.session)
    if ends_row:
        failures.end_row(user)
    sessions.start(
        request,
        user,
        client=client,
        keep=keep,
        authenticators=authenticators,
        second_step=second_step,
    )


def stage_of_signed_in(user: User, next_path: str, *, client: Client) -> Stage:
    """Give the step of who is signed in and shows the second step again, for the admin.

    It is kept nowhere: the session itself says who it is.
    """
    return Stage(
        user=user,
        kind=SignInStage.SECOND_STEP,
        name="",
        pool=failures.pool_of(user, client),
        keep=False,
        next=next_path,
        shown=(),
    )


def renew_second_step(request: HttpRequest, device: TotpDevice) -> None:
    """Note a fresh second step in a session that is signed in, under a new key."""
    request.session.cycle_key()
    sessions.note_second_step(request, device)


def has_app(user: User) -> bool:
    """Tell whether an authenticator app can answer the second step."""
    return queries.has_second_step(user, timezone.now())


def _require_unpaused(user: User, pool: FailurePool, client: Client) -> None:
    # As just read: a freeze from now on raises the epoch, which ends this sign-in too.
    if Action.SIGN_IN not in policy.MODES[user.mode]:
        _tell_failure(user, errors.AccountPaused, pool, client)
        raise errors.AccountPaused(since=user.frozen_at)


def _next_stage(user: User, *, is_attacked: bool) -> SignInStage | None:
    # Without a mailbox on file there is nowhere to send a code: the other steps must do.
    if is_attacked and queries.primary_contact(user):
        return SignInStage.MAILED_CODE
    return SignInStage.SECOND_STEP if has_app(user) else None


def _tell_failure(
    user: User | None, reason: type[errors.AccountsError], pool: FailurePool, client: Client
) -> None:
    with transaction.atomic():
        signals.sign_in_failed.send(
            sender=User, user=user, client=client, reason=reason.code, pool=pool
        )
