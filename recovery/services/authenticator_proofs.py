"""What is typed or pressed and compared at once: app and printed codes, the password, a passkey.

Each try is counted before anything is compared. The count that a claimant can see is keyed on what
was typed and who typed it; the others act silently: past them nothing is compared, and the answer,
like the work for it, is that of a wrong try.
"""

import re
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import errors
from accounts.client import Client
from accounts.models import CodeDevice, Passkey, RecoveryCodeSet, TotpDevice, User
from accounts.policy import authenticator_counts_from
from accounts.services import budgets, devices, passwords, second_step
from accounts.services.budgets import Use
from activity.enums import EventKind
from activity.services.events import record_event, record_events
from recovery import facts, policy
from recovery.enums import ProofClass
from recovery.facts import AccountFacts
from recovery.models import Proof, RecoveryTicket
from recovery.models.proof import TOO_YOUNG
from recovery.services import proofs
from vault import digests

APP_CODE = re.compile(r"\d{6}")
Row = TotpDevice | CodeDevice | RecoveryCodeSet | Passkey


def accept_token(ticket: RecoveryTicket, typed: str, *, client: Client) -> None:
    """Take a code of an authenticator app, or use up a printed one, however old it is.

    Raises WrongToken, LimitReached for the claimant's own tries, and StaleTicket.
    """
    proofs.require_open(ticket)
    proof_class = ProofClass.APP if APP_CODE.fullmatch(typed) else ProofClass.PRINTED
    _uses, may_compare = _count(ticket, proof_class, client)
    user = facts.account_of(ticket) if may_compare else None
    try:
        row = second_step.verify(user, typed, client=client, uses=())
        _show(ticket, row, client)
    except errors.WrongToken:
        _record_refusal(ticket, proof_class, client)
        raise


def accept_password(ticket: RecoveryTicket, raw: str, *, client: Client) -> None:
    """Take the current password of an account with two-step verification.

    On any other the right one is refused as a wrong one. Raises WrongPassword, LimitReached,
    StaleTicket, and HashingBusy, which costs no try.
    """
    proofs.require_open(ticket)
    uses, may_compare = _count(ticket, ProofClass.PASSWORD, client)
    user = facts.account_of(ticket) if may_compare else None
    try:
        is_right = passwords.check(user, raw)
    except errors.HashingBusy:
        # Not looked at: a server under load must not use up a person's tries.
        budgets.give_back_all(uses)
        raise
    if not (is_right and user and _show_password(ticket, user, client)):
        _record_refusal(ticket, ProofClass.PASSWORD, client)
        raise errors.WrongPassword


def accept_passkey(ticket: RecoveryTicket, passkey: Passkey, *, client: Client) -> None:
    """Take a passkey whose ceremony, with user verification, was right; raises PasskeyRefused.

    One of another account is refused as an unknown one. Raises StaleTicket.
    """
    proofs.require_open(ticket)
    user = facts.account_of(ticket)
    try:
        if user is None or passkey.user_id != user.pk or not passkey.confirmed:
            raise errors.WrongToken
        _show(ticket, passkey, client)
    except errors.WrongToken as error:
        refuse_passkey(ticket, client=client)
        raise errors.PasskeyRefused from error


def refuse_passkey(ticket: RecoveryTicket, *, client: Client) -> None:
    """Note that a passkey was not accepted, whatever was wrong with it."""
    _record_refusal(ticket, ProofClass.PASSKEY, client)


def _count(
    ticket: RecoveryTicket, proof_class: ProofClass, client: Client
) -> tuple[list[Use], bool]:
    """Count one try; gives what was counted, and whether it may be compared at all.

    Raises LimitReached for the claimant's own tries. Who spends an account's silent ones on purpose
    leaves to its own browsers and networks, and to who has shown something else, theirs
    (attacks.md 11).
    """
    visible = Use(policy.PROOF_TRIES_PER_CLAIMANT, (ticket.contact_limit_key, client.network))
    common = Use(policy.PROOF_TRIES_PER_ACCOUNT, (_subject(ticket), "anybody"))
    try:
        budgets.consume_all([visible, common])
    except errors.LimitReached:
        budgets.consume_all([visible])
    else:
        return [visible, common], True
    for pool in _own_pools(ticket, proof_class, client):
        try:
            budgets.consume_all(pool)
        except errors.LimitReached:
            continue
        return [visible, *pool], True
    return [visible], False


