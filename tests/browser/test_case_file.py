"""The case file in a browser: accessible in both schemes, by keyboard, and without JavaScript."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import TotpDevice, User
from accounts.services import totp
from accounts.services.step_up import STEP_UP
from accounts.tests.factories import make_contact, make_totp, make_user
from activity.enums import EventKind
from activity.models import SecurityEvent
from recovery.enums import RiskLevel, Verdict
from recovery.models import CaseView, Deal, IdentityCheck, RecoveryTicket, Vote
from recovery.tests.factories import make_proof
from recovery.tests.staff import make_evidence, make_reviewed, make_staff, make_vote
from tests.browser.looks import faults_of
from tests.factories import make_browser, sign_in

# Browsers carry the fragment of a form over to where it leads.
QUEUE = re.compile(r"/admin/recovery/cases/(#.*)?$")


@pytest.fixture
def lena() -> User:
    return make_staff(email="lena@example.org", first_name="Lena", last_name="Vogt")


@pytest.fixture
def ticket(lena) -> RecoveryTicket:
    """A ticket with something in every part of the case file."""
    now = timezone.now()
    user = make_user(email="jonas.weber@department.of.everything.example.org")
    make_totp(user)
    make_contact(user, "+33123456712", verified_at=now - timedelta(days=1))
    ticket = make_reviewed(
        user, claimed_by=lena, claimed_until=now + timedelta(minutes=10), risk=RiskLevel.HIGH,
        risk_reasons=[["no_proof", 15], ["known_network", -15]], contested_at=now,
        contested_reason="objection",
    )  # fmt: skip
    Deal.objects.create(ticket=ticket, reviewer=lena)
    make_evidence(ticket, note="My employer closed, and a-word-without-any-gap" + "-on" * 60)
    make_proof(ticket)
    first = make_staff(first_name="Omar", last_name="Said")
    make_vote(ticket, first, voided_at=now, void_reason="epoch")
    make_vote(ticket, first)
    CaseView.objects.create(ticket=ticket, viewer=first)
    IdentityCheck.objects.create(
        ticket=ticket, checked_by=first, way="desk", place="Desk 2", checked_at=now
    )
    for place in range(20):
        kind = EventKind.SIGNED_IN
        SecurityEvent.objects.create(user=user, kind=kind, at=now - timedelta(days=place))
    make_reviewed(user)
    return ticket


@pytest.fixture
def cookies(lena, site, settings) -> list[dict[str, str]]:
    """The cookies of Lena, who has signed in with password and app and has just confirmed."""
    browser = make_browser()
    sign_in(browser, "lena@example.org")
    token = totp.current_code(TotpDevice.objects.get(user=lena))
    browser.post("/sign-in/verify/", {"token": token})
    session = browser.session
    at = timezone.now().isoformat()
    session[STEP_UP] = {"at": at, "user": str(lena.pk), "way": "second_step", "is_strong": False}
    session.save()
    name = settings.SESSION_COOKIE_NAME
    return [{"name": name, "value": browser.cookies[name].value, "url": site}]


def open_case(context: BrowserContext, cookies, site: str, ticket: RecoveryTicket) -> Page:
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{site}/admin/recovery/cases/{ticket.pk}/")
    return page


def test_case_file_is_accessible_in_every_state(browser: Browser, cookies, site, ticket):
    with browser.new_context() as context:
        page = open_case(context, cookies, site, ticket)
        faults = faults_of(page)
        page.get_by_role("button", name="Decide", exact=True).click()  # nothing chosen: errors
        faults += faults_of(page)
        page.keyboard.press("d")
        page.get_by_role("checkbox", name="Too little to compare").check()
        page.get_by_role("button", name="See the mail").click()
        faults += faults_of(page)

    assert faults == []


def test_case_is_decided_by_keys(browser: Browser, cookies, site, ticket):
    with browser.new_context() as context:
        page = open_case(context, cookies, site, ticket)
        page.keyboard.press("m")
        page.get_by_role("checkbox", name="Explain").press("Space")
        page.get_by_role("textbox", name="Note").press_sequentially(
            "add a word more"
        )  # keys type here
        assert page.get_by_role("radio", name="Ask for more").is_checked()
        page.get_by_role("textbox", name="Note").press_sequentially(" and one more")
        page.get_by_role("button", name="Decide", exact=True).press("Enter")
        page.wait_for_url(QUEUE)

    vote = Vote.objects.get(decider__first_name="Lena")
    assert (vote.verdict, vote.reasons) == (Verdict.MORE, ["need_words"])


def test_keys_can_be_turned_off(browser: Browser, cookies, site, ticket):
    with browser.new_context() as context:
        page = open_case(context, cookies, site, ticket)
        page.get_by_role("button", name="Turn keys off").click()
        page.reload()
        page.keyboard.press("a")

        assert not page.get_by_role("radio", name="Approve").is_checked()
        assert page.get_by_role("button", name="Turn keys on").is_visible()


def test_case_is_previewed_and_decided_without_javascript(browser, cookies, site, ticket):
    with browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 800}
    ) as context:
        page = open_case(context, cookies, site, ticket)
        page.get_by_role("radio", name="Approve").check()
        page.get_by_role("checkbox", name="A held proof plus fitting answers").check()
        page.get_by_role("button", name="See the mail").click()
        assert "We have accepted your request." in page.locator("#preview").inner_text()
        page.get_by_role("textbox", name="Note").fill("Against nothing: the older side.")
        page.get_by_role("button", name="Decide", exact=True).click()
        page.wait_for_url(QUEUE)

    assert Vote.objects.get(decider__first_name="Lena").verdict == Verdict.APPROVE
