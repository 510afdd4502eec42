"""Questions to the apps above, and what holds without them."""

from datetime import timedelta

import pytest

from accounts import hooks
from accounts.backends import StagedBackend
from accounts.hooks import Assessment, Banner, Outlook, Recoverability
from accounts.models import User
from accounts.tests.factories import make_client, make_user

HERE = "accounts.tests.test_hooks"
FOUND = Recoverability(2, [Outlook("your phone", ["your mailbox"], timedelta(0), False)])


def calm(user, client):
    return Assessment(10, ["new_browser"])


def alarmed(user, client):
    return Assessment(70, ["new_country"])


def one_banner(user):
    return [Banner("Title", "Text")]


def one_loss(user):
    return FOUND


def no_dispute(user):
    return False


def a_dispute(user):
    return True


def a_doubtful_sign_in(user, client):
    return Assessment(50, needs_confirmation=True)


def test_nobody_to_ask_is_harmless(settings):
    settings.SIGN_IN_ASSESSORS, settings.RECOVERABILITY, settings.ACCOUNT_BANNERS = [], "", []
    settings.ACCOUNT_DISPUTES = []
    settings.AGENT_READER, settings.PLACE_FINDER = "", ""

    assert hooks.assess(User(), make_client()) == Assessment()
    assert hooks.recoverability(User()) is None
    assert not hooks.is_disputed(User())
    assert hooks.banners(User()) == []
    assert hooks.describe("curl/8", "203.0.113.9") == ("curl/8", "")


def test_worst_assessment_counts_and_all_reasons_are_kept(settings):
    settings.SIGN_IN_ASSESSORS = [f"{HERE}.calm", f"{HERE}.alarmed"]

    assessment = hooks.assess(User(), make_client())

    assert assessment == Assessment(70, ["new_browser", "new_country"])


def test_one_assessor_is_enough_to_ask_for_a_confirmation(settings):
    settings.SIGN_IN_ASSESSORS = [f"{HERE}.calm", f"{HERE}.a_doubtful_sign_in"]

    assert hooks.assess(User(), make_client()).needs_confirmation


def test_one_dispute_is_enough(settings):
    settings.ACCOUNT_DISPUTES = [f"{HERE}.no_dispute", f"{HERE}.a_dispute"]

    assert hooks.is_disputed(User())


def test_banners_and_outlook_come_from_above(settings):
    settings.ACCOUNT_BANNERS = [f"{HERE}.one_banner", f"{HERE}.one_banner"]
    settings.RECOVERABILITY = f"{HERE}.one_loss"

    assert hooks.banners(User()) == [Banner("Title", "Text")] * 2
    assert hooks.recoverability(User()) == FOUND


@pytest.mark.django_db
def test_backend_checks_no_password():
    maria = make_user()

    assert StagedBackend().authenticate(None, username=str(maria.pk), password="x") is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"frozen_at": "2026-01-01T00:00Z", "frozen_cause": "x"}]
)
def test_backend_knows_no_account_that_may_not_sign_in(fields):
    maria = make_user(**fields)

    assert StagedBackend().get_user(maria.pk) is None
