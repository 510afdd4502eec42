"""Attack 34 and its kind, through the pages: what raises an alarm, and what is learned."""

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.services import totp
from accounts.tests.factories import PASSWORD, make_totp, make_user
from activity.enums import EventKind, RiskReason
from activity.models import FeatureCount, Notice, SecurityEvent
from activity.services import learning
from activity.tests.factories import FIREFOX_ON_WINDOWS
from activity.tests.mmdb import write_mmdb
from activity.tests.sign_ins import (
    AMERICA,
    CHROME_ON_WINDOWS,
    ELSEWHERE_IN_GERMANY,
    FIREFOX_ON_LINUX,
    FRANCE,
    GERMANY,
    JAPAN,
    NEWER_FIREFOX,
)
from tests.factories import code_of

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
ODD_AGENTS = {
    "none": None,
    "empty": "",
    "64 kB": "x" * 65536,
    "64 kB of a real one": (FIREFOX_ON_WINDOWS + " ") * 800,
    "garbage": "\x00\xff(((((;;;;<script>{{7*7}}%s%(a)s'\"--",
    "not ASCII": "é" * 300,
}


@pytest.fixture
def maria():
    return make_user(email=MARIA)


@pytest.fixture
def settled(maria, time_machine):
    """An account that signed in at home once a day for five days."""
    now = timezone.now()
    for days in range(5, 0, -1):
        time_machine.move_to(now - timedelta(days=days), tick=False)
        assert come(GERMANY)["Location"] == "/security/"
    time_machine.move_to(now, tick=True)
    return maria


def come(address, agent=FIREFOX_ON_WINDOWS, password=PASSWORD):
    """Sign in with a browser that has no cookies; ``agent`` None sends no header."""
    meta = {} if agent is None else {"HTTP_USER_AGENT": agent}
    browser = Browser(REMOTE_ADDR=address, **meta)
    response = browser.post("/sign-in/", {"identifier": MARIA, "password": password})
    response.browser = browser
    return response


def come_and_type_the_code(address, agent):
    response = come(address, agent)
    assert response["Location"] == "/sign-in/verify/"
    code = code_of(MARIA, "accounts.sign_in_code")
    return response.browser.post("/sign-in/verify/", {"token": code})


def newest():
    return SecurityEvent.objects.filter(kind=EventKind.SIGNED_IN).latest("at")


def notices():
    return Notice.objects.filter(event__kind=EventKind.SIGNED_IN).count()


def counts(user):
    return sorted(FeatureCount.objects.filter(user=user).values_list("feature", "value", "count"))


def test_the_first_sign_in_ever_raises_no_alarm(maria):
    come(AMERICA, CHROME_ON_WINDOWS)

    assert (newest().score, newest().is_unusual, notices()) == (0, False, 0)


@pytest.mark.parametrize("agent", [FIREFOX_ON_WINDOWS, NEWER_FIREFOX], ids=["same", "updated"])
def test_the_same_browser_and_an_updated_one_raise_no_alarm(settled, agent):
    come(GERMANY, agent)

    assert (newest().is_unusual, newest().reasons, notices()) == (False, [], 0)


@pytest.mark.parametrize(
    ("address", "agent", "reason"),
    [
        (FRANCE, FIREFOX_ON_WINDOWS, RiskReason.NEW_COUNTRY),
        (GERMANY, CHROME_ON_WINDOWS, RiskReason.NEW_BROWSER),
        (GERMANY, FIREFOX_ON_LINUX, RiskReason.NEW_SYSTEM),
    ],
)
def test_a_new_country_browser_or_system_raises_an_alarm(settled, address, agent, reason):
    signed_in = come(address, agent)

    assert signed_in["Location"] == "/security/"  # told of, and never shut out
    assert newest().is_unusual
    assert reason in newest().reasons
    assert notices() == 1


@pytest.mark.parametrize("agent", ODD_AGENTS.values(), ids=ODD_AGENTS)
def test_a_missing_huge_or_odd_header_is_unknown_and_no_alarm(settled, agent):
    signed_in = come(GERMANY, agent)

    assert signed_in["Location"] == "/security/"
    assert (newest().browser, newest().system) == ("unknown", "unknown")
    assert (newest().is_unusual, notices()) == (False, 0)


@pytest.mark.parametrize("agent", ODD_AGENTS.values(), ids=ODD_AGENTS)
def test_an_odd_header_hides_no_new_country(settled, agent):
    come(FRANCE, agent)

    assert RiskReason.NEW_COUNTRY in newest().reasons


