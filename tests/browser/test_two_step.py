"""Two-step verification as people meet it: a camera, a phone, a mailbox, a sheet of paper."""

import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import Challenge, CodeDevice, TotpDevice, User
from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from tests.browser.looks import faults_of
from tests.browser.mailbox import Mailbox, code_in
from tests.browser.steps import MARIA, SECURITY, confirm, heading, press, sign_in
from tests.browser.test_keyboard import tab_to, type_into
from tests.factories import WRONG_CODE

NUMBER = "+491512345678"
HOME = "/security/two-step/"
CODE = "accounts.second_step_code"
STEP = 30  # seconds that a code of an app lives
PAGES_OF_PDF = re.compile(rb"/Type\s*/Page\b")
PRINTED = re.compile(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}")


@pytest.fixture
def maria() -> User:
    return make_user(email=MARIA, phone=NUMBER)


def scan(page: Page) -> str:
    """Give what a camera reads off the page."""
    picture = Image.open(io.BytesIO(page.locator(".qr").screenshot())).convert("L")
    # One that looks for all kinds finds a bar code in some random pictures, too.
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(found.text)


class App:
    """An authenticator app that has scanned a picture, and knows nothing else."""

    def __init__(self, address: str) -> None:
        self.read = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.label = urlsplit(address).path

    def code(self, steps_ahead: int = 0) -> str:
        device = TotpDevice(seed=self.read["secret"])
        now = timezone.now() + steps_ahead * timedelta(seconds=STEP)
        return totp.current_code(device, now=now)


