"""What asks for a step-up, and how the person comes back to what they were doing."""

from datetime import timedelta

import pytest
import time_machine
from django.http import JsonResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import policy
from accounts.decorators import signed_in_required, step_up_required
from accounts.models import UserSession
from accounts.services import held_forms, step_up, totp
from accounts.session_store import SessionStore
from accounts.tests.factories import PASSWORD, make_totp, make_user
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.views.steps import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

DONE = []  # what the guarded views were asked to do


@signed_in_required
@step_up_required
def guarded(request):
    if request.method == "POST":
        DONE.append(request.POST.dict())
    return JsonResponse({"held": request.held_form})


@signed_in_required
@step_up_required
def guarded_too(request):
    return JsonResponse({"held": request.held_form})


@require_POST
@signed_in_required
@step_up_required(page="guarded")
def post_only(request):
    DONE.append("posted")
    return JsonResponse({})


@require_POST
@signed_in_required
@step_up_required(page="row")
def row_post_only(request, pk):
    return JsonResponse({})


@signed_in_required
@step_up_required
def row(request, pk):
    return JsonResponse({"held": request.held_form})


urlpatterns = [
    path("guarded/", guarded, name="guarded"),
    path("guarded-too/", guarded_too),
    path("post-only/", post_only),
    path("row/<int:pk>/", row, name="row"),
    path("row/<int:pk>/remove/", row_post_only),
    path("", include("acsr_site.urls")),
]

FORM = {"contact": "ana@example.net", "kind": "email"}
ASKED = "/security/confirm/?next=/guarded/"


@pytest.fixture(autouse=True)
def _nothing_done():
    DONE.clear()


@pytest.fixture
def maria():
    return make_user(email="maria@example.org")


@pytest.fixture
def browser(client, maria):
    """A browser that has just signed in as Maria."""
    sign_in(client)
    return client


@pytest.fixture
def client_too(maria):
    """Another browser of hers."""
    browser = Client()
    sign_in(browser)
    return browser


def confirm(browser, query="?next=/guarded/", **fields):
    return browser.post(f"/security/confirm/{query}", {"password": PASSWORD} | fields)


def where(answer):
    return (answer.status_code, answer.get("Location", ""))


def held(browser, path="/guarded/"):
    return browser.get(path).json()["held"]


def test_strangers_sign_in_first(client):
    assert where(client.post("/guarded/", FORM)) == (302, "/sign-in/?next=/guarded/")
    assert DONE == []


def test_page_asks_even_right_after_a_sign_in(browser):
    assert where(browser.get("/guarded/")) == (302, ASKED)


def test_confirmed_person_is_let_in(browser):
    confirm(browser)

    assert where(browser.get("/guarded/")) == (200, "")
    assert where(browser.post("/guarded/", FORM)) == (200, "")
    assert DONE == [FORM]


def test_confirmation_is_over_after_five_minutes(browser):
    confirm(browser)

    with time_machine.travel(timezone.now() + policy.STEP_UP_LIVES + timedelta(seconds=1)):
        assert where(browser.post("/guarded/", FORM)) == (302, ASKED)
    assert DONE == []


def test_spent_confirmation_lets_nobody_in(browser):
    confirm(browser)
    session = browser.session
    step_up.spend(session)
    session.save()

    assert where(browser.post("/guarded/", FORM)) == (302, ASKED)
    assert DONE == []


def test_person_comes_back_to_what_they_typed(browser):
    asked = browser.post("/guarded/?from=list", FORM)
    back = browser.post(asked.url, {"password": PASSWORD})

    assert where(back) == (302, "/guarded/?from=list")
    assert DONE == []  # it is shown again, not done
    assert held(browser, back.url) == FORM
    assert held(browser, back.url) is None


def test_passkey_leads_back_to_what_was_typed_too(browser, maria):
    _, device = make_working_passkey(maria)
    asked = browser.post("/guarded/", FORM)
    page = browser.get(asked.url).context["passkey"]["script"]

    question = browser.post(page["beginAuthenticationUrl"], {}, content_type="application/json")
    done = browser.post(
        page["completeAuthenticationUrl"],
        device.sign(question.json()),
        content_type="application/json",
    )

    assert done.json()["redirect_url"] == "/guarded/"
    assert held(browser) == FORM


def test_page_of_contacts_is_filled_in_again(browser):
    asked = browser.post("/security/contacts/add/", {"contact": "ana@example.net"})
    back = browser.post(asked.url, {"password": PASSWORD})

    assert back.url == "/security/contacts/add/"
    assert b'value="ana@example.net"' in browser.get(back.url).content