def test_a_copied_header_hides_no_new_country(settled):
    come(JAPAN, FIREFOX_ON_WINDOWS)

    assert newest().is_unusual
    assert RiskReason.NEW_COUNTRY in newest().reasons


def test_another_machine_abroad_needs_the_mailbox(settled):
    begun = come(AMERICA, CHROME_ON_WINDOWS)

    assert begun["Location"] == "/sign-in/verify/"
    assert begun.browser.get("/security/").status_code == 302
    assert newest().country == "DE"


def test_a_thief_who_comes_again_and_again_does_not_become_normal(settled, time_machine):
    before = counts(settled)
    for _ in range(14):
        time_machine.move_to(timezone.now() + timedelta(days=1))
        come(FRANCE)

    assert newest().is_unusual
    assert counts(settled) == before


def test_a_thief_who_is_sent_for_a_code_and_gives_up_teaches_nothing(settled):
    before = counts(settled)
    for _ in range(3):
        come(AMERICA, CHROME_ON_WINDOWS)

    assert counts(settled) == before


def test_who_typed_the_mailed_code_is_told_once_and_then_normal(settled):
    come_and_type_the_code(AMERICA, CHROME_ON_WINDOWS)
    first = newest()
    come(AMERICA, CHROME_ON_WINDOWS)

    assert (first.is_unusual, first.country) == (True, "US")
    assert (newest().is_unusual, notices()) == (False, 1)


def test_what_was_disputed_is_unlearned(settled):
    before = counts(settled)
    come_and_type_the_code(AMERICA, CHROME_ON_WINDOWS)
    learning.unlearn(newest())

    assert counts(settled) == before
    assert come(AMERICA, CHROME_ON_WINDOWS)["Location"] == "/sign-in/verify/"


def test_a_second_step_makes_no_stranger_known_without_itself(settled):
    app = make_totp(settled)
    before = counts(settled)
    begun = come(AMERICA, CHROME_ON_WINDOWS)

    assert counts(settled) == before
    begun.browser.post("/sign-in/verify/", {"token": totp.current_code(app)})
    assert newest().country == "US"
    assert counts(settled) != before


def test_wrong_passwords_of_strangers_elsewhere_do_not_harm_the_owner(settled):
    calm = come(ELSEWHERE_IN_GERMANY) and newest().score
    for number in range(1, 9):
        for _ in range(5):
            come(f"81.2.69.{number}", CHROME_ON_WINDOWS, password="Wrong-tower-4-lamp")
    come(ELSEWHERE_IN_GERMANY)

    assert (newest().is_unusual, notices()) == (False, 0)
    assert newest().score <= calm


def test_wrong_passwords_before_the_right_one_raise_an_alarm(settled):
    for _ in range(5):
        come(ELSEWHERE_IN_GERMANY, password="Wrong-tower-4-lamp")
    come(ELSEWHERE_IN_GERMANY)

    assert newest().reasons == [RiskReason.AFTER_FAILURES]
    assert notices() == 1


def test_the_owner_who_mistypes_at_home_raises_no_alarm(settled):
    for _ in range(5):
        come(GERMANY, password="Wrong-tower-4-lamp")
    come(GERMANY)

    assert (newest().is_unusual, notices()) == (False, 0)


def test_without_a_database_places_are_unknown_and_no_alarm(settled, settings, tmp_path):
    bundled = settings.GEOIP_PATH
    settings.GEOIP_PATH = str(tmp_path / "missing.mmdb")
    come(FRANCE)
    unknown = newest()
    settings.GEOIP_PATH = bundled
    come(FRANCE.replace(".10", ".77"))

    assert (unknown.country, unknown.is_unusual) == ("", False)
    assert newest().country == "FR"
    assert come(JAPAN).status_code == 302
    assert RiskReason.NEW_COUNTRY in newest().reasons


@pytest.mark.parametrize("content", [b"", b"not a database"], ids=["empty", "broken"])
def test_a_broken_database_breaks_no_sign_in(settled, settings, tmp_path, content):
    path = tmp_path / "broken.mmdb"
    path.write_bytes(content)
    settings.GEOIP_PATH = str(path)

    assert come(FRANCE)["Location"] == "/security/"
    assert newest().country == ""


def test_a_database_that_names_other_countries_moves_nobody(settled, settings, tmp_path):
    path = tmp_path / "other.mmdb"
    write_mmdb(path, "193.99.0.0/16", {"country_code": "BR"})
    settings.GEOIP_PATH = str(path)
    come(GERMANY)

    assert (newest().country, newest().is_unusual, notices()) == ("BR", False, 0)
