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
from recovery.enums import NoticeKind, TicketState, Verdict
from recovery.services import notices, opening, proofs, status
from recovery.tests.factories import make_claimant, make_ticket
from recovery.tests.staff import make_evidence, make_staff

S = TicketState
PHONE = "+4915112345678"
ALL_STATES = {
    NoticeKind.OPENED: S.AWAITING_PROOF,
    NoticeKind.REVIEW: S.IN_REVIEW,
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


@pytest.mark.parametrize("reasons", [[], ["too_little", "other_route"]])
@pytest.mark.parametrize("has_evidence", [True, False])
def test_every_refusal_can_be_written(maria, reasons, has_evidence):
    told = {"verdict": Verdict.DENY, "told_reasons": reasons} if reasons else {}
    ticket = make_ticket(maria, state=S.DENIED, answer_at=timezone.now(), **told)
    if has_evidence:
        make_evidence(ticket)
    _plan(ticket, NoticeKind.ANSWERED)

    notices.send_due()

    message = Message.objects.get()
    _assert_well_written(message)
    assert message.kind == ("recovery.refused" if reasons or has_evidence else "recovery.ended")


@pytest.mark.parametrize("people", [1, 2])
def test_a_refusal_promises_an_answer_to_an_appeal_only_where_people_can_give_it(maria, people):
    for _ in range(people):
        make_staff()
    ticket = make_ticket(maria, state=S.DENIED, answer_at=timezone.now())
    make_evidence(ticket)
    _plan(ticket, NoticeKind.ANSWERED)

    notices.send_due()

    message = Message.objects.get()
    written = render(message, timezone.now())
    promised = "you will hear within 3 working days" in " ".join(written.text.split())
    in_html = "you will hear within 3 working days" in " ".join(written.html.split())
    assert (promised, in_html) == (people > 1, people > 1)
    assert "You can ask on the page of your request" in " ".join(written.text.split())
    _assert_well_written(message)


def test_what_is_missing_can_be_written(maria):
    ticket = make_ticket(
        maria,
        state=S.AWAITING_PROOF,
        verdict=Verdict.MORE,
        told_reasons=["need_history", "need_check"],
    )
    _plan(ticket, NoticeKind.ANSWERED)

    notices.send_due()

    message = Message.objects.get()
    _assert_well_written(message)
    text = render(message, timezone.now()).text
    assert ("\n  1. " in text, "\n  2. " in text) == (True, True)


@pytest.mark.parametrize("fields", [{}, {"people": 2}, {"resets": "second_step"}])
def test_every_invitation_can_be_written(maria, fields):
    _plan(make_ticket(maria, state=S.APPROVED, **fields), NoticeKind.RELEASED)

    notices.send_due()

    for message in Message.objects.all():
        _assert_well_written(message)


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
