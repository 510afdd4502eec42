from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.enums import ContactKind
from activity import policy
from activity.enums import EventKind
from activity.models import Notice, SecurityEvent
from activity.services import notices, telling
from activity.tests.factories import make_client, make_contact, make_event, make_user
from outbox.models import Message
from outbox.services.render import render

OLD = timedelta(days=30, minutes=1)
YOUNG = timedelta(days=29)


@pytest.fixture
def user(db):
    return make_user(language="en", time_zone="Europe/Berlin", external_id="member70")


def announce(user, kind=EventKind.PASSWORD_CHANGED) -> Notice:
    return notices.announce(make_event(user, kind))


def make_phone(user, **fields):
    aged = {"kind": ContactKind.PHONE, "verified_at": timezone.now() - OLD}
    return make_contact(user, "+33612345678", **aged, **fields)


def told() -> list[str]:
    return sorted(Message.objects.values_list("address", flat=True))


def test_contact_of_thirty_days_hears_everything(user):
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)
    notice = announce(user)

    settled = notices.send_due()

    message = Message.objects.get()
    assert settled == 1
    assert (message.kind, message.address, message.queue) == (
        "activity.account_changed",
        "mara@example.org",
        "notices",
    )
    assert message.time_zone == "Europe/Berlin"
    assert message.context == {
        "is_full": True,
        "title": "Password changed",
        "what": "The password of your account was changed.",
        "at": notice.event.at.isoformat(),
        "why": "",
        "device": "Firefox on Windows",
        "place": "Germany",
        "account_shown": "m•••",
        "name": "Mara",
        "page": "/activity/",
        "page_label": "See what happened",
        "pauses": True,
        "is_paused": False,
    }


def test_younger_contact_hears_only_that_something_happened(user):
    make_contact(user, "new@example.org", verified_at=timezone.now() - YOUNG)
    notice = announce(user)

    notices.send_due()

    assert Message.objects.get().context == {
        "is_full": False,
        "title": "Something changed on your account",
        "what": "Something changed on your account. Sign in to see what it was.",
        "at": notice.event.at.isoformat(),
        "why": "",
        "device": "",
        "place": "",
        "account_shown": "",
        "name": "",
        "page": "/activity/",
        "page_label": "See what happened",
        "pauses": True,
        "is_paused": False,
    }


def test_everyone_who_may_object_is_told_and_nobody_else(user):
    now = timezone.now()
    make_contact(user, "on-file@example.org", verified_at=now - OLD)
    make_contact(
        user, "just-removed@example.org", verified_at=now - OLD, removed_at=now - timedelta(days=1)
    )
    make_contact(user, "long-gone@example.org", verified_at=now - OLD, removed_at=now - OLD)
    make_contact(user, "suspended@example.org", verified_at=now - OLD, suspended_at=now)
    make_contact(user, "unverified@example.org", verified_at=None)
    make_contact(make_user(), "other@example.org", verified_at=now - OLD)
    announce(user)

    notices.send_due()

    assert told() == ["just-removed@example.org", "on-file@example.org"]


def test_phone_is_told_by_text_message(user):
    make_phone(user)
    announce(user)

    notices.send_due()

    assert Message.objects.values_list("channel", "address").get() == ("sms", "+33612345678")


def test_number_hears_so_many_changes_a_day_by_text_message_and_mailboxes_all(user, time_machine):
    phone = make_phone(user)
    make_contact(user, "maria@example.org", verified_at=timezone.now() - OLD)
    for _ in range(policy.SMS_A_DAY + 2):
        announce(user)

    notices.send_due()

    assert told().count(phone.value) == policy.SMS_A_DAY
    assert told().count("maria@example.org") == policy.SMS_A_DAY + 2
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
    announce(user)
    notices.send_due()
    assert told().count(phone.value) == policy.SMS_A_DAY + 1


def test_number_that_heard_enough_still_gets_the_link_that_puts_it_back(user):
    phone = make_phone(user, removed_at=timezone.now())
    for _ in range(policy.SMS_A_DAY):
        announce(user)
    notices.send_due()

    for _ in range(policy.SMS_A_DAY + 1):
        notices.announce(make_event(user, EventKind.CONTACT_REMOVED, contact=phone.pk))
    notices.send_due()

    assert told().count(phone.value) == 2 * policy.SMS_A_DAY
    assert Message.objects.latest("pk").secrets["link"]


