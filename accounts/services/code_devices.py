"""Second-step codes that are sent: by SMS, and by e-mail beside another second step."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts import errors, policy
from accounts.client import Client
from accounts.enums import ContactKind
from accounts.models import Challenge, CodeDevice, Contact, User
from accounts.services import authenticators, budgets, challenges, sessions
from accounts.services.budgets import Use
from outbox.channels import sms

# Who shares the day's wrong codes of an address in a session; at sign-in it is who shares the wrong
# second steps. So neither a stranger who recovers, nor who has learned the password, nor a thief in
# a session stops the owner everywhere.
POOL = "two_step"


def send(user: User, contact: Contact, subject: str, *, client: Client, pool: str = POOL) -> None:
    """Send a second-step code to a contact on file of ``user``; ``subject`` is who may type it.

    Raises ResendTooSoon, LimitReached, ChallengeExhausted, and NoSuchAuthenticator for a contact
    that is none of theirs. Call it outside transactions.
    """
    is_off = contact.verified_at is None or contact.removed_at or contact.suspended_at
    if is_off or contact.user_id != user.pk:
        raise errors.NoSuchAuthenticator
    challenges.require_resend(policy.SECOND_STEP_CODE, subject)
    uses = [Use(policy.SECOND_STEP_CODES_PER_CONTACT, (contact.limit_key,))]
    if contact.kind == ContactKind.PHONE:
        uses.append(Use(policy.SECOND_STEP_SMS_PER_NUMBER, (contact.limit_key,)))
    budgets.consume_all(uses)
    challenges.issue(
        policy.SECOND_STEP_CODE,
        subject,
        contact.as_address(),
        client=client,
        user=user,
        pool=pool,
    )


def accept(user: User | None, typed: str, subject: str) -> CodeDevice | None:
    """Take the code that was sent to ``subject``; None for a wrong one.

    Raises ChallengeExhausted. The step of the contact that the code went to is given, and marked
    as used.
    """
    # A wrong one is told once, by what it was typed for.
    challenge = _verified(user, typed, subject)
    if user is None or challenge is None:
        return None
    rows = CodeDevice.objects.in_use().filter(user=user, contact__value=challenge.address)
    device: CodeDevice | None = rows.select_related("contact").first()
    if device is None:
        return None
    device.used_at = challenge.used_at
    CodeDevice.objects.filter(pk=device.pk).update(used_at=device.used_at)
    return device


def begin(user: User, contact_id: int, *, client: Client, is_strong: bool = False) -> Contact:
    """Send a code to a verified contact of ``user`` that is to become a second step.

    Raises NoSuchAuthenticator for no contact of theirs and for a number that gets no texts, TooMany
    where it is one already, what ``authenticators.require_may_add`` raises, and what ``send``
    raises.
    """
    contact = _contact_to_add(user, contact_id)
    if not can_send_to(contact):
        raise errors.NoSuchAuthenticator
    kind = CodeDevice(contact=contact).kind
    authenticators.require_may_add(user, kind, is_strong=is_strong)
    send(user, contact, try_subject(client), client=client)
    return contact


def add(
    user: User, contact_id: int, typed: str, *, client: Client, is_strong: bool = False
) -> CodeDevice:
    """Make the contact a second step once its code was typed; raises WrongToken too.

    typed: digits only. Ends all sessions.
    """
    contact = _contact_to_add(user, contact_id)
    challenge = _verified(user, typed, try_subject(client), client=client)
    # A code that went to another address of theirs says nothing of this one.
    if challenge is None or challenge.address != contact.value:
        raise errors.WrongToken
    with transaction.atomic():
        sessions.lock_account(user)
        _contact_to_add(user, contact_id)  # as it is under the lock
        device: CodeDevice = CodeDevice.objects.create(
            user=user, contact=contact, confirmed=False, made_at=None
        )
        authenticators.activate(device, client=client, is_strong=is_strong)
    return device


def can_send_to(contact: Contact) -> bool:
    """Tell whether a code would go there: no text goes to every country, or any at all."""
    return contact.kind != ContactKind.PHONE or sms.serves(contact.value)


def try_subject(client: Client) -> str:
    """Name who may type a code that is sent to set up or try out a step: this session."""
    return f"try:{client.session}"


def _verified(
    user: User | None, typed: str, subject: str, *, client: Client | None = None
) -> Challenge | None:
    """Give the challenge that the code answers; None for a wrong one, told where ``client`` is."""
    try:
        challenge = challenges.verify(policy.SECOND_STEP_CODE, subject, typed, client=client)
    except errors.WrongCode:
        return None
    except errors.ChallengeExhausted:
        # Where no code was sent there are no tries to be used up.
        if challenges.state(policy.SECOND_STEP_CODE, subject) is None:
            return None
        raise
    is_own = user is not None and challenge.user_id == user.pk
    return challenge if is_own else None


def _contact_to_add(user: User, contact_id: int) -> Contact:
    steps = CodeDevice.objects.in_use().filter(contact=OuterRef("pk"))
    on_file = user.contacts.certain().annotate(is_step=Exists(steps))
    contact = on_file.filter(pk=contact_id).first()
    if contact is None:
        raise errors.NoSuchAuthenticator
    if contact.is_step:
        raise errors.TooMany
    found: Contact = contact
    return found
