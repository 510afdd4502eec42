"""Changes of contacts in a session: primary, mark and removal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.enums import ContactKind, ContactMark
from accounts.models import CodeDevice, Contact, User
from accounts.services import contact_changes, restrictions, sessions
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_totp,
    make_user,
)
from accounts.tests.heard import heard
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db

HERE = "accounts.tests.services.test_contact_changes"
DAY = timedelta(days=1)


def disputed(user):
    return True


def make_primary(user, contact, *, is_strong=False):
    return contact_changes.make_primary(user, contact.pk, client=make_client(), is_strong=is_strong)


def mark(user, contact, value, *, is_strong=False):
    return contact_changes.mark(user, contact.pk, value, client=make_client(), is_strong=is_strong)


def remove(user, contact, *, is_strong=False):
    return contact_changes.remove(user, contact.pk, client=make_client(), is_strong=is_strong)


CHANGES = [
    make_primary,
    lambda user, contact, **strong: mark(user, contact, ContactMark.LOST, **strong),
    remove,
]


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def other(maria):
    return make_contact(maria, "other@example.net")


@pytest.mark.parametrize("change", CHANGES)
def test_change_ends_the_epoch_and_keeps_the_acting_account_up_to_date(maria, other, change):
    change(maria, other)

    assert (maria.epoch, User.objects.get().epoch) == (2, 2)
    assert not maria.was_overtaken


@pytest.mark.parametrize("change", CHANGES)
def test_session_that_another_change_ended_changes_nothing(maria, other, change):
    stale = User.objects.get()
    sessions.raise_epoch(maria)

    with pytest.raises(errors.AccountChanged):
        change(stale, other)

    assert Contact.objects.filter(pk=other.pk, signs_in=False, mark="", removed_at=None).exists()


@pytest.mark.parametrize("change", CHANGES)
def test_disputed_account_changes_only_by_two_strong_proofs(maria, other, change, settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.disputed"]

    with pytest.raises(errors.Forbidden):
        change(maria, other)
    change(maria, other, is_strong=True)


@pytest.mark.parametrize("change", CHANGES)
def test_restricted_account_changes_nothing_even_by_two_strong_proofs(maria, other, change):
    restrictions.restrict(maria, timezone.now() + DAY)

    with pytest.raises(errors.Forbidden):
        change(maria, other, is_strong=True)


@pytest.mark.parametrize("change", CHANGES)
def test_contacts_of_others_removed_and_suspended_ones_are_not_there(maria, other, change):
    now = timezone.now()
    foreign = make_contact(make_user())
    removed = make_contact(maria, removed_at=now)
    suspended = make_contact(maria, suspended_at=now)

    for contact in (foreign, removed, suspended):
        with pytest.raises(errors.NotOnFile):
            change(maria, contact)


def test_new_primary_names_the_account_and_the_former_still_does(maria, other):
    with heard(signals.primary_changed) as told:
        make_primary(maria, other)

    former = maria.contacts.get(match_key="maria@example.org")
    now = timezone.now()
    assert [each["contact"] for each in told] == [other]
    assert (former.signs_in, former.removed_at) == (False, None)
    assert now - former.demoted_at < timedelta(minutes=1)
    assert queries.find_account("other@example.net", now) == maria
    assert queries.find_account("maria@example.org", now) == maria


def test_primary_that_comes_back_is_no_former_one(maria, other):
    former = maria.contacts.get(signs_in=True)
    make_primary(maria, other)
    make_primary(maria, former)

    former.refresh_from_db()
    other.refresh_from_db()
    assert (former.signs_in, former.demoted_at) == (True, None)
    assert (other.signs_in, other.demoted_at is None) == (False, False)


def test_primary_of_one_kind_leaves_the_other_kind_alone(maria):
    phone = make_contact(maria, "+4915123456789")

    make_primary(maria, phone)

    assert maria.contacts.filter(signs_in=True).count() == 2


def test_present_primary_is_left_as_it_is(maria):
    with heard(signals.primary_changed) as told:
        make_primary(maria, maria.contacts.get())

    assert (told, User.objects.get().epoch) == ([], 1)


@pytest.mark.parametrize(
    "taken", [{"email": "other@example.net"}, {"external_id": "other@example.net"}]
)
def test_name_of_another_account_does_not_become_primary(maria, other, taken):
    make_user(**taken)

    with pytest.raises(errors.AddressTaken):
        make_primary(maria, other)

    assert maria.contacts.get(signs_in=True).value == "maria@example.org"


def test_unverified_address_does_not_become_primary(maria):
    contact = make_contact(maria)
    Contact.objects.filter(pk=contact.pk).update(verified_at=None, counts_from=None)

    with pytest.raises(errors.NotOnFile):
        make_primary(maria, contact)


@pytest.mark.django_db(transaction=True)
def test_two_new_primaries_at_once_leave_one():
    maria = make_user(email="maria@example.org")
    candidates = [make_contact(maria) for _ in range(4)]
    users = [User.objects.get() for _ in candidates]

    answers = run_at_once(4, lambda number: make_primary(users[number], candidates[number]))

    assert sum(isinstance(answer, Contact) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Contact, errors.AccountChanged}
    assert maria.contacts.filter(signs_in=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_make_one_address_primary_at_once_do_not_both_get_it():
    users = [make_user(), make_user()]
    shared = [make_contact(user, "shared@example.net") for user in users]

    answers = run_at_once(2, lambda number: make_primary(users[number], shared[number]))

    assert {type(answer) for answer in answers} == {Contact, errors.AddressTaken}
    for user in users:
        assert user.contacts.filter(signs_in=True).count() == 1


@pytest.mark.parametrize("value", ContactMark)
def test_mark_is_kept_with_its_time_and_can_be_taken_away(maria, other, value):
    with heard(signals.contact_marked) as told:
        marked = mark(maria, other, value)
        since = marked.marked_at
        mark(maria, other, None)

    other.refresh_from_db()
    assert timezone.now() - since < timedelta(minutes=1)
    assert (other.mark, other.marked_at, other.counts_from) == ("", None, other.verified_at)
    assert len(told) == 2


def test_same_mark_again_changes_nothing(maria, other):
    mark(maria, other, ContactMark.LOST)
    with heard(signals.contact_marked) as told:
        mark(maria, other, ContactMark.LOST)

    assert (told, maria.epoch) == ([], 2)


def test_other_mark_keeps_the_time_of_the_first(maria, other):
    Contact.objects.filter(pk=other.pk).update(mark="lost", marked_at=timezone.now() - 5 * DAY)

    marked = mark(maria, other, ContactMark.SHARED)

    assert (marked.mark, timezone.now() - marked.marked_at > 4 * DAY) == ("shared", True)


def test_mark_that_counted_gives_the_rights_back_only_after_a_week(maria, other):
    at = timezone.now() - policy.MARK_COUNTS_AFTER
    Contact.objects.filter(pk=other.pk).update(mark="shared", marked_at=at)

    unmarked = mark(maria, other, None)

    wait = unmarked.counts_from - timezone.now()
    assert policy.CONTACT_COUNTS_AFTER - timedelta(minutes=1) < wait <= policy.CONTACT_COUNTS_AFTER


def test_removed_contact_is_off_file_and_still_may_object(maria, other):
    with heard(signals.contact_removed) as told:
        remove(maria, other)

    rows = Contact.objects.filter(pk=other.pk)
    assert not rows.on_file().exists()
    assert rows.may_object(timezone.now()).exists()
    assert [(each["contact"], each["is_quiet"]) for each in told] == [(other, False)]


def test_removed_primary_keeps_naming_the_account(maria):
    make_contact(maria, "+4915123456789", signs_in=True)

    remove(maria, maria.contacts.get(kind=ContactKind.EMAIL))

    assert queries.find_account("maria@example.org", timezone.now()) == maria


def test_last_contact_stays(maria):
    maria.external_id = "m-4711"
    maria.save()

    with pytest.raises(errors.LastContact):
        remove(maria, maria.contacts.get())

    assert maria.contacts.filter(removed_at=None).count() == 1


def test_only_name_stays_until_another_is_made_primary(maria, other):
    primary = maria.contacts.get(signs_in=True)

    with pytest.raises(errors.LastContact):
        remove(maria, primary)

    make_primary(maria, other)
    remove(maria, primary)
    assert queries.account_name(maria) == "other@example.net"


def test_mail_address_is_not_needed_beside_a_user_name(maria, other):
    maria.external_id = "m-4711"
    maria.save()

    remove(maria, maria.contacts.get(signs_in=True))

    assert maria.contacts.get(removed_at=None) == other


def test_contact_that_cannot_be_opened_is_not_enough(maria, other):
    mark(maria, maria.contacts.get(signs_in=True), ContactMark.LOST)

    with pytest.raises(errors.LastContact):
        remove(maria, other)


def test_unverified_and_suspended_contacts_are_not_enough(maria):
    unverified = make_contact(maria)
    Contact.objects.filter(pk=unverified.pk).update(verified_at=None, counts_from=None)
    make_contact(maria, suspended_at=timezone.now())
    maria.external_id = "m-4711"
    maria.save()

    with pytest.raises(errors.LastContact):
        remove(maria, maria.contacts.get(signs_in=True))


def test_sent_codes_go_with_their_contact_and_the_acting_session_stays(maria):
    make_totp(maria)
    device = make_code_device(maria)

    remove(maria, device.contact)

    assert not CodeDevice.objects.in_use().filter(pk=device.pk).exists()
    assert maria.epoch == User.objects.get().epoch
    assert not maria.was_overtaken


@pytest.mark.django_db(transaction=True)
def test_parallel_removals_leave_an_address_and_a_name():
    maria = make_user(email="maria@example.org", phone="+4915123456789")
    all_contacts = list(maria.contacts.all())
    users = [User.objects.get() for _ in all_contacts]

    answers = run_at_once(2, lambda number: remove(users[number], all_contacts[number]))

    assert sum(isinstance(answer, Contact) for answer in answers) == 1
    assert maria.contacts.on_file().filter(signs_in=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_removal_beside_a_new_primary_leaves_a_name():
    maria = make_user(email="maria@example.org")
    other = make_contact(maria)
    users = [User.objects.get() for _ in range(2)]
    works = [
        lambda: make_primary(users[0], other),
        lambda: remove(users[1], other),
    ]

    run_at_once(2, lambda number: works[number]())

    assert maria.contacts.on_file().filter(signs_in=True).count() == 1
