"""Sessions and devices in a real browser: no axe violation, no overflow, and ending works."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.tests.factories import make_device, make_trust, make_user
from tests.browser.steps import MARIA, sign_in
from tests.browser.tour import Tour

PAGE = "/security/sessions/"
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/144.0.0.0 Safari/537.36"
)


@pytest.fixture
def maria() -> User:
    return make_user(email=MARIA)


def open_elsewhere(user: User) -> None:
    """Let the account be open, and trusted, in a second browser."""
    device = make_device(user, "other", agent=WINDOWS, hints="platform=15.0.0")
    make_trust(user, device)
    now = timezone.now()
    UserSession.objects.create(
        pk="0" * 64,
        user=user,
        device=device,
        agent=WINDOWS,
        hints="platform=15.0.0",
        address="193.99.144.80",
        signed_in_at=now,
        is_kept=True,
        expire_date=now + timedelta(days=14),
    )


def test_sessions_and_devices(tour: Tour, maria):
    sign_in(tour.page)
    tour.visit(PAGE)
    open_elsewhere(maria)
    tour.visit(PAGE)
    tour.page.get_by_role("button", name="Sign out Chrome on Windows 11").click()
    tour.page.get_by_text("That browser is signed out.").wait_for()
    tour.page.get_by_role("button", name="Stop trusting Chrome on Windows 11").click()
    tour.page.get_by_text("asked for the second step again").wait_for()

    assert tour.page.url.endswith(PAGE)
    assert UserSession.objects.filter(pk="0" * 64).count() == 0
    assert maria.trusted_browsers.count() == 0
    assert tour.faults == []
