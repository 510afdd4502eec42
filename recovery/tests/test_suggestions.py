"""What staff are suggested: the table where one side stands, age where there are two."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_contact, make_user
from recovery import policy, suggestions
from recovery.enums import ContestedReason, Outcome, ProofClass, StaffReason, Verdict
from recovery.models import IdentityCheck, Objection
from recovery.suggestions import suggest
from recovery.tests.factories import make_proof, make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff

pytestmark = pytest.mark.django_db
R = StaffReason


@pytest.fixture
def user():
    return make_user(email="maria@example.org")


def make_check(ticket):
    now = timezone.now()
    return IdentityCheck.objects.create(
        ticket=ticket, checked_by=make_staff(), way="desk", place="Desk 2", checked_at=now
    )


def make_objection(ticket, contact):
    return Objection.objects.create(
        ticket=ticket,
        user=ticket.user,
        contact=contact,
        is_senior=False,
        cancelled_the_ticket=False,
    )


def said(ticket):
    suggestion = suggest(ticket)
    return suggestion.verdict, suggestion.reasons


def test_answers_above_the_bar_are_approved_after_the_wait_of_the_table(user):
    ticket = make_reviewed(user, hold_length=timedelta(days=14), policy_version="2026-11-a")
    make_evidence(ticket)

    suggestion = suggest(ticket)

    assert suggestion == suggestions.Suggestion(
        verdict=Verdict.APPROVE,
        reasons=(R.RARE_FACTS,),
        hold=timedelta(days=14),
        people=2,
        version="2026-11-a",
        missing=(suggestions.ANY_HELD_PROOF, suggestions.IDENTITY_CHECKED),
    )


def test_a_held_proof_with_answers_is_named_as_such(user):
    ticket = make_reviewed(user)
    make_evidence(ticket, context={"device": "known", "network_seen": 31})
    make_proof(ticket)

    assert said(ticket) == (Verdict.APPROVE, (R.HELD_AND_EVIDENCE, R.FAMILIAR_CONTEXT))
    assert suggest(ticket).missing == (suggestions.IDENTITY_CHECKED,)


def test_answers_below_the_bar_are_refused(user):
    ticket = make_reviewed(user)
    make_evidence(ticket, score=120, is_above_bar=False)

    assert said(ticket) == (Verdict.DENY, (R.TOO_LITTLE,))


def test_a_thin_history_needs_somebody_who_has_seen_the_person(user):
    ticket = make_reviewed(user, needs_check=True)
    make_evidence(ticket, is_above_bar=False, is_thin=True)

    assert said(ticket) == (Verdict.MORE, (R.NEED_CHECK,))
    make_check(ticket)
    assert said(ticket) == (Verdict.APPROVE, (R.CHECKED_IN_PERSON,))


def test_a_claim_that_shows_nothing_is_asked_for_more(user):
    ticket = make_reviewed(user)

    assert said(ticket) == (Verdict.MORE, (R.NEED_HELD, R.NEED_HISTORY))


def test_an_account_that_does_not_exist_is_refused():
    ticket = make_reviewed(None)
    make_evidence(ticket, is_above_bar=False, score=0)

    assert said(ticket) == (Verdict.DENY, (R.TOO_LITTLE,))


def test_a_protected_account_goes_another_way_until_somebody_saw_the_person(user):
    ticket = make_reviewed(user, outcome=Outcome.SUPERUSERS)
    make_evidence(ticket)

    assert said(ticket) == (Verdict.DENY, (R.OTHER_ROUTE,))
    make_check(ticket)
    assert said(ticket) == (Verdict.APPROVE, (R.CHECKED_IN_PERSON,))


def test_of_two_claims_the_one_with_the_older_proof_is_suggested(user):
    now = timezone.now()
    owner, thief = make_reviewed(user), make_reviewed(user)
    make_proof(owner, ProofClass.PHONE, since=now - timedelta(days=300))
    make_proof(thief, since=now - timedelta(days=1))

    assert said(owner) == (Verdict.APPROVE, (R.OLDER_SIDE,))
    assert said(thief) == (Verdict.DENY, (R.STRONGER_CLAIM,))
    assert suggestions.OLDER_PROOF in suggest(thief).missing


def test_answers_stand_against_an_address_that_came_after_what_they_were_compared_with(user):
    now = timezone.now()
    ticket = make_reviewed(user, contested_at=now, contested_reason=ContestedReason.OBJECTION)
    make_evidence(ticket, as_of=now - timedelta(days=2))
    thief = make_contact(user, verified_at=now - timedelta(days=1))
    make_objection(ticket, thief)

    suggestion = suggest(ticket)

    assert suggestion.verdict == Verdict.APPROVE
    assert suggestion.reasons[0] == R.OLDER_SIDE
    assert suggestion.hold == policy.CONTESTED_HOLD


def test_answers_do_not_stand_against_an_address_that_was_there_before(user):
    now = timezone.now()
    ticket = make_reviewed(user, contested_at=now, contested_reason=ContestedReason.OBJECTION)
    make_evidence(ticket, as_of=now - timedelta(days=2))
    make_objection(ticket, user.contacts.get())

    assert said(ticket) == (Verdict.DENY, (R.OBJECTION,))


def test_an_objection_that_was_taken_back_does_not_count(user):
    ticket = make_reviewed(user)
    make_evidence(ticket)
    objection = make_objection(ticket, user.contacts.get())
    Objection.objects.filter(pk=objection.pk).update(taken_back_at=timezone.now())

    assert said(ticket) == (Verdict.APPROVE, (R.RARE_FACTS,))


def test_a_weak_proof_and_a_claim_that_ended_are_no_other_side(user):
    ticket = make_reviewed(user)
    make_evidence(ticket)
    make_proof(make_reviewed(user), is_strong=False, since=user.created_at)
    make_proof(make_ticket(user, state="denied"), since=user.created_at)

    assert said(ticket) == (Verdict.APPROVE, (R.RARE_FACTS,))


def test_a_contested_ticket_needs_two_people_whatever_it_says(user):
    ticket = make_reviewed(
        user, people=0, contested_at=timezone.now(), contested_reason="objection"
    )

    assert suggest(ticket).people == 2
