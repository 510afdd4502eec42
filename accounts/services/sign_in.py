"""Sign-in after the password: what the account or the moment asks for besides, and its end."""

from dataclasses import replace
from typing import NoReturn, cast

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django_otp.models import Device as OtpDevice

from accounts import errors, queries
from accounts.client import Client
from accounts.enums import AuthenticatorKind, FailurePool, SignInStage
from accounts.hooks import Assessment
from accounts.models import Passkey, User
from accounts.services import (
    failures,
    second_step,
    sessions,
    sign_in_codes,
    stages,
    trust,
)
from accounts.services.authenticators import Row
from accounts.services.first_step import RightPassword, require_unpaused, tell_failure
from accounts.services.paths import after_sign_in, own_path
from accounts.services.stages import Stage

TRUSTED = "trusted_browser"  # stands among the authenticators of a sign-in for the second step


def go_on(
    request: HttpRequest, right: RightPassword, *, typed: str, keep: bool, client: Client
) -> str:
    """Sign in after a right password, or begin its next step; gives the path to go to.

    typed: the name of the account as the person typed it. Raises LimitReached.
    """
    if right.trust_token:
        setattr(request, trust.TOKEN, right.trust_token)
    next_path = own_path(request)
    if right.stage is None:
        complete(
            request,
            right.user,
            client=client,
            keep=keep,
            ends_row=right.ends_row,
            authenticators=["password", *([TRUSTED] if right.trust_token else [])],
            assessment=right.assessment,
        )
        return after_sign_in(next_path)
    stage = Stage(
        user=right.user,
        kind=right.stage,
        name="",
        pool=right.pool,
        typed=typed,
        keep=keep,
        next=next_path,
        ends_row=right.ends_row,
        is_attacked=right.is_attacked,
        assessment=right.assessment,
    )
    stage = stages.begin(request.session, stage)
    if right.mailbox is not None:
        sign_in_codes.send(stage, right.mailbox, client=client, is_first=True)
    return reverse("accounts:verify")


def stage_of(request: HttpRequest, *, client: Client) -> Stage:
    """Give the half-done sign-in, or for the admin a fresh second step of who is signed in.

    The latter is kept nowhere: the session itself says who it is. Raises StageLost.
    """
    try:
        return stages.current(request.session, client)
    except errors.StageLost:
        user = request.user
        if not (isinstance(user, User) and queries.has_second_step(user)):
            raise
    return Stage(
        user=user,
        kind=SignInStage.SECOND_STEP,
        name=f"session:{client.session}",
        pool=failures.pool_of(user, client),
        next=own_path(request),
        is_signed_in=True,
    )


def verify(
    request: HttpRequest, stage: Stage, typed: str, *, client: Client, wants_trust: bool = False
) -> tuple[str, Row | None]:
    """Take the code that the step waits for; gives the path to go to, and whose code it was.

    None for the mailed code, which is no second step. Raises WrongCode, WrongToken,
    ChallengeExhausted, LimitReached.
    """
    if stage.kind is SignInStage.MAILED_CODE:
        sign_in_codes.verify(stage, typed, client=client)
        return _finish(request, stage, client=client, shown="email"), None
    shown = verify_second_step(stage, typed, client=client)
    if not stage.is_attacked:
        stage = replace(stage, ends_row=False)  # it has ended
    path = _after_second_step(request, stage, shown, client=client, wants_trust=wants_trust)
    return path, shown


def verify_second_step(stage: Stage, typed: str, *, client: Client) -> Row:
    """Accept an app's, a sent or a printed code; raises WrongToken, ChallengeExhausted.

    Raises LimitReached too. Whatever is refused is told. Where nothing follows, a right one ends
    the row of wrong passwords in the statement that gives back its own count.
    """
    is_last = stage.ends_row and not stage.is_attacked
    uses = failures.second_step_uses(
        stage.user, stage.pool, client, is_at_home=None if stage.is_signed_in else stage.is_at_home
    )
    try:
        return second_step.verify(
            stage.user,
            typed,
            client=client,
            uses=uses,
            over=[failures.row_of(stage.user)] if is_last else (),
            subject=stage.subject,
        )
    except (errors.WrongToken, errors.ChallengeError):
        tell_failure(stage.user, errors.WrongToken, stage.pool, client)
        raise


