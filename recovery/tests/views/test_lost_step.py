"""Who knows the password and lost the second step, from sign-in to the reset."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services import stages
from accounts.tests.factories import (
    PASSWORD,
    make_totp,
)
from recovery import policy
from recovery.enums import ProofClass, Reason, Resets, TicketState
from recovery.models import RecoveryTicket
from recovery.tests.factories import make_proof

S = TicketState
P = ProofClass
START = reverse("recovery:start")
RAW = reverse("recovery:proof_password")
STATUS = reverse("recovery:status")
NEW = reverse("recovery:password")
pytestmark = pytest.mark.django_db


@pytest.fixture
def app(maria):
    return make_totp(maria)


def test_from_the_second_step_the_start_page_knows_the_account(client, maria):
    client.post("/sign-in/", {"identifier": "Maria@example.org", "password": PASSWORD})
    assert stages.KEY not in client.session  # no two-step, no stage
    client.post("/sign-out/")
    make_totp(maria)
    client.post("/sign-in/", {"identifier": "Maria@example.org", "password": PASSWORD})

    page = client.get(START + "?lost=second_step")

    assert page.context["lost_step"]
    assert page.context["form"].initial == {"identifier": "Maria@example.org"}


def test_without_a_half_done_sign_in_nothing_is_filled_in(client, maria):
    page = client.get(START + "?lost=second_step")

    assert (page.context["lost_step"], page.context["form"].initial) == (True, {})


@pytest.mark.parametrize("said", ["", "phone", "second_step2"])
def test_other_words_are_the_usual_page(client, said):
    assert not client.get(START + f"?lost={said}").context["lost_step"]


@pytest.mark.parametrize("name", ["maria@example.org", "nobody@example.org"])
def test_who_lost_the_second_step_is_led_to_the_password(client, maria, app, code_for, name):
    typed = {"identifier": name, "contact_email": "new@example.com", "lost": "second_step"}
    client.post(START, typed)

    led = client.post("/acsr/code/", {"code": code_for("new@example.com")})

    assert led["Location"] == RAW
    assert RecoveryTicket.objects.get().reason == Reason.LOST_STEP
    assert "One more thing is needed" in client.get(RAW).content.decode()


def test_the_second_step_is_reset_after_the_wait_with_one_button(client, own, maria, app):
    ticket = _waited(own, maria)

    page = client.get(NEW)
    assert "Turn off the second step" in page.content.decode()
    assert "new_password1" not in page.content.decode()
    response = client.post(NEW)

    ticket.refresh_from_db()
    assert (response["Location"], ticket.state) == (reverse("recovery:done"), S.COMPLETED)
    done = client.get(response["Location"]).context
    assert "Two-step verification is turned off, because you lost it" in done["done"]
    assert "Your password is as it was" in done["done"]
    assert done["lost_step"]


def test_a_look_at_the_button_resets_nothing(client, own, maria, app):
    _waited(own, maria)

    client.get(NEW)
    client.head(NEW)

    app.refresh_from_db()
    assert app.confirmed


def test_the_status_speaks_of_the_second_step(client, own, maria, app):
    _waited(own, maria)

    assert client.get(STATUS).context["title"] == "You can turn off the second step"


def test_after_a_new_password_the_page_says_that_the_second_step_is_on(client, own, maria, app):
    ticket = own(maria, state=S.APPROVED)
    make_proof(ticket)
    new = {"new_password1": "Silver-kettle-4-meadow", "new_password2": "Silver-kettle-4-meadow"}

    done = client.get(client.post(NEW, new)["Location"]).context["done"]

    assert "Two-step verification is still on" in done


def _waited(own, user):
    now = timezone.now()
    ticket = own(
        user,
        state=S.APPROVED,
        resets=Resets.SECOND_STEP,
        hold_length=3 * policy.DAY,
        hold_from=now - 3 * policy.DAY,
        hold_until=now - timedelta(minutes=5),
    )
    make_proof(ticket, P.MAIL)
    return ticket
