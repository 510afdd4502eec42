"""Who is asking, and what an ended session leads to."""

import pytest
from django.test import RequestFactory

from accounts.middleware import build_client
from accounts.models import UserSession
from accounts.session_store import SessionStore
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db


def client_of(**headers):
    request = RequestFactory().get("/", **headers)
    request.session = SessionStore()
    return build_client(request)


def test_forged_header_changes_nothing_without_a_proxy():
    asking = client_of(REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR="6.6.6.6")

    assert (asking.address, asking.network) == ("203.0.113.9", "203.0.113.9")


def test_proxies_of_ours_are_believed(settings):
    settings.TRUSTED_PROXY_COUNT = 1

    asking = client_of(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.7")

    assert asking.address == "198.51.100.7"


@pytest.mark.parametrize("agent", ["", "x" * 65_536, "a\x00b\r\nc", "\udcff"])
def test_odd_agents_are_cut_and_cleaned(agent):
    asking = client_of(HTTP_USER_AGENT=agent)

    assert len(asking.agent) <= 512
    assert asking.agent.isprintable()


def test_hints_of_the_browser_are_read():
    asking = client_of(HTTP_SEC_CH_UA_PLATFORM_VERSION='"15.0.0"', HTTP_SEC_CH_UA_MODEL='"Pixel 8"')

    assert asking.hints == "platform=15.0.0;model=Pixel 8"


@pytest.mark.parametrize("page", ["/", "/sign-in/", "/no-such-page/"])
def test_every_answer_asks_for_hints(client, page):
    answer = client.get(page)

    assert answer["Accept-CH"] == "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model"


@pytest.mark.parametrize(("cookie", "field"), [("acsr_device", "device"), ("acsr_trust", "trust")])
def test_cookie_of_the_browser_is_known_by_its_hash_alone(cookie, field):
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.COOKIES[cookie] = "value-of-the-cookie"

    asking = build_client(request)

    assert "value-of-the-cookie" not in str(asking)
    assert len(getattr(asking, field)) == 64


@pytest.mark.parametrize(
    ("cookie", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("../../etc/passwd", "UTC"),
        ("Mars/Olympus", "UTC"),
        ("", "UTC"),
    ],
)
def test_zone_of_the_browser_is_taken_only_if_it_exists(cookie, zone):
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request.COOKIES["acsr_zone"] = cookie

    assert build_client(request).time_zone == zone


def test_page_of_an_ended_session_leads_to_signing_in(client):
    client.force_login(make_user())
    UserSession.objects.all().delete()

    answer = client.get("/security/")

    assert (answer.status_code, answer.url) == (302, "/sign-in/?next=/security/")


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://testserver/security/password/", "/security/password/"),
        ("https://evil.example/", "/sign-in/"),
        ("http://testserver//evil.example/", "/%2Fevil.example/"),
        ("", "/sign-in/"),
    ],
)
def test_session_that_ends_while_its_page_is_made_leads_back_on_this_site(
    client, monkeypatch, referrer, back
):
    client.force_login(make_user())
    real = SessionStore.cycle_key

    def ended_meanwhile(self):
        UserSession.objects.all().delete()
        real(self)

    monkeypatch.setattr(SessionStore, "cycle_key", ended_meanwhile)
    answer = client.post(
        "/security/password/",
        {
            "old_password": "Copper-lantern-7-river",
            "new_password1": "Silver-harbour-9-cloud",
            "new_password2": "Silver-harbour-9-cloud",
        },
        headers={"Referer": referrer},
    )

    assert (answer.status_code, answer.url) == (302, back)
    assert UserSession.objects.count() == 0