def with_passkey(
    request: HttpRequest, passkey: Passkey, *, client: Client, keep: bool = False
) -> str:
    """Sign in without a password; gives the path to go to, which ``next`` may ask for.

    Not judged: a passkey is bound to this site and to its holder, wherever they are.
    passkey: one whose answer was checked, with its holder's finger, face or PIN.
    Raises WrongPassword for an account that is switched off, AccountPaused.
    """
    user: User = passkey.user
    pool = failures.pool_of(user, client)
    if not (user.is_active and passkey.confirmed):
        tell_failure(user, errors.WrongPassword, pool, client)
        raise errors.WrongPassword
    require_unpaused(user, pool, client)
    complete(
        request,
        user,
        client=client,
        keep=keep,
        ends_row=pool is not FailurePool.KNOWN,
        authenticators=[str(passkey.kind)],
        assessment=Assessment(),
        second_step=passkey,
    )
    return after_sign_in(own_path(request))


def second_step_with_passkey(
    request: HttpRequest, stage: Stage, passkey: Passkey, *, client: Client
) -> str:
    """Take a passkey, whose answer was checked, after the password; gives the path to go to.

    Raises StageLost where another step is waited for, WrongToken for another's passkey.
    """
    if stage.kind is not SignInStage.SECOND_STEP:
        raise errors.StageLost
    if passkey.user_id != stage.user.pk or not passkey.confirmed:
        refuse_passkey(stage.user, client=client)
    return _after_second_step(request, stage, passkey, client=client, wants_trust=False)


def refuse_passkey(user: User, *, client: Client) -> NoReturn:
    """Tell of a passkey that was not accepted, and raise WrongToken."""
    tell_failure(user, errors.WrongToken, failures.pool_of(user, client), client)
    raise errors.WrongToken


def complete(
    request: HttpRequest,
    user: User,
    *,
    client: Client,
    keep: bool,
    ends_row: bool,
    authenticators: list[str],
    assessment: Assessment,
    second_step: Row | None = None,
    wants_trust: bool = False,
) -> None:
    """Sign in after the last step; takes the request because Django's ``login`` does.

    assessment: as the password was followed by it; Assessment() where nobody is to judge.
    wants_trust: this browser is not to be asked for the second step for a while; never for staff.
    """
    stages.drop(request.session)
    with transaction.atomic():
        if ends_row:
            failures.end_row(user)
        device = sessions.start(
            request,
            user,
            client=client,
            keep=keep,
            authenticators=authenticators,
            second_step=second_step,
            assessment=assessment,
        )
        if wants_trust and trust.is_possible(user):
            setattr(request, trust.TOKEN, trust.grant(user, device, client=client))


def _after_second_step(
    request: HttpRequest, stage: Stage, shown: Row, *, client: Client, wants_trust: bool
) -> str:
    if stage.is_signed_in:
        request.session.cycle_key()
        sessions.note_second_step(request, shown)
        return after_sign_in(stage.next)
    if isinstance(shown, Passkey):
        stage = replace(stage, assessment=Assessment())
    mailbox = None
    # However unusual the sign-in is, the second step has confirmed it; while passwords are guessed
    # the mailbox is asked for too, unless the second step was mailed and has shown it already.
    if stage.is_attacked and shown.kind != AuthenticatorKind.EMAIL:
        mailbox = queries.primary_contact(stage.user)
    if mailbox is None:
        return _finish(
            request,
            stage,
            client=client,
            shown=str(shown.kind),
            second_step=shown,
            wants_trust=wants_trust,
        )
    stage = stages.advance(
        request.session,
        stage,
        SignInStage.MAILED_CODE,
        shown=str(shown.kind),
        second_step=shown,
        wants_trust=wants_trust,
    )
    sign_in_codes.send(stage, mailbox, client=client)
    return reverse("accounts:verify")


def _finish(
    request: HttpRequest,
    stage: Stage,
    *,
    client: Client,
    shown: str,
    second_step: Row | None = None,
    wants_trust: bool = False,
) -> str:
    if second_step is None and stage.second_step:
        second_step = cast("Row | None", OtpDevice.from_persistent_id(stage.second_step))
    complete(
        request,
        stage.user,
        client=client,
        keep=stage.keep,
        ends_row=stage.ends_row,
        authenticators=[*stage.shown, shown],
        assessment=stage.assessment,
        second_step=second_step,
        wants_trust=wants_trust or stage.wants_trust,
    )
    return after_sign_in(stage.next)
