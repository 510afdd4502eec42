"""What claimants, thieves and griefers try on requests that answers or people decide."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_client, make_contact
from activity.enums import EventKind
from activity.models import SecurityEvent
from outbox.models import Message
from recovery import policy
from recovery.enums import (
    CancelCause,
    ContestedReason,
    LinkOutcome,
    NoticeKind,
    Outcome,
    ProofClass,
    TicketState,
    Verdict,
)
from recovery.errors import ProofLapsed
from recovery.evidence import Answers
from recovery.facts import AccountFacts
from recovery.models import Notice, NoticeLink, RecoveryTicket
from recovery.services import (
    answers,
    appeals,
    completion,
    effects,
    evaluation,
    expiry,
    notices,
    objections,
    questionnaires,
    waits,
)
from recovery.tests.evidence import BAD, GOOD, evaluate, hand_in, make_maria
from recovery.tests.factories import (
    make_claimant,
    make_link,
    make_proof,
    make_ticket,
)
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

S = TicketState
P = ProofClass
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_maria()


def read(ticket):
    return RecoveryTicket.objects.get(pk=ticket.pk)


def stop(ticket, contact):
    link = objections.find_link(make_link(ticket, contact))
    return objections.stop(link, client=make_client()), link


@pytest.mark.parametrize(
    "disputed",
    [
        {"is_frozen": True},
        {"contested_at": timezone.now(), "contested_reason": ContestedReason.OBJECTION},
    ],
)
def test_a_proof_beside_answers_of_a_disputed_claim_leads_to_people(maria, disputed):
    """A griefer's objection must not keep the grading of the owner's answers failing for ever."""
    ticket = hand_in(maria, **disputed)
    make_proof(ticket)

    evidence = evaluate(ticket)

    assert evidence.answers is None
    assert (ticket.state, ticket.people) == (S.IN_REVIEW, 2)
    assert ticket.needs_held_proof
    assert ticket.contested_at


def test_a_disputed_wait_that_people_decided_is_not_ended_by_the_proof_they_knew(maria):
    ticket = _approved_by_people(
        maria, contested_at=timezone.now(), contested_reason=ContestedReason.OBJECTION
    )

    assert _shorten(ticket, P.MAIL) == []

    assert read(ticket).state == S.ON_HOLD


def test_an_undisputed_wait_that_people_decided_ends_with_a_proof_that_is_enough(maria):
    ticket = _approved_by_people(maria)

    assert _shorten(ticket, P.MAIL) == [EventKind.TICKET_APPROVED]

    ticket = read(ticket)
    assert (ticket.state, ticket.people, ticket.verdict) == (S.APPROVED, 0, "")


def test_a_wait_that_proofs_ended_is_completed_by_those_proofs_alone(maria):
    ticket = _approved_by_people(maria)
    _shorten(ticket, P.MAIL)
    elsewhere = make_claimant(browser="another")
    RecoveryTicket.objects.update(claimant_shown_at=timezone.now())

    with pytest.raises(ProofLapsed):
        completion.require_ready(read(ticket), client=elsewhere)
    assert completion.require_ready(read(ticket), client=make_claimant()) == maria


def test_a_claim_that_only_people_keep_alive_is_for_superusers_where_it_is_protected(
    maria, settings
):
    settings.RECOVERY_MODE = "observe"
    maria.is_protected = True
    maria.save()

    ticket = hand_in(maria, BAD)
    evaluate(ticket)

    assert (ticket.state, ticket.outcome) == (S.IN_REVIEW, Outcome.SUPERUSERS)


def test_stop_and_take_back_carry_no_bad_answers_past_the_bar(maria):
    """Who holds an old address of the account cannot press their own claim into the queue."""
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _outcome, link = stop(ticket, maria.contacts.first())
    questionnaires.submit(read(ticket), BAD, "", client=make_claimant())
    evaluation.evaluate_due()

    objections.say_mine(NoticeLink.objects.get(pk=link.pk), client=make_client())
    evaluation.evaluate_due()

    ticket = read(ticket)
    assert (ticket.state, ticket.verdict) == (S.EVALUATING, Verdict.DENY)


def test_stop_and_take_back_lead_good_answers_to_people(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF, identifier_key="maria@example.org")
    _outcome, link = stop(ticket, maria.contacts.first())
    questionnaires.submit(read(ticket), GOOD, "", client=make_claimant())
    evaluation.evaluate_due()

    objections.say_mine(NoticeLink.objects.get(pk=link.pk), client=make_client())
    evaluation.evaluate_due()

    ticket = read(ticket)
    assert (ticket.state, ticket.people) == (S.IN_REVIEW, 2)
    assert ticket.outcome == Outcome.REVIEW


def test_the_address_of_a_thief_who_came_ten_days_ago_stops_nothing(maria):
    now = timezone.now()
    added = now - timedelta(days=10)
    thiefs = make_contact(
        maria, added_at=added, verified_at=added, counts_from=now - timedelta(days=3)
    )
    SecurityEvent.objects.create(user=maria, kind=EventKind.CONTACT_ADDED, at=added)
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)

    outcome, _link = stop(ticket, thiefs)

    assert outcome == LinkOutcome.TOLD_STAFF
    assert read(ticket).state == S.AWAITING_PROOF


def test_a_request_that_was_stopped_while_more_was_to_be_asked_is_refused_as_all_others(maria):
    ticket = _stopped(maria, verdict=Verdict.MORE, told_reasons=["need_words"])
    make_evidence(ticket)

    kind, context = answers.message_of(ticket, NoticeKind.ANSWERED, timezone.now())

    assert kind == answers.REFUSED
    assert context["told"] == []


def test_of_what_people_approve_the_owner_hears_though_it_was_approved_before(maria):
    ticket = make_reviewed(
        maria,
        verdict=Verdict.APPROVE,
        effect_at=timezone.now(),
        hold_length=timedelta(0),
        contact="new@example.net",
    )
    for name in ("Lena", "Omar"):
        make_vote(ticket, _approver(name), hold=timedelta(0))
    Notice.objects.create(ticket=ticket, kind=NoticeKind.APPROVED, settled_at=timezone.now())

    effects.carry_out_due()

    assert read(ticket).state == S.APPROVED
    assert Notice.objects.get(kind=NoticeKind.APPROVED).settled_at is None


def test_the_owner_hears_of_an_appeal_however_many_requests_there_were(maria):
    """Three requests fold the next into a summary, and a frozen one is not told: no appeal is."""
    refused = make_ticket(
        maria, state=S.DENIED, answer_at=timezone.now() - timedelta(hours=1), is_frozen=True
    )
    make_evidence(refused, is_above_bar=False)

    appeal = appeals.ask(refused, client=make_claimant())

    RecoveryTicket.objects.filter(pk=appeal.pk).update(is_frozen=True)
    notices.send_due()
    kinds = [message.kind for message in _messages_to(maria)]
    assert kinds == ["recovery.notice:review"]


def test_a_case_whose_time_was_extended_meanwhile_does_not_run_out(maria):
    now = timezone.now()
    ticket = make_reviewed(maria, expires_at=now - timedelta(seconds=1))
    as_read = read(ticket)
    RecoveryTicket.objects.update(expires_at=now + policy.DAY)

    assert expiry._expire(as_read) == 0

    assert read(ticket).state == S.IN_REVIEW


def test_an_owner_on_a_known_browser_is_not_folded_into_a_flood(maria):
    for _number in range(policy.FOLDED_BEYOND_A_DAY + 1):
        hand_in(maria)
    evaluation.evaluate_due()
    SecurityEvent.objects.create(
        user=maria, kind=EventKind.SIGNED_IN, at=maria.created_at, device_hash="of-maria"
    )
    own = hand_in(maria, device_hash="of-maria")

    evaluate(own)

    assert own.folded_into is None


def test_the_name_of_the_account_is_no_answer_whatever_it_was_asked_for_by(maria):
    """Who names the account by its member number must not gain half the bar by its address."""
    ticket = hand_in(maria, Answers(contacts=("maria@example.org",)), identifier_key="member-17")

    evidence = evaluate(ticket)

    assert evidence.grades.get(question="contacts").score <= 0


def _approved_by_people(maria, **fields):
    """Make a wait of two weeks by people's decision, with one strong proof that they knew."""
    ticket = make_reviewed(
        maria,
        verdict=Verdict.APPROVE,
        effect_at=timezone.now(),
        hold_length=14 * policy.DAY,
        **fields,
    )
    for name in ("Lena", "Omar"):
        make_vote(ticket, _approver(name))
    effects.carry_out_due()
    ticket = read(ticket)
    assert ticket.state == S.ON_HOLD
    return ticket


