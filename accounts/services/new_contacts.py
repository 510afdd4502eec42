"""Adding an address: a code goes there, and it is on file once the code was typed."""

from django.db import IntegrityError, transaction

from accounts import errors, normalise, policy
from accounts.client import Client
from accounts.enums import Action, ContactKind
from accounts.models import Challenge, Contact, User
from accounts.normalise import Address
from accounts.services import budgets, challenges, contacts, restrictions
from accounts.services.budgets import Use
from outbox.channels import sms
from vault import digests

SUBJECT = "contact:{}"


def begin(user: User, address: Address, *, client: Client, is_strong: bool, may_tell: bool) -> str:
    """Send a code to an address that is to be added; gives the random name of this try.

    may_tell: whether the person may know what is on file; to others an address that is there gets
    its code as any other, so that nobody learns by trying what is masked.
    Raises Forbidden, TooMany, OnFileAlready, NumberNotServed, LimitReached.
    """
    restrictions.require_as_read(user, Action.ADD_CONTACT, is_strong=is_strong)
    if may_tell and _on_file(user, address):
        raise errors.OnFileAlready
    if address.kind == ContactKind.PHONE and not sms.serves(address.value):
        raise errors.NumberNotServed
    _require_room(user, address)
    name = digests.new_token()
    _send(user, address, name, client)
    return name


def current(user: User, name: str) -> Challenge | None:
    """Give the code that waits in this try; None when it was used or the account changed since."""
    waiting = Challenge.objects.filter(
        purpose=policy.CONTACT_CODE.name,
        subject=SUBJECT.format(name),
        user=user,
        epoch=user.epoch,
        used_at=None,
    )
    return waiting.first()


def resend(user: User, challenge: Challenge, *, client: Client) -> None:
    """Send a newer code; raises ResendTooSoon, ChallengeExhausted, LimitReached."""
    challenges.require_resend(policy.CONTACT_CODE, challenge.subject)
    name = challenge.subject.partition(":")[2]
    _send(user, normalise.address(challenge.address), name, client)


def confirm(user: User, name: str, code: str, *, client: Client, is_strong: bool) -> Contact:
    """Put the address on file once its code is typed; ends all sessions.

    It is signed in with at once where the account has no other of its kind and no other account
    does. An address that was on file already is given as it is. Raises WrongCode,
    ChallengeExhausted, AccountChanged, Forbidden, TooMany.
    """
    subject = SUBJECT.format(name)
    challenge = challenges.verify(policy.CONTACT_CODE, subject, code, client=client)
    if challenge.user_id != user.pk:
        raise errors.AccountChanged
    address = normalise.address(challenge.address)
    with transaction.atomic():
        restrictions.lock(user, Action.ADD_CONTACT, is_strong=is_strong)
        _require_room(user, address)
        return _add(user, address, client)


def same_mailbox(user: User, contact: Contact) -> Contact | None:
    """Give another address on file that reaches the same mailbox: the two are one proof."""
    others = user.contacts.on_file().filter(limit_key=contact.limit_key)
    return others.exclude(pk=contact.pk).first()


def _send(user: User, address: Address, name: str, client: Client) -> None:
    uses = [
        Use(policy.NEW_CONTACT_CODES, (str(user.pk),)),
        Use(policy.NEW_CONTACT_CODES_PER_CONTACT, (address.limit_key,)),
    ]
    if address.kind == ContactKind.PHONE:
        uses.append(Use(policy.NEW_CONTACT_SMS_PER_NUMBER, (address.limit_key,)))
    budgets.consume_all(uses)
    with transaction.atomic():
        challenges.issue(
            policy.CONTACT_CODE,
            SUBJECT.format(name),
            address,
            client=client,
            user=user,
            # Who types wrong codes for it to sign up, or into another account, stops nobody here.
            pool=challenges.pool_of(str(user.pk)),
        )


def _add(user: User, address: Address, client: Client) -> Contact:
    signs_in = _may_sign_in(user, address)
    try:
        return contacts.add_verified(user, address, signs_in=signs_in, client=client)
    except IntegrityError:
        # Another account was first to sign in with it, a moment ago.
        return contacts.add_verified(user, address, signs_in=False, client=client)


def _may_sign_in(user: User, address: Address) -> bool:
    """Tell whether it becomes a name of the account: its kind has none, and it names no other."""
    primaries = user.contacts.filter(removed_at=None, signs_in=True, kind=address.kind)
    return not primaries.exists() and not contacts.names_another(user, address.match_key)


def _on_file(user: User, address: Address) -> bool:
    return user.contacts.on_file().filter(match_key=address.match_key).exists()


def _require_room(user: User, address: Address) -> None:
    """Raise TooMany for one more than an account may have; what is there takes no room."""
    others = user.contacts.filter(removed_at=None).exclude(match_key=address.match_key)
    if others.count() >= policy.CONTACTS_MOST:
        raise errors.TooMany
