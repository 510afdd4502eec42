"""What the site answers while a part is down, and what it refuses to start with."""

import pytest
import redis.exceptions
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from acsr_site import checks

FAULTS = {
    "database": OperationalError("the database is gone"),
    "cache": redis.exceptions.ConnectionError("the cache is gone"),
    "ours": RuntimeError("a mistake of ours"),
}


def broken_middleware(get_response):
    """Fail as a session that cannot be read does: below every view."""

    def answer(request):
        raise FAULTS[request.headers["X-Fault"]]

    return answer


@pytest.fixture
def browser(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.broken_middleware"]
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("part", "status"), [("database", 503), ("cache", 503), ("ours", 500)])
def test_a_fault_below_the_views_gets_the_page_of_its_kind(browser, part, status):
    response = browser.get("/", headers={"X-Fault": part})

    assert response.status_code == status


def test_the_process_says_that_it_lives_whatever_is_down(browser):
    response = browser.get("/healthz", headers={"X-Fault": "database"})

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [
        ("PASSWORD_POLICY", "mixed", []),
        ("PASSWORD_POLICY", "length", []),
        ("PASSWORD_POLICY", "lenght", ["acsr.E005"]),
        ("SHARED_NETWORKS", ["198.51.100.0/24=20"], []),
        ("SHARED_NETWORKS", ["campus"], ["acsr.E006"]),
    ],
)
def test_unreadable_settings_are_refused_before_any_page(settings, setting, value, found):
    setattr(settings, setting, value)

    assert [error.id for error in checks.require_known_words(None)] == found


@pytest.mark.parametrize("command", ["createsuperuser", "changepassword"])
def test_django_s_own_account_commands_are_refused(command):
    with pytest.raises(CommandError, match="create_staff"):
        call_command(command)