def test_refused_confirmation_keeps_what_was_typed(browser):
    browser.post("/guarded/", FORM)
    confirm(browser, password="wrong")

    confirm(browser)

    assert held(browser) == FORM


def test_page_that_asks_again_keeps_what_was_typed(browser):
    browser.post("/guarded/", FORM)
    browser.get("/guarded/")

    confirm(browser)

    assert held(browser) == FORM


def test_other_pages_do_not_get_the_form(browser):
    browser.post("/guarded/", FORM)
    confirm(browser)

    assert held(browser, "/guarded-too/") is None
    assert held(browser) == FORM


def test_form_that_is_posted_meanwhile_replaces_the_one_that_waits(browser):
    browser.post("/guarded/", FORM)
    confirm(browser)

    answer = browser.post("/guarded/", FORM | {"contact": "other@example.net"})

    assert answer.json()["held"] is None
    assert held(browser) is None


def test_secrets_are_neither_given_back_nor_in_the_session(browser):
    browser.post("/guarded/", FORM | {"new_password1": "hush-hush-9", "token": "123456"})

    row = UserSession.objects.get(pk=browser.session.key_hash)
    decoded = str(SessionStore().decode(row.session_data))
    confirm(browser)

    # The form did wait there, but nothing of it can be read.
    assert held_forms.KEY in decoded
    for text in (decoded, row.session_data):
        assert not [word for word in ("hush", "123456", "ana@example.net") if word in text]
    assert held(browser) == FORM


def test_form_of_secrets_alone_is_known_to_have_been_there(browser):
    browser.post("/guarded/", {"password": "hush-hush-9"})
    confirm(browser)

    assert held(browser) == {}


def test_form_that_is_too_long_is_not_kept(browser):
    browser.post("/guarded/", {"contact": "x" * policy.HELD_FORM_LONGEST})
    confirm(browser)

    assert held(browser) is None


def test_form_does_not_go_to_who_signs_in_next(browser):
    browser.post("/guarded/", FORM)
    make_user(email="jonas@example.org")
    sign_in(browser, "jonas@example.org")
    confirm(browser)

    assert held(browser) is None


def test_confirmation_does_not_go_to_who_signs_in_next(browser):
    confirm(browser)
    make_user(email="jonas@example.org")
    sign_in(browser, "jonas@example.org")

    assert where(browser.get("/guarded/")) == (302, ASKED)


def test_confirmation_in_one_browser_is_not_one_in_another(browser, client_too):
    confirm(browser)

    assert where(client_too.get("/guarded/")) == (302, ASKED)


def test_view_without_a_page_of_its_own_leads_to_another(browser):
    assert where(browser.post("/post-only/", FORM)) == (302, ASKED)
    assert DONE == []

    confirm(browser)
    browser.post("/post-only/", FORM)

    assert DONE == ["posted"]


def test_page_to_come_back_to_is_that_of_the_same_row(browser):
    answer = browser.post("/row/7/remove/")

    assert where(answer) == (302, "/security/confirm/?next=/row/7/")


@pytest.mark.parametrize(
    "how",
    [
        {"content_type": "application/json"},
        {"headers": {"accept": "application/json"}},
    ],
)
def test_scripts_are_refused_in_json(browser, how):
    answer = browser.post("/guarded/", {}, **how)

    assert (answer.status_code, list(answer.json())) == (403, ["detail"])
    assert held_forms.KEY not in browser.session


def test_script_with_a_confirmation_is_let_in(browser):
    confirm(browser)

    answer = browser.post("/guarded/", {}, content_type="application/json")

    assert answer.status_code == 200


@pytest.mark.parametrize("accept", ["text/html,application/json;q=0.9", "*/*", "nonsense", ""])
def test_browsers_are_led_on_whatever_they_accept_besides(browser, accept):
    answer = browser.post("/guarded/", FORM, headers={"accept": accept})

    assert where(answer) == (302, ASKED)


def test_malformed_form_is_no_server_error(browser):
    answer = browser.post("/guarded/", b"nonsense", content_type="multipart/form-data; boundary=")

    assert answer.status_code in {302, 400}
    assert DONE == []


def test_sign_in_counts_nowhere_but_where_that_is_said(client, maria):
    device = make_totp(maria)
    sign_in(client)

    client.post("/sign-in/verify/", {"token": totp.current_code(device)})

    assert where(client.get("/guarded/")) == (302, ASKED)


def test_trusted_browser_is_asked_for_the_second_step_to_confirm(client, maria):
    device = make_totp(maria)
    sign_in(client)
    client.post("/sign-in/verify/", {"token": totp.current_code(device), "trust": "on"})

    answer = confirm(client)

    assert list(answer.context["form"].errors) == ["token"]
    assert where(client.get("/guarded/")) == (302, ASKED)
