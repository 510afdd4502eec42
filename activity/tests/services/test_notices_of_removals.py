"""What a removed contact is told, and the link that puts it back."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.models import ContactUndo, User
from activity.enums import EventKind
from activity.services import notices
from activity.tests.factories import make_contact, make_event, make_user
from outbox.models import Message
from outbox.services.render import render
from vault import digests

OLD = timedelta(days=30, minutes=1)
YOUNG = timedelta(days=29)


@pytest.fixture
def user(db):
    return make_user(language="en", time_zone="Europe/Berlin", external_id="member70")


def removed(user, value="mara@example.org", *, age=OLD, kind=EventKind.CONTACT_REMOVED):
    """Give a contact that was removed just now after ``age`` on file, with all told of it."""
    now = timezone.now()
    contact = make_contact(user, value, verified_at=now - age, removed_at=now)
    notices.announce(make_event(user, kind, contact=contact.pk, contact_kind="email"))
    notices.send_due()
    return contact


def test_removed_contact_gets_a_link_that_puts_it_back(user, settings):
    other = make_contact(user, "other@example.org", verified_at=timezone.now() - OLD)

    contact = removed(user)

    undo = ContactUndo.objects.get()
    message = Message.objects.get(address=contact.value)
    token = message.secrets["link"].rstrip("/").rpartition("/")[2]
    assert (undo.contact, undo.token_hash) == (contact, digests.token_hash(token))
    assert message.secrets["link"].startswith(f"{settings.SITE_URL}/security/contacts/undo/")
    assert message.context["title"] == "E-mail address removed"
    assert message.context["what"] == "This e-mail address was removed from your account."
    until = contact.removed_at + accounts_policy.CONTACT_UNDO_LIVES
    assert message.context["undo_until"] == until.isoformat()
    told_other = Message.objects.get(address=other.value)
    assert list(told_other.secrets) == ["report"]
    assert told_other.context["what"] == "An e-mail address was removed from your account."


def test_link_stands_in_the_mail_alone_on_its_line_and_in_nothing_that_is_kept(user):
    removed(user)

    message = Message.objects.get()
    link = message.secrets["link"]
    rendered = render(message, timezone.now())
    assert link in rendered.text.splitlines()
    assert link in rendered.html
    assert link not in json.dumps(message.context)


def test_contact_that_was_there_for_days_alone_cannot_put_itself_back(user):
    user.created_at = timezone.now() - timedelta(days=300)
    user.save()

    removed(user, "thief@example.org", age=timedelta(days=5))

    assert list(Message.objects.get().secrets) == ["report"]
    assert not ContactUndo.objects.exists()


def test_contact_that_was_put_back_hears_little_but_can_put_itself_back_again(user):
    now = timezone.now()
    contact = make_contact(
        user,
        "mara@example.org",
        verified_at=now - OLD,
        counts_from=now + accounts_policy.CONTACT_COUNTS_AFTER,
        removed_at=now,
    )
    User.objects.update(created_at=now - timedelta(days=300))
    notices.announce(make_event(user, EventKind.CONTACT_REMOVED, contact=contact.pk))

    notices.send_due()

    message = Message.objects.get()
    assert (message.context["is_full"], "link" in message.secrets) == (False, True)


def test_contact_of_a_young_account_can_put_itself_back_if_it_is_as_old(user):
    user.created_at = timezone.now() - timedelta(days=5)
    user.save()

    removed(user, age=timedelta(days=5))

    message = Message.objects.get()
    assert (message.context["is_full"], "link" in message.secrets) == (False, True)


def test_all_that_were_replaced_can_put_themselves_back(user):
    make_contact(user, "new@example.org", verified_at=timezone.now() - YOUNG)

    removed(user, kind=EventKind.CONTACTS_REPLACED)

    assert "link" in Message.objects.get(address="mara@example.org").secrets
    assert list(Message.objects.get(address="new@example.org").secrets) == ["report"]


def test_other_changes_carry_no_link_that_puts_removed_contacts_back(user):
    removed(user, kind=EventKind.PASSWORD_CHANGED)

    assert list(Message.objects.get().secrets) == ["report"]