def test_address_that_cannot_be_written_to_keeps_nobody_else_from_hearing(user):
    make_contact(user, "a@example.org,b@example.org", verified_at=timezone.now() - OLD)
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)
    announce(user)

    notices.send_due()

    assert told() == ["mara@example.org"]
    assert Notice.objects.get().settled_at is not None


def test_account_without_contacts_settles_without_a_message(user):
    announce(user)

    assert notices.send_due() == 1
    assert told() == []


def test_second_run_sends_nothing_again(user):
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)
    announce(user)
    notices.send_due()

    assert notices.send_due() == 0
    assert told() == ["mara@example.org"]


def test_notice_of_a_dead_worker_is_sent_after_its_lease_and_only_once(user):
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)
    notice = announce(user)
    notices.send_due()
    # As a worker leaves it that was killed between the messages and settling.
    later = timezone.now() + timedelta(seconds=1)
    Notice.objects.filter(pk=notice.pk).update(settled_at=None, claimed_until=later)

    before_lease_ends = notices.send_due()
    Notice.objects.filter(pk=notice.pk).update(claimed_until=timezone.now())
    after = notices.send_due()

    assert (before_lease_ends, after) == (0, 1)
    assert told() == ["mara@example.org"]


def test_limit_leaves_the_rest_for_the_next_sweep(user):
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)
    for _ in range(3):
        announce(user)

    assert [notices.send_due(limit=2), notices.send_due(limit=2)] == [2, 1]


def test_notice_of_an_unknown_account_only_settles(db):
    announce(None)

    assert notices.send_due() == 1
    assert told() == []


def test_announcing_costs_one_insert(user, django_assert_num_queries):
    event = make_event(user, EventKind.PASSWORD_CHANGED, client=make_client())
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)

    with django_assert_num_queries(1):
        notices.announce(event)


@pytest.mark.parametrize("kind", sorted(telling.ANNOUNCED | telling.SOMETIMES))
def test_every_mail_leads_to_the_report_to_the_page_and_to_a_recovery(user, settings, kind):
    make_contact(user, "mara@example.org", verified_at=timezone.now() - OLD)
    announce(user, kind)

    notices.send_due()

    message = Message.objects.get()
    lines = render(message, timezone.now()).text.splitlines()
    assert f"{settings.SITE_URL}/acsr/" in lines
    assert settings.SITE_URL + telling.way_of(Notice.objects.get().event).path in lines
    # An account that is paused already is not paused by its message.
    assert (kind == EventKind.ACCOUNT_FROZEN) is (message.secrets is None)
    assert all(link in lines for link in (message.secrets or {}).values())


@pytest.mark.parametrize("kind", sorted(telling.ANNOUNCED | telling.SOMETIMES))
def test_every_text_message_says_what_to_do_if_it_was_not_you(user, settings, kind):
    make_phone(user)
    announce(user, kind)

    notices.send_due()

    message = Message.objects.get()
    recovery = f"{settings.SITE_URL}/acsr/"
    link = message.secrets["report"] if message.secrets else recovery
    assert link in render(message, timezone.now()).text.split()
    assert (kind == EventKind.ACCOUNT_FROZEN) is (link == recovery)


def test_notice_leads_to_where_the_change_is_undone():
    kinds = telling.ANNOUNCED | telling.SOMETIMES
    paths = {str(kind): telling.way_of(SecurityEvent(kind=kind)).path for kind in kinds}

    assert {path: sorted(k for k in paths if paths[k] == path) for path in paths.values()} == {
        "/activity/": [
            "account:freeze:ended",
            "account:password:changed",
            "account:report:opened",
            "account:report:taken_back",
            "account:sign_in:succeeded",
        ],
        "/acsr/": ["account:freeze:started"],
        "/security/": ["account:browser:trusted"],
        "/security/password/": ["account:code:sent", "account:second_step:failed"],
        "/security/contacts/": [
            "account:contact:added",
            "account:contact:all_replaced",
            "account:contact:confirmed",
            "account:contact:marked",
            "account:contact:primary",
            "account:contact:removed",
            "account:contact:restored",
            "account:contact:suspended",
        ],
        "/security/two-step/": [
            "account:authenticator:added",
            "account:authenticator:removed",
            "account:authenticator:restored",
            "account:authenticator:suspended",
            "account:recovery_code:used",
            "account:recovery_codes:made",
            "account:two_step:off",
            "account:two_step:on",
        ],
    }
