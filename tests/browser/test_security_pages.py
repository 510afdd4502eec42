"""The pages of a signed-in person's account, in every state: no axe violation, no overflow."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import policy
from accounts.models import Challenge, Contact, Device, RecoveryCodeSet, User
from accounts.services.removed_contacts import new_undo_link
from accounts.tests.factories import (
    LONG_AGO,
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from tests.browser.steps import MARIA, confirm, sign_in
from tests.browser.tour import Tour
from tests.factories import WRONG_CODE, code_of

OLD = "maria.old@example.net"
LONG = "a.rather.long.name.of.a.mailbox.that.has.no.gap@mail.department.example.org"
NUMBER = "+491512345678"
CONTACTS = "/security/contacts/"
TWO_STEP = "/security/two-step/"
CONFIRM = "/security/confirm/?next=/security/contacts/"
CODE = "accounts.contact_code"


@pytest.fixture
def maria() -> User:
    return make_user(email=MARIA, first_name="Maria", phone=NUMBER)


@pytest.fixture
def old(maria) -> Contact:
    return make_contact(maria, OLD)


@pytest.fixture
def inside(tour: Tour, maria) -> Tour:
    """A tour of who has signed in, by password, and confirmed."""
    sign_in(tour.page)
    tour.page.goto(f"{CONTACTS}add/")
    confirm(tour.page)
    return tour


def know_browser(user: User) -> None:
    Device.objects.filter(user=user).update(first_seen_at=timezone.now() - LONG_AGO / 2)


def change(user: User, **fields: Any) -> None:
    """Let something happen to the account."""
    User.objects.filter(pk=user.pk).update(**fields)


def furnish(user: User) -> None:
    """Give an account of everything one, new and old."""
    now = timezone.now()
    make_totp(user, name="A phone with a name that is as long as sixty-four letters")
    make_passkey(user, made_at=now - timedelta(days=1))
    make_code_device(user)
    make_recovery_codes(user, codes=2)
    make_trust(user)
    lost = make_contact(user, OLD, mark="lost", marked_at=now)
    make_contact(user, mark="shared", marked_at=now)
    make_code_device(user, lost)
    new = make_contact(user, LONG, verified_at=now, counts_from=now + timedelta(days=7))
    make_code_device(user, new, name="Mail", made_at=now)
    Contact.objects.filter(pk=make_contact(user).pk).update(verified_at=None, counts_from=None)


def test_home_and_outlook_of_an_account_that_has_nothing(inside):
    inside.visit("/security/", "/security/recoverability/")

    assert inside.faults == []


def test_home_and_outlook_of_an_account_that_has_everything(inside, maria):
    furnish(maria)
    inside.visit("/security/", "/security/recoverability/", CONTACTS)
    know_browser(maria)
    inside.visit("/security/", CONTACTS)

    assert inside.faults == []


def test_home_and_contacts_of_an_account_that_is_claimed_or_restricted(inside, maria, old):
    change(maria, contested_at=timezone.now())
    inside.visit("/security/", CONTACTS)
    change(maria, contested_at=None, restricted_until=timezone.now() + timedelta(days=2))
    inside.visit("/security/", CONTACTS)

    assert inside.faults == []


def test_confirming_in_all_its_ways(inside, maria, settings):
    inside.visit(CONFIRM)
    inside.send("Go on", password="wrong")
    inside.look("Is it still you?")
    make_totp(maria)
    make_code_device(maria, make_contact(maria, LONG))
    make_code_device(maria, maria.contacts.get(kind="phone"))
    inside.visit(CONFIRM)
    make_recovery_codes(maria)
    inside.visit(CONFIRM)
    inside.send("Send a code to")
    inside.look("Is it still you?")
    inside.send("Go on", password="wrong", token=WRONG_CODE)
    inside.look("Is it still you?")
    make_passkey(maria)
    inside.visit(CONFIRM)
    inside.page.get_by_text("I can't use my passkey here").click()
    inside.send("Go on", password="wrong", token=WRONG_CODE)
    inside.look("Is it still you?")
    RecoveryCodeSet.objects.all().delete()
    inside.page.goto(CONFIRM)
    inside.page.get_by_text("I can't use my passkey here").click()
    inside.look("Is it still you?")
    settings.PASSKEY_ORIGIN, settings.PASSKEY_HOST = "https://a.example.org", "a.example.org"
    inside.visit(CONFIRM)

    assert inside.faults == []


def test_confirming_where_there_is_nothing_to_confirm_with(inside, maria):
    change(maria, password=make_password(None))
    inside.visit(CONFIRM)
    assert "neither a password nor a second step" in inside.page.locator("main").inner_text()

    assert inside.faults == []


def test_adding_an_address_or_phone(inside, maria):
    know_browser(maria)  # others are not told what is on file
    inside.visit(f"{CONTACTS}add/")
    for wrong in ("", "nonsense", MARIA):
        inside.send("Send a code there", contact=wrong)
        inside.look("Add an address")
    inside.send("Send a code there", contact=LONG)
    inside.look("Enter the code")
    inside.send("Add it to my account", code=WRONG_CODE)
    inside.look("Enter the code")
    inside.page.goto(f"{CONTACTS}add/")
    inside.send("Send a code there", contact="+491511111111")
    inside.look("Enter the code")
    Challenge.objects.update(attempts=policy.CONTACT_CODE.attempts)
    inside.send("Add it to my account", code=WRONG_CODE)
    inside.look("Add an address")
    inside.send("Send a code there", contact="new@example.net")
    inside.send("Add it to my account", code=code_of("new@example.net", CODE))
    inside.look("How we reach you")

    assert inside.faults == []


def test_changing_an_address(inside, maria, old):
    make_code_device(maria, old)
    one = f"{CONTACTS}{old.pk}/"
    inside.visit(f"{one}primary/", f"{one}mark/", f"{one}remove/")
    inside.send("Remove it")
    inside.look("How we reach you")
    inside.visit(f"{one}restore/")
    inside.send("Put it back")
    inside.look("How we reach you")

    assert inside.faults == []


def test_the_last_address_has_to_stay(inside, maria):
    maria.contacts.filter(kind="phone").update(removed_at=timezone.now())
    (last,) = maria.contacts.filter(removed_at=None)
    inside.visit(CONTACTS, f"{CONTACTS}{last.pk}/remove/")
    inside.send("Remove it")
    inside.look("Remove this address?")

    assert inside.faults == []


def test_all_addresses_were_replaced(inside, maria, old):
    now = timezone.now()
    maria.contacts.exclude(pk=old.pk).update(removed_at=now)
    change(maria, restricted_until=now + policy.RESTRICTED_AFTER_REPLACEMENT)
    inside.visit(CONTACTS, "/security/", f"{CONTACTS}restore/")
    inside.send("It was me, put the old ones back")
    inside.look("How we reach you")

    assert inside.faults == []


def test_an_address_that_a_report_put_back(inside, maria, old):
    Contact.objects.filter(pk=old.pk).update(is_in_doubt=True, counts_from=policy.NEVER)
    inside.visit(CONTACTS, f"{CONTACTS}{old.pk}/confirm/")
    make_passkey(maria)
    inside.visit(f"{CONTACTS}{old.pk}/confirm/")

    assert inside.faults == []


def test_the_link_that_puts_an_address_back(tour, maria, old):
    now = timezone.now()
    Contact.objects.filter(pk=old.pk).update(removed_at=now)
    old.refresh_from_db()
    link, second = (f"{CONTACTS}undo/{new_undo_link(old, now)}/" for _ in range(2))
    tour.visit(link, f"{CONTACTS}undo/a-guess/")
    change(maria, frozen_at=now, frozen_cause="owner")
    tour.page.goto(link)
    tour.send("Put it back")
    tour.look("Not possible just now")
    change(maria, frozen_at=None, frozen_cause="")
    again = make_contact(maria, OLD)
    tour.page.goto(link)
    tour.send("Put it back")
    tour.look("It is on the account already")
    again.delete()
    tour.page.goto(link)
    tour.send("Put it back")
    tour.look("It is on the account again")
    tour.page.goto(second)
    tour.look("not in use any more")

    assert tour.faults == []


def test_each_second_step(inside, maria, old):
    steps = {
        "passkey": make_passkey(maria),
        "totp": make_totp(maria),
        "email": make_code_device(maria, old, name="Mail"),
        "sms": make_code_device(maria, maria.contacts.get(kind="phone")),
    }
    make_recovery_codes(maria, codes=1)
    pages = {kind: f"{TWO_STEP}{kind}/{row.pk}/" for kind, row in steps.items()}
    # A code of the app and a message are in test_two_step.
    inside.visit(pages["passkey"], pages["email"], f"{TWO_STEP}codes/")
    inside.visit(*(f"{pages[kind]}remove/" for kind in ("passkey", "email", "sms")))
    inside.page.goto(pages["totp"])
    inside.send("Save the name", name="")
    inside.look("app")
    inside.page.goto(pages["totp"])
    inside.send("Try this code", token=WRONG_CODE[:6])
    inside.look("app")
    inside.page.goto(pages["email"])
    inside.send("Send me a code")
    inside.look("Mail")
    inside.page.goto(pages["totp"])
    inside.send("No, I don't have it any more")
    inside.look()

    assert inside.faults == []
