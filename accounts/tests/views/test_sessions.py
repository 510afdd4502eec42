"""Where the account is open and where it is trusted: shown with what helps to tell them apart."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.models import Device, TrustedBrowser, UserSession
from accounts.services import devices
from accounts.tests.factories import make_device, make_totp, make_trust, make_user
from accounts.tests.views.steps import sign_in, text_of

pytestmark = pytest.mark.django_db
PAGE = "/security/sessions/"
KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/144.0.0.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {KHTML} Chrome/144.0.0.0 Mobile Safari/537.36"


def open_in(agent="", version="", model="", **fields):
    """Sign in to Maria's account in another browser."""
    browser = Client(
        HTTP_USER_AGENT=agent,
        HTTP_SEC_CH_UA_PLATFORM_VERSION=version,
        HTTP_SEC_CH_UA_MODEL=model,
    )
    sign_in(browser, **fields)
    return browser


def shown(browser):
    return browser.get(PAGE).context["sessions"]


def is_signed_in(browser):
    return browser.get("/security/").status_code == 200


def test_browsers_are_told_apart_by_what_their_hints_say(young, maria):
    open_in(WINDOWS, version='"15.0.0"', model='""')
    open_in(ANDROID, version='"14.0.0"', model='"Pixel 8"')
    open_in(WINDOWS)

    labels = sorted(session.label for session in shown(young) if not session.is_current)

    assert labels == ["Chrome on Pixel 8", "Chrome on Windows", "Chrome on Windows 11"]


def test_this_browser_comes_first_and_then_the_last_used(young):
    now = timezone.now()
    others = [open_in(), open_in()]
    for minutes, other in enumerate(others):
        rows = UserSession.objects.filter(pk=other.session.key_hash)
        rows.update(last_seen_at=now + timedelta(minutes=minutes + 1))

    ids = [session.id for session in shown(young)]

    first, second = (other.session.key_hash for other in others)
    assert ids == [young.session.key_hash, second, first]
    assert [session.is_current for session in shown(young)] == [True, False, False]


def test_page_says_where_since_when_and_how_long(young, maria):
    other = open_in(keep="on", address="193.99.144.80")
    first_seen_at = timezone.now() - timedelta(days=200)
    row = UserSession.objects.get(pk=other.session.key_hash)
    Device.objects.filter(pk=row.device_id).update(first_seen_at=first_seen_at)

    this, session = shown(young)

    assert (session.place, session.first_seen_at) == ("Germany", first_seen_at)
    assert session.last_seen_at == row.last_seen_at
    assert session.kept_until == row.signed_in_at + policy.SESSION_KEPT
    assert this.kept_until is None
    words = text_of(young.get(PAGE))
    assert "Stays signed in until" in words
    assert "Ends by itself when it is not used." in words


def test_browser_that_was_forgotten_is_first_seen_anew(young, maria):
    devices.forget_all(maria)

    (session,) = shown(young)

    assert session.first_seen_at == UserSession.objects.get().signed_in_at


@pytest.mark.parametrize("end", ["one", "all"])
def test_next_request_of_an_ended_browser_leads_to_signing_in(young, end):
    other = open_in(keep="on")

    path = f"{PAGE}{other.session.key_hash}/end/" if end == "one" else PAGE
    young.post(path)

    assert other.get("/security/").url == "/sign-in/?next=/security/"
    assert is_signed_in(young)


def test_form_of_ending_this_session_itself_ends_it(young):
    young.post(f"{PAGE}{young.session.key_hash}/end/")

    assert not is_signed_in(young)


def test_ended_session_and_odd_names_of_sessions_do_no_harm(young):
    other = open_in()
    key_hash = other.session.key_hash
    young.post(f"{PAGE}{key_hash}/end/", follow=True)

    again = young.post(f"{PAGE}{key_hash}/end/", follow=True)

    assert "That browser is signed out." not in text_of(again)
    assert young.post(f"{PAGE}x/end/").status_code == 404
    assert young.get(f"{PAGE}{key_hash}/end/").status_code == 405


def test_sessions_of_others_are_not_listed(young):
    make_user(email="jonas@example.org")
    open_in(identifier="jonas@example.org")

    assert [session.is_current for session in shown(young)] == [True]


def test_page_costs_the_same_whatever_it_lists(young, maria, django_assert_num_queries):
    make_totp(maria)
    make_trust(maria)
    with django_assert_num_queries(4):
        young.get(PAGE)
    for number in range(3):
        open_in()
        make_trust(maria, make_device(maria, f"device{number}"), f"trust{number}")

    with django_assert_num_queries(4):
        young.get(PAGE)


def test_trusted_browsers_are_listed_with_their_end(young, maria):
    own = UserSession.objects.get(pk=young.session.key_hash).device
    trust = make_trust(maria, own)
    device = make_device(maria, "other", agent=WINDOWS, hints="platform=13.0.0")
    make_trust(maria, device, "other", used_at=timezone.now())
    make_trust(make_user(), token="of somebody else")

    listed = young.get(PAGE).context["browsers"]

    assert [(each.label, each.is_current) for each in listed] == [
        ("Chrome on Windows 11", False),
        ("unknown browser", True),
    ]
    assert listed[1].expires_at == trust.expires_at


def test_browser_that_is_not_trusted_any_more_leads_back_here(young, maria):
    trust = make_trust(maria)
    page = young.get(PAGE).content.decode()
    action = f"/security/trusted/{trust.pk}/forget/?next=/security/sessions/"

    answer = young.post(action, follow=True)

    assert f'action="{action}"' in page
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "asked for the second step again" in text_of(answer)
    assert TrustedBrowser.objects.count() == 0


@pytest.mark.parametrize("lure", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_leads_to_no_other_site(young, maria, lure):
    trust = make_trust(maria)

    answer = young.post(f"/security/trusted/{trust.pk}/forget/?next={lure}")

    assert answer.url == "/security/two-step/"


def test_use_is_written_once_a_minute_at_most(young):
    began_at = UserSession.objects.get().last_seen_at

    def seen_after(seconds):
        with time_machine.travel(began_at + timedelta(seconds=seconds), tick=False):
            young.get(PAGE)
        return UserSession.objects.get().last_seen_at - began_at

    seen = [seen_after(seconds) for seconds in (30, 59, 61, 90, 122)]

    assert seen == [timedelta(seconds=each) for each in (0, 0, 61, 61, 122)]


def test_trust_is_listed_while_it_lasts(young, maria):
    trust = make_trust(maria, make_device(maria, token="phone"))
    listed = [each.pk for each in young.get(PAGE).context["browsers"]]

    TrustedBrowser.objects.update(expires_at=timezone.now())

    assert listed == [trust.pk]
    assert young.get(PAGE).context["browsers"] == []
