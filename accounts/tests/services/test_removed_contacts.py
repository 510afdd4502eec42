"""Putting removed contacts back: in a session, by the mailed link, and all at once."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import errors, policy, queries, signals
from accounts.enums import Mode
from accounts.models import Contact, ContactUndo, User
from accounts.services import contact_changes, contacts, removed_contacts, restrictions
from accounts.tests.factories import make_client, make_contact, make_user
from accounts.tests.heard import heard
from accounts.tests.threads import run_at_once

pytestmark = pytest.mark.django_db

HERE = "accounts.tests.services.test_removed_contacts"
DAY = timedelta(days=1)


def disputed(user):
    return True


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def former(maria):
    """An address that was removed a moment ago."""
    contact = make_contact(maria, "former@example.net")
    return remove(maria, contact)


def remove(user, contact):
    return contact_changes.remove(user, contact.pk, client=make_client(), is_strong=False)


def restore(user, contact, *, is_strong=False):
    return removed_contacts.restore(user, contact.pk, client=make_client(), is_strong=is_strong)


def link_of(contact):
    return removed_contacts.new_undo_link(contact, timezone.now())


def press(token):
    return removed_contacts.use_undo(removed_contacts.find_undo(token), client=make_client())


def replace_all(maria):
    """Do what a thief in a session does; gives the owner's address."""
    thief = make_contact(maria, "thief@example.net", verified_at=timezone.now())
    own = maria.contacts.get(signs_in=True)
    contact_changes.make_primary(maria, thief.pk, client=make_client(), is_strong=False)
    return remove(maria, own)


def test_restored_contact_is_on_file_and_counts_after_a_week(maria, former):
    verified_at = former.verified_at

    with heard(signals.contact_restored) as told:
        restore(maria, former)

    former.refresh_from_db()
    wait = former.counts_from - timezone.now()
    assert Contact.objects.on_file().filter(pk=former.pk).exists()
    assert former.verified_at == verified_at
    assert policy.CONTACT_COUNTS_AFTER - timedelta(minutes=1) < wait <= policy.CONTACT_COUNTS_AFTER
    assert [each["contact"] for each in told] == [former]
    assert maria.epoch == User.objects.get().epoch == 3


def test_restored_primary_is_primary_where_no_other_is(maria):
    make_contact(maria, "+4915123456789", signs_in=True)
    gone = remove(maria, maria.contacts.get(value="maria@example.org"))

    restore(maria, gone)

    assert Contact.objects.get(pk=gone.pk).signs_in


def test_restored_primary_gives_way_and_still_names_the_account(maria):
    make_contact(maria, "+4915123456789", signs_in=True)
    gone = remove(maria, maria.contacts.get(value="maria@example.org"))
    make_contact(maria, "new@example.net", signs_in=True)

    restore(maria, gone)

    gone.refresh_from_db()
    assert not gone.signs_in
    assert queries.find_account("maria@example.org", timezone.now()) == maria


def test_restored_primary_is_none_where_another_account_has_it_by_now(maria):
    make_contact(maria, "+4915123456789", signs_in=True)
    gone = remove(maria, maria.contacts.get(value="maria@example.org"))
    other = make_user(email="maria@example.org")

    restore(maria, gone)

    assert not Contact.objects.get(pk=gone.pk).signs_in
    assert queries.find_account("maria@example.org", timezone.now()) == other


def test_address_that_was_added_again_is_not_restored_beside_itself(maria, former):
    again = make_contact(maria, "former@example.net")

    with pytest.raises(errors.OnFileAlready):
        restore(maria, former)

    assert list(maria.contacts.filter(match_key=again.match_key, removed_at=None)) == [again]
    assert former not in removed_contacts.listed(maria, timezone.now())


def test_only_own_lately_removed_and_unsuspected_contacts_come_back(maria):
    now = timezone.now()
    late = make_contact(maria, removed_at=now - policy.REMOVED_CONTACT_KEEPS_RIGHTS)
    doubtful = make_contact(maria, removed_at=now, suspended_at=now)
    foreign = make_contact(make_user(), removed_at=now)
    present = maria.contacts.get(signs_in=True)

    for contact in (late, doubtful, foreign, present):
        with pytest.raises(errors.NotOnFile):
            restore(maria, contact)


