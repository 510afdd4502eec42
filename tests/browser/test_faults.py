"""Bar 2: a worker killed, a mail server gone, a broker gone - no page fails, the code arrives."""

from datetime import timedelta

import celery
import pytest
from celery import Celery
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.tests.factories import make_contact, make_user
from acsr_site.celery import transport_options
from acsr_site.tests.ports import free_port
from outbox.enums import MessageState
from outbox.models import Message
from outbox.services import queue
from tests.browser.mailbox import Mailbox, code_in
from tests.browser.worker import Worker

MARIA = "maria@example.org"
OLD = "maria.old@example.net"


@pytest.fixture
def maria():
    user = make_user(email=MARIA)
    make_contact(user, OLD)
    return user


def ask_for_a_code(page: Page) -> None:
    page.goto("/acsr/")
    page.get_by_label("Which account?").fill(MARIA)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code we sent")


def type_code(page: Page, mailbox: Mailbox) -> None:
    page.get_by_label("Code", exact=True).fill(code_in(mailbox.newest(MARIA, "recovery.code")))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new password")


def test_a_worker_killed_between_commit_and_delivery(page: Page, maria, mailbox, worker: Worker):
    worker.kill()
    ask_for_a_code(page)
    expect(page.locator("#delivery")).to_contain_text("Waiting to be sent")
    assert mailbox.letters == []

    worker.start()

    expect(page.locator("#delivery")).to_contain_text(
        "the mail server of example.org", timeout=40_000
    )
    type_code(page, mailbox)
    mailbox.newest(OLD, "recovery.notice")
    assert len(mailbox.all(MARIA, "recovery.code")) == 1


def test_a_worker_killed_while_it_holds_a_message(page: Page, maria, mailbox, worker: Worker):
    """The lease of a dead worker ends; what it held is sent by the next one, once."""
    worker.kill()
    ask_for_a_code(page)
    # As a worker leaves it that dies after its claim; a lease of two minutes is too long to wait.
    Message.objects.update(
        claimed_until=Message.objects.get().created_at + timedelta(seconds=5), attempts=1
    )

    worker.start()

    type_code(page, mailbox)
    assert len(mailbox.all(MARIA, "recovery.code")) == 1


def test_a_mail_server_that_is_gone_while_the_code_is_asked_for(
    page: Page, maria, mailbox, worker: Worker
):
    mailbox.stop()
    ask_for_a_code(page)
    expect(page.locator("#delivery")).to_contain_text("next try", timeout=20_000)
    assert Message.objects.get().state == MessageState.DEFERRED

    mailbox.start()

    expect(page.locator("#delivery")).to_contain_text("Handed to", timeout=40_000)
    type_code(page, mailbox)
    assert len(mailbox.all(MARIA, "recovery.code")) == 1


@pytest.fixture
def no_broker():
    """A broker that refuses connections, as a stopped Redis does, for the web server alone."""
    before = celery.current_app._get_current_object()
    app = Celery("nobody", broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    app.conf.broker_transport_options = transport_options(app.conf.broker_url, settings.DATA_DIR)
    # The default, because the server's threads have no current one.
    app.set_default()
    queue.broker.resume()
    yield
    before.set_default()
    queue.broker.resume()


@pytest.mark.usefixtures("no_broker")
def test_a_broker_that_is_gone(page: Page, maria, mailbox, worker: Worker):
    ask_for_a_code(page)

    type_code(page, mailbox)

    assert queue.broker.silent_until > 0
    assert len(mailbox.all(MARIA, "recovery.code")) == 1
