"""Attack 23, for the admin: what was sent or proves something stands on none of its pages."""

from base64 import b64encode

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import (
    ContactUndo,
    Passkey,
    RecoveryCode,
    TotpDevice,
    TrustedBrowser,
    User,
    UserSession,
)
from accounts.normalise import email
from accounts.policy import SIGN_UP_CODE
from accounts.services import challenges, removed_contacts
from accounts.tests.factories import (
    make_client,
    make_code_device,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from activity.tests.factories import make_event
from outbox.admin.base import ReadOnlyAdmin
from outbox.models import Message
from recovery.tests.factories import make_ticket

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def browser():
    """A superuser's browser, who may see every page there is."""
    user = make_user(is_staff=True, is_superuser=True)
    app = make_totp(user)
    browser = Browser()
    browser.force_login(user)
    session = browser.session
    session["otp_device_id"] = app.persistent_id
    session["second_step_at"] = timezone.now().isoformat()
    session.save()
    return browser


@pytest.fixture
def secrets(browser) -> list[str]:
    """Make rows that hold secrets; give what no page may show."""
    ticket = make_ticket(user=make_user())
    make_event(make_user())
    printed = make_second_steps(make_user())
    challenge = challenges.issue(
        SIGN_UP_CODE, "sign_up:1", email("maria@example.org"), client=make_client()
    )
    code = Message.objects.latest("pk").secrets["code"]
    return [
        code,
        code.replace("-", ""),
        challenge.code_hmac,
        ticket.browser_hash,
        *printed,
        *RecoveryCode.objects.values_list("code_hmac", flat=True),
        *TrustedBrowser.objects.values_list("token_hash", flat=True),
        *ContactUndo.objects.values_list("token_hash", flat=True),
        *(form for passkey in Passkey.objects.all() for form in forms_of(passkey)),
        "name that its owner typed",
        *User.objects.values_list("password", flat=True),
        *(device.seed for device in TotpDevice.objects.all()),
        *UserSession.objects.values_list("session_key", flat=True),
    ]


def make_second_steps(user: User) -> list[str]:
    """Make one row of every kind; give the printed codes."""
    make_totp(user, name="name that its owner typed")
    make_passkey(user, name="name that its owner typed")
    make_code_device(user)
    make_trust(user)
    contact = user.contacts.get(kind="email")
    contact.removed_at = timezone.now()
    removed_contacts.new_undo_link(contact, timezone.now())
    return make_recovery_codes(user)[1]


def forms_of(passkey: Passkey) -> list[str]:
    """Give what a page might show of its id and key: digest, hexadecimal, base64, bytes."""
    found = [passkey.credential_id_sha256]
    for value in (bytes(passkey.credential_id), bytes(passkey.public_key)):
        found += [value.hex(), b64encode(value).decode(), value.decode()]
    return found


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_page_of_the_admin_shows_a_secret(browser, secrets, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    paths = [reverse(f"{name}_changelist")]
    paths += [reverse(f"{name}_change", args=[row.pk]) for row in model.objects.all()]

    pages = [browser.get(path).content.decode() for path in paths]

    assert [secret for secret in secrets for page in pages if secret in page] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_table_of_the_admin_is_read_only(model):
    assert isinstance(admin.site._registry[model], ReadOnlyAdmin)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("term", ["maria@example.org", "KTRW-4827", "not-a-key", "%"])
def test_every_search_of_the_admin_has_an_answer(browser, model, term):
    path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    assert browser.get(path, {"q": term}).status_code == 200


def test_second_steps_of_a_person_stand_on_their_page_with_dates_and_counts(browser):
    user = make_user()
    make_second_steps(user)

    page = browser.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()

    made = date_format(user.totpdevice_set.get().made_at, "j M Y")
    for kind in ("passkey", "authenticator app", "code by text message"):
        assert f"{kind}: made {made}, last used never" in page
    assert f"10 left, made {made}" in page


def test_no_page_of_the_admin_resets_or_removes_a_second_step(browser):
    user = make_user()
    make_second_steps(user)

    for model in MODELS:
        page = admin.site._registry[model]
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows = model.objects.all()[:1]
        posts = [reverse(f"{name}_delete", args=[row.pk]) for row in rows]
        posts += [reverse(f"{name}_change", args=[row.pk]) for row in rows]
        assert {browser.post(path, {"post": "yes"}).status_code for path in posts} <= {403}
        assert not [action for action in page.actions if "reset" in str(action)]

    assert TotpDevice.objects.filter(user=user, confirmed=True).exists()
    assert Passkey.objects.filter(user=user, confirmed=True).exists()


def test_package_of_passkeys_has_no_page_of_its_own():
    assert [
        model for model in MODELS if model._meta.app_label.startswith(("otp", "django_otp"))
    ] == []
