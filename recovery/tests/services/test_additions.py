"""What is shown while a request is looked at (design.md section 2, Decisions)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_contact, make_totp, make_user
from activity.enums import EventKind
from recovery import policy
from recovery.enums import NoticeKind, Outcome, ProofClass, Resets, TicketState, Verdict
from recovery.errors import StaleTicket
from recovery.evidence import Answers
from recovery.facts import AccountFacts
from recovery.models import Notice, RecoveryTicket
from recovery.services import additions, effects, evaluation, proofs
from recovery.tests.evidence import BAD, GOOD, OTHER_OLD, evaluate, hand_in, make_maria
from recovery.tests.factories import make_proof
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

S = TicketState
P = ProofClass
SHORTER = timedelta(days=7)
WITHIN_REACH = replace(GOOD, passwords=(*GOOD.passwords, OTHER_OLD))
pytestmark = pytest.mark.django_db


@pytest.fixture
def two_step():
    user = make_user(email="maria@example.org")
    make_totp(user)
    return user


def reviewed(user: User, **fields: object) -> RecoveryTicket:
    """Make a ticket of an account with two-step that evidence alone put before people."""
    values = {
        "resets": Resets.BOTH,
        "reasons": ["two_step_evidence"],
        "hold_length": timedelta(days=14),
    }
    ticket = make_reviewed(user, **values | fields)
    make_evidence(ticket)
    return ticket


def show(ticket: RecoveryTicket, *classes: ProofClass, **fields: object) -> list[EventKind]:
    shown = [make_proof(ticket, proof_class, **fields) for proof_class in classes]
    return add(ticket, shown)


def add(ticket: RecoveryTicket, shown: list) -> list[EventKind]:
    user = ticket.user
    has_two_step = user.totpdevice_set.exists() if user else False
    account = AccountFacts(user=user, had_two_step=has_two_step, has_two_step=has_two_step)
    ticket = RecoveryTicket.objects.select_related("user").get(pk=ticket.pk)
    return additions.add(ticket, account, shown)


def row(ticket: RecoveryTicket) -> dict:
    return RecoveryTicket.objects.values().get(pk=ticket.pk)


def read(ticket: RecoveryTicket) -> RecoveryTicket:
    return RecoveryTicket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize("state", [S.IN_REVIEW, S.EVALUATING])
def test_what_is_enough_by_itself_needs_no_people_any_more(two_step, state):
    ticket = reviewed(two_step, needs_check=True, needs_held_proof=True)
    RecoveryTicket.objects.update(state=state)

    events = show(ticket, P.MAIL, P.APP)

    after = read(ticket)
    assert events == [EventKind.TICKET_APPROVED]
    assert (after.state, after.outcome, after.resets) == (S.APPROVED, "approve", "password")
    assert (after.people, after.needs_check, after.needs_held_proof) == (0, False, False)
    assert after.expires_at - timezone.now() <= policy.HELD_PROOF_LIVES
    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.APPROVED]


def test_what_is_enough_with_a_wait_begins_one_that_owners_hear_of(two_step):
    ticket = reviewed(two_step)

    events = show(ticket, P.MAIL, P.PHONE)

    after = read(ticket)
    assert events == [EventKind.TICKET_HELD]
    assert (after.state, after.hold_length, after.people) == (S.ON_HOLD, timedelta(days=3), 0)
    assert list(Notice.objects.values_list("kind", flat=True)) == [NoticeKind.HELD]


def test_a_strong_proof_beside_answers_shortens_the_wait_that_staff_are_suggested(two_step):
    ticket = reviewed(two_step)

    events = show(ticket, P.MAIL)

    after = read(ticket)
    assert events == []
    assert (after.state, after.outcome, after.people) == (S.IN_REVIEW, Outcome.REVIEW, 2)
    assert (after.hold_length, after.needs_held_proof) == (SHORTER, True)
    assert after.reasons == ["two_step_one_and_evidence", "new_place"]
    assert (after.epoch, after.decided_at) == (ticket.epoch, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"hold_length": timedelta(days=3)},
        {"verdict": Verdict.APPROVE, "effect_at": timezone.now() + timedelta(hours=4)},
        {"outcome": Outcome.SUPERUSERS},
    ],
    ids=["shorter", "agreed", "superusers"],
)
def test_a_proof_makes_nothing_worse_and_undoes_no_agreement(two_step, fields):
    ticket = reviewed(two_step, **fields)
    before = row(ticket)

    assert show(ticket, P.MAIL) == []

    assert row(ticket) == before


def test_what_somebody_has_voted_on_stays_as_it_was_suggested(two_step):
    ticket = reviewed(two_step)
    make_vote(ticket, make_staff())
    before = row(ticket)

    show(ticket, P.MAIL)

    assert row(ticket) == before
    assert ticket.votes.get().voided_at is None


@pytest.mark.parametrize("shown", [{"is_strong": False}, {"epoch": 0}], ids=["weak", "outdated"])
def test_what_does_not_count_shortens_nothing(two_step, shown):
    ticket = reviewed(two_step)
    before = row(ticket)

    show(ticket, P.MAIL, **shown)

    assert row(ticket) == before


@pytest.mark.parametrize("fields", [{"contested_at": timezone.now()}, {"is_frozen": True}])
def test_on_a_disputed_request_only_staff_see_it(two_step, fields):
    ticket = reviewed(two_step, **fields)
    before = row(ticket)

    assert show(ticket, P.MAIL, P.APP) == []

    assert row(ticket) == before
    assert ticket.proofs.count() == 2


def test_where_the_account_was_another_one_lately_it_leads_nowhere_by_itself(two_step):
    ticket = reviewed(two_step)
    shown = [make_proof(ticket, P.MAIL), make_proof(ticket, P.APP)]
    lately = AccountFacts(user=two_step, had_two_step=False, has_two_step=True)

    assert additions.add(ticket, replace(lately, had_two_step=True), shown[:0]) == []
    assert additions.add(ticket, lately, shown[:1]) == []

    assert read(ticket).state == S.IN_REVIEW


def test_a_strong_proof_parts_a_claim_from_the_many_it_was_folded_into(two_step):
    head = reviewed(two_step)
    ticket = reviewed(two_step, folded_into=head)

    show(ticket, P.MAIL)

    assert read(ticket).folded_into_id is None


def test_one_weak_proof_leaves_it_folded(two_step):
    head = reviewed(two_step)
    ticket = reviewed(two_step, folded_into=head)

    show(ticket, P.MAIL, is_strong=False)

    assert read(ticket).folded_into_id == head.pk


def test_a_refusal_by_group_is_opened_again_by_a_proof_beside_the_answers(settings):
    settings.NO_RESET_GROUPS = ["leaders"]
    maria = make_maria()
    make_totp(maria)
    maria.groups.add(Group.objects.create(name="leaders"))
    ticket = hand_in(maria, WITHIN_REACH)
    evaluate(ticket)
    assert (ticket.verdict, ticket.reasons) == (Verdict.DENY, ["two_step_no_reset"])

    show(ticket, P.MAIL)
    evaluation.evaluate_due()

    after = read(ticket)
    assert (after.state, after.verdict, after.effect_at) == (S.IN_REVIEW, "", None)
    assert (after.reasons[0], after.hold_length) == ("two_step_one_and_evidence", SHORTER)
    assert after.needs_held_proof is True
    assert after.answer_at == ticket.answer_at


@pytest.mark.parametrize("answers", [BAD, Answers()], ids=["wrong", "empty"])
def test_a_refusal_by_the_bar_is_not_opened_again_by_one_of_two_proofs(answers):
    maria = make_maria()
    make_totp(maria)
    ticket = hand_in(maria, answers)
    evaluate(ticket)
    before = row(ticket)

    show(ticket, P.MAIL)
    evaluation.evaluate_due()

    assert row(ticket) == before


def test_a_refusal_by_the_bar_ends_where_the_proof_is_enough():
    ticket = hand_in(make_maria(), BAD)
    evaluate(ticket)

    events = show(ticket, P.MAIL)
    effects.carry_out_due()

    assert events == [EventKind.TICKET_APPROVED]
    assert (read(ticket).state, read(ticket).verdict) == (S.APPROVED, "")


def test_a_disputed_refusal_that_is_then_proved_is_put_before_two_people():
    ticket = hand_in(make_maria(), BAD)
    evaluate(ticket)
    RecoveryTicket.objects.update(is_frozen=True)

    events = show(ticket, P.MAIL)

    after = read(ticket)
    assert events == [EventKind.TICKET_IN_REVIEW]
    assert (after.state, after.verdict, after.people) == (S.IN_REVIEW, "", 2)


def test_a_refusal_that_took_effect_meanwhile_stands(settings):
    settings.NO_RESET_GROUPS = ["leaders"]
    maria = make_maria()
    make_totp(maria)
    maria.groups.add(Group.objects.create(name="leaders"))
    ticket = hand_in(maria, WITHIN_REACH)
    evaluate(ticket)
    account = AccountFacts(user=maria, had_two_step=True, has_two_step=True)
    RecoveryTicket.objects.update(state=S.DENIED)

    with pytest.raises(StaleTicket):
        additions.add(ticket, account, [make_proof(ticket, P.MAIL)])

    assert read(ticket).state == S.DENIED


def test_a_proof_that_is_shown_leads_here_while_people_look(two_step):
    """As the pages show it: by services.proofs."""
    ticket = reviewed(two_step)
    make_contact(two_step, "old@example.net")
    account = AccountFacts(user=two_step, had_two_step=True, has_two_step=True)
    proof = make_proof(ticket, P.MAIL)

    proofs.show(ticket, account, proof)

    assert read(ticket).hold_length == SHORTER
