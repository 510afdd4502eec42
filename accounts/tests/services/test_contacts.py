"""Contacts: added, removed and suspended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, normalise, policy, queries
from accounts.models import Contact, User
from accounts.services import contacts
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_totp,
    make_user,
)

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


def test_suspended_contact_has_no_rights():
    contact = make_contact(make_user(), "other@example.net")

    contacts.suspend(contact, client=make_client())

    rows = Contact.objects.filter(pk=contact.pk)
    assert not rows.on_file().exists()
    assert not rows.may_object(timezone.now()).exists()
    assert User.objects.get().epoch == 2


def test_codes_of_a_suspended_contact_are_no_second_step_any_more():
    maria = make_user()
    make_totp(maria)
    step = make_code_device(maria)

    contacts.suspend(step.contact, client=make_client())

    step.refresh_from_db()
    assert not step.confirmed
    assert queries.has_second_step(maria)


def test_suspended_contact_is_not_added_again():
    maria = make_user()
    make_contact(maria, "new@example.net", suspended_at=timezone.now())

    with pytest.raises(errors.Forbidden):
        add(maria)


def test_typed_code_is_noted_on_new_and_old_contacts():
    maria = make_user()
    old = make_contact(maria, "new@example.net")

    add(maria)
    add(make_user())

    assert old.proved_at is None
    for contact in Contact.objects.filter(match_key="new@example.net"):
        assert timezone.now() - contact.proved_at < timedelta(minutes=1)


def test_removed_address_can_be_added_again_as_a_new_one():
    maria = make_user()
    make_contact(maria, "new@example.net", removed_at=timezone.now())

    contact = add(maria)

    assert contact.counts_from - contact.verified_at == policy.CONTACT_COUNTS_AFTER


@pytest.mark.parametrize("gone", [{"removed_at": timezone.now()}, {"suspended_at": timezone.now()}])
def test_contact_is_found_only_on_its_own_account_and_while_it_is_there(gone):
    maria = make_user()
    own, other = make_contact(maria), make_contact(make_user())
    former = make_contact(maria, **gone)

    assert contacts.find(maria, own.pk) == own
    assert contacts.find(maria, other.pk) is None
    assert contacts.find(maria, former.pk) is None
