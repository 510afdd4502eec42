"""The help desk opens for a caller, and superusers see protected requests."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy as accounts_policy
from accounts.tests.factories import make_user
from outbox.models import Message
from recovery.enums import Outcome
from recovery.models import RecoveryTicket
from recovery.tests.admin.browsers import browser_of
from recovery.tests.staff import make_reviewed, make_staff, make_vote

pytestmark = pytest.mark.django_db
CALLER = "/admin/recovery/caller/"
PROTECTED = "/admin/recovery/protected/"
SAID = {"identifier": "maria@example.org", "contact_email": "me@example.net"}


@pytest.mark.parametrize("is_known", [True, False])
def test_reference_is_shown_to_be_read_out(browser, reviewer, is_known):
    if is_known:
        make_user(email=SAID["identifier"])

    response = browser.post(CALLER, SAID, follow=True)

    (ticket,) = RecoveryTicket.objects.all()
    page = response.content.decode()
    assert ticket.opened_by == reviewer
    assert f"{ticket.reference[:4]}-{ticket.reference[4:]}" in page
    assert SAID["contact_email"] not in page
    code = Message.objects.get(address=SAID["contact_email"]).secrets["code"]
    assert code not in page


def test_reference_is_shown_to_nobody_else_and_not_for_long(browser):
    where = browser.post(CALLER, SAID)["Location"]
    others = browser_of(make_staff())

    assert others.get(where).status_code == 404
    RecoveryTicket.objects.update(opened_at=timezone.now() - timedelta(hours=1))
    assert browser.get(where).status_code == 404


def test_role_that_opens_nothing_is_refused():
    browser = browser_of(make_staff("view_recoveryticket"))

    assert browser.get(CALLER).status_code == 403
    assert browser.post(CALLER, SAID).status_code == 403
    assert RecoveryTicket.objects.count() == 0


def test_old_second_step_opens_nothing(reviewer):
    old = timezone.now() - accounts_policy.STAFF_SECOND_STEP_LIVES - timedelta(seconds=1)

    response = browser_of(reviewer, second_step_at=old).post(CALLER, SAID)

    assert response["Location"].startswith("/admin/login/")
    assert RecoveryTicket.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (SAID | {"contact_email": ""}, "This field is required."),
        (SAID | {"contact_email": "nonsense"}, "Type an e-mail address such as"),
        (SAID | {"identifier": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_missing_is_said(browser, said, error):
    page = browser.post(CALLER, said).content.decode()

    assert error in page
    assert RecoveryTicket.objects.count() == 0


def test_used_up_address_is_said(browser):
    for number in range(40):
        response = browser.post(CALLER, SAID | {"identifier": f"user{number}"})
        if response.status_code == 200:
            break

    assert "Too many codes went to this address today." in response.content.decode()


def test_protected_requests_are_for_superusers():
    make_reviewed(make_user(is_protected=True), outcome=Outcome.SUPERUSERS)

    assert browser_of(make_staff()).get(PROTECTED).status_code == 403


def test_protected_requests_say_what_to_run_while_it_may_run():
    now = timezone.now()
    boss = make_staff(is_superuser=True)
    waits = make_reviewed(make_user(is_protected=True), outcome=Outcome.SUPERUSERS)
    make_vote(waits, boss)
    window = {"verdict": "approve", "effect_at": now, "carry_out_until": now + timedelta(hours=1)}
    ready = make_reviewed(make_user(is_protected=True), outcome=Outcome.SUPERUSERS, **window)
    over = {**window, "effect_at": now - timedelta(hours=2), "carry_out_until": now}
    make_reviewed(make_user(is_protected=True), outcome=Outcome.SUPERUSERS, **over)
    make_reviewed(make_user())

    response = browser_of(boss).get(PROTECTED)

    rows = {row["reference"]: row for row in response.context["rows"]}
    assert [row["is_open"] for row in rows.values()].count(True) == 1
    assert len(rows) == 3
    assert rows[waits.reference]["decisions"] == 1
    page = response.content.decode()
    assert f"recover_protected_account {ready.reference[:4]}-{ready.reference[4:]}" in page
    assert page.count("recover_protected_account") == 1
    assert page.count("the hour is over") == 1
