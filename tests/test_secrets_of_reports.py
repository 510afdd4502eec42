"""Attack 23 for the links in notices: their tokens are found nowhere but in the mail."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from accounts.tests.factories import make_contact, make_user
from activity.services import notices
from activity.tests.factories import make_judged_event
from outbox.services import delivery
from tests.factories import make_browser
from tests.test_secrets import Log, admin_pages, broker, every_cell, found, log, published

__all__ = ["Log", "broker", "log"]  # fixtures
TOKEN = re.compile(r"/activity/report/([^/\s]+)/")


@pytest.mark.django_db(transaction=True)
def test_token_of_a_report_is_found_nowhere(log, broker):
    maria = make_user(email="maria@example.org")
    make_contact(maria, "second@example.org", verified_at=timezone.now())
    notices.announce(make_judged_event(maria))
    notices.send_due()
    waiting = list(every_cell())
    delivery.deliver_due()
    tokens = {letter.to[0]: TOKEN.search(letter.body).group(1) for letter in mail.outbox}
    browser = make_browser()

    for token in tokens.values():
        assert browser.get(f"/activity/report/{token}/").status_code == 200
        assert browser.put(f"/activity/report/{token}/").status_code == 405
        browser.post(f"/activity/report/{token}/", {"verdict": "not_me"})

    assert len(tokens) == 2
    assert found(iter(waiting), tokens) == set()
    assert found(every_cell(), tokens) == set()
    assert any("/activity/report/***" in line for line in log.lines)
    assert found(iter([("log", "\n".join(log.lines))]), tokens) == set()
    tasks = list(published(broker))
    assert tasks
    assert found(iter(tasks), tokens) == set()
    assert found(admin_pages(), tokens) == set()
