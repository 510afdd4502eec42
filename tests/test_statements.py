"""Bar 4: no page of the main job takes more than twelve statements.

BEGIN, COMMIT, SAVEPOINT and RELEASE are not counted: they ask the database for no rows.
"""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services import totp
from accounts.tests.factories import (
    PASSWORD,
    make_contact,
    make_totp,
    make_user,
)
from accounts.tests.passkeys import make_working_passkey
from recovery.enums import StaffReason, TicketState, Verdict
from recovery.models import RecoveryTicket
from recovery.services import effects, evaluation, invitations
from recovery.tests.evidence import make_maria
from recovery.tests.factories import make_ticket
from tests.factories import NEW_PASSWORD, WRONG_CODE, code_of, make_browser, sign_in, start
from tests.stranger import count_statements, work_through

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
OLD = "maria.old@example.net"
MOST = 12
# Two posts that somebody makes once in their life cost more, and these figures may only fall. What
# people approved: the claimant's address joins the account, which is restricted, recorded and told.
JOINS = 22
# A person is asked again: a request of its own, with the answers' grades copied.
ASKS = 16
ANSWERS = {
    "what_happened": "lost_mail",
    "first_name": "Maria",
    "place_1_town": "Leipzig",
    "devices": "mac",
    "contact_1": "nobody@example.net",
    "password_1": "Old-lamp-3-blue",
    "note": "Please look.",
}


class Counted:
    """A browser whose answers cost at most MOST statements, where a step says no other."""

    def __init__(self, **meta) -> None:
        self.browser = make_browser(**meta)
        self.over: list[str] = []

    def get(self, path):
        return self._count(path, lambda: self.browser.get(path))

    def post(self, path, most=MOST, **fields):
        return self._count(f"POST {path}", lambda: self.browser.post(path, fields), most)

    def send(self, path, data):
        """Send JSON, as the script of a page does."""
        kind = "application/json"
        return self._count(f"POST {path}", lambda: self.browser.post(path, json.dumps(data), kind))

    def _count(self, step, ask, most=MOST):
        with CaptureQueriesContext(connection) as queries:
            response = ask()
        found = count_statements(queries)
        if len(found) > most:
            self.over.append(f"{step} {response.status_code}: {len(found)} {found}")
        return response


@pytest.fixture
def maria():
    user = make_user(email=MARIA)
    make_contact(user, OLD)
    return user


