"""What each role of the staff may look at, page by page."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.urls import reverse

from accounts.services import staff
from accounts.tests.factories import make_totp, make_user
from acsr_site.roles import ROLES
from recovery.tests.admin.browsers import browser_of

pytestmark = pytest.mark.django_db

CASES = {"recovery.recoveryticket"}
PROFILES = {
    "accounts.user",
    "accounts.contact",
    "accounts.usersession",
    "accounts.device",
    "accounts.totpdevice",
    "accounts.passkey",
    "accounts.codedevice",
    "accounts.recoverycodeset",
    "accounts.trustedbrowser",
}
SEES = {
    "viewer": CASES | {"outbox.message"},
    "reviewer": CASES,
    "approver": CASES,
    "security": CASES
    | PROFILES
    | {"activity.securityevent", "activity.incident", "outbox.message"},
    "auditor": {"activity.auditentry"},
}
DECIDES = {
    "viewer": set(),
    "reviewer": {"review", "open"},
    "approver": {"review", "approve", "open"},
    "security": {"review", "approve", "secure"},
    "auditor": set(),
}


def member_of(role: str):
    staff.sync_roles()
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def test_every_role_is_described_here():
    assert set(SEES) == set(DECIDES) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_role_sees_these_tables_and_no_other(role):
    request = RequestFactory().get("/")
    request.user = member_of(role)

    seen = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if page.has_view_permission(request)
    }

    assert seen == SEES[role]


@pytest.mark.parametrize("role", ROLES)
def test_role_decides_this_and_no_more(role):
    user = member_of(role)

    may = {
        right
        for right in ("review", "approve", "secure", "open")
        if user.has_perm(f"recovery.{right}_recoveryticket")
    }

    assert may == DECIDES[role]


@pytest.mark.parametrize("role", ["viewer", "reviewer", "approver", "auditor"])
def test_who_grades_answers_cannot_look_them_up_by_address(role):
    user, maria = member_of(role), make_user(email="maria@example.org")
    make_totp(user)
    browser = browser_of(user)

    answers = [
        browser.get(reverse("admin:accounts_user_change", args=[maria.pk])).status_code,
        browser.get(reverse("admin:accounts_contact_changelist")).status_code,
        browser.get(reverse("admin:activity_securityevent_changelist")).status_code,
        browser.get(reverse("admin:accounts_usersession_changelist")).status_code,
    ]

    assert answers == [403] * 4


@pytest.mark.parametrize("model", list(admin.site._registry), ids=lambda model: model.__name__)
def test_superuser_sees_every_table(model):
    request = RequestFactory().get("/")
    request.user = make_user(is_staff=True, is_superuser=True)

    assert admin.site.get_model_admin(model).has_view_permission(request)
