"""What staff agreed on takes effect: at its time, once, and on the account that they saw."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact, User
from accounts.tests.factories import make_code_device, make_contact, make_totp
from activity.enums import EventKind
from activity.models import AuditEntry, SecurityEvent
from outbox.models import Message
from recovery import lanes, policy
from recovery.enums import NoticeKind, Outcome, TicketState, Verdict
from recovery.models import Notice, RecoveryTicket
from recovery.services import effects, notices
from recovery.tests.factories import make_ticket
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote

S = TicketState
pytestmark = pytest.mark.django_db


def agreed(user, verdict=Verdict.APPROVE, *, vote=None, **fields):
    """Make a ticket on which two people agreed, with its effect due since a minute."""
    now = timezone.now()
    values = {
        "verdict": verdict,
        "effect_at": now - timedelta(minutes=1),
        "answer_at": now - timedelta(minutes=1),
        "decided_at": now - timedelta(hours=2),
    }
    ticket = make_reviewed(user, **values | fields)
    make_evidence(ticket)
    if user:
        for _ in range(2):
            make_vote(ticket, make_staff(), verdict, **vote or {})
    return ticket


def test_an_approval_begins_a_wait_that_its_owners_hear_of(maria):
    ticket = agreed(maria, contested_at=timezone.now(), contested_reason="objection")

    carried = effects.carry_out_due()

    ticket.refresh_from_db()
    assert (carried, ticket.state, ticket.hold_length) == (1, S.ON_HOLD, timedelta(days=3))
    assert (ticket.contested_at, ticket.hold_from) == (None, None)
    assert [notice.kind for notice in Notice.objects.all()] == [NoticeKind.HELD]
    assert SecurityEvent.objects.get(kind=EventKind.TICKET_HELD).user == maria


def test_nothing_takes_effect_before_its_time(maria):
    ticket = agreed(maria, effect_at=timezone.now() + timedelta(minutes=1))

    assert effects.carry_out_due() == 0

    ticket.refresh_from_db()
    assert ticket.state == S.IN_REVIEW


def test_what_was_carried_out_is_not_carried_out_again(maria):
    agreed(maria)
    effects.carry_out_due()

    assert effects.carry_out_due() == 0


def test_an_approval_without_a_wait_invites_at_once(maria):
    ticket = agreed(maria, hold_length=timedelta(0), contact="claimant@example.net")

    effects.carry_out_due()
    notices.send_due()

    ticket.refresh_from_db()
    assert ticket.state == S.APPROVED
    invitation = Message.objects.get(kind="recovery.invitation")
    assert (invitation.address, invitation.context["has_waited"]) == ("claimant@example.net", False)


def test_an_account_that_was_changed_since_is_decided_anew(maria):
    ticket = agreed(maria)
    User.objects.filter(pk=maria.pk).update(epoch=maria.epoch + 1)

    assert effects.carry_out_due() == 0

    ticket.refresh_from_db()
    assert (ticket.state, ticket.contested_reason) == (S.IN_REVIEW, "epoch_changed")
    assert (ticket.verdict, ticket.effect_at) == ("", None)
    assert list(ticket.votes.values_list("void_reason", flat=True)) == ["epoch", "epoch"]


@pytest.mark.parametrize("voided", [1, 2])
def test_nobody_is_given_an_account_without_enough_votes(maria, voided):
    ticket = agreed(maria)
    for vote in ticket.votes.all()[:voided]:
        vote.voided_at, vote.void_reason = timezone.now(), "objection"
        vote.save()

    assert effects.carry_out_due() == 0

    ticket.refresh_from_db()
    assert (ticket.state, ticket.verdict) == (S.IN_REVIEW, "")


def test_the_vote_of_one_person_counts_once(maria):
    ticket = agreed(maria)
    ticket.votes.update(decider=None)

    assert effects.carry_out_due() == 0


def test_what_both_named_is_taken_from_the_account(maria):
    young = make_contact(maria, "thief@example.net", verified_at=timezone.now())
    app = make_totp(maria, made_at=timezone.now())
    ticket = agreed(
        maria,
        vote={
            "suspended_contacts": [young.pk],
            "suspended_authenticators": [f"{app.kind}:{app.pk}"],
        },
    )

    effects.carry_out_due()

    ticket.refresh_from_db()
    young.refresh_from_db()
    app.refresh_from_db()
    maria.refresh_from_db()
    assert young.suspended_at is not None
    assert app.removed_at is not None
    assert (ticket.state, ticket.epoch) == (S.ON_HOLD, maria.epoch)


def test_what_an_owner_objects_from_is_never_taken(maria):
    """A row of a vote that nobody could have cast takes no old contact and no old authenticator."""
    old, app = maria.contacts.get(), make_totp(maria)
    ticket = agreed(
        maria,
        vote={
            "suspended_contacts": [old.pk],
            "suspended_authenticators": [f"{app.kind}:{app.pk}"],
        },
    )

    effects.carry_out_due()

    for row in (ticket, old, app):
        row.refresh_from_db()
    assert (ticket.state, old.suspended_at, app.removed_at) == (S.ON_HOLD, None, None)


def test_what_was_young_when_it_was_voted_on_is_taken_though_it_aged_since(maria):
    made_at = timezone.now() - policy.YOUNG - timedelta(hours=1)
    contact = make_contact(maria, "thief@example.net", verified_at=made_at)
    voted = {"suspended_contacts": [contact.pk], "made_at": timezone.now() - timedelta(hours=3)}
    agreed(maria, vote=voted)

    effects.carry_out_due()

    contact.refresh_from_db()
    assert contact.suspended_at is not None


def test_mailed_codes_go_with_the_last_step_beside_them(maria):
    """Whoever reads the mailbox has the password too: a mailed code alone is no second step."""
    app = make_totp(maria, made_at=timezone.now())
    mailed = make_code_device(maria, maria.contacts.get())
    agreed(maria, vote={"suspended_authenticators": [f"{app.kind}:{app.pk}"]})

    effects.carry_out_due()

    mailed.refresh_from_db()
    assert mailed.removed_at is not None


def test_nothing_of_another_account_is_taken(maria):
    other = make_contact(make_staff(), "other@example.net", verified_at=timezone.now())
    agreed(maria, vote={"suspended_contacts": [other.pk]})

    effects.carry_out_due()

    assert not Contact.objects.filter(suspended_at__isnull=False).exists()


def test_a_refusal_tells_the_claimant_why(maria):
    ticket = agreed(maria, Verdict.DENY, told_reasons=["too_little"])

    effects.carry_out_due()
    notices.send_due()

    ticket.refresh_from_db()
    message = Message.objects.get(address=ticket.contact)
    assert (ticket.state, message.kind) == (S.DENIED, "recovery.refused")
    assert message.context["told"] == ["There was too little to go by."]


@pytest.mark.parametrize("known", [True, False])
def test_a_refusal_of_the_machine_says_nothing_of_any_account(maria, known):
    ticket = agreed(maria if known else None, Verdict.DENY, people=0)
    RecoveryTicket.objects.filter(pk=ticket.pk).update(state=S.EVALUATING)

    effects.carry_out_due()
    notices.send_due()

    message = Message.objects.get(address=ticket.contact)
    assert (message.kind, message.context["told"]) == ("recovery.refused", [])
    assert message.context["tries_left"] == 2
    assert message.context["completeness"] == [
        {"part": "About you", "words": "full"},
        {"part": "Sign-ins", "words": "little"},
        {"part": "Earlier passwords", "words": "full"},
    ]


def test_asking_for_more_gives_a_week_and_a_list(maria):
    ticket = agreed(maria, Verdict.MORE, told_reasons=["need_contact"])

    effects.carry_out_due()
    notices.send_due()

    ticket.refresh_from_db()
    message = Message.objects.get(address=ticket.contact)
    assert (ticket.state, ticket.verdict, ticket.answer_at) == (S.AWAITING_PROOF, "more", None)
    assert ticket.expires_at - timezone.now() > policy.MORE_ASKED_LIVES - timedelta(minutes=1)
    assert (message.kind, len(message.context["asked"])) == ("recovery.more", 1)
    assert set(ticket.votes.values_list("void_reason", flat=True)) == {"more_asked"}


def test_a_second_answer_is_told_after_more_was_asked(maria):
    ticket = agreed(maria, Verdict.MORE, told_reasons=["need_contact"])
    effects.carry_out_due()
    notices.send_due()
    now = timezone.now()
    RecoveryTicket.objects.filter(pk=ticket.pk).update(
        state=S.IN_REVIEW, verdict=Verdict.DENY, effect_at=now, told_reasons=["too_little"]
    )

    effects.carry_out_due()
    notices.send_due()

    kinds = Message.objects.filter(address=ticket.contact).order_by("pk")
    assert [message.kind for message in kinds] == ["recovery.more", "recovery.refused"]


def test_of_a_protected_account_the_command_is_offered_and_owners_hear_before(maria):
    ticket = agreed(maria, outcome=Outcome.SUPERUSERS)
    User.objects.filter(is_staff=True).update(is_superuser=True)

    assert effects.carry_out_due() == 1
    assert effects.carry_out_due() == 0

    ticket.refresh_from_db()
    assert (ticket.state, ticket.verdict) == (S.IN_REVIEW, "approve")
    assert ticket.carry_out_until > timezone.now() + timedelta(minutes=59)
    assert [notice.kind for notice in Notice.objects.all()] == [NoticeKind.APPROVED]
    assert AuditEntry.objects.filter(action="recovery:ticket:approved").count() == 1


@pytest.mark.parametrize("state", [S.CANCELLED, S.EXPIRED, S.ON_HOLD])
def test_what_was_folded_into_a_case_that_is_gone_waits_on_its_own(maria, state):
    """A thief's flood is the case, the owner's claim is folded in, and the thief withdraws."""
    head = make_ticket(maria, state=state)
    other = make_reviewed(maria, folded_into=head)

    effects.carry_out_due()

    assert list(lanes.waiting()) == [other]


def test_what_is_folded_into_a_case_that_waits_stays_so(maria):
    head = make_reviewed(maria)
    make_reviewed(maria, folded_into=head)

    effects.carry_out_due()

    assert list(lanes.waiting()) == [head]
