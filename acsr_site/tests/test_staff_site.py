from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts import policy
from accounts.services import staff
from accounts.tests.factories import make_totp, make_user

pytestmark = pytest.mark.django_db

INDEX = "/admin/"
OLD = policy.STAFF_SECOND_STEP_LIVES + timedelta(seconds=1)


def sign_in(user, *, app=None, second_step_at="") -> Browser:
    """Give a browser in which ``user`` is signed in, with a second step of that time."""
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    if app:
        session["otp_device_id"] = app.persistent_id
        session["second_step_at"] = second_step_at or timezone.now().isoformat()
    session.save()
    return browser


@pytest.fixture
def superuser():
    return make_user(is_staff=True, is_superuser=True)


def test_staff_with_a_fresh_second_step_gets_in(superuser):
    browser = sign_in(superuser, app=make_totp(superuser))

    response = browser.get(INDEX)

    assert response.status_code == 200
    assert "Northlight staff" in response.content.decode()


def test_stranger_is_led_to_the_portals_own_sign_in():
    response = Browser().get("/admin/accounts/user/?q=x", follow=True)

    wanted = quote("/admin/accounts/user/?q=x", safe="/")
    assert response.redirect_chain[-1] == (f"{reverse('accounts:sign_in')}?next={wanted}", 302)


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/"])
def test_password_posted_to_the_admin_signs_nobody_in(superuser, path):
    browser = Browser()

    browser.post(path, {"username": str(superuser.pk), "password": "Copper-lantern-7-river"})

    assert "_auth_user_id" not in browser.session


def test_staff_without_a_second_step_is_asked_for_it(superuser):
    make_totp(superuser)
    browser = sign_in(superuser)

    response = browser.get(INDEX, follow=False)
    response = browser.get(response["Location"])

    assert response["Location"] == f"{reverse('accounts:verify')}?next=/admin/"


@pytest.mark.parametrize(
    "second_step_at",
    [(timezone.now() - OLD).isoformat(), "yesterday", "2026-01-01T00:00:00", "0"],
    ids=["old", "word", "naive", "number"],  # parallel runs must name the same tests
)
def test_staff_with_an_old_or_broken_second_step_is_asked_again(superuser, second_step_at):
    browser = sign_in(superuser, app=make_totp(superuser), second_step_at=second_step_at)

    response = browser.get("/admin/login/?next=/admin/accounts/user/")

    assert response["Location"] == f"{reverse('accounts:verify')}?next=/admin/accounts/user/"


def test_app_of_somebody_else_is_no_second_step(superuser):
    browser = sign_in(superuser, app=make_totp(make_user()))

    assert browser.get(INDEX).status_code == 302


def test_member_is_refused_and_not_sent_round(superuser):
    member = make_user()
    browser = sign_in(member, app=make_totp(member))

    response = browser.get(INDEX, follow=True)

    assert response.status_code == 403


def test_disabled_staff_is_out(superuser):
    browser = sign_in(superuser, app=make_totp(superuser))
    get_user_model().objects.filter(pk=superuser.pk).update(is_active=False)

    assert browser.get(INDEX).status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_way_back_never_leaves_the_site(superuser, target):
    browser = sign_in(superuser, app=make_totp(superuser))

    response = browser.get("/admin/login/", {"next": target})

    assert response["Location"] == INDEX


def test_sign_out_and_password_are_the_portals_own(superuser):
    browser = sign_in(superuser, app=make_totp(superuser))

    out = browser.post("/admin/logout/")
    password = browser.get("/admin/password_change/")

    assert (out.status_code, out["Location"]) == (307, reverse("accounts:sign_out"))
    assert password["Location"] == reverse("accounts:password")


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("viewer", {"recoveryticket", "message"}),
        ("reviewer", {"recoveryticket"}),
        ("approver", {"recoveryticket"}),
        (
            "security",
            {
                "recoveryticket",
                "securityevent",
                "incident",
                "message",
                "user",
                "contact",
                "usersession",
                "device",
                "totpdevice",
                "passkey",
                "codedevice",
                "recoverycodeset",
                "trustedbrowser",
            },
        ),
        ("auditor", {"auditentry"}),
    ],
)
def test_each_role_sees_its_own_tables(role, seen):
    password = staff.passwords.prepare(None, "Copper-lantern-7-river")
    user = staff.make_staff("lena@example.org", role, password=password).user
    browser = sign_in(user, app=user.totpdevice_set.get())

    response = browser.get(INDEX)

    tables = {
        model["object_name"].lower()
        for app in response.context["app_list"]
        for model in app["models"]
    }
    assert tables == seen


def test_stock_pages_keep_the_strict_policy(superuser):
    browser = sign_in(superuser, app=make_totp(superuser))

    for path in (INDEX, "/admin/accounts/user/", f"/admin/accounts/user/{superuser.pk}/change/"):
        response = browser.get(path)
        page = response.content.decode()
        assert "script-src 'self';" in f"{response['Content-Security-Policy']};"
        assert "<style" not in page
        assert 'style="' not in page
        assert "onclick=" not in page
