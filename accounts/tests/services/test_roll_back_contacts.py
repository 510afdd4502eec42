"""The addresses of an account in a roll-back: its name, and what counts for nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.enums import Mode
from accounts.models import Contact, User
from accounts.services import contact_changes, contacts, removed_contacts
from accounts.tests.factories import make_client, make_contact, make_user
from accounts.tests.heard import heard
from accounts.tests.rolling_back import change_everything, rows_of, since, take_back

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAME = "maria@example.org"


@pytest.fixture
def maria():
    return make_user(email=NAME)


@pytest.fixture
def own(maria):
    return maria.contacts.get()


@pytest.fixture
def at():
    """When somebody else may have come in."""
    return timezone.now() - HOUR


def named(typed):
    return queries.find_account(typed, timezone.now())


def fresh(contact):
    return Contact.objects.get(pk=contact.pk)


def young(user, value="thief@example.net", **fields):
    return make_contact(user, value, verified_at=timezone.now(), **fields)


def remove(user, contact):
    return contact_changes.remove(user, contact.pk, client=make_client(), is_strong=False)


def make_primary(user, contact):
    contact_changes.make_primary(user, contact.pk, client=make_client(), is_strong=False)


# What came since


def test_thief_who_took_the_name_of_the_account_loses_it(maria, at):
    own, thief = change_everything(maria)

    with heard(signals.contact_suspended) as out, heard(signals.contact_restored) as back:
        done = since(maria, at)

    own, thief = fresh(own), fresh(thief)
    assert (named(NAME), named(thief.value)) == (maria, None)
    assert (own.signs_in, own.removed_at, own.demoted_at) == (True, None, None)
    assert (own.is_in_doubt, own.counts_from) == (True, policy.NEVER)
    assert thief.suspended_at is not None
    assert (done.suspended_contacts, done.restored_contacts) == ([thief.pk], [own.pk])
    assert list(Contact.objects.may_object(timezone.now())) == [own]
    assert [each["contact"] for each in [*out, *back]] == [thief, own]
    assert all(each["is_quiet"] for each in [*out, *back])


def test_address_that_was_added_and_removed_since_is_told_nothing_more(maria, own, at):
    thief = remove(maria, young(maria))

    done = since(maria, at)

    assert done.suspended_contacts == [thief.pk]
    assert list(Contact.objects.may_object(timezone.now())) == [own]


def test_suspended_address_is_free_for_others_and_to_be_added_anew(maria, at):
    thief = young(maria)

    since(maria, at)

    make_contact(make_user(email=None), thief.value, signs_in=True)
    assert contacts.find(maria, thief.pk) is None
    anew = make_contact(maria, thief.value, verified_at=timezone.now())
    assert anew.pk != thief.pk


def test_address_that_stood_before_keeps_everything(maria, own, at):
    other = make_contact(maria, "other@example.net")
    before = rows_of(maria)

    since(maria, at)

    assert rows_of(maria)[:-1] == before[:-1]
    assert (fresh(own), fresh(other)) == (own, other)


# The name of the account


def test_older_address_that_was_made_the_name_since_keeps_it_and_the_former_names_too(
    maria, own, at
):
    other = make_contact(maria, "other@example.net")
    make_primary(maria, other)

    since(maria, at)

    assert (named(NAME), named(other.value)) == (maria, maria)
    assert (fresh(own).signs_in, fresh(other).signs_in) == (False, True)


def test_name_goes_back_over_several_changes(maria, own, at):
    other = make_contact(maria, "other@example.net")
    thief = young(maria)
    make_primary(maria, other)
    make_primary(maria, thief)

    with heard(signals.primary_changed) as told:
        since(maria, at)

    assert (named(NAME), named(other.value), named(thief.value)) == (maria, maria, None)
    assert fresh(own).signs_in
    assert [(each["contact"], each["is_quiet"]) for each in told] == [(own, True)]


def test_name_that_was_never_off_file_comes_before_one_that_comes_back(maria, own, at):
    other = make_contact(maria, "other@example.net")
    make_primary(maria, other)
    remove(maria, own)
    make_primary(maria, young(maria))

    since(maria, at)

    assert (named(NAME), named(other.value)) == (maria, maria)
    assert (fresh(own).signs_in, fresh(other).signs_in) == (False, True)


def test_name_that_another_account_took_meanwhile_is_not_taken_from_it(at):
    maria = make_user(email=NAME, external_id="m-4711")
    own = remove(maria, make_contact(maria, "spare@example.org") and maria.contacts.get(value=NAME))
    jonas = make_user(email=NAME)

    since(maria, at)

    assert named(NAME) == jonas
    assert (fresh(own).signs_in, fresh(own).removed_at) == (False, None)


def test_name_that_lost_its_rights_long_ago_comes_back_where_nothing_else_is_left(maria, own):
    at = timezone.now() - 40 * DAY
    gone_at = timezone.now() - 35 * DAY
    Contact.objects.filter(pk=own.pk).update(removed_at=gone_at)
    make_contact(maria, "thief@example.net", signs_in=True, verified_at=gone_at)

    since(maria, at)

    assert named(NAME) == maria
    assert fresh(own).is_in_doubt


def test_address_that_lost_its_rights_long_ago_stays_away(maria):
    at = timezone.now() - 40 * DAY
    gone = make_contact(maria, "former@example.net", removed_at=timezone.now() - 35 * DAY)

    done = since(maria, at)

    assert done.restored_contacts == []
    assert fresh(gone).removed_at is not None


def test_account_with_nothing_older_keeps_its_name(at):
    maria = make_user(email=None)
    first = young(maria, signs_in=True)
    second = young(maria, "second@example.net")

    done = since(maria, at)

    assert named(first.value) == maria
    assert done.suspended_contacts == [second.pk]


# What went since


def test_address_removed_since_is_told_again_and_counts_for_nothing(maria, own, at):
    gone = remove(maria, make_contact(maria, "other@example.net"))

    done = since(maria, at)

    back = fresh(gone)
    assert done.restored_contacts == [gone.pk]
    assert (back.removed_at, back.is_in_doubt, back.counts_from) == (None, True, policy.NEVER)
    assert (back.verified_at, back.signs_in) == (gone.verified_at, False)


def test_address_removed_before_stays_removed(maria, at):
    gone = make_contact(maria, "other@example.net", removed_at=at - HOUR)

    assert since(maria, at).restored_contacts == []
    assert fresh(gone).removed_at is not None


def test_of_an_address_removed_twice_one_row_comes_back(maria, own, at):
    make_contact(maria, "other@example.net", removed_at=timezone.now() - HOUR / 2)
    last = make_contact(maria, "other@example.net", removed_at=timezone.now())

    assert since(maria, at).restored_contacts == [last.pk]


def test_own_address_that_the_thief_added_anew_comes_back_as_it_was(maria, own, at):
    other = make_contact(maria, "other@example.net")
    remove(maria, other)
    anew = young(maria, "other@example.net")

    done = since(maria, at)

    assert (done.suspended_contacts, done.restored_contacts) == ([anew.pk], [other.pk])


def test_address_that_was_put_back_since_counts_for_nothing(maria, at):
    former = make_contact(maria, "former@example.net", removed_at=at - DAY)
    removed_contacts.restore(maria, former.pk, client=make_client(), is_strong=False)

    done = since(maria, at)

    assert done.doubted_contacts == [former.pk]
    assert (fresh(former).is_in_doubt, fresh(former).counts_from) == (True, policy.NEVER)


def test_marks_stay_whoever_made_them(maria, own, at):
    contact_changes.mark(maria, own.pk, "lost", client=make_client(), is_strong=False)

    since(maria, at)

    assert fresh(own).mark == "lost"


def test_restriction_of_replaced_contacts_ends_with_the_replacement(maria, own, at):
    Contact.objects.filter(pk=young(maria).pk).update(counts_from=timezone.now())
    make_primary(maria, maria.contacts.get(value="thief@example.net"))
    remove(maria, own)
    assert maria.mode == Mode.RESTRICTED
    before = rows_of(maria)

    done = since(maria, at)

    assert User.objects.get().mode == maria.mode == Mode.NORMAL
    take_back(maria, done)
    assert rows_of(maria) == before
    assert maria.mode == Mode.RESTRICTED


def test_restriction_of_a_recovery_stays(maria, at):
    User.objects.update(restricted_until=timezone.now() + DAY)
    maria.refresh_from_db()

    since(maria, at)

    assert User.objects.get().mode == Mode.RESTRICTED


def test_it_is_not_taken_back_where_another_account_has_the_name_by_now(maria, at):
    _own, thief = change_everything(maria)
    done = since(maria, at)
    make_user(email=thief.value)
    before = rows_of(maria)

    with pytest.raises(errors.NotRolledBack):
        take_back(maria, done)

    assert rows_of(maria) == before
    assert named(NAME) == maria
