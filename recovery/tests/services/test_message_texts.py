"""Every message of recovery can be written, from what the services put into its row."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.errors import ChallengeError
from accounts.models import Contact
from accounts.normalise import email, phone
from accounts.tests.factories import make_client, make_contact, make_user
from outbox.models import Message
from outbox.services.render import render
from recovery.enums import NoticeKind, TicketState
from recovery.services import notices, opening, proofs, status
from recovery.tests.factories import make_claimant, make_ticket

S = TicketState
PHONE = "+4915112345678"
ALL_STATES = {
    NoticeKind.OPENED: S.AWAITING_PROOF,
    NoticeKind.APPROVED: S.APPROVED,
    NoticeKind.HELD: S.ON_HOLD,
    NoticeKind.HALFWAY: S.ON_HOLD,
    NoticeKind.LAST_DAY: S.ON_HOLD,
    NoticeKind.RELEASED: S.APPROVED,
    NoticeKind.COMPLETED: S.COMPLETED,
}  # of contacts; NoticeKind.ANSWERED is the claimant's alone
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", first_name="Maria")


@pytest.mark.parametrize("kind", list(ALL_STATES))
@pytest.mark.parametrize("age", [timedelta(days=300), timedelta(days=8), timedelta(days=1)])
def test_every_notice_can_be_written_for_every_contact(maria, kind, age):
    verified = timezone.now() - age
    make_contact(maria, "other@example.net", verified_at=verified)
    make_contact(maria, PHONE, verified_at=verified)
    Contact.objects.exclude(signs_in=True).update(counts_from=verified + timedelta(days=7))
    ticket = make_ticket(maria, state=ALL_STATES[kind], contact="claimant@example.net")
    _plan(ticket, kind)
    notices.send_due()

    for message in Message.objects.all():
        _assert_well_written(message)

    assert Message.objects.count() >= 3


def test_a_summary_can_be_written_for_every_contact(maria):
    make_contact(maria, PHONE)
    make_contact(maria, "young@example.net", verified_at=timezone.now() - timedelta(days=8))
    for _ in range(4):
        _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    notices.send_due()

    summaries = Message.objects.filter(kind="recovery.notice:summary")
    for message in summaries:
        _assert_well_written(message)

    assert len(summaries) == 3


def test_every_other_message_of_recovery_can_be_written(maria):
    client = make_client()
    ticket = opening.open_ticket("maria@example.org", email("me@example.net"), client=client)
    for _ in range(5):
        with pytest.raises(ChallengeError):
            opening.accept_code(ticket, "00000000", client=client)
    status.ask(ticket.reference, None, client=client)
    status.mail_names(email("maria@example.org"), client=client)
    status.mail_requests(email("me@example.net"), client=client)
    held = make_ticket(maria, state=S.ON_HOLD)
    _plan(held, NoticeKind.HELD)
    notices.tell_of_wait(held)

    for message in Message.objects.all():
        _assert_well_written(message)

    assert {message.kind for message in Message.objects.all()} == {
        "recovery.code",
        "recovery.guessed",
        "recovery.status_code",
        "recovery.names",
        "recovery.requests",
        "recovery.held",
    }


def test_a_code_for_a_contact_can_be_written_for_mail_and_phone(maria):
    make_contact(maria, PHONE)
    for typed in (email("maria@example.org"), phone(PHONE)):
        ticket = make_ticket(maria, state=S.AWAITING_PROOF)
        proofs.send_contact_code(ticket, typed, client=make_claimant())

    for message in Message.objects.all():
        _assert_well_written(message)

    channels = Message.objects.order_by("pk").values_list("kind", "channel")
    assert list(channels) == [
        ("recovery.contact_code", "email"),
        ("recovery.contact_code", "sms"),
    ]


def _plan(ticket, kind=NoticeKind.OPENED):
    notices.plan(ticket, kind, due_at=timezone.now())


def _assert_well_written(message):
    """Render as the worker would; every blank of the text must have been filled."""
    written = render(message, timezone.now())
    parts = [written.text] if message.channel == "sms" else [written.subject, written.text]
    for part in parts:
        assert part.strip()
        assert not re.search(r"\{\{|\{%|None|\b(before|until|after) [.,;]", part), part
    if message.channel == "email":
        assert 'href=""' not in written.html
    link = (message.secrets or {}).get("link")
    if link:
        assert link in (written.text if message.channel == "sms" else written.text.splitlines())
