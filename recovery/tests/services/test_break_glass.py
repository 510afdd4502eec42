"""Protected accounts: what two superusers approved is carried out once, within the hour."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import make_contact
from activity.models import AuditEntry
from recovery import policy
from recovery.enums import NoticeKind, Outcome, TicketState, Verdict
from recovery.errors import NotReady
from recovery.models import Notice, RecoveryTicket, Vote
from recovery.services import break_glass
from recovery.tests.deciding import read
from recovery.tests.staff import make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def roots():
    return [make_staff(is_superuser=True) for _ in range(2)]


@pytest.fixture
def approved(roots):
    """Give the request of a colleague that both approved, in its hour, notices handed over."""
    now = timezone.now()
    ticket = make_reviewed(
        make_staff(),
        outcome=Outcome.SUPERUSERS,
        hold_length=timedelta(0),
        verdict=Verdict.APPROVE,
        effect_at=now - timedelta(minutes=5),
        carry_out_until=now + timedelta(minutes=55),
    )
    for root in roots:
        make_vote(ticket, root)
    Notice.objects.create(ticket=ticket, kind=NoticeKind.APPROVED, settled_at=now)
    return ticket


def carry_out(ticket):
    return break_glass.carry_out(ticket.reference, command="recover_protected_account")


def test_command_approves_once_and_invites_the_claimant(approved, capsys):
    typed = f"{approved.reference[:4].lower()}-{approved.reference[4:]}"

    call_command("recover_protected_account", typed)

    ticket = read(approved)
    assert (ticket.state, ticket.epoch) == (TicketState.APPROVED, approved.user.epoch)
    left = ticket.expires_at - timezone.now()
    assert timedelta(days=6) < left <= policy.INVITATION_LIVES
    assert Notice.objects.filter(ticket=ticket, kind=NoticeKind.RELEASED).count() == 1
    entry = AuditEntry.objects.get(action="recovery:ticket:carried_out")
    assert entry.actor == "command:recover_protected_account"
    with pytest.raises(CommandError):
        call_command("recover_protected_account", typed)
    assert AuditEntry.objects.filter(action="recovery:ticket:carried_out").count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "", "effect_at": None, "carry_out_until": None},
        {"verdict": Verdict.DENY},
        {"carry_out_until": None},
        {"carry_out_until": timezone.now() - timedelta(seconds=1)},
        {"outcome": Outcome.REVIEW},
        {"state": TicketState.AWAITING_PROOF},
        {"user": None},
    ],
)
def test_what_is_not_approved_for_this_hour_is_refused(approved, fields):
    RecoveryTicket.objects.filter(pk=approved.pk).update(**fields)
    before = read(approved).state

    with pytest.raises(NotReady):
        carry_out(approved)

    assert read(approved).state == before
    assert not AuditEntry.objects.exists()


def test_unknown_reference_is_refused():
    with pytest.raises(NotReady):
        break_glass.carry_out("CCCC-CCCC", command="x")


@pytest.mark.parametrize("loss", [{"is_superuser": False}, {"is_active": False}])
def test_both_must_still_be_superusers(approved, roots, loss):
    User.objects.filter(pk=roots[0].pk).update(**loss)

    with pytest.raises(NotReady):
        carry_out(approved)

    assert read(approved).state == TicketState.IN_REVIEW


def test_vote_of_one_superuser_is_not_enough(approved, roots):
    Vote.objects.filter(decider=roots[1]).delete()

    with pytest.raises(NotReady):
        carry_out(approved)


def test_nothing_happens_before_the_notices_have_gone_out(approved):
    Notice.objects.update(settled_at=None)

    with pytest.raises(NotReady):
        carry_out(approved)


def test_change_of_the_account_voids_the_approval(approved):
    User.objects.filter(pk=approved.user_id).update(epoch=approved.user.epoch + 1)

    with pytest.raises(NotReady):
        carry_out(approved)

    ticket = read(approved)
    assert (ticket.state, ticket.verdict, ticket.carry_out_until) == ("in_review", "", None)
    assert {vote.void_reason for vote in Vote.objects.all()} == {"epoch"}


def test_hour_that_goes_by_unused_voids_the_approval(approved):
    assert break_glass.lapse_due() == 0
    RecoveryTicket.objects.update(carry_out_until=timezone.now() - timedelta(seconds=1))

    assert break_glass.lapse_due() == 1
    assert break_glass.lapse_due() == 0

    ticket = read(approved)
    assert (ticket.state, ticket.verdict, ticket.effect_at) == ("in_review", "", None)
    assert {vote.void_reason for vote in Vote.objects.all()} == {"window"}


def test_young_contact_that_was_named_loses_its_rights(approved, roots):
    young = make_contact(approved.user, verified_at=timezone.now() - timedelta(days=1))
    Vote.objects.filter(decider=roots[0]).update(suspended_contacts=[young.pk])

    carry_out(approved)

    young.refresh_from_db()
    assert young.suspended_at is not None
    assert read(approved).epoch == User.objects.get(pk=approved.user_id).epoch
