"""The first two steps, as services."""

import secrets
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import ChallengeError, ChallengeExhausted, LimitReached
from accounts.normalise import email
from accounts.policy import START_CODES_PER_CONTACT, START_CODES_PER_CONTACT_AND_NETWORK
from accounts.tests.factories import make_client, make_contact, make_totp, make_user
from outbox.models import Message
from recovery.enums import CancelCause, NoticeKind, Outcome, ProofClass, TicketState
from recovery.errors import StaleTicket
from recovery.models import Notice, Proof, RecoveryTicket
from recovery.services import opening, withdrawal
from recovery.tests.factories import make_ticket

pytestmark = pytest.mark.django_db
WRONG = "00000000"


def test_an_unknown_account_gets_a_real_ticket_and_a_code():
    ticket = opening.open_ticket(
        "nobody@example.org", email("me@example.net"), client=make_client()
    )

    assert (ticket.user, ticket.state) == (None, TicketState.AWAITING_CODE)
    assert list(Message.objects.values_list("kind", "address")) == [
        ("recovery.code", "me@example.net")
    ]


def test_the_code_of_a_contact_on_file_approves_an_account_without_two_step(code_for):
    user = make_user(email="maria@example.org")
    client = make_client()
    ticket = opening.open_ticket("maria@example.org", email("maria@example.org"), client=client)

    opening.accept_code(ticket, code_for("maria@example.org"), client=client)

    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome, ticket.epoch) == (
        TicketState.APPROVED,
        Outcome.APPROVE,
        user.epoch,
    )
    assert list(Proof.objects.values_list("proof_class", "is_strong")) == [(ProofClass.MAIL, True)]


def test_a_code_of_an_address_that_is_not_on_file_proves_nothing(code_for):
    make_user(email="maria@example.org")
    client = make_client()
    ticket = opening.open_ticket("maria@example.org", email("thief@example.net"), client=client)

    opening.accept_code(ticket, code_for("thief@example.net"), client=client)

    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_PROOF
    assert not Proof.objects.exists()
    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.OPENED]


def test_a_disabled_account_is_as_good_as_none(code_for):
    make_user(email="gone@example.org", is_active=False)
    client = make_client()
    ticket = opening.open_ticket("gone@example.org", email("gone@example.org"), client=client)

    opening.accept_code(ticket, code_for("gone@example.org"), client=client)

    assert (ticket.user, ticket.state) == (None, TicketState.AWAITING_PROOF)


def test_a_mailbox_alone_does_not_open_an_account_with_two_step(code_for):
    make_totp(make_user(email="jonas@example.org"))
    client = make_client()
    ticket = opening.open_ticket("jonas@example.org", email("jonas@example.org"), client=client)

    opening.accept_code(ticket, code_for("jonas@example.org"), client=client)

    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_PROOF


def test_the_fifth_wrong_code_ends_the_ticket_for_the_right_one_too(code_for):
    client, ticket = _open("maria@example.org")
    _type_wrong_codes(ticket, client, times=4)

    with pytest.raises(ChallengeExhausted):
        opening.accept_code(ticket, WRONG, client=client)

    with pytest.raises(StaleTicket):
        opening.accept_code(ticket, code_for("maria@example.org"), client=client)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.cancel_cause) == (TicketState.CANCELLED, CancelCause.CODES)


def test_the_address_hears_once_a_day_that_its_codes_are_guessed():
    for _ in range(2):
        client, ticket = _open("maria+x@example.org")
        _type_wrong_codes(ticket, client, times=5)

    told = Message.objects.get(kind="recovery.guessed")
    assert (told.address, set(told.context)) == ("maria+x@example.org", {"reference", "guessed_at"})


def test_strangers_on_other_networks_leave_the_owner_their_tries(code_for):
    user = make_user(email="maria@example.org")
    for _ in range(3):
        client, ticket = _open("maria@example.org", client=make_client("198.51.100.7"))
        _type_wrong_codes(ticket, client, times=5)
    client, ticket = _open("maria@example.org")

    opening.accept_code(ticket, code_for("maria@example.org"), client=client)

    assert (ticket.state, ticket.user) == (TicketState.APPROVED, user)


def test_wrong_codes_of_one_network_end_at_the_daily_limit(code_for):
    for _ in range(3):
        client, ticket = _open("maria@example.org")
        _type_wrong_codes(ticket, client, times=5)
    client, ticket = _open("maria@example.org")

    with pytest.raises(ChallengeError):
        opening.accept_code(ticket, code_for("maria@example.org"), client=client)

    ticket.refresh_from_db()
    assert ticket.code_accepted_at is None


def test_the_right_code_does_not_bring_a_withdrawn_ticket_back(code_for):
    client, ticket = _open("maria@example.org")
    withdrawal.withdraw(ticket, client=client)

    with pytest.raises(StaleTicket):
        opening.accept_code(ticket, code_for("maria@example.org"), client=client)

    assert RecoveryTicket.objects.get().state == TicketState.CANCELLED