def test_the_walk_of_who_has_the_mailbox(maria, time_machine):
    page = Counted()
    page.get("/acsr/")
    page.post("/acsr/", identifier=MARIA)
    page.get("/acsr/code/")
    time_machine.move_to(timezone.now() + timedelta(seconds=61))
    page.post("/acsr/code/resend/")
    page.get("/acsr/code/")
    page.post("/acsr/code/", code=WRONG_CODE)
    page.post("/acsr/code/", code=code_of(MARIA))
    page.get("/acsr/password/")
    page.post("/acsr/password/", new_password1="short", new_password2="short")
    done = page.post("/acsr/password/", new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    page.get("/acsr/done/")
    page.get("/acsr/status/")

    assert done["Location"] == "/acsr/done/"
    assert page.over == []


def test_the_walk_of_who_has_another_contact(maria):
    page = Counted()
    page.post("/acsr/", identifier=MARIA, contact_email="new@example.com")
    page.post("/acsr/code/", code=code_of("new@example.com"))
    for path in ("", "contact/", "questions/"):
        page.get(f"/acsr/proof/{path}")
    page.post("/acsr/proof/contact/", contact=OLD)
    page.get("/acsr/proof/contact/")
    page.post("/acsr/proof/contact/", code=WRONG_CODE)
    proved = page.post("/acsr/proof/contact/", code=code_of(OLD, "recovery.contact_code"))
    page.get("/acsr/password/")

    assert proved["Location"] == "/acsr/password/"
    assert page.over == []


def test_the_walk_of_who_answers_and_asks_a_person_again():
    make_maria()
    page = Counted()
    page.post("/acsr/", identifier=MARIA, contact_email="new@example.com")
    page.post("/acsr/code/", code=code_of("new@example.com"))
    page.get("/acsr/proof/questions/")
    page.post("/acsr/proof/questions/", **ANSWERS | {"birth_day": "32"})
    page.get("/acsr/proof/questions/")
    taken = page.post("/acsr/proof/questions/", **ANSWERS)
    page.get("/acsr/status/")
    evaluation.evaluate_due()
    page.get("/acsr/proof/contact/")
    page.post("/acsr/proof/contact/", contact="nobody@example.net")
    tickets = RecoveryTicket.objects.exclude(verdict="")
    tickets.update(answer_at=timezone.now(), effect_at=timezone.now())
    effects.carry_out_due()
    page.get("/acsr/status/")
    asked = page.post("/acsr/status/ask/", most=ASKS)
    page.get("/acsr/status/")
    page.post("/acsr/status/ask/")

    assert (taken["Location"], asked["Location"]) == ("/acsr/status/", "/acsr/status/")
    assert RecoveryTicket.objects.filter(appeal_of__isnull=False).count() == 1
    assert page.over == []


def test_the_walk_of_who_was_asked_for_more(maria):
    page = Counted()
    page.post("/acsr/", identifier=MARIA, contact_email="new@example.com")
    page.post("/acsr/code/", code=code_of("new@example.com"))
    RecoveryTicket.objects.update(verdict=Verdict.MORE, told_reasons=[StaffReason.NEED_HISTORY])
    page.get("/acsr/status/")
    page.get("/acsr/proof/questions/")
    page.post("/acsr/proof/questions/", **ANSWERS)

    assert page.over == []


def test_the_walk_of_who_was_invited(maria):
    ticket = make_ticket(maria, state=TicketState.APPROVED, people=2, verdict=Verdict.APPROVE)
    RecoveryTicket.objects.update(contact="new@example.com")
    link = invitations.make_link(ticket, timezone.now()).partition("/acsr/")[2]
    page = Counted()
    page.get(f"/acsr/{link}")
    page.post(f"/acsr/{link}")
    page.get("/acsr/status/")
    page.post("/acsr/status/", code=code_of("new@example.com", "recovery.status_code"))
    page.get("/acsr/password/")
    fields = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    done = page.post("/acsr/password/", most=JOINS, **fields)

    assert done["Location"] == "/acsr/done/"
    assert page.over == []


def test_the_walk_of_who_has_to_wait(maria):
    make_totp(maria)
    make_contact(maria, "+491512345678")
    page = Counted()
    page.post("/acsr/", identifier=MARIA)
    page.post("/acsr/code/", code=code_of(MARIA))
    page.get("/acsr/proof/")
    page.post("/acsr/proof/contact/", contact="+491512345678")
    code = code_of("+491512345678", "recovery.contact_code")
    page.post("/acsr/proof/contact/", code=code)
    page.get("/acsr/status/")
    page.post("/acsr/withdraw/")
    page.get("/acsr/status/")

    assert page.over == []


def test_the_walk_of_who_has_the_app(maria):
    app = make_totp(maria)
    page = Counted()
    page.post("/acsr/", identifier=MARIA)
    page.post("/acsr/code/", code=code_of(MARIA))
    page.get("/acsr/proof/authenticator/")
    page.post("/acsr/proof/authenticator/", token="000000")
    proved = page.post("/acsr/proof/authenticator/", token=totp.current_code(app))
    page.get("/acsr/password/")

    assert proved["Location"] == "/acsr/password/"
    assert page.over == []


def test_the_walk_of_who_lost_the_second_step(maria):
    make_totp(maria)
    page = Counted()
    page.get("/acsr/?lost=second_step")
    page.post("/acsr/", identifier=MARIA, lost="second_step")
    led = page.post("/acsr/code/", code=code_of(MARIA))
    page.get(led["Location"])
    page.post("/acsr/proof/password/", password="wrong")
    waits = page.post("/acsr/proof/password/", password=PASSWORD)
    page.get("/acsr/status/")
    page.get("/acsr/proof/")
    now = timezone.now()
    over = {"hold_from": now - timedelta(days=3), "hold_until": now - timedelta(minutes=1)}
    RecoveryTicket.objects.update(state=TicketState.APPROVED, **over)
    page.get("/acsr/password/")
    # Not counted: each second step that goes is emptied and recorded.
    done = page.browser.post("/acsr/password/")
    page.get("/acsr/done/")

    assert (waits["Location"], done["Location"]) == ("/acsr/status/", "/acsr/done/")
    assert page.over == []


def test_the_walk_of_who_has_a_passkey(maria):
    _passkey, device = make_working_passkey(maria)
    page = Counted()
    page.post("/acsr/", identifier=MARIA, contact_email="new@example.com")
    page.post("/acsr/code/", code=code_of("new@example.com"))
    page.get("/acsr/proof/passkey/")
    asked = page.post("/acsr/proof/passkey/begin/").json()
    proved = page.send("/acsr/proof/passkey/complete/", device.sign(asked))

    assert proved.json()["redirect_url"] == "/acsr/password/"
    assert page.over == []


def test_status_and_names(maria):
    other = make_browser("198.51.100.7")
    start(other, MARIA)
    reference = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", other.get("/acsr/code/").content.decode())
    page = Counted()
    page.get("/acsr/name/")
    page.post("/acsr/name/", contact=MARIA)
    page.post("/acsr/status/", contact_email=MARIA)
    page.post("/acsr/status/", reference=reference[0])
    page.get("/acsr/status/")
    page.post("/acsr/status/", code=code_of(MARIA, "recovery.status_code"))
    page.get("/acsr/status/")

    assert page.over == []


@pytest.mark.parametrize("choice", ["stop", "mine"])
def test_stop_links(maria, choice):
    browser = make_browser("198.51.100.7")
    start(browser, MARIA, "thief@example.com")
    browser.post("/acsr/code/", {"code": code_of("thief@example.com")})
    work_through()
    (letter,) = (letter for letter in mail.outbox if letter.to == [OLD])
    link = re.search(r"/acsr/stop/\S+", letter.body)[0]
    page = Counted()
    page.get(link)
    page.post(link, choice=choice)
    page.get(link)
    page.post(link, choice="mine")

    assert page.over == []


@pytest.mark.parametrize("times", [1, 2], ids=["new browser", "known browser"])
def test_sign_in(maria, times):
    page = Counted()
    for _ in range(times):
        page.get("/sign-in/")
        page.post("/sign-in/", identifier=MARIA, password="wrong")
        page.post("/sign-in/", identifier=MARIA, password=PASSWORD)
        signed_in = page.get("/security/")
        page.get("/activity/")
        page.post("/sign-out/")

    assert signed_in.status_code == 200
    assert page.over == []


def test_a_session_that_objects(maria):
    browser = make_browser("198.51.100.7")
    start(browser, MARIA, "thief@example.com")
    browser.post("/acsr/code/", {"code": code_of("thief@example.com")})
    page = Counted()
    sign_in(page.browser, MARIA)
    page.get("/security/")
    page.get("/acsr/object/")
    page.post("/acsr/object/", choice="stop")

    assert page.over == []
