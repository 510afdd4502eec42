"""The page of activity and its relatives, in every state that an owner can meet."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Device, UserSession
from accounts.tests.factories import PASSWORD, make_user
from activity import policy
from activity.enums import EventKind, RiskReason
from activity.tests.factories import make_client, make_event, make_judged_event
from tests.browser.steps import MARIA, sign_in, tab_to

BRAZIL = make_client(address="200.160.2.3", network="200.160.2.3", device="b" * 64)


@pytest.fixture
def maria():
    return make_user(email=MARIA, first_name="Maria")


@pytest.fixture
def past(maria):
    """Everything that an entry can be, within some days."""
    now = timezone.now()
    for number, kind in enumerate(EventKind):
        make_event(maria, kind, at=now - timedelta(days=2, minutes=number))
    for hours in range(4):
        at = now - timedelta(days=4, minutes=hours)
        make_event(maria, EventKind.SIGN_IN_FAILED, at=at, client=BRAZIL)
    reasons = [RiskReason.NEW_COUNTRY, RiskReason.IMPOSSIBLE_TRAVEL, RiskReason.NEW_BROWSER]
    make_judged_event(maria, at=now, client=BRAZIL, reasons=reasons, score=policy.CONFIRM_FROM)
    for days, verdict in enumerate(["me", "not_me", ""], start=6):
        make_judged_event(maria, at=now - timedelta(days=days), client=BRAZIL, verdict=verdict)


def make_old(maria) -> None:
    """Let Maria's session and its browser be older than what she sees."""
    long_ago = timezone.now() - timedelta(days=60)
    Device.objects.filter(user=maria).update(first_seen_at=long_ago)
    UserSession.objects.filter(user=maria).update(signed_in_at=timezone.now() - timedelta(days=9))


def test_list_and_its_empty_states(tour, maria):
    sign_in(tour.page)
    maria.events.all().delete()
    tour.visit(
        "/activity/",
        *(f"/activity/?kind={kind}&period=7" for kind in ("refused", "recovery", "unanswered")),
        "/activity/?kind=nonsense",
    )

    assert tour.faults == []


def test_list_with_everything_and_an_event_of_each_kind(tour, maria, past):
    sign_in(tour.page)
    tour.visit("/activity/", "/activity/?kind=unanswered", "/activity/?kind=refused")
    tour.page.locator("summary").first.click()
    tour.look()
    tour.page.goto("/activity/")
    tour.page.get_by_role("link", name="Older", exact=True).click()
    tour.look()
    kinds = ["account:sign_in:failed", "account:contact:added", "recovery:ticket:opened"]
    found = maria.events.filter(kind__in=kinds, at__lt=timezone.now() - timedelta(days=1))
    tour.visit(*(f"/activity/{event.pk}/" for event in found))
    tour.visit(*(f"/activity/{event.pk}/" for event in maria.events.filter(is_unusual=True)))

    assert tour.faults == []


def test_answers_in_a_browser_of_long_standing(tour, maria, past):
    sign_in(tour.page)
    make_old(maria)
    tour.visit("/security/")
    tour.page.get_by_role("link", name="Look and say").click()
    tour.page.get_by_role("link", name="This wasn't me").first.click()
    tour.look("Sign-in from a new country")
    expect(tour.page.get_by_text("You stay signed in here.")).to_be_visible()
    tour.page.get_by_role("button", name="This was me").click()
    tour.look("Was all of this you?")

    assert maria.events.filter(is_unusual=True, verdict="me").count() == 2
    assert tour.faults == []


def test_filter_and_folds_with_the_keyboard_alone(page: Page, maria, past):
    sign_in(page)
    page.goto("/activity/")

    tab_to(page, page.get_by_label("Show"))
    page.keyboard.type("Refused")
    tab_to(page, page.get_by_role("button", name="Apply"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Everything")).to_be_focused()
    fold = page.locator("li", has_text="Wrong password, 4 times")
    tab_to(page, fold.locator("summary"))
    page.keyboard.press("Enter")
    tab_to(page, fold.get_by_role("link").first)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Wrong password")


def test_all_of_it_without_scripts(browser, site, maria, past):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    make_old(maria)
    page.goto("/activity/")
    page.get_by_label("Show").select_option("refused")
    page.get_by_role("button", name="Apply").click()
    fold = page.locator("li", has_text="Wrong password, 4 times")
    fold.locator("summary").click()
    expect(fold.get_by_role("link")).to_have_count(4)
    page.get_by_role("button", name="This was me").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Was all of this you?")
    assert maria.events.filter(is_unusual=True, verdict="me").count() == 2
    context.close()


def test_table_is_saved_after_confirming(tour, maria, past):
    sign_in(tour.page)
    tour.page.goto("/activity/")
    tour.page.get_by_role("link", name="Save as CSV").click()
    tour.look("Is it still you?")
    tour.page.get_by_label("Password", exact=True).fill(PASSWORD)
    with tour.page.expect_download() as download:
        tour.page.get_by_role("main").get_by_role("button").last.click()

    table = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename.startswith("activity-")
    assert len(table.splitlines()) == 1 + maria.events.count()
