"""How a request is doing: its code, what the code proves, and the two lists by mail."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.errors import ChallengeExhausted, LimitReached, WrongCode
from accounts.normalise import email
from accounts.policy import OWN_TICKET_CODES_PER_CONTACT
from accounts.tests.factories import make_client, make_contact, make_totp, make_user
from outbox.models import Message
from recovery import policy
from recovery.enums import ProofClass, TicketState
from recovery.models import Proof, RecoveryTicket
from recovery.services import completion, status
from recovery.services.references import read_reference
from recovery.tests.factories import make_ticket
from vault import digests

S = TicketState
KIND = "recovery.status_code"
WRONG = "00000000"
CLAIMANT = "claimant@example.net"
pytestmark = pytest.mark.django_db


def test_the_right_code_binds_the_ticket_to_this_browser(code_for):
    make_ticket(state=S.AWAITING_PROOF, contact=CLAIMANT)

    ticket, client = _come_back(CLAIMANT, code_for)

    assert RecoveryTicket.objects.get().browser_hash == digests.token_hash(client.browser)
    assert ticket.state == S.AWAITING_PROOF


def test_a_code_to_an_address_that_is_not_on_file_proves_nothing(code_for):
    make_ticket(make_user(), state=S.AWAITING_PROOF, contact=CLAIMANT)

    ticket, _client = _come_back(CLAIMANT, code_for)

    assert (ticket.state, list(Proof.objects.all())) == (S.AWAITING_PROOF, [])


def test_a_code_to_an_address_on_file_is_a_proof_of_this_browser(code_for):
    make_ticket(make_user(email=CLAIMANT), state=S.AWAITING_PROOF, contact=CLAIMANT)

    ticket, client = _come_back(CLAIMANT, code_for)

    completion.require_ready(ticket, client=client)
    assert list(Proof.objects.values_list("proof_class", flat=True)) == [ProofClass.MAIL]


def test_an_approval_that_rested_on_two_proofs_is_not_taken_over_with_one(code_for):
    user = make_user(email=CLAIMANT)
    make_totp(user)
    make_ticket(user, state=S.APPROVED, contact=CLAIMANT)

    ticket, _client = _come_back(CLAIMANT, code_for)

    assert ticket.state == S.AWAITING_PROOF


def test_after_a_wait_the_code_is_the_one_proof_that_is_asked_for(code_for):
    user = make_user(email=CLAIMANT)
    make_totp(user)
    now = timezone.now()
    wait = {"hold_from": now - policy.DAY, "hold_until": now, "hold_length": policy.DAY}
    make_ticket(user, state=S.APPROVED, contact=CLAIMANT, **wait)

    ticket, client = _come_back(CLAIMANT, code_for)

    assert ticket.state == S.APPROVED
    completion.require_ready(ticket, client=client)


@pytest.mark.parametrize("state", [S.CANCELLED, S.IN_REVIEW, S.COMPLETED, S.EXPIRED])
def test_a_code_moves_no_ticket_that_asks_for_no_proof(state, code_for):
    make_ticket(make_user(email=CLAIMANT), state=state, contact=CLAIMANT)

    ticket, _client = _come_back(CLAIMANT, code_for)

    assert (ticket.state, list(Proof.objects.all())) == (state, [])


def test_a_code_revives_no_ticket_whose_time_is_over(code_for):
    over = {"expires_at": timezone.now() - timedelta(minutes=1)}
    make_ticket(make_user(email=CLAIMANT), state=S.AWAITING_PROOF, contact=CLAIMANT, **over)

    ticket, _client = _come_back(CLAIMANT, code_for)

    assert (ticket.state, list(Proof.objects.all())) == (S.AWAITING_PROOF, [])


def test_a_reference_of_another_address_sends_nothing_there_or_here(deliver, mailoutbox):
    ticket = make_ticket(state=S.AWAITING_PROOF, contact=CLAIMANT)

    status.ask(ticket.reference, email("thief@example.com"), client=make_client())
    deliver()

    assert mailoutbox == []


def test_an_unknown_reference_costs_the_same_and_is_refused_alike(deliver, mailoutbox):
    ticket = make_ticket(state=S.AWAITING_PROOF, contact=CLAIMANT)

    with CaptureQueriesContext(connection) as known:
        status.ask(ticket.reference, None, client=make_client())
    with CaptureQueriesContext(connection) as unknown:
        asked = status.ask("CDFGHJKM", None, client=make_client())
    deliver()

    assert len(known) == len(unknown)
    assert [mail.to for mail in mailoutbox] == [[CLAIMANT]]
    with pytest.raises(WrongCode):
        status.accept_code(asked, WRONG, client=make_client())


def test_even_the_code_of_a_decoy_leads_nowhere():
    asked = status.ask("CDFGHJKM", None, client=make_client())
    code = Message.objects.get().secrets["code"].replace("-", "")

    with pytest.raises(WrongCode):
        status.accept_code(asked, code, client=make_client())


def test_a_code_belongs_to_the_browser_that_asked(code_for):
    ticket = make_ticket(state=S.AWAITING_PROOF, contact=CLAIMANT)
    status.ask(ticket.reference, None, client=make_client())
    code = code_for(CLAIMANT, KIND)
    elsewhere = status.ask(ticket.reference, None, client=make_client())

    with pytest.raises(WrongCode):
        status.accept_code(elsewhere, code, client=make_client())


def test_five_wrong_codes_close_the_question_for_the_right_one(code_for):
    ticket = make_ticket(state=S.AWAITING_PROOF, contact=CLAIMANT)
    asked = status.ask(ticket.reference, None, client=make_client())
    for _ in range(policy.STATUS_CODE.attempts):
        with pytest.raises(WrongCode):
            status.accept_code(asked, WRONG, client=make_client())

    with pytest.raises(ChallengeExhausted):
        status.accept_code(asked, code_for(CLAIMANT, KIND), client=make_client())


@pytest.mark.parametrize("is_known", [True, False])
def test_codes_end_at_the_daily_limit_for_known_and_unknown_references(is_known):
    ticket = make_ticket(state=S.AWAITING_PROOF, contact=CLAIMANT)
    reference = ticket.reference if is_known else "CDFGHJKM"
    for _ in range(OWN_TICKET_CODES_PER_CONTACT.limit):
        status.ask(reference, None, client=make_client())

    with pytest.raises(LimitReached):
        status.ask(reference, None, client=make_client())


def test_the_list_of_requests_shows_what_the_claimant_may_see():
    stopped = make_ticket(make_user(), state=S.CANCELLED, contact=CLAIMANT)
    make_ticket(state=S.AWAITING_PROOF, contact="other@example.net")
    make_ticket(state=S.EXPIRED, contact=CLAIMANT, opened_at=timezone.now() - timedelta(days=31))

    status.mail_requests(email(CLAIMANT), client=make_client())

    listed = Message.objects.get().context["requests"]
    assert [(item["reference"], item["words"]) for item in listed] == [
        (stopped.reference, "waits for a sign that the account is yours")
    ]


def test_an_address_without_requests_gets_a_mail_too():
    status.mail_requests(email("nobody@example.org"), client=make_client())

    assert Message.objects.get().context["requests"] == []


def test_account_names_ride_with_the_secrets():
    user = make_user(email="maria@example.org")
    make_contact(user, "other@example.net")

    status.mail_names(email("other@example.net"), client=make_client())

    message = Message.objects.get()
    assert message.secrets == {"names": ["maria@example.org"]}
    assert "maria" not in json.dumps(message.context)


def test_a_mailbox_gets_three_lists_of_names_a_day_and_no_more():
    for _ in range(policy.NAME_MAILS_PER_CONTACT.limit):
        status.mail_names(email("maria@example.org"), client=make_client())

    with pytest.raises(LimitReached):
        status.mail_names(email("MARIA+x@example.org"), client=make_client())


@pytest.mark.parametrize("typed", ["KTRW-4739", "ktrw4739", " ktrw 4739 "])
def test_a_reference_is_read_however_it_is_typed(typed):
    assert read_reference(typed) == "KTRW4739"


def _come_back(contact, code_for):
    """Ask with the reference and type the code, in a browser that is new to the ticket."""
    client = make_client()
    asked = status.ask(RecoveryTicket.objects.get().reference, email(contact), client=client)
    return status.accept_code(asked, code_for(contact, KIND), client=client), client
