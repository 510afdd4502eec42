"""A browser, a web server, a worker process and a mail server: all of them real."""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import Passkey, User
from outbox.services import queue
from tests.browser.deciders import Decider
from tests.browser.mailbox import Mailbox
from tests.browser.steps import SECURITY, open_confirmed, press, type_password
from tests.browser.texts import Texts
from tests.browser.tour import Tour
from tests.browser.virtual_authenticator import ADD_PASSKEY, VirtualAuthenticator
from tests.browser.windows import Windows, watch
from tests.browser.worker import Worker

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
QUIET = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder: the portal's worker writes the database too."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.worker)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session", autouse=True)
def _threads_may_use_the_database() -> None:
    """Playwright keeps an event loop in this thread; Django must not mistake it for async code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Generator[Browser]:
    """Give Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def mailbox() -> Generator[Mailbox]:
    """Give the mail server that the worker delivers to."""
    box = Mailbox()
    box.start()
    yield box
    box.stop()


@pytest.fixture
def site(live_server, settings) -> str:
    """Give the address of the running portal, whose requests wake real workers."""
    settings.SITE_URL = settings.PASSKEY_ORIGIN = live_server.url
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]
    settings.PUBLISH_HINTS = True
    queue.broker.resume()
    return str(live_server.url)


@pytest.fixture
def texts(tmp_path, monkeypatch) -> Texts:
    """Give the folder that the worker writes text messages into; ask for it before ``worker``."""
    found = Texts(tmp_path / "sms")
    monkeypatch.setenv("SMS_URL", f"file://{found.folder}")
    return found


@pytest.fixture
def worker(site, mailbox, tmp_path) -> Generator[Worker]:
    """Give the worker process of this test, started."""
    log = tmp_path / "worker.log"
    process = Worker(site_url=site, smtp_port=mailbox.port, log=log)
    process.start()
    yield process
    process.kill()
    print(log.read_text(errors="replace")[-20_000:])  # noqa: T201 - pytest shows it on failure


@pytest.fixture
def page(browser, site) -> Generator[Page]:
    """Give a fresh browser window at the portal; an error in its console fails the test."""
    context = browser.new_context(base_url=site, timezone_id="Europe/Berlin", locale="en-GB")
    window = context.new_page()
    problems: list[str] = []
    watch(window, problems)
    yield window
    context.close()
    assert problems == []


@pytest.fixture
def windows(browser, site, settings) -> Generator[Windows]:
    """Give windows at any address: there is a proxy that tells it, as an operator has one."""
    settings.TRUSTED_PROXY_COUNT = 1
    opened = Windows(browser, site)
    yield opened
    opened.close()
    assert opened.problems == []


@pytest.fixture
def people(browser, site) -> Generator[list[Decider]]:
    """Give two of the staff who can decide together, each signed in in a browser of their own."""
    two = [Decider(browser, site, "lena", "reviewer"), Decider(browser, site, "omar", "approver")]
    yield two
    for person in two:
        person.context.close()


@pytest.fixture
def others_page(browser, site) -> Generator[Page]:
    """Give the window of somebody else, in a browser of their own."""
    context = browser.new_context(base_url=site)
    yield context.new_page()
    context.close()


@pytest.fixture
def tour(page: Page) -> Tour:
    """Give a tour through pages in a fresh window."""
    return Tour(page)


@pytest.fixture
def device(page: Page) -> VirtualAuthenticator:
    """Give what holds passkeys in the window of this test."""
    return VirtualAuthenticator(page)


@pytest.fixture
def key(page: Page, maria: User, device: VirtualAuthenticator) -> Passkey:
    """Give Maria's passkey, made on the page; she is signed out again, and the device waits.

    maria: of the test's own module, with printed codes or another second step.
    """
    type_password(page)
    expect(page).to_have_url(SECURITY)
    open_confirmed(page, ADD_PASSKEY)
    press(page, "Make a passkey")
    expect(page.get_by_text("Your passkey is ready.")).to_be_visible()
    page.context.clear_cookies()
    device.rest()
    return Passkey.objects.in_use().get(user=maria)
