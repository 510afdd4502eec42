import pytest
from django.test import Client


def test_the_front_page_leads_to_recovery_and_sign_in(client, db):
    page = client.get("/").text

    assert 'href="/acsr/"' in page
    assert 'href="/sign-in/"' in page


def test_the_explanation_stands_open_to_everybody(client, db):
    assert client.get("/how/").status_code == 200


def test_liveness_asks_no_other_part(client):
    assert client.get("/healthz").text == "ok"


def test_readiness_names_the_parts_that_work(client, db):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"database": True, "cache": True})


def test_readiness_names_the_part_that_is_down(client, db, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"database": True, "cache": False})


@pytest.mark.parametrize("path", ["/nothing/", "/dev/", "/dev/mail/1-2/", "/dev/time/"])
def test_an_address_that_does_not_exist_is_not_repeated(client, path):
    response = client.get(path)

    assert (response.status_code, path in response.text) == (404, False)


def test_a_bad_host_name_gets_400(client):
    response = client.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in response.text


def test_a_form_from_a_browser_without_cookies_gets_its_own_page(db):
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {})

    assert (response.status_code, "Allow cookies" in response.text) == (403, True)


def test_a_form_that_is_too_old_gets_its_own_page(db):
    browser = Client(enforce_csrf_checks=True)
    browser.get("/sign-in/")

    response = browser.post("/sign-in/", {"csrfmiddlewaretoken": "x" * 64})

    assert (response.status_code, "open too long" in response.text) == (403, True)


def test_the_icon_is_the_mark(client):
    assert client.get("/favicon.ico")["Location"] == "/static/img/mark.svg"
