"""Contacts: added, removed and suspended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import normalise, policy
from accounts.models import Contact, User
from accounts.services import contacts
from accounts.tests.factories import make_client, make_contact, make_user

pytestmark = pytest.mark.django_db

ADDRESS = normalise.email("New@example.net")


def add(user, **fields):
    return contacts.add_verified(user, ADDRESS, signs_in=False, client=make_client(), **fields)


def test_new_contact_counts_after_a_week_and_ends_the_epoch():
    maria = make_user()

    contact = add(maria)

    assert (contact.value, contact.match_key) == ("New@example.net", "new@example.net")
    assert contact.counts_from - contact.verified_at == policy.CONTACT_COUNTS_AFTER
    assert User.objects.get().epoch == 2


def test_contact_of_a_new_account_counts_at_once():
    maria = make_user(created_at=timezone.now() - timedelta(hours=23))

    contact = add(maria)

    assert contact.counts_from == contact.verified_at


def test_time_from_which_it_counts_can_be_given():
    at = timezone.now() + timedelta(days=30)

    assert add(make_user(), counts_from=at).counts_from == at


def test_contact_that_is_on_file_keeps_its_age():
    maria = make_user()
    old = make_contact(maria, "new@example.net")

    again = add(maria)

    assert (again.pk, again.counts_from) == (old.pk, old.counts_from)
    assert User.objects.get().epoch == 1


def test_unverified_contact_is_verified():
    maria = make_user()
    make_contact(maria, "new@example.net")
    Contact.objects.filter(match_key="new@example.net").update(verified_at=None, counts_from=None)

    contact = add(maria)

    assert contact.counts_from - contact.verified_at == policy.CONTACT_COUNTS_AFTER


def test_removed_contact_is_off_file_and_still_may_object():
    contact = make_contact(make_user(), "other@example.net")

    is_done = contacts.remove(contact, client=make_client())

    rows = Contact.objects.filter(pk=contact.pk)
    assert is_done
    assert not rows.on_file().exists()
    assert rows.may_object(timezone.now()).exists()
    assert not contacts.remove(contact, client=make_client())


def test_suspended_contact_has_no_rights():
    contact = make_contact(make_user(), "other@example.net")

    contacts.suspend(contact, client=make_client())

    rows = Contact.objects.filter(pk=contact.pk)
    assert not rows.on_file().exists()
    assert not rows.may_object(timezone.now()).exists()
    assert User.objects.get().epoch == 2


def test_removed_address_can_be_added_again_as_a_new_one():
    maria = make_user()
    contacts.remove(make_contact(maria, "new@example.net"), client=make_client())

    contact = add(maria)

    assert contact.counts_from - contact.verified_at == policy.CONTACT_COUNTS_AFTER
