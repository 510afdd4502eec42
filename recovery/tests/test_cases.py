"""The case file: what is on it, who reads the votes of others, and what it costs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_passkey,
    make_totp,
    make_user,
)
from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.services.events import record_event
from outbox.services.queue import queue_message
from recovery.cases import case_file
from recovery.enums import Grade, NoticeKind, ProofClass, TicketState, Verdict
from recovery.models import (
    CaseView,
    EvidenceGrade,
    IdentityCheck,
    Notice,
    Objection,
    RecoveryTicket,
)
from recovery.tests.factories import make_proof, make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user(email="jonas@example.org")


@pytest.fixture
def staff():
    return make_staff(first_name="Lena", last_name="Vogt")


def sign_in(user, at, network="203.0.113.9"):
    record_event(
        user, EventKind.SIGNED_IN, client=make_client(network=network), at=at,
        authenticators=["password"],
    )  # fmt: skip


def test_no_such_ticket_has_no_case_file(staff):
    assert case_file(make_staff().pk, staff) is None


def test_account_is_masked_and_counted(user, staff):
    now = timezone.now()
    make_contact(user, "+491511234567")
    make_contact(user, "gone@example.net", removed_at=now)
    make_totp(user)
    make_totp(user, confirmed=False, removed_at=now)
    sign_in(user, now - timedelta(days=4))
    sign_in(user, now + timedelta(minutes=1))  # after the claim: says nothing about the owner
    ticket = make_reviewed(user)

    account = case_file(ticket.pk, staff).account

    assert (account.name, account.contacts, account.sign_ins) == ("j•••s@example.org", 2, 1)
    assert account.second_steps == ("authenticator app",)
    assert not account.is_protected


def test_claim_says_from_where_and_with_what(user, staff):
    sign_in(user, timezone.now() - timedelta(days=4))
    sign_in(user, timezone.now() - timedelta(days=5), network="198.51.100.7")
    ticket = make_reviewed(user, reason="lost_mail", network="203.0.113.9")
    make_proof(ticket, ProofClass.PHONE)
    make_proof(ticket, ProofClass.MAIL, is_strong=False)

    claim = case_file(ticket.pk, staff).claim

    assert claim.says == "cannot open the mailbox any more"
    assert (claim.network_seen, claim.is_known_device, claim.is_contact_on_file) == (
        1,
        False,
        False,
    )
    assert claim.proofs == (
        "code to a phone on the account",
        "code to an e-mail address on the account (weak)",
    )


def test_grades_are_words_and_bars_and_never_answers(user, staff):
    ticket = make_reviewed(user)
    evidence = make_evidence(ticket)
    EvidenceGrade.objects.create(
        evidence=evidence, question="devices", grade=Grade.LEFT_OUT, details={}
    )
    EvidenceGrade.objects.filter(question="passwords").update(details={"years": [2021, 2023]})

    answers = case_file(ticket.pk, staff).answers

    assert (answers.score, answers.bar, answers.standing) == (41, 34, "above")
    assert [(line.label, line.grade_label, line.bits, line.width) for line in answers.lines] == [
        ("Earlier passwords", "match", "18 bits", 100),
        ("Places", "near", "9 bits", 50),
        ("Name", "match", "2 bits", 11),
    ]
    assert answers.lines[0].words == "used until 2021, 2023"
    assert answers.left_out == ("Devices",)


def test_answers_that_wait_for_their_grades_say_so(user, staff):
    ticket = make_reviewed(user)
    make_evidence(ticket, graded_at=None, answers={"first_name": "Maria"})

    file = case_file(ticket.pk, staff)

    assert file.answers.is_waiting
    assert "Maria" not in repr(file)


def test_against_counts_claims_objections_and_tickets_alike(user, staff):
    ticket = make_reviewed(user)
    make_evidence(ticket)
    rival = make_reviewed(user, network="198.51.100.1")
    make_proof(rival)
    make_reviewed(make_user())  # of the same network, waiting too
    make_ticket(make_user(), contact=ticket.contact, state=TicketState.DENIED, network="")
    make_reviewed(make_user(), network="198.51.100.3")  # nothing in common
    make_contact(make_user(), ticket.contact)
    Objection.objects.create(
        ticket=ticket, user=user, contact=user.contacts.get(), is_senior=True,
        cancelled_the_ticket=False,
    )  # fmt: skip

    file = case_file(ticket.pk, staff)

    against = file.against
    assert (against.competing, against.objections, against.senior_objections) == (1, 1, 1)
    assert (against.contact_elsewhere, against.of_network, against.campaign) == (1, 1, 1)
    assert sorted(other.shares for other in file.related) == ["account", "contact", "network"]
    assert file.suggestion.verdict == Verdict.DENY


def test_young_things_are_named_for_suspension(user, staff):
    now = timezone.now()
    contact = make_contact(user, "+33123456712", verified_at=now - timedelta(days=1))
    key = make_passkey(user, made_at=now - timedelta(hours=2))
    sent = make_code_device(user, made_at=now - timedelta(hours=1))
    make_totp(user)  # old
    ticket = make_reviewed(user)

    young = case_file(ticket.pk, staff).young

    assert [(item.key, item.is_contact) for item in young] == [
        (f"sms:{sent.pk}", False),
        (f"passkey:{key.pk}", False),
        (str(contact.pk), True),
    ]
    assert "+33123456712" not in repr(young)


def test_what_came_with_the_account_is_never_young(staff):
    now = timezone.now()
    user = make_user(created_at=now - timedelta(days=3))
    make_totp(user, made_at=now - timedelta(days=3) + timedelta(hours=1))
    ticket = make_reviewed(user)

    assert case_file(ticket.pk, staff).young == ()


def test_others_choices_stay_closed_until_one_has_chosen(user, staff):
    ticket = make_reviewed(user)
    first = make_staff(first_name="Omar", last_name="Said")
    make_vote(
        ticket, first, Verdict.DENY, reasons=["contradiction"], note="the note says otherwise"
    )

    closed = case_file(ticket.pk, staff)
    make_vote(ticket, staff)
    opened = case_file(ticket.pk, staff)

    assert [(ballot.by, ballot.verdict, ballot.reasons) for ballot in closed.ballots] == [
        ("Omar Said", None, ())
    ]
    assert "contradiction" not in repr(closed)
    assert "the note says" not in repr(closed)
    assert [(ballot.by, ballot.verdict) for ballot in opened.ballots] == [
        ("Omar Said", Verdict.DENY),
        ("Lena Vogt", Verdict.APPROVE),
    ]


def test_voided_choices_of_others_stay_closed_too(user, staff):
    ticket = make_reviewed(user)
    make_vote(ticket, make_staff(), voided_at=timezone.now(), void_reason="epoch")
    make_vote(ticket, staff, voided_at=timezone.now(), void_reason="epoch")

    file = case_file(ticket.pk, staff)

    assert [(ballot.verdict, ballot.voided) for ballot in file.voided] == [
        (None, "the account was changed"),
        (Verdict.APPROVE, "the account was changed"),
    ]


def test_who_never_decides_reads_every_choice(user):
    auditor = make_staff("view_auditentry")
    ticket = make_reviewed(user)
    make_vote(ticket, make_staff(), Verdict.DENY)

    assert [ballot.verdict for ballot in case_file(ticket.pk, auditor).ballots] == [Verdict.DENY]


def test_superuser_who_may_still_choose_does_not_read_the_choices(user):
    ticket = make_reviewed(user)
    make_vote(ticket, make_staff(), Verdict.DENY)

    file = case_file(ticket.pk, make_staff(is_superuser=True))

    assert [ballot.verdict for ballot in file.ballots] == [None]


def test_unknown_account_has_a_case_file_of_its_own_times(staff):
    ticket = make_reviewed(None)
    make_evidence(ticket)

    file = case_file(ticket.pk, staff)

    assert file.account is None
    assert [line.title for line in file.timeline] == [
        "Questions answered",
        "Recovery with staff",
        "Recovery code accepted",
        "Recovery asked for",
    ]


def test_timeline_mixes_account_ticket_and_messages(user, staff):
    now = timezone.now()
    ticket = make_reviewed(user)
    sign_in(user, now - timedelta(days=3))
    client = make_client()
    record_event(
        user, EventKind.TICKET_OPENED, client=client, at=ticket.opened_at,
        reference=ticket.reference,
    )  # fmt: skip
    queue_message("recovery.held", address=ticket.contact, context={"reference": ticket.reference})
    queue_message("recovery.held", address=ticket.contact, context={"reference": "OTHER234"})
    Notice.objects.create(ticket=ticket, kind=NoticeKind.OPENED, due_at=now + timedelta(hours=1))

    timeline = case_file(ticket.pk, staff).timeline

    assert [(line.part, line.title) for line in timeline] == [
        ("messages", "Notice: asked for"),
        ("messages", "Claimant told of the waiting period"),
        ("ticket", "Recovery asked for"),
        ("account", "Signed in"),
    ]
    assert ticket.contact not in repr(timeline)


@pytest.mark.parametrize("number", [0, 20])
def test_costs_eight_statements_whatever_hangs_on_it(
    user, staff, number, django_assert_num_queries
):
    ticket = make_reviewed(user)
    make_evidence(ticket)
    now = timezone.now()
    SecurityEvent.objects.bulk_create(
        SecurityEvent(user=user, kind=EventKind.SIGNED_IN, at=now - timedelta(hours=hour))
        for hour in range(10 * number)
    )
    for place in range(number):
        other = make_reviewed(user)
        make_proof(other)
        make_contact(user)
        make_vote(ticket, make_staff(first_name=f"Staff{place}"))
        CaseView.objects.create(ticket=ticket, viewer=make_staff(), first_at=now, last_at=now)
        IdentityCheck.objects.create(
            ticket=ticket, checked_by=staff, way="desk", place="Desk", checked_at=now
        )
        queue_message(
            "recovery.code", address=ticket.contact, context={"reference": ticket.reference}
        )

    staff.has_perm("recovery.review_recoveryticket")  # read once for every page of the admin
    with django_assert_num_queries(8):
        file = case_file(ticket.pk, staff)

    counts = (len(file.related), len(file.ballots), len(file.seen), len(file.claim.checks))
    assert counts == (number,) * 4
    assert RecoveryTicket.objects.count() == number + 1
