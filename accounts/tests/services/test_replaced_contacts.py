"""All contacts replaced: what it restricts, and how that is undone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, policy, signals
from accounts.enums import Mode
from accounts.models import Contact, User
from accounts.services import contact_changes, removed_contacts, restrictions
from accounts.tests.factories import make_client, make_contact, make_user
from accounts.tests.heard import heard

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def other(maria):
    return make_contact(maria, "other@example.net")


@pytest.fixture
def young(maria):
    return make_contact(maria, "thief@example.net", verified_at=timezone.now() - DAY)


@pytest.fixture
def former(maria):
    """An address that was removed a moment ago."""
    return remove(maria, make_contact(maria, "former@example.net"))


def remove(user, contact):
    return contact_changes.remove(user, contact.pk, client=make_client(), is_strong=False)


def replace_by(maria, young):
    """Do what a thief in a session does; gives the owner's address."""
    own = maria.contacts.get(signs_in=True)
    contact_changes.make_primary(maria, young.pk, client=make_client(), is_strong=False)
    return remove(maria, own)


def replace_all(maria):
    """Do the same with an address that was added a moment ago."""
    return replace_by(maria, make_contact(maria, "thief@example.net", verified_at=timezone.now()))


def undo_replacement(user):
    return removed_contacts.undo_replacement(user, client=make_client(), is_strong=False)


def test_replacing_all_restricts_the_account_and_is_told_once(maria, young):
    with heard(signals.contacts_replaced) as told, heard(signals.contact_removed) as removed:
        gone = replace_by(maria, young)

    stored = User.objects.get()
    assert stored.mode == Mode.RESTRICTED
    assert stored.restricted_until == gone.removed_at + policy.RESTRICTED_AFTER_REPLACEMENT
    assert removed_contacts.replaced_until(stored) == stored.restricted_until
    assert [each["user"] for each in told] == [maria]
    assert [each["is_quiet"] for each in removed] == [True]


def test_one_old_contact_is_enough_for_no_restriction(maria, young, other):
    replace_by(maria, young)

    assert User.objects.get().mode == Mode.NORMAL


def test_last_of_several_old_ones_restricts(maria, young, other):
    replace_by(maria, young)
    remove(maria, other)

    assert User.objects.get().mode == Mode.RESTRICTED


def test_removing_young_ones_restricts_nothing(maria, young):
    remove(maria, young)

    assert User.objects.get().mode == Mode.NORMAL


def test_replacement_that_waited_a_month_is_no_replacement(maria):
    waited = make_contact(maria, verified_at=timezone.now() - policy.CONTACTS_ALL_NEW)

    replace_by(maria, waited)

    assert User.objects.get().mode == Mode.NORMAL


@pytest.mark.parametrize(("hours", "mode"), [(23, Mode.NORMAL), (25, Mode.RESTRICTED)])
def test_account_made_today_may_replace_what_it_was_made_with(hours, mode):
    now = timezone.now()
    maria = make_user(email="maria@example.org", created_at=now - timedelta(hours=hours))

    replace_by(maria, make_contact(maria, verified_at=now))

    assert User.objects.get().mode == mode


def test_restricted_account_tells_its_other_reasons_apart(maria):
    restrictions.restrict(maria, timezone.now() + policy.RESTRICTED_AFTER_REPLACEMENT)

    assert removed_contacts.replaced_until(maria) is None


def test_undone_replacement_brings_all_back_and_ends_its_restriction(maria):
    own = replace_all(maria)

    restored = undo_replacement(maria)

    assert restored == [own]
    assert Contact.objects.on_file().filter(pk=own.pk).exists()
    assert (maria.mode, User.objects.get().mode) == (Mode.NORMAL, Mode.NORMAL)
    assert removed_contacts.replaced_until(User.objects.get()) is None


def test_thief_who_undoes_and_replaces_again_is_restricted_again(maria):
    own = replace_all(maria)
    undo_replacement(maria)

    remove(maria, own)

    assert User.objects.get().mode == Mode.RESTRICTED


def test_restriction_stays_where_the_password_was_set_since(maria):
    own = replace_all(maria)
    maria.password_changed_at = own.removed_at + timedelta(minutes=1)
    maria.save(update_fields=["password_changed_at"])

    undo_replacement(maria)

    assert Contact.objects.on_file().filter(pk=own.pk).exists()
    assert User.objects.get().mode == Mode.RESTRICTED


def test_longer_restriction_of_another_reason_is_not_ended(maria):
    replace_all(maria)
    restrictions.restrict(maria, timezone.now() + 60 * DAY)

    with pytest.raises(errors.NotOnFile):
        undo_replacement(maria)

    assert User.objects.get().mode == Mode.RESTRICTED


def test_nothing_is_undone_where_nothing_was_replaced(maria, former):
    with pytest.raises(errors.NotOnFile):
        undo_replacement(maria)

    assert not Contact.objects.on_file().filter(pk=former.pk).exists()


def test_address_that_was_removed_twice_comes_back_once(maria):
    make_contact(maria, "twice@example.net", removed_at=timezone.now() - DAY)
    twice = make_contact(maria, "twice@example.net")
    remove(maria, twice)
    replace_all(maria)

    undo_replacement(maria)

    present = maria.contacts.filter(match_key="twice@example.net", removed_at=None)
    assert list(present) == [twice]
