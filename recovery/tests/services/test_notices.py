"""Who hears of a request, what of it, and how often (design.md section 2, Notices)."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Contact
from accounts.tests.factories import make_contact, make_user
from accounts.tests.threads import run_at_once
from outbox.models import Message
from recovery import policy
from recovery.enums import LinkRight, NoticeKind, TicketState
from recovery.models import Notice, NoticeLink
from recovery.services import notices, objections
from recovery.tests.factories import make_proof, make_ticket
from vault import digests

S = TicketState
LINK = re.compile(r"https?://\S+/acsr/stop/([\w-]+)/$")
PHONE = "+4915112345678"
ALL_STATES = {
    NoticeKind.OPENED: S.AWAITING_PROOF,
    NoticeKind.APPROVED: S.APPROVED,
    NoticeKind.HELD: S.ON_HOLD,
    NoticeKind.HALFWAY: S.ON_HOLD,
    NoticeKind.LAST_DAY: S.ON_HOLD,
    NoticeKind.RELEASED: S.APPROVED,
    NoticeKind.COMPLETED: S.COMPLETED,
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def maria():
    return make_user(email="maria@example.org", first_name="Maria")


def test_every_contact_of_the_account_hears_of_a_request(maria):
    make_contact(maria, PHONE)
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))

    notices.send_due()

    assert _told() == [
        ("recovery.notice:opened", "maria@example.org", "email"),
        ("recovery.notice:opened", PHONE, "sms"),
    ]


def test_an_unknown_account_settles_without_a_message():
    _plan(make_ticket(None, state=S.AWAITING_PROOF))

    settled = notices.send_due()

    assert (settled, Message.objects.count()) == (1, 0)
    assert Notice.objects.get().settled_at is not None


def test_nobody_hears_of_a_frozen_claim(maria):
    _plan(make_ticket(maria, state=S.AWAITING_PROOF, is_frozen=True))

    notices.send_due()

    assert _told() == []


@pytest.mark.parametrize("kind", [kind for kind in ALL_STATES if kind != NoticeKind.COMPLETED])
def test_the_claimants_own_contact_is_not_told_as_an_owner(maria, kind):
    make_contact(maria, "claimant+tag@example.net")
    ticket = make_ticket(maria, state=ALL_STATES[kind], contact="claimant@example.net")
    _plan(ticket, kind)

    notices.send_due()

    owners = [told for told in _told() if told[0].startswith("recovery.notice:")]
    assert owners == [(f"recovery.notice:{kind}", "maria@example.org", "email")]


@pytest.mark.parametrize("kind", [NoticeKind.OPENED, NoticeKind.APPROVED])
def test_an_address_that_just_proved_itself_is_not_told_of_itself(maria, kind):
    other = make_contact(maria, "other@example.net")
    ticket = make_ticket(maria, state=ALL_STATES[kind])
    make_proof(ticket, contact=other, limit_key=other.limit_key)
    _plan(ticket, kind)

    notices.send_due()

    assert [address for _kind, address, _channel in _told()] == ["maria@example.org"]


def test_an_address_that_proved_itself_hears_of_the_wait(maria):
    ticket = make_ticket(maria, state=S.ON_HOLD)
    make_proof(ticket, limit_key="maria@example.org")
    _plan(ticket, NoticeKind.HELD)

    notices.send_due()

    assert _told() == [("recovery.notice:held", "maria@example.org", "email")]


def test_contacts_removed_lately_hear_and_those_suspended_or_long_gone_do_not(maria):
    now = timezone.now()
    make_contact(maria, "lately@example.net", removed_at=now - timedelta(days=29))
    make_contact(maria, "gone@example.net", removed_at=now - timedelta(days=31))
    make_contact(maria, "thief@example.net", suspended_at=now)
    make_contact(maria, "new@example.net")
    Contact.objects.filter(value="new@example.net").update(verified_at=None, counts_from=None)
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))

    notices.send_due()

    told = [address for _kind, address, _channel in _told()]
    assert told == ["maria@example.org", "lately@example.net"]


def test_a_young_contact_hears_no_more_than_that_something_happened(maria):
    week = timezone.now() - timedelta(days=8)
    make_contact(maria, "young@example.net", verified_at=week)
    _plan(make_ticket(maria, state=S.AWAITING_PROOF, agent="Firefox", address="203.0.113.9"))

    notices.send_due()

    bare = Message.objects.get(address="young@example.net")
    assert set(bare.context) == {"reference", "is_full"}
    full = Message.objects.get(address="maria@example.org").context
    assert (full["is_full"], full["name"], full["account_shown"]) == (
        True,
        "Maria",
        "m•••a@example.org",
    )


def test_links_are_secrets_and_only_their_hash_is_kept(maria):
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))

    notices.send_due()

    message = Message.objects.get()
    token = LINK.match(message.secrets["link"]).group(1)
    link = NoticeLink.objects.get()
    assert (link.token_hash, link.right) == (digests.token_hash(token), LinkRight.STOP)
    assert token not in json.dumps(message.context)
    assert token not in json.dumps([str(value) for value in vars(link).values()])
    assert objections.find_link(token) == link


def test_the_text_of_a_link_is_not_in_the_database(maria, django_db_blocker):
    from django.db import connection  # noqa: PLC0415 - a raw read, for this test alone

    _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    notices.send_due()
    token = LINK.match(Message.objects.get().secrets["link"]).group(1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM outbox_message")
        (stored,) = cursor.fetchone()

    assert token not in str(stored)


def test_after_a_recovery_old_contacts_get_an_undo_link_and_young_ones_none(maria):
    now = timezone.now()
    young = {"verified_at": now - timedelta(days=3), "counts_from": now + timedelta(days=4)}
    make_contact(maria, "young@example.net", **young)
    _plan(make_ticket(maria, state=S.COMPLETED), NoticeKind.COMPLETED)

    notices.send_due()

    link = NoticeLink.objects.get()
    assert (link.right, link.contact.value) == (LinkRight.UNDO, "maria@example.org")
    assert timedelta(days=6) < link.expires_at - now <= policy.UNDO_LIVES + timedelta(minutes=1)
    assert Message.objects.get(address="young@example.net").secrets is None


def test_a_worker_that_died_before_settling_tells_nobody_twice(maria):
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    notices.send_due()
    Notice.objects.update(settled_at=None, claimed_until=None)

    notices.send_due()

    assert (Message.objects.count(), NoticeLink.objects.count()) == (1, 1)


def test_a_notice_in_another_workers_hands_is_left_alone(maria):
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    Notice.objects.update(claimed_until=timezone.now() + policy.NOTICE_LEASE)

    assert notices.send_due() == 0


def test_a_notice_is_not_told_before_it_is_due(maria):
    later = timezone.now() + timedelta(hours=1)
    notices.plan(make_ticket(maria, state=S.ON_HOLD), NoticeKind.HALFWAY, due_at=later)

    assert notices.send_due() == 0


def test_planned_twice_is_told_once(maria):
    ticket = make_ticket(maria, state=S.AWAITING_PROOF)
    _plan(ticket)
    _plan(ticket)

    assert notices.send_due() == 1


def test_the_fourth_request_of_a_day_becomes_one_summary(maria):
    for _ in range(5):
        _plan(make_ticket(maria, state=S.AWAITING_PROOF))
        notices.send_due()

    assert [kind for kind, _address, _channel in _told()] == [
        *["recovery.notice:opened"] * policy.OPENED_NOTICES_A_DAY,
        "recovery.notice:summary",
    ]


def test_what_is_approved_is_never_folded_into_a_summary(maria):
    for _ in range(4):
        _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    _plan(make_ticket(maria, state=S.APPROVED))
    _plan(make_ticket(maria, state=S.APPROVED), NoticeKind.APPROVED)
    _plan(make_ticket(maria, state=S.ON_HOLD), NoticeKind.HELD)

    notices.send_due()

    kinds = [kind for kind, _address, _channel in _told()]
    assert kinds.count("recovery.notice:opened") == policy.OPENED_NOTICES_A_DAY + 1
    assert {"recovery.notice:approved", "recovery.notice:held"} <= set(kinds)


def test_requests_of_yesterday_do_not_count(maria):
    for _ in range(3):
        _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    notices.send_due()
    Notice.objects.update(settled_at=timezone.now() - timedelta(hours=25))
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))

    notices.send_due()

    assert {kind for kind, _address, _channel in _told()} == {"recovery.notice:opened"}


@pytest.mark.parametrize("kind", [NoticeKind.HELD, NoticeKind.HALFWAY, NoticeKind.LAST_DAY])
def test_of_a_wait_that_was_stopped_nothing_more_is_told(maria, kind):
    _plan(make_ticket(maria, state=S.CANCELLED), kind)

    settled = notices.send_due()

    assert (settled, _told()) == (1, [])


@pytest.mark.parametrize("kind", [NoticeKind.OPENED, NoticeKind.APPROVED, NoticeKind.RELEASED])
def test_a_late_worker_does_not_say_that_nothing_has_changed(maria, kind):
    _plan(make_ticket(maria, state=S.COMPLETED), kind)

    settled = notices.send_due()

    assert (settled, _told()) == (1, [])


def test_an_address_that_nobody_can_write_to_keeps_nobody_from_hearing(maria):
    bad = make_contact(maria, "bad@example.net", signs_in=False)
    Contact.objects.filter(pk=bad.pk).update(value="two@example.net, more@example.net")
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))

    assert notices.send_due() == 1
    assert [address for _kind, address, _channel in _told()] == ["maria@example.org"]


def test_the_claimant_is_invited_in_their_own_language_and_zone(maria):
    ticket = make_ticket(
        maria, state=S.APPROVED, contact="claimant@example.net", time_zone="Asia/Tokyo"
    )
    _plan(ticket, NoticeKind.RELEASED)

    notices.send_due()

    invitation = Message.objects.get(kind="recovery.invitation")
    assert (invitation.address, invitation.time_zone) == ("claimant@example.net", "Asia/Tokyo")
    assert set(invitation.context) == {
        "reference",
        "until_at",
        "resets",
        "has_waited",
        "link_hours",
    }
    assert list(invitation.secrets) == ["link"]


def test_what_a_wait_says_before_it_began_is_its_earliest_end(maria):
    _plan(make_ticket(maria, state=S.ON_HOLD, hold_length=policy.DAY), NoticeKind.HELD)

    notices.send_due()

    message = Message.objects.get()
    assert message.context["hold_until_at"] >= (timezone.now() + policy.DAY).isoformat()[:10]
    assert "until_at" not in message.context


def test_only_an_approved_request_says_until_when_the_password_can_be_changed(maria):
    _plan(make_ticket(maria, state=S.AWAITING_PROOF))
    _plan(make_ticket(maria, state=S.APPROVED))

    notices.send_due()

    contexts = [message.context for message in Message.objects.order_by("pk")]
    assert ["until_at" in context for context in contexts] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_once():
    user = make_user(email="maria@example.org")
    _plan(make_ticket(user, state=S.AWAITING_PROOF))

    results = run_at_once(2, lambda _number: notices.send_due())

    assert sorted(results) == [0, 1]
    assert (Message.objects.count(), NoticeLink.objects.count()) == (1, 1)


def _plan(ticket, kind=NoticeKind.OPENED):
    notices.plan(ticket, kind, due_at=timezone.now())


def _told():
    rows = Message.objects.order_by("pk")
    return list(rows.values_list("kind", "address", "channel"))
