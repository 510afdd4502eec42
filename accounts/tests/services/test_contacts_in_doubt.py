"""A contact that a roll-back put back: it counts for nothing until it is confirmed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.models import Contact, User
from accounts.services import (
    code_devices,
    contact_changes,
    contacts,
    new_contacts,
    recovered_contacts,
    removed_contacts,
)
from accounts.tests.factories import make_client, make_contact, make_passkey, make_user
from accounts.tests.heard import heard
from accounts.tests.rolling_back import since

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def own(maria):
    return maria.contacts.get()


@pytest.fixture
def doubted(maria, own):
    """An address of Maria's that a report has put back."""
    gone = remove(maria, make_contact(maria, "other@example.net"))
    since(maria, timezone.now() - timedelta(hours=1))
    return fresh(gone)


def fresh(contact):
    return Contact.objects.get(pk=contact.pk)


def remove(user, contact):
    return contact_changes.remove(user, contact.pk, client=make_client(), is_strong=False)


def test_owner_with_old_proofs_confirms_it(maria, doubted):
    epoch = maria.epoch

    with heard(signals.contact_confirmed) as told:
        contact_changes.confirm(maria, doubted.pk, client=make_client(), is_strong=True)

    contact = fresh(doubted)
    assert not contact.is_in_doubt
    assert abs(contact.counts_from - timezone.now()) < timedelta(minutes=1)
    assert [each["contact"] for each in told] == [doubted]
    assert maria.epoch == epoch + 1


def test_session_without_old_proofs_does_not_confirm_it(maria, doubted):
    with pytest.raises(errors.Forbidden):
        contact_changes.confirm(maria, doubted.pk, client=make_client(), is_strong=False)

    assert fresh(doubted).is_in_doubt


@pytest.mark.parametrize("mode", ["frozen_at", "contested_at"])
def test_modes_that_let_nothing_be_put_back_let_nothing_be_confirmed(maria, doubted, mode):
    cause = {"frozen_cause": "reported"} if mode == "frozen_at" else {}
    User.objects.update(**{mode: timezone.now()}, **cause)

    with pytest.raises(errors.Forbidden):
        contact_changes.confirm(maria, doubted.pk, client=make_client(), is_strong=True)


def test_contact_that_counts_is_left_as_it_is(maria, own):
    with heard(signals.contact_confirmed) as told:
        contact_changes.confirm(maria, own.pk, client=make_client(), is_strong=True)

    assert (fresh(own).counts_from, told) == (own.counts_from, [])


def test_contact_of_another_is_not_confirmed(doubted):
    with pytest.raises(errors.NotOnFile):
        contact_changes.confirm(make_user(), doubted.pk, client=make_client(), is_strong=True)

    assert fresh(doubted).is_in_doubt


def test_removing_and_putting_back_is_no_way_around_it(maria, doubted):
    remove(maria, doubted)
    removed_contacts.restore(maria, doubted.pk, client=make_client(), is_strong=False)

    assert (fresh(doubted).is_in_doubt, fresh(doubted).counts_from) == (True, policy.NEVER)


def test_undo_link_is_no_way_around_it(maria, doubted):
    remove(maria, doubted)
    token = removed_contacts.new_undo_link(fresh(doubted), timezone.now())
    removed_contacts.use_undo(removed_contacts.find_undo(token), client=make_client())

    assert (fresh(doubted).removed_at, fresh(doubted).counts_from) == (None, policy.NEVER)


def test_mark_that_is_taken_away_is_no_way_around_it(maria, doubted):
    Contact.objects.filter(pk=doubted.pk).update(mark="shared", marked_at=timezone.now() - 9 * DAY)
    contact_changes.mark(maria, doubted.pk, None, client=make_client(), is_strong=False)

    assert fresh(doubted).counts_from == policy.NEVER


def test_code_that_is_typed_is_no_way_around_it(maria, doubted):
    contacts.add_verified(maria, doubted.as_address(), signs_in=False, client=make_client())

    assert fresh(doubted).counts_from == policy.NEVER


def test_it_becomes_no_second_step(maria, doubted):
    make_passkey(maria)

    with pytest.raises(errors.NoSuchAuthenticator):
        code_devices.begin(maria, doubted.pk, client=make_client())


def test_recovery_that_people_decided_confirms_it_in_a_week(maria, doubted):
    recovered_contacts.join(maria, doubted.as_address(), client=make_client())

    contact = fresh(doubted)
    assert not contact.is_in_doubt
    assert contact.counts_from > timezone.now() + 6 * DAY


def test_address_in_doubt_is_the_same_mailbox_as_before(maria, own, doubted):
    assert new_contacts.same_mailbox(maria, own) is None
    assert list(Contact.objects.certain()) == [own]