def _own_pools(ticket: RecoveryTicket, proof_class: ProofClass, client: Client) -> list[list[Use]]:
    """Give the counts that a stranger cannot spend, as far as this browser has them."""
    subject = _subject(ticket)
    own = []
    held = facts.held_proofs(ticket, digests.token_hash(client.browser), timezone.now())
    if any(proof.is_strong and proof.proof_class != proof_class for proof in held):
        own.append(
            [
                Use(policy.PROVED_TRIES_PER_TICKET, (ticket.subject,)),
                Use(policy.PROVED_TRIES_PER_ACCOUNT, (subject,)),
            ]
        )
    if devices.is_known(ticket.user, client):
        own.append([Use(policy.PROOF_TRIES_PER_ACCOUNT, (subject, "device", client.device))])
    if devices.is_known_network(ticket.user, client):
        own.append([Use(policy.PROOF_TRIES_PER_ACCOUNT, (subject, "network", client.network))])
    return own


def _subject(ticket: RecoveryTicket) -> str:
    """Name whose tries these are; for unknown accounts by what was typed."""
    return str(ticket.user_id) if ticket.user_id else f"typed:{ticket.identifier_key}"


def _show(ticket: RecoveryTicket, row: Row, client: Client) -> None:
    """Keep the proof that an authenticator makes, and let it lead where it does.

    Raises WrongToken where the account was switched off meanwhile.
    """
    with transaction.atomic():
        account = facts.lock_account(ticket, client)
        if account.user is None:
            raise errors.WrongToken
        made_at = row.made_at or timezone.now()
        is_strong = authenticator_counts_from(made_at, account.user.created_at) <= ticket.opened_at
        proof = _proof(ticket, _class_of(row), since=made_at, is_strong=is_strong, client=client)
        _keep(ticket, account, proof, client)


def _show_password(ticket: RecoveryTicket, user: User, client: Client) -> bool:
    """Keep the proof that the password makes; False where the account has no two-step.

    False too while it is paused, or the password is spent: then it may be that of who was inside.
    """
    with transaction.atomic():
        account = facts.lock_account(ticket, client)
        # Another password was set since it was compared, or there is no second step to be lost.
        now = account.user
        is_same = now is not None and now.password == user.password
        is_closed = now is not None and (now.frozen_at or now.password_spent_at)
        if is_closed or not (is_same and (account.has_two_step or account.had_two_step)):
            return False
        since = user.password_changed_at or user.created_at
        proof = _proof(ticket, ProofClass.PASSWORD, since=since, is_strong=True, client=client)
        _keep(ticket, account, proof, client)
    return True


def _keep(ticket: RecoveryTicket, account: AccountFacts, proof: Proof, client: Client) -> None:
    events = proofs.show(ticket, account, proof)
    record_events(
        ticket.user,
        events,
        client=client,
        reference=ticket.reference,
        proof=str(proof.proof_class),
    )


def _proof(
    ticket: RecoveryTicket,
    proof_class: ProofClass,
    *,
    since: datetime,
    is_strong: bool,
    client: Client,
) -> Proof:
    return Proof(
        ticket=ticket,
        proof_class=proof_class,
        is_strong=is_strong,
        marks=[] if is_strong else [TOO_YOUNG],
        since=since,
        # As it was read before anything was compared: what was removed meanwhile proves nothing.
        epoch=ticket.user.epoch if ticket.user else None,
        browser_hash=digests.token_hash(client.browser),
        proved_at=timezone.now(),
    )


def _class_of(row: Row) -> ProofClass:
    if isinstance(row, Passkey):
        return ProofClass.PASSKEY
    return ProofClass.APP if isinstance(row, TotpDevice) else ProofClass.PRINTED


def _record_refusal(ticket: RecoveryTicket, proof_class: ProofClass, client: Client) -> None:
    record_event(
        ticket.user,
        EventKind.PROOF_REFUSED,
        client=client,
        reference=ticket.reference,
        proof=str(proof_class),
    )