def test_an_app_is_set_up_by_its_picture_with_the_keyboard_alone(page: Page, maria):
    sign_in(page)
    page.goto(HOME)
    tab_to(page, page.get_by_role("link", name=re.compile("Authenticator app")))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/security/confirm/"))
    type_into(page, "password", PASSWORD)
    page.keyboard.press("Enter")

    # The way back comes first; without the tick the browser itself asks for it.
    expect(page.get_by_role("heading", level=1)).to_have_text("Ten codes to print")
    tab_to(page, page.get_by_role("button", name="Show me my codes"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Print or save these ten codes")
    tab_to(page, page.get_by_label("I have printed or saved them"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Go on"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Add an authenticator app")
    app = App(scan(page))
    type_into(page, "token", app.code())
    type_into(page, "name", "")
    page.keyboard.press("Control+A")
    page.keyboard.type("My phone")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Two-step verification is on")
    expect(page.get_by_role("main")).to_contain_text("My phone")
    assert MARIA in app.label.replace("%40", "@")

    # From now on the password alone does not open the account; the next code of the app does.
    sign_in(page)
    expect(page).to_have_url(re.compile("/sign-in/verify/"))
    type_into(page, "token", app.code(steps_ahead=1))
    page.keyboard.press("Enter")
    expect(page).to_have_url(SECURITY)


def test_the_picture_is_read_in_the_dark_and_the_key_says_the_same(page: Page, maria):
    make_recovery_codes(maria)
    sign_in(page)
    page.goto(f"{HOME}app/")
    confirm(page)

    light = scan(page)
    page.emulate_media(color_scheme="dark", forced_colors="active")
    dark = scan(page)
    page.get_by_text("The camera does not work?").click()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Copy the key")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert light == dark
    assert copied == App(light).read["secret"]
    assert page.locator("a[href^='otpauth:']").get_attribute("href") == light


def test_an_app_is_set_up_without_scripts(browser, site, maria):
    context = browser.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto(f"{HOME}app/")
    confirm(page)
    press(page, "Show me my codes")
    codes = PRINTED.findall(page.locator(".codes").inner_text())
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as a text file").click()
    page.get_by_label("I have printed or saved them").check()
    press(page, "Go on")
    page.get_by_text("The camera does not work?").click()
    key = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("The code that the app shows now").fill(App(f"otpauth:?secret={key}").code())
    press(page, "Add the app")

    assert heading(page) == "Two-step verification is on"
    assert PRINTED.findall(saved.value.path().read_text()) == codes
    assert len(codes) == 10

    # One of the codes signs in, once.
    sign_in(page, codes[0])
    assert SECURITY.search(page.url)
    sign_in(page, codes[0].lower().replace("-", " "))
    assert page.url.endswith("/sign-in/verify/")
    expect(page.get_by_role("alert").first).to_be_visible()
    context.close()


def test_codes_reach_the_phone_and_then_sign_in(page: Page, maria, texts, worker):
    make_recovery_codes(maria)
    sign_in(page)
    page.goto(HOME)
    page.get_by_role("link", name=re.compile("Code by text message")).click()
    confirm(page)
    press(page, "Send a code there")
    first = texts.code(NUMBER)
    page.fill("[name=token]", WRONG_CODE)
    press(page, "Add this number")
    expect(page.get_by_role("main")).to_contain_text("4 tries left")
    page.fill("[name=token]", first)
    press(page, "Add this number")
    assert heading(page) == "Two-step verification is on"

    sign_in(page)
    press(page, "Send a code to")
    page.fill("[name=token]", texts.code(NUMBER, after=first))
    press(page, "Go on")

    expect(page).to_have_url(SECURITY)


def test_codes_reach_the_mailbox_and_then_sign_in(page: Page, maria, mailbox: Mailbox, worker):
    app = make_totp(maria)
    sign_in(page, totp.current_code(app))
    page.goto(HOME)
    page.get_by_role("link", name=re.compile("Code by e-mail")).click()
    later = timezone.now() + timedelta(seconds=STEP)
    confirm(page, totp.current_code(app, now=later))
    press(page, "Send a code there")
    page.fill("[name=token]", code_in(mailbox.newest(MARIA, CODE)))
    press(page, "Add this address")
    expect(page.get_by_role("main")).to_contain_text("Codes by e-mail are added.")
    mailbox.letters.clear()

    sign_in(page)
    press(page, "Send a code to m")
    page.fill("[name=token]", code_in(mailbox.newest(MARIA, CODE)))
    press(page, "Go on")

    expect(page).to_have_url(SECURITY)


def test_the_sheet_is_one_page_of_paper_and_shown_once(page: Page, maria):
    sign_in(page)
    page.goto(f"{HOME}codes/?for=app")
    press(page, "Show me my codes")
    confirm(page)
    expect(page.get_by_role("main")).to_contain_text("Press the button once more.")
    press(page, "Show me my codes")
    expect(page.get_by_role("button", name="Print this page")).to_be_visible()
    codes = PRINTED.findall(page.locator(".codes").inner_text())

    page.emulate_media(media="print", color_scheme="dark")
    colours = page.locator(".codes li").first.evaluate(
        "node => [getComputedStyle(node).color, getComputedStyle(document.body).backgroundColor]"
    )
    printed = page.locator("body").inner_text()
    assert len(PAGES_OF_PDF.findall(page.pdf(format="A4"))) == 1
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert PRINTED.findall(printed) == codes
    assert "Sign out" not in printed

    page.emulate_media(media="screen")
    page.reload()  # posts the form again
    expect(page.get_by_role("main")).to_contain_text("A set of codes was made a moment ago")
    assert PRINTED.findall(page.locator("body").inner_text()) == []


def test_all_pages_are_accessible_and_fit(page: Page, maria):
    faults: list[str] = []
    sign_in(page)
    page.goto(HOME)
    faults += faults_of(page)
    page.goto(f"{HOME}codes/?for=app")
    faults += faults_of(page)
    press(page, "Show me my codes")
    confirm(page)
    press(page, "Show me my codes")
    faults += faults_of(page)
    page.goto(f"{HOME}codes/")
    faults += faults_of(page)
    page.get_by_label("I have printed or saved them").check()
    press(page, "Go on")
    make_code_device(maria, make_contact(maria, "+491512345670"))
    make_code_device(maria, make_contact(maria), name="Mail")
    app = make_totp(maria, name="A phone with a name that is as long as sixty-four letters")
    make_trust(maria)
    for path in (
        "",
        "app/",
        "phone/",
        "email/",
        "off/",
        f"totp/{app.pk}/",
        f"totp/{app.pk}/remove/",
    ):
        page.goto(f"{HOME}{path}")
        assert page.url.endswith(f"{HOME}{path}")
        faults += faults_of(page)
    page.goto(f"{HOME}phone/")
    press(page, "Send a code there")
    faults += faults_of(page)
    page.fill("[name=token]", WRONG_CODE)
    press(page, "Add this number")
    faults += faults_of(page)
    Challenge.objects.all().delete()
    sms = CodeDevice.objects.get(contact__kind="phone")
    page.goto(f"{HOME}sms/{sms.pk}/")
    faults += faults_of(page)
    press(page, "Send me a code")
    faults += faults_of(page)
    press(page, "Try this code")
    faults += faults_of(page)
    User.objects.update(contested_at=maria.created_at)
    page.goto(HOME)
    faults += faults_of(page)

    assert faults == []
