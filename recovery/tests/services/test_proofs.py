"""Codes to another contact of the account, as services."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import ChallengeExhausted, LimitReached, ResendTooSoon, WrongCode
from accounts.models import Challenge, Contact
from accounts.normalise import address
from accounts.policy import SMS_PER_NUMBER
from accounts.services import budgets
from accounts.tests.factories import make_contact, make_totp, make_user
from outbox.enums import MessageState
from outbox.models import Message
from recovery import policy
from recovery.enums import Outcome, ProofClass, TicketState
from recovery.errors import StaleTicket
from recovery.models import Proof, RecoveryTicket
from recovery.services import notices, proofs
from recovery.tests.factories import make_claimant, make_ticket

S = TicketState
KIND = "recovery.contact_code"
WRONG = "00000000"
PHONE = "+4915112345678"
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    user = make_user(email="maria@example.org")
    make_contact(user, "other@example.net")
    make_contact(user, PHONE)
    return user


@pytest.fixture
def ticket(maria):
    return make_ticket(maria, state=S.AWAITING_PROOF)


def test_a_code_to_another_address_on_file_approves(ticket, code_for):
    _send(ticket, "other@example.net")

    _accept(ticket, code_for("other@example.net", KIND))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome) == (S.APPROVED, Outcome.APPROVE)
    assert Proof.objects.get().proof_class == ProofClass.MAIL


def test_the_code_goes_to_the_stored_bytes_not_to_their_spelling(ticket):
    Contact.objects.filter(match_key="other@example.net").update(value="Other@example.net")

    _send(ticket, "OTHER@EXAMPLE.NET")

    assert Message.objects.get(kind=KIND).address == "Other@example.net"


def test_an_accepted_code_is_noted_on_its_contact(ticket, code_for):
    _send(ticket, "other@example.net")

    _accept(ticket, code_for("other@example.net", KIND))
    notices.send_due()

    assert list(
        Contact.objects.filter(proved_at__isnull=False).values_list("value", flat=True)
    ) == ["other@example.net"]


def test_a_phone_alone_from_an_unknown_browser_waits_a_day(ticket, code_for):
    _send(ticket, PHONE)

    _accept(ticket, code_for(PHONE, KIND))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.hold_length) == (S.ON_HOLD, timedelta(days=1))


def test_two_addresses_of_one_mailbox_are_one_proof(maria, code_for):
    make_totp(maria)
    make_contact(maria, "maria+shop@example.org")
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    for value in ("maria@example.org", "maria+shop@example.org"):
        _send(ticket, value)
        _accept(ticket, code_for(value, KIND))
        _a_minute_later()

    assert list(Proof.objects.values_list("proof_class", "limit_key")) == [
        (ProofClass.MAIL, "maria@example.org")
    ]
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_a_second_contact_can_be_shown_on_one_ticket(maria, code_for):
    make_totp(maria)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _send(ticket, "other@example.net")
    _accept(ticket, code_for("other@example.net", KIND))
    _a_minute_later()

    _send(ticket, PHONE)
    _accept(ticket, code_for(PHONE, KIND))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.reasons) == (S.ON_HOLD, ["two_step_two_contacts"])


def test_tries_are_counted_over_all_contacts_of_a_ticket(maria, code_for):
    make_totp(maria)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _send(ticket, "other@example.net")
    _type_wrong_codes(ticket, times=3)
    _accept(ticket, code_for("other@example.net", KIND))
    _a_minute_later()
    _send(ticket, PHONE)
    _type_wrong_codes(ticket, times=1)

    with pytest.raises(ChallengeExhausted):
        _accept(ticket, code_for(PHONE, KIND))

    assert list(Proof.objects.values_list("proof_class", flat=True)) == [ProofClass.MAIL]


def test_a_used_code_is_worth_nothing_a_second_time(maria, code_for):
    make_totp(maria)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _send(ticket, "other@example.net")
    code = code_for("other@example.net", KIND)
    _accept(ticket, code)

    with pytest.raises(WrongCode):
        _accept(ticket, code)


def test_the_code_of_the_former_address_dies_with_the_next(maria, code_for):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _send(ticket, "other@example.net")
    former = code_for("other@example.net", KIND)
    _a_minute_later()
    _send(ticket, "stranger@example.com")

    with pytest.raises(WrongCode):
        _accept(ticket, former)

    assert not Proof.objects.exists()


def test_the_code_of_one_ticket_proves_nothing_on_another(maria, code_for):
    mine, theirs = (make_ticket(maria, state=S.AWAITING_PROOF) for _ in range(2))
    _send(mine, "other@example.net")
    code = code_for("other@example.net", KIND)
    _send(theirs, "maria@example.org")

    with pytest.raises(WrongCode):
        _accept(theirs, code)

    assert not Proof.objects.exists()


def test_a_code_that_was_never_sent_is_refused(ticket):
    with pytest.raises(ChallengeExhausted):
        _accept(ticket, WRONG)


def test_an_address_that_is_not_on_file_gets_no_mail(ticket, deliver, mailoutbox):
    _send(ticket, "stranger@example.com")

    deliver()

    assert mailoutbox == []
    assert Message.objects.get().state == MessageState.LATE


def test_an_address_on_file_and_any_other_cost_the_same(maria):
    first, second = (make_ticket(maria, state=S.AWAITING_PROOF) for _ in range(2))

    with CaptureQueriesContext(connection) as on_file:
        _send(first, "other@example.net")
    with CaptureQueriesContext(connection) as elsewhere:
        _send(second, "stranger@example.com")

    assert len(on_file) == len(elsewhere)


@pytest.mark.parametrize("typed", ["other@example.net", "stranger@example.com"])
def test_a_second_send_at_once_is_refused_alike(ticket, typed):
    _send(ticket, typed)

    with pytest.raises(ResendTooSoon):
        _send(ticket, typed)


@pytest.mark.parametrize("typed", ["other@example.net", "stranger@example.com"])
def test_a_mail_server_that_is_down_is_not_told_of(ticket, typed):
    _send(ticket, typed)
    Message.objects.update(state=MessageState.DEFERRED, due_at=timezone.now() + timedelta(hours=1))
    _a_minute_later()

    _send(ticket, typed)

    assert Challenge.objects.get().number == 2


@pytest.mark.parametrize("typed", ["other@example.net", "stranger@example.com"])
def test_the_claimants_own_limit_is_the_same_for_every_address(maria, typed):
    contact = "claimant@example.net"
    for _ in range(policy.CONTACT_TRIES_PER_CLAIMANT.limit):
        _send(make_ticket(maria, state=S.AWAITING_PROOF, contact=contact), typed)

    with pytest.raises(LimitReached):
        _send(make_ticket(maria, state=S.AWAITING_PROOF, contact=contact), typed)


def test_past_the_limit_of_text_messages_nothing_goes_out_and_nothing_tells(maria, deliver):
    for _ in range(SMS_PER_NUMBER.limit):
        budgets.consume(SMS_PER_NUMBER, PHONE)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    _send(ticket, PHONE)
    deliver()

    assert list(Message.objects.values_list("state", flat=True)) == [MessageState.LATE]


def test_a_removed_contact_proves_nothing(maria):
    Contact.objects.filter(match_key="other@example.net").update(removed_at=timezone.now())
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    _send(ticket, "other@example.net")

    assert Message.objects.get().expires_at <= timezone.now()


def test_a_contact_removed_after_its_code_went_out_proves_nothing(ticket, code_for):
    _send(ticket, "other@example.net")
    Contact.objects.filter(match_key="other@example.net").update(removed_at=timezone.now())

    _accept(ticket, code_for("other@example.net", KIND))

    assert not Proof.objects.exists()
    assert RecoveryTicket.objects.get().state == S.AWAITING_PROOF


def test_a_stopped_ticket_takes_a_code_and_changes_nothing(ticket, code_for):
    _send(ticket, "other@example.net")
    code = code_for("other@example.net", KIND)
    stopped = {"state": S.CANCELLED, "cancelled_at": timezone.now()}
    RecoveryTicket.objects.update(cancelled_from=S.AWAITING_PROOF, **stopped)
    ticket.refresh_from_db()

    _accept(ticket, code)

    ticket.refresh_from_db()
    assert ticket.state == S.CANCELLED
    assert not Proof.objects.exists()


@pytest.mark.parametrize("state", [S.AWAITING_CODE, S.IN_REVIEW, S.APPROVED])
def test_a_ticket_that_waits_for_no_proof_takes_none(maria, state):
    ticket = make_ticket(maria, state=state)

    with pytest.raises(StaleTicket):
        _accept(ticket, WRONG)


def test_a_contact_that_nobody_showed_for_years_needs_a_wait(code_for):
    user = make_user(
        email="maria@example.org", created_at=timezone.now() - 2 * policy.UNPROVED_TOO_LONG
    )
    ticket = make_ticket(user, state=S.AWAITING_PROOF)
    _send(ticket, "maria@example.org")

    _accept(ticket, code_for("maria@example.org", KIND))

    ticket.refresh_from_db()
    assert (ticket.state, ticket.hold_length) == (S.ON_HOLD, policy.LONG_UNPROVED_HOLD)


def _send(ticket, typed):
    proofs.send_contact_code(ticket, address(typed), client=make_claimant())


def _accept(ticket, code):
    proofs.accept_contact_code(ticket, code, client=make_claimant())


def _type_wrong_codes(ticket, *, times):
    for _ in range(times):
        with pytest.raises(WrongCode):
            _accept(ticket, WRONG)


def _a_minute_later():
    """Let the rest between two codes be over."""
    Challenge.objects.update(sent_at=timezone.now() - policy.CONTACT_CODE.resend_after)
