from datetime import timedelta
from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.errors import HashingBusy, LimitReached
from acsr_site.middleware import FaultMiddleware, PrivateAnswerMiddleware


def answer_to(error):
    middleware = FaultMiddleware(lambda request: HttpResponse())
    return middleware.process_exception(RequestFactory().get("/"), error)


def headers_of(path, response=None):
    middleware = PrivateAnswerMiddleware(lambda request: response or HttpResponse())
    return middleware(RequestFactory().get(path)).headers


@pytest.mark.urls("acsr_site.tests.demo_urls")
def test_a_cache_that_is_down_costs_a_polite_page(client, db):
    response = client.get("/redis-is-down/")

    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "We need a moment" in response.text


def test_hashing_at_full_load_asks_to_come_back():
    assert answer_to(HashingBusy()).status_code == 503


def test_a_used_up_budget_says_when_it_opens_again():
    response = answer_to(LimitReached(timezone.now() + timedelta(minutes=5)))

    assert (response.status_code, response["Retry-After"]) == (429, "300")


def test_a_budget_that_has_just_opened_again_asks_for_a_second():
    response = answer_to(LimitReached(timezone.now() - timedelta(minutes=5)))

    assert response["Retry-After"] == "1"


def test_a_mistake_of_ours_is_left_to_django():
    assert answer_to(KeyError("x")) is None


def test_no_answer_may_be_stored():
    assert headers_of("/sign-in/")["Cache-Control"] == "no-store"


def test_a_stricter_rule_of_a_view_stays():
    strict = HttpResponse(headers={"Cache-Control": "no-cache, no-store, private"})

    assert headers_of("/", strict)["Cache-Control"] == "no-cache, no-store, private"


def test_a_long_file_is_refused_before_it_is_read_or_written_to_disk(client, settings):
    file = BytesIO(b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    file.name = "a.bin"

    response = client.post("/acsr/", {"identifier": "maria@example.org", "file": file})

    assert response.status_code == 400
    assert not response.wsgi_request._read_started


@pytest.mark.parametrize("length", ["-1", "1e9", "x"])
def test_a_length_that_is_no_number_is_refused(client, length):
    response = client.post("/acsr/", {"identifier": "x"}, CONTENT_LENGTH=length)

    assert response.status_code == 400


@pytest.mark.parametrize("path", ["/acsr/stop/abc/", "/acsr/undo/abc/", "/activity/report/abc/"])
def test_a_token_in_the_path_goes_to_no_other_site(path):
    assert headers_of(path)["Referrer-Policy"] == "no-referrer"


def test_other_pages_keep_the_general_referrer_rule():
    assert "Referrer-Policy" not in headers_of("/activity/")
