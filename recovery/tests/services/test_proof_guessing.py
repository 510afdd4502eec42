"""Guessing at authenticators and the password of a recovery (attacks.md 8 to 11)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import hashers
from accounts.errors import HashingBusy, LimitReached, WrongPassword, WrongToken
from accounts.models import Budget, Device, KnownNetwork, RecoveryCode
from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_client,
    make_totp,
    make_user,
)
from accounts.tests.threads import run_at_once
from recovery import policy
from recovery.enums import ProofClass, TicketState
from recovery.models import Proof, RecoveryTicket
from recovery.services import authenticator_proofs as service
from recovery.tests.factories import make_claimant, make_proof, make_ticket

S = TicketState
P = ProofClass
WRONG = "000000"
pytestmark = pytest.mark.django_db


def test_the_claimants_own_limit_shows_and_is_the_same_for_every_account(maria, app):
    for user in (maria, None):
        contact = f"claimant-{bool(user)}@example.net"
        for _ in range(policy.PROOF_TRIES_PER_CLAIMANT.limit):
            _guess(make_ticket(user, state=S.AWAITING_PROOF, contact=contact))

        with pytest.raises(LimitReached):
            _token(make_ticket(user, state=S.AWAITING_PROOF, contact=contact), WRONG)


@pytest.mark.parametrize("kind", ["token", "password"])
def test_from_many_networks_only_so_many_are_compared(maria, app, kind):
    _spend_from_many_networks(maria, kind)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    right = totp.current_code(app) if kind == "token" else PASSWORD
    act = _token if kind == "token" else _password
    with pytest.raises((WrongToken, WrongPassword)):
        act(ticket, right, network="192.0.2.200")

    assert not Proof.objects.exists()


def test_past_the_silent_limit_no_printed_code_is_used_up(maria, app, codes):
    _spend_from_many_networks(maria, "token")

    with pytest.raises(WrongToken):
        _token(make_ticket(maria, state=S.AWAITING_PROOF), codes[0], network="192.0.2.200")

    assert not RecoveryCode.objects.filter(used_at__isnull=False).exists()


def test_who_spent_the_silent_tries_leaves_the_owners_browser_its_own(maria, app):
    _spend_from_many_networks(maria, "token")
    own = make_claimant(address="192.0.2.200", device="cookie")
    Device.objects.create(user=maria, token_hash=own.device)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    service.accept_token(ticket, totp.current_code(app), client=own)

    assert Proof.objects.get().proof_class == P.APP


def test_who_spent_the_silent_tries_leaves_the_owners_network_its_own(maria, app):
    _spend_from_many_networks(maria, "token")
    today = timezone.now().date()
    home = {"network": "192.0.2.200", "days": 2, "first_day": today, "last_day": today}
    KnownNetwork.objects.create(user=maria, **home)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    _token(ticket, totp.current_code(app), network="192.0.2.200")

    assert Proof.objects.get().proof_class == P.APP


def test_who_has_shown_something_else_has_tries_of_their_own(maria, app):
    _spend_from_many_networks(maria, "token")
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    make_proof(ticket, P.MAIL)

    _token(ticket, totp.current_code(app), network="192.0.2.200")

    assert RecoveryTicket.objects.get(pk=ticket.pk).state == S.APPROVED


@pytest.mark.parametrize(
    "shown",
    [
        {"proof_class": P.MAIL, "is_strong": False},
        {"proof_class": P.APP},
        {"proof_class": P.MAIL, "browser_hash": "another"},
        {"proof_class": P.MAIL, "proved_at": timezone.now() - timedelta(hours=2)},
    ],
    ids=["weak", "the same class", "of another browser", "lapsed"],
)
def test_nothing_less_than_another_strong_proof_buys_tries(maria, app, shown):
    _spend_from_many_networks(maria, "token")
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    make_proof(ticket, **shown)

    with pytest.raises(WrongToken):
        _token(ticket, totp.current_code(app), network="192.0.2.200")


def test_a_mailbox_does_not_pay_for_ticket_after_ticket(maria, app):
    """A thief who reads the mailbox guesses at the app from ever new tickets."""
    for number in range(12):
        ticket = make_ticket(maria, state=S.AWAITING_PROOF)
        make_proof(ticket, P.MAIL)
        for _ in range(10):
            _guess(ticket, network=f"192.0.2.{number}")
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    make_proof(ticket, P.MAIL)

    with pytest.raises(WrongToken):
        _token(ticket, totp.current_code(app), network="192.0.2.200")


def test_guesses_of_a_recovery_spend_nothing_of_the_sign_in(maria, app):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _guess(ticket)
    with pytest.raises(WrongPassword):
        _password(ticket, "wrong")

    rules = set(Budget.objects.values_list("rule", flat=True))
    assert rules == {
        policy.PROOF_TRIES_PER_ACCOUNT.name,
        policy.PROOF_TRIES_PER_CLAIMANT.name,
    }


def test_a_busy_server_costs_no_try(ticket, app, monkeypatch):
    monkeypatch.setattr("accounts.policy.HASHING_WAIT", timedelta(0))
    with _all_slots_taken():
        for _ in range(policy.PROOF_TRIES_PER_CLAIMANT.limit + 1):
            with pytest.raises(HashingBusy):
                _password(ticket)

    _password(ticket)

    assert Proof.objects.get().proof_class == P.PASSWORD


@pytest.mark.parametrize("is_spent", [False, True])
@pytest.mark.parametrize("kind", ["app", "printed", "password"])
def test_a_wrong_try_takes_the_same_work_for_everybody(maria, codes, kind, is_spent):
    make_totp(maria)
    counted = []
    for user in (maria, make_user(), None):
        ticket = make_ticket(user, state=S.AWAITING_PROOF)
        if is_spent:
            _spend_from_many_networks(user, "token")
        with CaptureQueriesContext(connection) as queries:
            _try_wrong(ticket, kind)
        counted.append(len(queries))

    assert len(set(counted)) == 1, counted


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_cannot_outrun_the_silent_limit():
    user = make_user()
    app = make_totp(user)
    tickets = [make_ticket(user, state=S.AWAITING_PROOF) for _ in range(24)]

    run_at_once(24, lambda n: _token(tickets[n], WRONG, network=f"192.0.2.{n}"))

    with pytest.raises(WrongToken):
        _token(tickets[0], totp.current_code(app), network="192.0.2.200")


def _token(ticket, typed, *, network="203.0.113.9"):
    service.accept_token(ticket, typed, client=make_claimant(address=network))


def _password(ticket, raw=PASSWORD, *, network="203.0.113.9"):
    service.accept_password(ticket, raw, client=make_claimant(address=network))


def _guess(ticket, **where):
    with pytest.raises(WrongToken):
        _token(ticket, WRONG, **where)


def _try_wrong(ticket, kind):
    if kind == "password":
        with pytest.raises(WrongPassword):
            _password(ticket, "wrong")
        return
    with pytest.raises(WrongToken):
        _token(ticket, WRONG if kind == "app" else "ABCDEFGHJKMNPQRS")


def _spend_from_many_networks(user, kind):
    """Use up the tries of an account, as strangers with a mailbox each would."""
    for number in range(policy.PROOF_TRIES_PER_ACCOUNT.limit):
        ticket = make_ticket(user, state=S.AWAITING_PROOF)
        client = make_client(f"192.0.2.{number}")
        accept = service.accept_token if kind == "token" else service.accept_password
        with pytest.raises((WrongToken, WrongPassword)):
            accept(ticket, WRONG, client=client)


@contextmanager
def _all_slots_taken() -> Iterator[None]:
    """Let this process hash as many passwords as it may."""
    with ExitStack() as slots:
        while hashers._slots.acquire(blocking=False):
            slots.callback(hashers._slots.release)
        yield