def test_disputed_account_restores_in_a_session_only_by_two_strong_proofs(maria, former, settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.disputed"]

    with pytest.raises(errors.Forbidden):
        restore(maria, former)
    restore(maria, former, is_strong=True)


def test_link_restores_once_and_keeps_only_its_hash(maria, former):
    token = link_of(former)

    contact = press(token)

    stored = ContactUndo.objects.get()
    assert contact == former
    assert token not in str(vars(stored))
    assert stored.used_at is not None
    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(token)


@pytest.mark.parametrize("token", ["", "guessed", "0" * 64, "\u0430" * 43, "x" * 10_000])
def test_guessed_link_is_dead(former, token):
    link_of(former)

    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(token)


def test_hash_in_the_table_is_no_token(former):
    link_of(former)

    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(ContactUndo.objects.get().token_hash)


@pytest.mark.parametrize(("days", "is_live"), [(29, True), (31, False)])
def test_link_lives_as_long_as_the_right_to_object(former, days, is_live):
    token = link_of(former)

    with time_machine.travel(former.removed_at + days * DAY, tick=False):
        if is_live:
            press(token)
        else:
            with pytest.raises(errors.DeadLink):
                removed_contacts.find_undo(token)


def test_link_made_late_ends_with_the_right_all_the_same(former):
    removed_contacts.new_undo_link(former, former.removed_at + 20 * DAY)

    until = former.removed_at + policy.REMOVED_CONTACT_KEEPS_RIGHTS
    assert ContactUndo.objects.get().expires_at == until


def test_link_of_a_suspended_contact_is_dead(former):
    token = link_of(former)
    contacts.suspend(former, client=make_client())

    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(token)


def test_link_of_a_disabled_account_is_dead(former):
    token = link_of(former)
    User.objects.update(is_active=False)

    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(token)


def test_links_of_an_earlier_removal_are_dead_after_the_next(maria, former):
    used, unused = link_of(former), link_of(former)
    press(used)
    maria.refresh_from_db()
    remove(maria, former)

    for token in (used, unused):
        with pytest.raises(errors.DeadLink):
            removed_contacts.find_undo(token)
    assert press(link_of(former)) == former


def test_link_that_was_made_while_the_contact_was_on_file_is_dead(maria):
    contact = make_contact(maria)
    token = link_of(contact)

    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(token)
    remove(maria, contact)
    with pytest.raises(errors.DeadLink):
        removed_contacts.find_undo(token)


def test_link_changes_nothing_where_the_address_was_added_again(maria, former):
    token = link_of(former)
    make_contact(maria, "former@example.net")

    with pytest.raises(errors.OnFileAlready):
        press(token)

    assert maria.contacts.filter(match_key="former@example.net", removed_at=None).count() == 1
    assert ContactUndo.objects.get().used_at is None


def test_link_waits_while_the_account_is_paused(maria, former):
    token = link_of(former)
    restrictions.freeze(maria, "report", make_client())

    with pytest.raises(errors.Forbidden):
        press(token)

    restrictions.unfreeze(maria, "recovery", make_client())
    assert press(token) == former


def test_standing_claim_does_not_hold_up_the_link(former, settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.disputed"]

    assert press(link_of(former)) == former


@pytest.mark.django_db(transaction=True)
def test_link_pressed_in_parallel_acts_once():
    maria = make_user()
    former = remove(maria, make_contact(maria))
    link = removed_contacts.find_undo(link_of(former))

    answers = run_at_once(4, lambda _: removed_contacts.use_undo(link, client=make_client()))

    assert sum(isinstance(answer, Contact) for answer in answers) == 1
    assert {type(answer) for answer in answers} == {Contact, errors.DeadLink}


def test_owner_gets_an_address_back_that_a_thief_replaced(maria):
    own = replace_all(maria)

    press(link_of(own))

    own.refresh_from_db()
    assert Contact.objects.on_file().filter(pk=own.pk).exists()
    assert own.counts_from > timezone.now() + 6 * DAY
    assert queries.find_account("maria@example.org", timezone.now()) == maria
    assert User.objects.get().mode == Mode.RESTRICTED, "no link ends a restriction"


def test_ex_partner_gains_no_proof_by_the_link_and_can_be_removed_again(maria):
    shared = make_contact(maria, "ex@example.net")
    press(link_of(remove(maria, shared)))
    maria.refresh_from_db()

    shared.refresh_from_db()
    assert shared.counts_from > timezone.now() + 6 * DAY
    assert not shared.signs_in
    remove(maria, shared)
    assert not Contact.objects.on_file().filter(pk=shared.pk).exists()
