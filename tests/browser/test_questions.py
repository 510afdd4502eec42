"""The questionnaire in a browser: with the keyboard alone, without scripts, and how it looks."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.tests.factories import make_user
from recovery.enums import TicketState
from recovery.evidence import Answers
from recovery.models import Evidence, RecoveryTicket
from recovery.tests.staff import make_evidence, make_staff
from tests.browser.looks import NARROWEST, OVERFLOW
from tests.browser.steps import press, tab_to
from tests.browser.tour import Tour
from tests.factories import code_of

MARIA, NEW = "maria@example.org", "new@example.com"
THANKS = "Thank you. We have your answers."


@pytest.fixture
def maria():
    make_staff()
    make_staff()
    return make_user(email=MARIA)


@pytest.fixture
def plain(browser, site):
    """A browser that runs no scripts."""
    context = browser.new_context(base_url=site, java_script_enabled=False)
    yield context.new_page()
    context.close()


def reach_the_questions(page: Page) -> None:
    page.goto("/acsr/")
    page.fill("[name=identifier]", MARIA)
    page.fill("[name=contact_email]", NEW)
    press(page, "Send me a code")
    page.fill("[name=code]", code_of(NEW))
    press(page, "Go on")
    page.get_by_role("link", name=re.compile("I have none of these")).click()
    expect(page.locator("h1")).to_have_text("Answer some questions")


def stored() -> Answers:
    return Answers.from_json(Evidence.objects.get().answers)


def test_the_questions_with_the_keyboard_alone(page: Page, maria):
    reach_the_questions(page)

    tab_to(page, page.get_by_label("I forgot the password"))
    page.keyboard.press("ArrowDown")  # the second of the radio buttons
    tab_to(page, page.get_by_label("First name", exact=True))
    page.keyboard.type("Maria")
    tab_to(page, page.get_by_label("Day", exact=True))
    page.keyboard.type("31")
    tab_to(page, page.get_by_label("Month").first)
    page.keyboard.type("February")
    tab_to(page, page.get_by_label("iPhone"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("One of them", exact=True))
    page.keyboard.type("Old-lamp-3-blue")
    page.keyboard.press("Enter")

    # An impossible day: the summary has the focus, its link leads to the field.
    expect(page.locator("[data-focus]")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("1 earlier password received")
    tab_to(page, page.locator("[data-focus] a").first)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Day", exact=True)).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("28")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(THANKS)
    expect(page.locator("h1")).to_be_focused()
    answers = stored()
    assert (answers.first_name, answers.birth) == ("Maria", (28, 2, None))
    assert (answers.devices, answers.passwords) == (("iphone",), ("Old-lamp-3-blue",))
    assert RecoveryTicket.objects.get().reason == "lost_step"


def test_the_questions_without_scripts(plain: Page, maria):
    reach_the_questions(plain)
    plain.get_by_role("group", name="Place 2").get_by_label("Town or region").fill("Leipzig")
    plain.get_by_label("Safari").check()
    plain.get_by_label("this month").check()
    plain.get_by_label("Another one", exact=True).last.fill("Old-lamp-3-blue")
    plain.get_by_label("Anything a person should know?").fill("My mailbox is gone.")
    press(plain, "Send my answers")

    expect(plain.locator("h1")).to_have_text(THANKS)
    expect(plain.get_by_role("main")).to_contain_text("You will hear from us by")
    answers = stored()
    assert (answers.places, answers.browsers) == ((("", "Leipzig"),), ("safari",))
    assert (answers.last_sign_in, answers.passwords) == ("month", ("Old-lamp-3-blue",))
    assert Evidence.objects.get().note == "My mailbox is gone."


def test_a_password_can_be_looked_at_while_it_is_typed(page: Page, maria):
    reach_the_questions(page)
    field = page.get_by_label("One of them", exact=True)
    field.fill("Old-lamp-3-blue")

    page.get_by_role("button", name="Show: One of them").click()

    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Show: One of them").click()
    expect(field).to_have_attribute("type", "password")


def test_every_page_of_the_way_looks_right(page: Page, maria, settings):
    settings.EVIDENCE_FACTS = ["number=Student number"]
    tour = Tour(page)
    reach_the_questions(page)
    tour.look("Answer some questions")
    tour.send("Send my answers", birth_day="31", birth_year="19", password_1="Old-lamp-3-blue")
    tour.look("Answer some questions")
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert page.evaluate(OVERFLOW) == 0
    tour.send("Send my answers", birth_day="", birth_year="1984")
    tour.look(THANKS)
    tour.visit("/acsr/proof/", "/acsr/proof/contact/")

    ticket = RecoveryTicket.objects.get()
    now = timezone.now()
    ticket.evidence.all().delete()
    make_evidence(ticket)
    for state, fields in (
        (TicketState.AWAITING_PROOF, {"verdict": "more", "told_reasons": ["need_words"]}),
        (TicketState.DENIED, {"answer_at": now - timedelta(hours=1), "verdict": ""}),
    ):
        RecoveryTicket.objects.update(state=state, **fields)
        tour.visit("/acsr/status/")
    tour.send("Ask a person to look at it")
    tour.look("We are looking at your request")

    assert tour.faults == []
