"""Attack 33 and relatives, through the pages: who gets into the admin, and that nobody writes.

The rule itself (old, foreign and broken second steps) is tested in acsr_site.
"""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services import totp
from accounts.tests.factories import PASSWORD, make_totp, make_user
from activity.models import AuditEntry, SecurityEvent
from activity.services import audit
from outbox.models import Message
from recovery.models import RecoveryTicket
from tests.factories import make_browser, make_staff, recover, sign_in, start, type_code

pytestmark = pytest.mark.django_db
BOSS = "boss@example.org"
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
HOURS = 12


def label(model) -> str:
    return str(model._meta.label)


@pytest.fixture
def boss():
    """A superuser: who may do everything that the admin offers."""
    return make_user(email=BOSS, is_staff=True, is_superuser=True)


@pytest.fixture
def browser(boss):
    """The browser of the superuser, signed in with password and app."""
    browser = make_browser()
    app = make_totp(boss)
    sign_in(browser, BOSS)
    browser.post("/sign-in/verify/", {"token": totp.current_code(app)})
    assert browser.get("/admin/").status_code == 200
    return browser


@pytest.fixture
def rows():
    """Give a row of every table that can have one."""
    visitor = make_browser("198.51.100.7")
    make_user(email="maria@example.org")
    start(visitor, "maria@example.org", "me@example.net")
    type_code(visitor, "me@example.net")
    audit.append(actor="system", action="test")


def shown(model):
    """Give the rows that the admin shows; of sessions those of signed-in people alone."""
    return admin.site._registry[model].get_queryset(RequestFactory().get("/admin/"))


def url(model, page: str, *args: object) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(str(value)) for value in args])


def test_33_a_password_alone_opens_nothing_of_the_admin(boss):
    make_totp(boss)
    browser = make_browser()
    sign_in(browser, BOSS)

    answers = {browser.get(url(model, "changelist"))["Location"] for model in MODELS}

    assert {answer.partition("?")[0] for answer in answers} == {"/admin/login/"}
    assert browser.get("/admin/login/")["Location"].startswith("/sign-in/")


def test_33_staff_without_an_app_do_not_even_sign_in(boss):
    browser = make_browser()

    answer = sign_in(browser, BOSS)

    assert answer.status_code == 200
    assert browser.get("/security/").status_code == 302


def test_33_a_recovered_password_is_no_second_step(boss):
    app = make_totp(boss)
    thief = make_browser("198.51.100.7")

    recover(thief, BOSS)

    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)
    assert RecoveryTicket.objects.get().completed_at is None
    assert app.user == boss


def test_33_an_old_second_step_lets_no_post_through(browser, rows):
    event = SecurityEvent.objects.first()
    session = browser.session
    session["second_step_at"] = (timezone.now() - timedelta(hours=HOURS, minutes=1)).isoformat()
    session.save()

    answers = [
        browser.get(url(SecurityEvent, "changelist")),
        browser.post(url(SecurityEvent, "delete", event.pk), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert SecurityEvent.objects.filter(pk=event.pk).exists()


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_without_its_permission_no_page_of_a_table_opens(rows, model):
    allowed = next(other for other in MODELS if other is not model)
    staff = make_staff(f"view_{allowed._meta.model_name}", email="clerk@example.org")
    browser = make_browser()
    sign_in(browser, "clerk@example.org")
    browser.post("/sign-in/verify/", {"token": totp.current_code(staff.totpdevice_set.get())})
    row = shown(model).first()

    answers = [browser.get(url(model, "changelist")).status_code]
    for page in ("change", "history") if row else ():
        answers.append(browser.get(url(model, page, row.pk)).status_code)

    assert browser.get(url(allowed, "changelist")).status_code == 200
    assert {*answers} == {403}


@pytest.mark.parametrize("model", MODELS, ids=label)
def test_not_even_a_superuser_adds_changes_or_deletes_by_a_direct_post(browser, rows, model):
    before = table(model)
    row = shown(model).first()
    posts = [(url(model, "add"), {"email": "x@example.org"})]
    if row is not None:
        posts += [
            (url(model, "change", row.pk), {"is_superuser": "on", "state": "approved"}),
            (url(model, "delete", row.pk), {"post": "yes"}),
            (
                url(model, "changelist"),
                {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
            ),
        ]

    answers = [browser.post(path, fields).status_code for path, fields in posts]

    # The list has no such action and is just shown again.
    assert {*answers} <= {200, 302, 403}
    assert table(model) == before


def table(model) -> list[dict[str, object]]:
    """Give the rows, without what a visit itself changes."""
    visits = {"last_seen_at", "expire_date", "session_data", "session_key"}
    return [
        {name: value for name, value in row.items() if name not in visits}
        for row in model.objects.order_by("pk").values()
    ]


@pytest.mark.parametrize(
    "path",
    ["/admin/password_change/", "/admin/accounts/user/1/password/", "/admin/jsi18n/../auth/user/"],
)
def test_the_stock_ways_to_a_password_are_gone(browser, boss, path):
    browser.post(path, {"password1": "Bright-window-9-hill", "password2": "Bright-window-9-hill"})

    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/accounts/user/"])
def test_33_the_admin_takes_no_password_itself(boss, path):
    make_totp(boss)
    browser = make_browser()

    answer = browser.post(path, {"username": BOSS, "password": PASSWORD})

    assert answer.status_code == 302
    assert browser.get("/security/").status_code == 302


def test_the_audit_chain_refuses_a_change_past_the_admin(browser, rows):
    entry = AuditEntry.objects.first()

    browser.post(url(AuditEntry, "delete", entry.pk), {"post": "yes"})

    assert AuditEntry.objects.filter(pk=entry.pk).exists()
    assert audit.verify() == []


def test_a_message_that_carried_a_code_is_not_sent_again(browser, rows):
    message = Message.objects.filter(kind="recovery.code").get()
    Message.objects.filter(pk=message.pk).update(
        state="abandoned", settled_at=timezone.now(), secrets=None
    )
    actions = admin.site._registry[Message].actions

    for action in actions:
        name = action if isinstance(action, str) else action.__name__
        browser.post(url(Message, "changelist"), {"action": name, "_selected_action": [message.pk]})

    assert Message.objects.get(pk=message.pk).state == "abandoned"
    assert User.objects.filter(is_superuser=True).count() == 1
