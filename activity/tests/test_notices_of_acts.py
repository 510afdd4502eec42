"""One act of a person is one message to each of their contacts, through the real services."""

import pytest
from django.utils import timezone

from accounts.models import Contact, TotpDevice, User
from accounts.services import authenticators, contact_changes, recovery_codes, totp
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from activity.enums import EventKind
from activity.models import Notice, SecurityEvent
from activity.services import notices
from outbox.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


def told() -> list[str]:
    """Give the kinds that a contact is written about, after the worker has been by."""
    notices.send_due()
    return list(Notice.objects.order_by("event__at").values_list("event__kind", flat=True))


def test_first_second_step_is_one_message_that_says_it_is_on(maria):
    make_recovery_codes(maria)
    device, _, _ = totp.begin(maria)
    device.refresh_from_db()

    totp.confirm(maria, totp.current_code(device), "Pixel 9", client=make_client())

    assert told() == [EventKind.TWO_STEP_ON]
    assert Message.objects.get().context["what"].startswith("An authenticator app was added")
    # A thief in a session would write to the owner's addresses through us.
    assert "Pixel" not in str(Message.objects.get().context)
    assert "Pixel" not in str(SecurityEvent.objects.values_list("details", flat=True))


def test_turning_it_off_is_one_message_however_much_goes(maria):
    make_totp(maria)
    make_passkey(maria)
    make_code_device(maria, maria.contacts.get())

    authenticators.turn_off(maria, client=make_client())

    assert told() == [EventKind.TWO_STEP_OFF]
    kinds = SecurityEvent.objects.filter(kind=EventKind.AUTHENTICATOR_REMOVED)
    assert kinds.count() == 3


def test_removing_one_of_several_is_one_message(maria):
    app = make_totp(maria)
    make_passkey(maria)

    authenticators.remove(authenticators.find(maria, app.kind, app.pk), client=make_client())

    assert told() == [EventKind.AUTHENTICATOR_REMOVED]


def test_what_a_recovery_takes_away_is_told_by_the_recovery(maria):
    make_totp(maria)
    make_recovery_codes(maria)

    authenticators.remove_all(maria, client=make_client())

    assert told() == []
    assert not TotpDevice.objects.in_use().filter(user=maria).exists()


def test_new_codes_in_the_place_of_old_ones_are_one_message(maria):
    former, _ = make_recovery_codes(maria)

    recovery_codes.make(maria, replaces=former.pk, client=make_client())

    assert told() == [EventKind.RECOVERY_CODES_MADE]


def test_use_of_a_printed_code_is_told_each_time(maria):
    _, codes = make_recovery_codes(maria, codes=4)

    for code in codes[:2]:
        recovery_codes.accept(maria, code, client=make_client(), now=timezone.now())

    assert told() == [EventKind.RECOVERY_CODE_USED] * 2
    assert [event.details["left"] for event in SecurityEvent.objects.order_by("at")] == [3, 2]


def test_removed_address_is_told_with_its_way_back_and_the_others_without(maria):
    other = make_contact(maria, "other@example.org")

    contact_changes.remove(
        User.objects.get(pk=maria.pk), other.pk, client=make_client(), is_strong=False
    )

    assert told() == [EventKind.CONTACT_REMOVED]
    links = {row.address: list(row.secrets) for row in Message.objects.all()}
    assert links == {"maria@example.org": ["report"], "other@example.org": ["link", "report"]}


def test_address_that_is_put_in_the_place_of_all_others_is_one_message(maria):
    old = Contact.objects.get()
    make_contact(maria, "new@example.org", verified_at=timezone.now())
    Contact.objects.filter(pk=old.pk).update(signs_in=False)
    Contact.objects.exclude(pk=old.pk).update(signs_in=True)

    contact_changes.remove(
        User.objects.get(pk=maria.pk), old.pk, client=make_client(), is_strong=False
    )

    assert told() == [EventKind.CONTACTS_REPLACED]
    assert Message.objects.get(address="maria@example.org").secrets["link"]
    newcomer = Message.objects.get(address="new@example.org")
    assert (list(newcomer.secrets), newcomer.context["is_full"]) == (["report"], False)