def _approver(name):
    return make_staff(first_name=name)


def _shorten(ticket, *classes):
    held = [make_proof(ticket, one) for one in classes]
    account = AccountFacts(user=ticket.user)
    return waits.shorten(ticket, account, held)


def _stopped(maria, **fields):
    values = {
        "answer_at": timezone.now() - timedelta(hours=1),
        "cancelled_at": timezone.now() - timedelta(hours=3),
        "cancelled_from": S.IN_REVIEW,
        "cancel_cause": CancelCause.OBJECTION,
    }
    return make_ticket(maria, state=S.CANCELLED, **values | fields)


def _messages_to(user):
    addresses = user.contacts.filter(signs_in=True).values("value")
    return Message.objects.filter(address__in=addresses).order_by("pk")


def test_no_reminder_of_a_wait_is_lost_by_stop_and_take_back(maria):
    """Who shares an old address must not keep the others from hearing of the last day."""
    ticket = make_ticket(maria, state=S.ON_HOLD)
    Notice.objects.create(ticket=ticket, kind=NoticeKind.LAST_DAY)
    _outcome, link = stop(ticket, maria.contacts.last())
    notices.send_due()
    assert not _messages_to(maria).exists()

    objections.say_mine(NoticeLink.objects.get(pk=link.pk), client=make_client())
    notices.send_due()

    assert [message.kind for message in _messages_to(maria)] == ["recovery.notice:last_day"]
