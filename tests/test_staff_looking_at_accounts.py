"""Who of the staff sees an account in the admin may not decide on it: every page is noted."""

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse

from accounts.admin.base import AccountAdmin
from accounts.models import User
from accounts.tests.factories import (
    make_code_device,
    make_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from activity.models import AccountView, AuditEntry, SecurityEvent
from activity.services import notices
from activity.tests.factories import make_event, make_incident
from recovery.tests.admin.browsers import browser_of

pytestmark = pytest.mark.django_db

# Tables that name no account; all others of these apps must be noted.
ABOUT_NOBODY = {"signup", "auditentry"}
WATCHED = [
    model
    for model in admin.site._registry
    if model._meta.app_label in ("accounts", "activity")
    and model._meta.model_name not in ABOUT_NOBODY
]


@pytest.fixture
def staff():
    return make_user(email=None, is_staff=True, is_superuser=True)


@pytest.fixture
def browser(staff):
    make_totp(staff)
    return browser_of(staff)


@pytest.fixture
def maria(staff):
    """An account with something in every table."""
    user = make_user(email="maria@example.org")
    make_totp(user)
    make_passkey(user)
    make_code_device(user)
    make_recovery_codes(user)
    make_trust(user, make_device(user))
    Browser().force_login(user)
    event = make_event(user)
    notices.announce(event)
    make_incident(user, event)
    return user


def seen_by(staff) -> set[User]:
    return {view.user for view in AccountView.objects.filter(staff=staff)} - {staff}


@pytest.mark.parametrize("model", WATCHED, ids=lambda model: model.__name__)
def test_every_table_about_accounts_is_watched(model):
    assert isinstance(admin.site.get_model_admin(model), AccountAdmin)


@pytest.mark.parametrize(
    "table",
    [
        "accounts_user",
        "accounts_contact",
        "accounts_usersession",
        "accounts_device",
        "accounts_totpdevice",
        "accounts_passkey",
        "accounts_codedevice",
        "accounts_recoverycodeset",
        "accounts_trustedbrowser",
        "activity_securityevent",
        "activity_notice",
        "activity_incident",
    ],
)
def test_every_account_on_a_list_counts_as_seen(browser, staff, maria, table):
    response = browser.get(reverse(f"admin:{table}_changelist"))

    assert response.status_code == 200
    assert seen_by(staff) == {maria}
    entry = AuditEntry.objects.get()
    assert entry.action == "accounts:list:viewed"
    assert str(maria.pk) in entry.details["users"]


@pytest.mark.parametrize("page", ["change", "history"])
def test_page_of_one_account_counts_as_seen(browser, staff, maria, page):
    response = browser.get(reverse(f"admin:accounts_user_{page}", args=[maria.pk]))

    assert response.status_code == 200
    assert seen_by(staff) == {maria}
    entries = AuditEntry.objects.values_list("actor", "action", "subject")
    assert list(entries) == [
        (f"user:{staff.pk}", "accounts:account:viewed", f"user:{maria.pk}"),
    ]


def test_event_of_an_account_counts_as_seen(browser, staff, maria):
    event = SecurityEvent.objects.filter(user=maria).first()

    browser.get(reverse("admin:activity_securityevent_change", args=[event.pk]))

    assert seen_by(staff) == {maria}


def test_accounts_that_a_search_leaves_out_are_not_seen(browser, staff, maria):
    other = make_user(email="other@example.org")

    browser.get(reverse("admin:accounts_contact_changelist"), {"q": "other@example.org"})

    assert seen_by(staff) == {other}


def test_event_of_an_unknown_account_is_nobodys(browser, staff):
    event = make_event(None)

    browser.get(reverse("admin:activity_securityevent_change", args=[event.pk]))

    assert (AccountView.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_who_is_refused_has_seen_nothing(maria):
    member = make_user(is_staff=True)
    make_totp(member)

    response = browser_of(member).get(reverse("admin:accounts_user_change", args=[maria.pk]))

    assert response.status_code == 403
    assert AccountView.objects.count() == 0
