"""Sign-up: no account and nothing reserved until the code is typed where the password was."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import errors, normalise, policy, queries, signals
from accounts.client import Client
from accounts.models import Challenge, Contact, SignUp, User
from accounts.normalise import Address
from accounts.services import budgets, challenges, contacts, passwords
from accounts.services.budgets import Use
from outbox.services.queue import queue_message
from vault import digests


def begin(address: Address, password: str, *, client: Client) -> SignUp:
    """Begin a sign-up and mail its code; who has an account with ``address`` is told instead.

    The work and the answer are the same for both. Raises PasswordRefused, LimitReached,
    HashingBusy. ``client.browser`` must be named.
    """
    # First, so that looking for a good password uses up no codes.
    passwords.judge(None, password, extra_words=[address.value])
    _spend_a_code(address, client)
    prepared = passwords.prepare(None, password, extra_words=[address.value])
    with transaction.atomic():
        sign_up = SignUp.objects.create(
            address=address.value,
            match_key=address.match_key,
            encoded_password=prepared.encoded,
            browser_hash=digests.token_hash(client.browser),
        )
        _send(sign_up, address, client)
    return sign_up


def resend_code(sign_up: SignUp, *, client: Client) -> None:
    """Send a newer code; raises ResendTooSoon, ChallengeExhausted, LimitReached."""
    address = normalise.email(sign_up.address)
    challenges.require_resend(policy.SIGN_UP_CODE, subject_of(sign_up))
    _spend_a_code(address, client)
    with transaction.atomic():
        _send(sign_up, address, client)


def current(sign_up_id: str, *, client: Client) -> SignUp | None:
    """Give the sign-up that this very browser began."""
    return SignUp.objects.filter(
        pk=sign_up_id, browser_hash=digests.token_hash(client.browser)
    ).first()


def complete(sign_up: SignUp, code: str, *, client: Client) -> User:
    """Make the account once its code is typed; raises WrongCode, ChallengeExhausted.

    The first of several sign-ups for one address ends the others.
    """
    challenges.verify(policy.SIGN_UP_CODE, subject_of(sign_up), code, client=client)
    address = normalise.email(sign_up.address)
    try:
        with transaction.atomic():
            user = _make_account(sign_up, address, client)
            _end_all_for(address)
            signals.signed_up.send(sender=User, user=user, client=client)
    except IntegrityError as error:
        # Another browser was first with this address, which is unique among those that sign in.
        raise errors.WrongCode from error
    return user


def subject_of(sign_up: SignUp) -> str:
    """Name the sign-up for its challenge."""
    return f"sign_up:{sign_up.pk}"


def works_until(challenge: Challenge) -> datetime:
    """Give until when the code works at the least.

    It is not read off the delivery of the mail: for an address with an account none carries a code.
    """
    return challenge.sent_at + policy.SIGN_UP_CODE.lifetime


def _spend_a_code(address: Address, client: Client) -> None:
    budgets.consume_all(
        [
            Use(
                policy.SIGN_UP_CODES_PER_CONTACT_AND_NETWORK,
                (address.limit_key, client.network),
            ),
            Use(policy.SIGN_UP_CODES_PER_CONTACT, (address.limit_key,)),
        ]
    )


def _send(sign_up: SignUp, address: Address, client: Client) -> None:
    """Queue the code, or the word to the owner; one challenge row either way."""
    owner = queries.primary_by_address(address)
    challenges.issue(
        policy.SIGN_UP_CODE,
        subject_of(sign_up),
        address,
        client=client,
        # Whoever guesses here spends nothing of what else goes to the address.
        pool=challenges.pool_of(client.network),
        is_silent=owner is not None,
    )
    if owner is not None:
        _tell_owner(owner, client)


def _tell_owner(owner: Contact, client: Client) -> None:
    """Tell who has the account that somebody tried, at most once a day."""
    day = timezone.now().date().isoformat()
    queue_message(
        "accounts.sign_up_exists",
        address=owner.value,
        language=client.language,
        time_zone=client.time_zone,
        dedupe_key=f"sign_up_exists:{digests.token_hash(owner.match_key)}:{day}",
    )


def _make_account(sign_up: SignUp, address: Address, client: Client) -> User:
    now = timezone.now()
    user = User.objects.create(
        password=sign_up.encoded_password,
        password_changed_at=now,
        created_at=now,
        language=client.language,
        time_zone=client.time_zone,
    )
    contacts.add_first(user, address, now)
    return user


def _end_all_for(address: Address) -> None:
    rows = SignUp.objects.filter(match_key=address.match_key)
    subjects = [subject_of(row) for row in rows]
    Challenge.objects.filter(purpose=policy.SIGN_UP_CODE.name, subject__in=subjects).delete()
    rows.delete()
