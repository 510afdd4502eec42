from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    Challenge,
    Device,
    Passkey,
    RecoveryCode,
    SignUp,
    TotpDevice,
    TrustedBrowser,
    User,
    UserSession,
)
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from outbox.admin.base import ReadOnlyAdmin

pytestmark = pytest.mark.django_db

SECRETS = {
    "device token": "d" * 64,
    "code digest": "abcd1234$" + "c" * 64,
    "sign-up hash": "argon2$argon2id$sign-up",
    "browser": "b" * 64,
    "session": "5e" * 32,
}
SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
OURS = [model for model in admin.site._registry if model._meta.app_label == "accounts"]


@pytest.fixture
def person():
    """An account with one row in every table, each holding its secret."""
    user = make_user(email="maria@example.org", external_id="m-1", birth_date="1990-12-31")
    make_contact(user, "m@example.net")
    make_totp(user)
    make_passkey(user)
    make_code_device(user)
    make_recovery_codes(user)
    make_trust(user)
    now = timezone.now()
    Device.objects.create(user=user, token_hash=SECRETS["device token"])
    Challenge.objects.create(
        purpose="recovery.code",
        subject="ticket:1",
        user=user,
        address="maria@example.org",
        limit_key="maria@example.org",
        code_hmac=SECRETS["code digest"],
        expires_at=now,
    )
    SignUp.objects.create(
        address="new@example.org",
        match_key="new@example.org",
        encoded_password=SECRETS["sign-up hash"],
        browser_hash=SECRETS["browser"],
    )
    UserSession.objects.create(
        session_key=SECRETS["session"],
        session_data="data-of-the-session",
        expire_date=now + timedelta(hours=1),
        user=user,
    )
    return user


@pytest.fixture
def browser():
    """A superuser's browser."""
    user = make_user(is_staff=True, is_superuser=True)
    app = make_totp(user)
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session["otp_device_id"] = app.persistent_id
    session["second_step_at"] = timezone.now().isoformat()
    session.save()
    return browser


def pages_of(model) -> list[str]:
    base = f"admin:accounts_{model._meta.model_name}"
    details = [reverse(f"{base}_change", args=[row.pk]) for row in model.objects.all()]
    histories = [reverse(f"{base}_history", args=[row.pk]) for row in model.objects.all()]
    return [reverse(f"{base}_changelist"), *details, *histories]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_page_shows_a_secret(browser, person, model):
    hidden = [
        *SECRETS.values(),
        *User.objects.values_list("password", flat=True),
        *(device.seed for device in TotpDevice.objects.all()),
        *UserSession.objects.values_list("session_key", flat=True),
        *RecoveryCode.objects.values_list("code_hmac", flat=True),
        *TrustedBrowser.objects.values_list("token_hash", flat=True),
        *Passkey.objects.values_list("credential_id_sha256", flat=True),
        "data-of-the-session",
        "1990-12-31",
        "Dec. 31, 1990",
    ]
    assert model.objects.exists()

    pages = [browser.get(path) for path in pages_of(model)]

    shown = [secret for secret in hidden for page in pages if secret in page.content.decode()]
    assert shown == []
    assert pages[0].status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_nothing_can_be_added_changed_or_deleted(browser, person, model):
    base = f"admin:accounts_{model._meta.model_name}"
    row = model.objects.first()
    before = list(model.objects.order_by("pk").values())

    answers = [
        browser.post(reverse(f"{base}_add"), {}).status_code,
        browser.post(reverse(f"{base}_change", args=[row.pk]), {"is_superuser": "on"}).status_code,
        browser.post(reverse(f"{base}_delete", args=[row.pk]), {"post": "yes"}).status_code,
    ]
    browser.post(
        reverse(f"{base}_changelist"), {"action": "delete_selected", "_selected_action": [row.pk]}
    )

    assert answers == [403, 403, 403]
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("table", "query"),
    [
        ("user", "password__startswith=argon2"),
        ("user", "birth_date=1990-12-31"),
        ("user", "totpdevice__seed__isnull=False"),
        ("user", "former_passwords__encoded__startswith=argon2"),
        ("challenge", "code_hmac__startswith=abcd"),
        ("device", "token_hash__startswith=d"),
        ("contact", "user__password__startswith=argon2"),
        ("totpdevice", "seed__isnull=False"),
        ("passkey", "public_key__isnull=False"),
        ("passkey", "credential_id_sha256__startswith=a"),
        ("recoverycodeset", "codes__code_hmac__startswith=a"),
        ("trustedbrowser", "token_hash__startswith=a"),
    ],
)
def test_hidden_column_cannot_be_read_out_by_a_filter(browser, person, table, query):
    response = browser.get(f"/admin/accounts/{table}/?{query}")

    assert response.status_code == 400


@pytest.mark.parametrize("term", ["maria@example.org", "MARIA@Example.org", "m@example.net", "M-1"])
def test_account_is_found_by_a_whole_address_or_external_id(browser, person, term):
    response = browser.get("/admin/accounts/user/", {"q": term})

    assert list(response.context["cl"].queryset) == [person]


@pytest.mark.parametrize("term", ["maria", "example.org", "m-", "%", "x" * 300])
def test_account_is_not_found_by_a_part(browser, person, term):
    response = browser.get("/admin/accounts/user/", {"q": term})

    assert list(response.context["cl"].queryset) == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("term", ["nobody@example.org", "%", "not-a-uuid", "\x00"])
def test_any_search_has_an_answer(browser, person, model, term):
    path = reverse(f"admin:accounts_{model._meta.model_name}_changelist")

    assert browser.get(path, {"q": term}).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_table_is_read_only_by_its_base(model):
    assert isinstance(admin.site._registry[model], ReadOnlyAdmin)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_list_stays_within_twelve_statements(browser, person, model):
    make_totp(make_user())
    path = reverse(f"admin:accounts_{model._meta.model_name}_changelist")
    browser.get(path)  # the first entry of the audit chain makes its head

    with CaptureQueriesContext(connection) as captured:
        browser.get(path)

    asked = [row["sql"] for row in captured if not row["sql"].startswith(SAVEPOINTS)]
    assert len(asked) <= 12
