from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import make_user
from acsr_site.dev import mail_server, mailbox
from acsr_site.tests.dev.test_mailbox import make_letter

pytestmark = [pytest.mark.urls("acsr_site.tests.demo_urls"), pytest.mark.django_db]
PAGES = ["/dev/", "/dev/mail/1-2/", "/dev/mail/1-2/html/"]
ACTS = ["/dev/time/", "/dev/break/"]


@pytest.fixture(autouse=True)
def _demo(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path


@pytest.fixture
def client():
    """A browser on the machine of the demo."""
    return Client(headers={"host": "127.0.0.1:8000"})


def test_the_mailbox_shows_code_and_links(client):
    mailbox.keep(make_letter(text="4807-1935\n\nhttp://127.0.0.1:8000/acsr/stop/abc/\n"))

    page = client.get("/dev/").text

    assert '<p class="code-large">4807-1935</p>' in page
    assert '<a href="http://127.0.0.1:8000/acsr/stop/abc/">' in page


def test_a_mail_cannot_bring_markup_into_the_page(client):
    letter = make_letter(subject="<script>1</script>", text="<img src=x onerror=1>")
    mailbox.keep(letter)

    pages = [client.get(url).text for url in ("/dev/", reverse("dev:letter", args=[letter.id]))]

    assert [("<script>1" in page, "<img src=x" in page) for page in pages] == [(False, False)] * 2


def test_the_html_part_stands_in_a_sandbox(client):
    letter = make_letter(html="<p>4807-1935</p><script>1</script>")
    mailbox.keep(letter)

    response = client.get(reverse("dev:letter_html", args=[letter.id]))

    policy = response["Content-Security-Policy"].split("; ")
    assert response.text == letter.html
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert not any("script-src" in part for part in policy)


def test_a_mail_without_an_html_part_has_no_such_page(client):
    letter = make_letter(html="")
    mailbox.keep(letter)

    assert client.get(reverse("dev:letter_html", args=[letter.id])).status_code == 404


def test_the_mail_server_breaks_for_two_minutes(client):
    response = client.post("/dev/break/")

    assert (response.status_code, response["Location"]) == (302, "/dev/")
    assert mail_server.broken_seconds() in {119, 120}


def test_nothing_is_done_by_following_a_link(client):
    assert [client.get(path).status_code for path in ACTS] == [405, 405]
    assert mail_server.broken_seconds() == 0


@pytest.mark.parametrize(("length", "passed"), [("day", timedelta(days=1)), ("year", timedelta())])
def test_only_a_length_of_time_that_is_offered_passes(client, length, passed):
    before = make_user().created_at

    client.post("/dev/time/", {"length": length})

    assert before - User.objects.get().created_at == passed


@pytest.mark.parametrize("path", PAGES)
def test_outside_the_demo_there_are_no_such_pages(client, settings, path):
    settings.DEMO = False

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ACTS)
def test_outside_the_demo_nothing_acts(client, settings, path):
    settings.DEMO = False

    assert client.post(path).status_code == 404
    assert mail_server.broken_seconds() == 0


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_on_the_network_sees_the_demo(client, path):
    assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_another_name_of_this_machine_is_refused(client, settings, path):
    settings.ALLOWED_HOSTS = ["*"]

    assert client.get(path, headers={"host": "rebound.example"}).status_code == 404
