"""Attack 23, for the admin: what was sent or proves something stands on none of its pages."""

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import TotpDevice, User, UserSession
from accounts.normalise import email
from accounts.policy import SIGN_UP_CODE
from accounts.services import challenges
from accounts.tests.factories import make_client, make_totp, make_user
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
    challenge = challenges.issue(
        SIGN_UP_CODE, "sign_up:1", email("maria@example.org"), client=make_client()
    )
    code = Message.objects.latest("pk").secrets["code"]
    return [
        code,
        code.replace("-", ""),
        challenge.code_hmac,
        ticket.browser_hash,
        *User.objects.values_list("password", flat=True),
        *(device.seed for device in TotpDevice.objects.all()),
        *UserSession.objects.values_list("session_key", flat=True),
    ]


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
