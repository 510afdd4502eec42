"""The queue in a browser: accessible in all looks, and "n" deals the next case."""

from collections.abc import Generator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.tests.factories import make_user
from recovery.enums import Outcome, Reason, RiskLevel
from recovery.models import RecoveryTicket
from recovery.tests.factories import make_proof
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote
from tests.browser.looks import faults_of


@pytest.fixture
def superuser():
    return make_staff(is_superuser=True, first_name="Priya", last_name="Nair")


@pytest.fixture
def cases() -> list[RecoveryTicket]:
    """Give one case of each lane, the most urgent first."""
    now = timezone.now()
    lena = make_staff(first_name="Lena", last_name="Vogt")
    claimed = {"claimed_by": lena, "claimed_until": now + timedelta(minutes=9)}
    cases = [
        _case(reason=Reason.TAKEOVER, risk=RiskLevel.HIGH, first_due_at=now - timedelta(hours=2)),
        _case(reason=Reason.LOST_STEP, risk=RiskLevel.MEDIUM, **claimed),
        _case(outcome=Outcome.SUPERUSERS, is_frozen=True),
        _case(),
    ]
    for case in cases:
        make_evidence(case)
    make_proof(cases[0])
    make_vote(cases[1], lena)
    return cases


@pytest.fixture
def signed_in(browser: Browser, site: str, superuser) -> Generator[Page]:
    """Give the window of a superuser with a fresh second step."""
    context = browser.new_context(base_url=site)
    client = Client()
    client.force_login(superuser)
    session = client.session
    session["otp_device_id"] = superuser.totpdevice_set.get().persistent_id
    session["second_step_at"] = timezone.now().isoformat()
    session.save()
    for name, morsel in client.cookies.items():
        context.add_cookies([{"name": name, "value": morsel.value, "url": site}])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/recovery/cases/",
        "/admin/recovery/cases/?risk=low&q=nobody@example.org",
        "/admin/recovery/caller/",
        "/admin/recovery/protected/",
    ],
)
def test_pages_of_the_queue_are_without_fault(signed_in, cases, path):
    signed_in.goto(path)

    assert faults_of(signed_in) == []


def test_n_deals_the_next_case(signed_in, cases):
    signed_in.goto("/admin/recovery/cases/")

    signed_in.keyboard.press("n")

    expect(signed_in).to_have_url(f"/admin/recovery/cases/{cases[0].pk}/")


def test_n_that_is_typed_into_the_search_deals_nothing(signed_in, cases):
    signed_in.goto("/admin/recovery/cases/")

    signed_in.get_by_label("Search").press("n")

    expect(signed_in.get_by_label("Search")).to_have_value("n")
    assert not RecoveryTicket.objects.filter(pk=cases[0].pk, claimed_by__isnull=False).exists()


def _case(**fields) -> RecoveryTicket:
    return make_reviewed(make_user(), **fields)
