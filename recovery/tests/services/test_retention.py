"""What is forgotten of a ticket, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.factories import make_user
from recovery import policy, queries
from recovery.enums import CancelCause, TicketState
from recovery.models import CaseView, ClaimFreeze, EvidenceGrade, RecoveryTicket, ReviewDraft
from recovery.services import retention
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

S = TicketState
CLAIMANT = "claimant@example.net"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [S.COMPLETED, S.DENIED, S.EXPIRED])
def test_a_week_after_its_end_nothing_in_clear_is_left(state):
    ticket = _make_ended(state, days=7)

    assert retention.prune() == 1
    ticket.refresh_from_db()
    assert (ticket.identifier, ticket.contact, ticket.contact_match_key) == ("", "", "")
    assert (ticket.agent, ticket.address) == ("", None)
    assert (ticket.contact_limit_key, ticket.identifier_key) == (CLAIMANT, "someone@example.org")


def test_what_was_emptied_is_not_emptied_again():
    _make_ended(S.EXPIRED, days=7)
    retention.prune()

    assert retention.prune() == 0


def test_what_ended_lately_is_kept():
    _make_ended(S.EXPIRED, days=6)

    assert retention.prune() == 0
    assert RecoveryTicket.objects.get().contact == CLAIMANT


@pytest.mark.parametrize("state", [S.AWAITING_PROOF, S.ON_HOLD, S.IN_REVIEW])
def test_what_still_lives_is_kept(state):
    _make_ended(state, days=40)

    assert retention.prune() == 0


def test_what_was_stopped_is_kept_as_long_as_if_nobody_had():
    now = timezone.now()
    stopped = _make_ended(S.CANCELLED, days=8, expires_at=now - timedelta(days=6))

    assert retention.prune() == 0

    RecoveryTicket.objects.filter(pk=stopped.pk).update(expires_at=now - timedelta(days=7))
    assert retention.prune() == 1


def test_what_the_claimant_withdrew_is_forgotten_a_week_later():
    later = timezone.now() + timedelta(days=1)
    _make_ended(S.CANCELLED, days=7, expires_at=later, cancel_cause=CancelCause.WITHDRAWN)

    assert retention.prune() == 1


def test_freezes_that_are_over_are_removed():
    user = make_user()
    ticket = make_ticket(user)
    now = timezone.now()
    for until in (now - timedelta(seconds=1), now + timedelta(days=1)):
        ClaimFreeze.objects.create(user=user, ticket=ticket, key="network:x", until=until)

    retention.prune()

    assert ClaimFreeze.objects.get().until > now


def test_one_run_empties_no_more_than_it_is_told_to():
    for _ in range(3):
        _make_ended(S.EXPIRED, days=7)

    assert retention.prune(limit=2) == 2


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (30, False)])
@pytest.mark.parametrize("state", [S.COMPLETED, S.DENIED, S.CANCELLED])
def test_what_was_written_to_staff_is_kept_for_thirty_days_after_the_end(state, days, is_kept):
    evidence = make_evidence(_make_ended(state, days=days), note="please")

    retention.prune()

    evidence.refresh_from_db()
    assert (evidence.note == "please") is is_kept


def test_thirty_days_after_the_decision_it_goes_though_the_request_still_waits():
    decided_at = timezone.now() - policy.NOTE_LIVES
    ticket = make_ticket(make_user(), state=S.ON_HOLD, verdict="approve", decided_at=decided_at)
    evidence = make_evidence(ticket, note="please")

    retention.prune()

    evidence.refresh_from_db()
    assert evidence.note is None


def test_what_nobody_has_decided_on_is_kept():
    evidence = make_evidence(make_reviewed(make_user()), note="please")

    retention.prune()

    evidence.refresh_from_db()
    assert evidence.note == "please"


@pytest.mark.parametrize(("days", "is_kept"), [(89, True), (90, False)])
def test_grades_and_notes_of_staff_are_kept_for_ninety_days(days, is_kept):
    ticket = _make_ended(S.DENIED, days=days)
    make_evidence(ticket)
    vote = make_vote(ticket, make_staff(), note="I called them.")

    retention.prune()

    vote.refresh_from_db()
    assert (ticket.evidence.exists(), EvidenceGrade.objects.exists()) == (is_kept, is_kept)
    assert (vote.note is not None) is is_kept
    assert vote.verdict == "approve"  # who decided what stays


def test_grades_of_a_request_that_lives_are_kept_however_old_it_is():
    ticket = make_reviewed(make_user(), moved_at=timezone.now() - timedelta(days=100))
    make_evidence(ticket)

    retention.prune()

    assert ticket.evidence.exists()


@pytest.mark.parametrize(("days", "is_kept"), [(13, True), (14, False)])
def test_what_an_appeal_needs_is_kept_as_long_as_one_may_be_asked_for(days, is_kept):
    """The same for accounts that do not exist."""
    for user in (make_user(), None):
        answer_at = timezone.now() - timedelta(days=days)
        ticket = _make_ended(S.DENIED, days=days, user=user, answer_at=answer_at)
        make_evidence(ticket)

    retention.prune()

    found = RecoveryTicket.objects.all()
    assert {bool(ticket.identifier and ticket.contact) for ticket in found} == {is_kept}
    now = timezone.now()
    assert {queries.appeal_until(ticket, now) is not None for ticket in found} == {is_kept}


@pytest.mark.parametrize(("days", "is_kept"), [(29, True), (30, False)])
def test_where_staff_looked_the_address_is_kept_for_thirty_days(days, is_kept):
    ticket = _make_ended(S.COMPLETED, days=days)
    CaseView.objects.create(ticket=ticket, viewer=make_staff())

    retention.prune()

    ticket.refresh_from_db()
    assert bool(ticket.contact) is is_kept
    assert CaseView.objects.filter(ticket=ticket).exists()


def test_drafts_of_staff_go_with_the_end_of_their_case():
    ended, waiting = _make_ended(S.DENIED, days=0), make_reviewed(make_user())
    staff = make_staff()
    for ticket in (ended, waiting):
        ReviewDraft.objects.create(ticket=ticket, reviewer=staff, form={"note": "so far"})

    retention.prune()

    assert [draft.ticket for draft in ReviewDraft.objects.all()] == [waiting]


def _make_ended(state, *, days, user=..., **fields):
    moved_at = timezone.now() - timedelta(days=days)
    values = {"moved_at": moved_at, "agent": "Firefox", "address": "203.0.113.9"}
    user = make_user() if user is ... else user
    return make_ticket(user, state=state, contact=CLAIMANT, **values | fields)