def test_opening_costs_the_same_for_a_known_and_an_unknown_account():
    make_user(email="maria@example.org")

    with CaptureQueriesContext(connection) as known:
        _open("maria@example.org")
    with CaptureQueriesContext(connection) as unknown:
        _open("nobody@example.org")

    assert len(known) == len(unknown)


def test_a_code_costs_the_same_where_it_proves_nothing(code_for):
    make_user(email="maria@example.org")
    known_client, known_ticket = _open("maria@example.org", contact="me@example.net")
    unknown_client, unknown_ticket = _open("nobody@example.org", contact="you@example.net")

    with CaptureQueriesContext(connection) as known:
        opening.accept_code(known_ticket, code_for("me@example.net"), client=known_client)
    with CaptureQueriesContext(connection) as unknown:
        opening.accept_code(unknown_ticket, code_for("you@example.net"), client=unknown_client)

    assert len(known) == len(unknown)


def test_starting_again_in_one_browser_withdraws_the_former_ticket():
    client = make_client()
    first = opening.open_ticket("a@example.org", email("me@example.net"), client=client)

    opening.open_ticket("b@example.org", email("me@example.net"), client=client)

    first.refresh_from_db()
    assert (first.state, first.cancel_cause) == (TicketState.CANCELLED, CancelCause.REPLACED)


def test_codes_to_one_address_from_one_network_end_at_the_limit():
    for _ in range(START_CODES_PER_CONTACT_AND_NETWORK.limit):
        opening.open_ticket("a@example.org", email("me@example.net"), client=make_client())

    with pytest.raises(LimitReached):
        opening.open_ticket("a@example.org", email("ME+x@example.net"), client=make_client())

    assert Message.objects.count() == START_CODES_PER_CONTACT_AND_NETWORK.limit


def test_what_one_network_is_refused_leaves_an_address_its_codes_for_others():
    address = email("me@example.net")
    for _ in range(START_CODES_PER_CONTACT.limit + 1):
        with suppress(LimitReached):
            opening.open_ticket("a@example.org", address, client=make_client())

    opening.open_ticket("a@example.org", address, client=make_client("198.51.100.7"))

    assert Message.objects.count() == START_CODES_PER_CONTACT_AND_NETWORK.limit + 1


def test_a_contact_added_yesterday_proves_nothing_yet(code_for):
    user = make_user(email="maria@example.org")
    make_contact(user, "new@example.net", verified_at=_days_ago(1), counts_from=_days_ago(-6))
    client = make_client()
    ticket = opening.open_ticket("maria@example.org", email("new@example.net"), client=client)

    opening.accept_code(ticket, code_for("new@example.net"), client=client)

    assert RecoveryTicket.objects.get().state == TicketState.AWAITING_PROOF
    assert list(Proof.objects.values_list("is_strong", "marks")) == [(False, ["too_young"])]


def test_a_second_step_turned_on_after_the_dispute_began_leads_to_people(code_for):
    user = make_user(email="amira@example.org")
    make_totp(user, made_at=_days_ago(1))
    client = make_client()
    ticket = opening.open_ticket("amira@example.org", email("amira@example.org"), client=client)

    opening.accept_code(ticket, code_for("amira@example.org"), client=client)

    ticket.refresh_from_db()
    assert ticket.state == TicketState.IN_REVIEW
    assert ticket.contested_reason == "account_changed"
    assert ticket.answer_at is not None


def _days_ago(days):
    return timezone.now() - timedelta(days=days)


def _open(identifier, *, contact="", client=None):
    client = client or make_client()
    contact = email(contact or identifier)
    return client, opening.open_ticket(identifier, contact, client=client)


def _type_wrong_codes(ticket, client, *, times):
    for _ in range(times):
        with pytest.raises(ChallengeError):
            opening.accept_code(ticket, WRONG, client=client)


def test_a_code_for_a_contact_on_file_goes_to_the_stored_bytes():
    make_user(email="Maria@example.org")

    ticket = opening.open_ticket(
        "maria@example.org", email("MARIA@example.org"), client=make_client()
    )

    assert Message.objects.get().address == "Maria@example.org"
    assert ticket.contact == "MARIA@example.org"


def test_of_another_account_s_contact_the_typed_bytes_are_used():
    make_user(email="Maria@example.org")

    opening.open_ticket("nobody@example.org", email("MARIA@example.org"), client=make_client())

    assert Message.objects.get().address == "MARIA@example.org"


def test_a_reference_that_another_ticket_has_is_drawn_anew(monkeypatch):
    taken = make_ticket().reference
    drawn = iter([*taken, *"KTRW4679"])
    # What dice give, not what our code does: the taken reference first, then another.
    monkeypatch.setattr(secrets, "choice", lambda letters: next(drawn, letters[0]))

    ticket = opening.open_ticket("a@example.org", email("me@example.net"), client=make_client())

    assert ticket.reference == "KTRW4679"
