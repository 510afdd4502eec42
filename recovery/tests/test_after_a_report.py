"""A recovery of an account that was rolled back by a report (attacks.md 29)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import hooks, policy
from accounts.errors import PasskeyRefused, WrongPassword, WrongToken
from accounts.holdings import had_second_step
from accounts.models import Contact, TotpDevice, User
from accounts.services import roll_back, totp
from accounts.tests.factories import (
    PASSWORD,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.rolling_back import since
from recovery import facts, history
from recovery.cases import rows
from recovery.enums import TicketState
from recovery.models import Proof, RecoveryTicket
from recovery.models.proof import TOO_YOUNG
from recovery.services import authenticator_proofs, proofs
from recovery.tests.factories import make_claimant, make_ticket

S = TicketState
KIND = "recovery.contact_code"
NOW = timezone.now()
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def report(user, age):
    """Take back everything that is younger than ``age``."""
    since(user, timezone.now() - age)
    return User.objects.get(pk=user.pk)


def ticket_of(user, days=0, **fields):
    """Make a ticket that is opened so many days after the report."""
    opened_at = timezone.now() + days * DAY
    return make_ticket(user, state=S.AWAITING_PROOF, opened_at=opened_at, **fields)


def bar_of(ticket):
    """Tell whether two-step verification was on days before the ticket, and is now."""
    account = facts.lock_account(ticket, make_claimant())
    return account.had_two_step, account.has_two_step


def show_mailbox(ticket, address, code_for):
    proofs.send_contact_code(
        ticket, Contact.objects.get(value=address).as_address(), client=make_claimant()
    )
    proofs.accept_contact_code(ticket, code_for(address, KIND), client=make_claimant())
    ticket.refresh_from_db()


# What a report suspended


@pytest.mark.parametrize("days", [0, 3, 6, 7, 8, 20])
@pytest.mark.parametrize("is_settled", [False, True])
def test_second_step_that_a_thief_made_that_week_raises_no_bar(maria, days, is_settled):
    make_totp(maria, made_at=timezone.now() - 6 * DAY)
    maria = report(maria, 6.5 * DAY)
    if is_settled:
        roll_back.settle_due()

    assert bar_of(ticket_of(maria, days)) == (False, False)


@pytest.mark.parametrize(("days", "had"), [(0, True), (3, True), (6, True), (8, False)])
@pytest.mark.parametrize("is_settled", [False, True])
def test_second_step_of_old_is_not_lowered_by_a_report_of_something_older(
    maria, days, had, is_settled
):
    make_totp(maria, made_at=timezone.now() - 60 * DAY)
    maria = report(maria, 80 * DAY)
    if is_settled:
        TotpDevice.objects.update(removed_at=timezone.now() + DAY / 100)

    assert bar_of(ticket_of(maria, days)) == (had, False)


def test_owner_who_reported_a_thief_gets_in_with_the_mailbox(maria, code_for):
    make_contact(maria, "other@example.net")
    make_totp(maria, made_at=timezone.now() - DAY)
    ticket = ticket_of(report(maria, 2 * DAY))

    show_mailbox(ticket, "other@example.net", code_for)

    assert ticket.state == S.APPROVED


def test_thief_who_reported_an_owner_is_handed_to_people(maria, code_for):
    make_contact(maria, "other@example.net")
    make_totp(maria, made_at=timezone.now() - 60 * DAY)
    ticket = ticket_of(report(maria, 80 * DAY))

    show_mailbox(ticket, "other@example.net", code_for)

    assert ticket.state != S.APPROVED
    assert (ticket.contested_reason, ticket.contested_at is not None) == ("account_changed", True)


@pytest.mark.parametrize("made", [1, 6, 8, 60, 299, 300])
@pytest.mark.parametrize("asked", [-100, -20, -7, -1, 0, 1])
def test_tables_and_holdings_agree_on_how_it_was(maria, made, asked):
    maria.created_at = timezone.now() - 300 * DAY - DAY / 2
    maria.save()
    make_totp(maria, made_at=timezone.now() - made * DAY)
    maria = report(maria, 400 * DAY)
    at = timezone.now() + asked * DAY

    in_use = TotpDevice.objects.as_of(at).filter(user=maria).exists()

    assert had_second_step(maria, at) == in_use


def test_suspended_ones_prove_nothing(maria):
    app = make_totp(maria, made_at=timezone.now() - DAY)
    passkey = make_passkey(maria, made_at=timezone.now() - DAY)
    _set, codes = make_recovery_codes(maria, made_at=timezone.now() - DAY)
    ticket = ticket_of(report(maria, 2 * DAY))
    passkey.refresh_from_db()

    for typed in (totp.current_code(app), codes[0]):
        with pytest.raises(WrongToken):
            authenticator_proofs.accept_token(ticket, typed, client=make_claimant())
    with pytest.raises(PasskeyRefused):
        authenticator_proofs.accept_passkey(ticket, passkey, client=make_claimant())

    assert not Proof.objects.exists()


def test_answers_are_compared_with_what_was_there_for_long(maria):
    make_totp(maria, made_at=timezone.now() - 60 * DAY)
    make_passkey(maria, made_at=timezone.now() - DAY)
    maria = report(maria, 80 * DAY)

    as_of = timezone.now() - DAY / 2

    assert history.history_of(maria, as_of).second_steps == {"app"}


def test_staff_see_what_is_suspended_and_not_in_use(maria):
    make_totp(maria, made_at=timezone.now() - DAY)
    maria = report(maria, 2 * DAY)

    app = next(each for each in rows.holdings(maria.pk) if each.source == "totp")

    assert (app.suspended_at is not None, app.flag, app.removed_at) == (True, False, None)


# The spent password


def test_spent_password_is_refused_as_a_wrong_one(maria):
    make_totp(maria)
    ticket = ticket_of(report(maria, DAY))

    with pytest.raises(WrongPassword):
        authenticator_proofs.accept_password(ticket, PASSWORD, client=make_claimant())

    assert not Proof.objects.exists()


def test_outlook_does_not_build_on_it(maria):
    make_totp(maria)
    maria = report(maria, DAY)

    outlooks = hooks.recoverability(maria).outlooks

    assert not [each for each in outlooks if "your password" in each.ways]


# What a report put back


@pytest.fixture
def doubted(maria):
    """An address of long ago that was removed and put back by a report."""
    contact = make_contact(maria, "other@example.net", removed_at=timezone.now())
    report(maria, DAY)
    contact.refresh_from_db()
    assert contact.is_in_doubt
    return contact


@pytest.mark.parametrize("is_contested", [False, True])
def test_it_is_no_strong_proof_on_any_ticket(maria, doubted, code_for, is_contested):
    contested = {"contested_at": timezone.now(), "contested_reason": "objection"}
    ticket = ticket_of(User.objects.get(), **(contested if is_contested else {}))

    show_mailbox(ticket, doubted.value, code_for)

    proof = Proof.objects.get()
    assert (proof.is_strong, proof.marks) == (False, [TOO_YOUNG])
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_it_is_told_and_may_object(maria, doubted):
    assert doubted in Contact.objects.may_object(timezone.now())


def test_outlook_promises_no_day_for_it(maria, doubted):
    found = hooks.recoverability(User.objects.get())

    assert found.soon == []
    assert doubted.counts_from == policy.NEVER
