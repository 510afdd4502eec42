"""The mailed code that comes last, and codes of the second step, in a half-done sign-in."""

from accounts import errors, policy, queries
from accounts.client import Client
from accounts.enums import SignInStage
from accounts.models import Challenge, CodeDevice, Contact
from accounts.policy import ChallengeKind
from accounts.services import budgets, challenges, code_devices
from accounts.services.budgets import Use
from accounts.services.stages import Stage


def send_anew(stage: Stage, *, client: Client) -> None:
    """Mail a newer code; raises LimitReached, ResendTooSoon, ChallengeExhausted."""
    contact = queries.primary_contact(stage.user)
    if contact is None:
        raise errors.StageLost
    challenges.require_resend(policy.SIGN_IN_CODE, stage.subject)
    send(stage, contact, client=client)


def send(stage: Stage, contact: Contact, *, client: Client, is_first: bool = False) -> None:
    """Mail a code; is_first: of a sign-in that was begun in this request. Raises LimitReached."""
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
        is_first=is_first,
    )


def verify(stage: Stage, code: str, *, client: Client) -> None:
    """Accept the mailed code; raises ChallengeError."""
    challenges.verify(policy.SIGN_IN_CODE, stage.subject, code, client=client)


def send_second_step(stage: Stage, method: int | None, *, client: Client) -> None:
    """Send a code of the second step; ``method``: which sent codes, None for the last ones again.

    Raises NoSuchAuthenticator, and what code_devices.send raises.
    """
    rows = CodeDevice.objects.in_use().filter(user=stage.user).select_related("contact")
    if method is None:
        last = last_sent(stage)
        rows = rows.filter(contact__value=last.address if last else "")
    else:
        rows = rows.filter(pk=method)
    device = rows.first()
    if device is None:
        raise errors.NoSuchAuthenticator
    code_devices.send(
        stage.user, device.contact, stage.subject, client=client, pool=str(stage.pool)
    )


def last_sent(stage: Stage) -> Challenge | None:
    """Give the code that was sent last in this step, None before the first."""
    return challenges.state(kind_of(stage), stage.subject)


def kind_of(stage: Stage) -> ChallengeKind:
    """Give the purpose of the codes that are sent in this step."""
    is_last = stage.kind is SignInStage.MAILED_CODE
    return policy.SIGN_IN_CODE if is_last else policy.SECOND_STEP_CODE
