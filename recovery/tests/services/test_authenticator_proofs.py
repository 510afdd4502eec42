"""App and printed codes, the password and passkeys as proofs (attacks.md 10, 11, 26, 29)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import (
    PasskeyRefused,
    WrongPassword,
    WrongToken,
)
from accounts.models import RecoveryCode, TotpDevice
from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.threads import run_at_once
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery.enums import Outcome, ProofClass, Resets, TicketState
from recovery.errors import StaleTicket
from recovery.models import Proof, RecoveryTicket
from recovery.models.proof import TOO_YOUNG
from recovery.services import authenticator_proofs as service
from recovery.tests.factories import make_claimant, make_proof, make_ticket

S = TicketState
P = ProofClass
DAY = timedelta(days=1)
WRONG = "000000"
pytestmark = pytest.mark.django_db


# What counts, and from when.


def test_an_app_code_is_a_strong_proof_as_old_as_the_app(ticket, app):
    _token(ticket, totp.current_code(app))

    proof = Proof.objects.get()
    assert (proof.proof_class, proof.is_strong, proof.marks) == (P.APP, True, [])
    assert proof.since == app.made_at
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_an_app_and_the_mailbox_are_enough_and_the_second_step_stays(ticket, app):
    make_proof(ticket, P.MAIL)

    _token(ticket, totp.current_code(app))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome, ticket.resets) == (
        S.APPROVED,
        Outcome.APPROVE,
        Resets.PASSWORD,
    )


def test_a_printed_code_alone_opens_an_account_without_two_step(ticket, codes):
    _token(ticket, codes[0])

    assert (Proof.objects.get().proof_class, RecoveryTicket.objects.get().state) == (
        P.PRINTED,
        S.APPROVED,
    )


def test_a_printed_code_is_used_up(ticket, codes, app):
    _token(ticket, codes[0])

    with pytest.raises(WrongToken):
        _token(make_ticket(ticket.user, state=S.AWAITING_PROOF), codes[0])

    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


@pytest.mark.parametrize(
    ("age", "is_strong"), [(timedelta(days=6, hours=23), False), (timedelta(days=8), True)]
)
@pytest.mark.parametrize("kind", ["app", "printed", "passkey"])
def test_what_is_younger_than_a_week_is_weak(maria, kind, age, is_strong):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, opened_at=timezone.now())

    _show(kind, maria, ticket, made_at=timezone.now() - age)

    proof = Proof.objects.get()
    assert (proof.is_strong, proof.marks) == (is_strong, [] if is_strong else [TOO_YOUNG])


@pytest.mark.parametrize("kind", ["app", "printed", "passkey"])
def test_what_was_made_in_the_first_hours_of_the_account_is_strong(kind):
    now = timezone.now()
    user = make_user(created_at=now - 2 * DAY)
    ticket = make_ticket(user, state=S.AWAITING_PROOF)

    _show(kind, user, ticket, made_at=now - 2 * DAY + timedelta(hours=23))

    assert Proof.objects.get().is_strong


def test_a_young_printed_code_is_used_up_all_the_same(maria, ticket):
    _set, codes = make_recovery_codes(maria, made_at=timezone.now() - DAY)

    _token(ticket, codes[0])

    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_a_passkey_alone_is_enough_with_two_step(maria, ticket):
    passkey = make_passkey(maria)

    service.accept_passkey(ticket, passkey, client=make_claimant())

    ticket.refresh_from_db()
    assert (ticket.state, ticket.reasons) == (S.APPROVED, ["two_step_two_proofs"])
    assert Proof.objects.get().since == passkey.made_at


def test_a_passkey_of_a_protected_account_waits_a_day(ticket, maria):
    maria.is_protected = True
    maria.save()

    service.accept_passkey(ticket, make_passkey(maria), client=make_claimant())

    ticket.refresh_from_db()
    assert (ticket.state, ticket.hold_length) == (S.ON_HOLD, DAY)


def test_the_password_and_the_mailbox_reset_the_second_step_after_a_wait(ticket, app):
    make_proof(ticket, P.MAIL)

    _password(ticket)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.hold_length, ticket.resets) == (
        S.ON_HOLD,
        3 * DAY,
        Resets.SECOND_STEP,
    )


def test_the_password_alone_leads_nowhere(ticket, app):
    _password(ticket)

    assert (Proof.objects.get().proof_class, RecoveryTicket.objects.get().state) == (
        P.PASSWORD,
        S.AWAITING_PROOF,
    )


def test_sent_codes_turn_two_step_on_too(ticket, maria):
    make_code_device(maria)

    _password(ticket)

    assert Proof.objects.get().proof_class == P.PASSWORD


@pytest.mark.parametrize("has_codes", [True, False])
def test_without_two_step_the_right_password_is_a_wrong_one(ticket, maria, has_codes):
    if has_codes:
        make_recovery_codes(maria)  # a spare alone does not turn it on

    with pytest.raises(WrongPassword):
        _password(ticket)

    assert not Proof.objects.exists()


def test_two_proofs_of_one_class_are_one(maria, ticket, app):
    other = make_totp(maria, seed="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
    _token(ticket, totp.current_code(app))

    _token(ticket, totp.current_code(other))

    assert list(Proof.objects.values_list("proof_class", flat=True)) == [P.APP]
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


# What is refused.


def test_a_time_step_counts_once_over_all_tickets(ticket, app):
    code = totp.current_code(app)
    _token(ticket, code)

    with pytest.raises(WrongToken):
        _token(make_ticket(ticket.user, state=S.AWAITING_PROOF), code)


def test_somebody_elses_code_proves_nothing(ticket, app):
    other = make_totp(make_user(), seed="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")

    with pytest.raises(WrongToken):
        _token(ticket, totp.current_code(other))


def test_a_removed_app_proves_nothing(ticket, app):
    TotpDevice.objects.update(confirmed=False, removed_at=timezone.now())

    with pytest.raises(WrongToken):
        _token(ticket, totp.current_code(app))


@pytest.mark.parametrize(
    "made",
    [
        lambda user: make_passkey(make_user()),
        lambda user: make_passkey(user, confirmed=False, removed_at=timezone.now()),
        lambda user: make_passkey(user, confirmed=False, made_at=None),
    ],
    ids=["somebody else's", "removed", "being set up"],
)
def test_any_other_passkey_is_refused_alike_and_noted(ticket, maria, made):
    with pytest.raises(PasskeyRefused):
        service.accept_passkey(ticket, made(maria), client=make_claimant())

    assert not Proof.objects.exists()
    assert _refused() == [(maria.pk, P.PASSKEY)]


@pytest.mark.parametrize("name", ["maria", "nobody"])
def test_a_wrong_try_is_noted_with_its_kind_for_known_and_unknown(maria, app, name):
    user = maria if name == "maria" else None
    ticket = make_ticket(user, state=S.AWAITING_PROOF)

    for typed in (WRONG, "ABCD-EFGH-JKMN-PQRS"):
        with pytest.raises(WrongToken):
            _token(ticket, typed)
    with pytest.raises(WrongPassword):
        _password(ticket, "wrong")

    owner = user.pk if user else None
    assert _refused() == [(owner, P.APP), (owner, P.PRINTED), (owner, P.PASSWORD)]


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.EVALUATING, S.IN_REVIEW, S.APPROVED])
def test_a_ticket_that_asks_for_nothing_takes_nothing(maria, app, codes, state):
    ticket = make_ticket(maria, state=state)
    passkey = make_passkey(maria)

    for act in (
        lambda: _token(ticket, codes[0]),
        lambda: _password(ticket),
        lambda: service.accept_passkey(ticket, passkey, client=make_claimant()),
    ):
        with pytest.raises(StaleTicket):
            act()

    assert not RecoveryCode.objects.filter(used_at__isnull=False).exists()


def test_a_stopped_ticket_refuses_what_is_right_and_uses_nothing_up(maria, app, codes):
    ticket = make_ticket(maria, state=S.CANCELLED)

    for typed in (totp.current_code(app), codes[0]):
        with pytest.raises(WrongToken):
            _token(ticket, typed)
    with pytest.raises(WrongPassword):
        _password(ticket)
    with pytest.raises(PasskeyRefused):
        service.accept_passkey(ticket, make_passkey(maria), client=make_claimant())

    assert not Proof.objects.exists()
    assert not RecoveryCode.objects.filter(used_at__isnull=False).exists()


def test_a_switched_off_account_refuses_what_is_right(maria, app, ticket):
    maria.is_active = False
    maria.save()
    ticket = RecoveryTicket.objects.select_related("user").get()

    with pytest.raises(WrongToken):
        _token(ticket, totp.current_code(app))
    with pytest.raises(WrongPassword):
        _password(ticket)


@pytest.mark.django_db(transaction=True)
def test_one_printed_code_on_two_tickets_at_once_is_taken_once():
    user = make_user()
    make_totp(user)
    _set, codes = make_recovery_codes(user)
    tickets = [make_ticket(user, state=S.AWAITING_PROOF) for _ in range(4)]
    for ticket in tickets:
        make_proof(ticket, P.MAIL)

    results = run_at_once(4, lambda number: _token(tickets[number], codes[0]))

    assert sorted(type(result).__name__ for result in results) == ["NoneType", *["WrongToken"] * 3]
    assert RecoveryTicket.objects.filter(state=S.APPROVED).count() == 1


def _token(ticket, typed, *, network="203.0.113.9"):
    service.accept_token(ticket, typed, client=make_claimant(address=network))


def _password(ticket, raw=PASSWORD, *, network="203.0.113.9"):
    service.accept_password(ticket, raw, client=make_claimant(address=network))


def _show(kind, user, ticket, *, made_at):
    if kind == "app":
        _token(ticket, totp.current_code(make_totp(user, made_at=made_at)))
    elif kind == "printed":
        make_totp(user, made_at=made_at)
        _set, codes = make_recovery_codes(user, made_at=made_at)
        _token(ticket, codes[0])
    else:
        passkey = make_passkey(user, made_at=made_at)
        service.accept_passkey(ticket, passkey, client=make_claimant())


def _refused():
    events = SecurityEvent.objects.filter(kind=EventKind.PROOF_REFUSED).order_by("at")
    return [(event.user_id, event.details["proof"]) for event in events]
