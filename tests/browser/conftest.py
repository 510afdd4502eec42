"""A browser, a web server, a worker process and a mail server: all of them real."""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from outbox.services import queue
from tests.browser.mailbox import Mailbox
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
    """Mark what is in this folder: one process runs it, on a database that others can write."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.worker)
            item.add_marker(pytest.mark.xdist_group("browser"))
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
    settings.SITE_URL = live_server.url
    settings.PUBLISH_HINTS = True
    queue.broker.resume()
    return str(live_server.url)


@pytest.fixture
def worker(site, mailbox, tmp_path) -> Generator[Worker]:
    """Give the worker process of this test, started."""
    log = tmp_path / "worker.log"
    process = Worker(site_url=site, smtp_port=mailbox.port, log=log)
    process.start()
    yield process
    process.kill()
    print(log.read_text(errors="replace")[-4000:])  # noqa: T201 - pytest shows it on failure


@pytest.fixture
def page(browser, site) -> Generator[Page]:
    """Give a fresh browser window at the portal; an error in its console fails the test."""
    context = browser.new_context(base_url=site, timezone_id="Europe/Berlin", locale="en-GB")
    window = context.new_page()
    problems: list[str] = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.on(
        "console",
        lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield window
    context.close()
    assert problems == []
