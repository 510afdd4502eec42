import subprocess
import sys

import pytest
from django.conf import settings as installed
from django.core.exceptions import MiddlewareNotUsed
from django.http import JsonResponse
from django.test import Client
from django.urls import path

from acsr_site.dev import elsewhere
from acsr_site.tests import demo_urls
from activity import places

MIDDLEWARE = "acsr_site.dev.elsewhere.ElsewhereMiddleware"
HERE = "127.0.0.1"


def show_client(request):
    client = request.client
    return JsonResponse([client.address, client.network, client.wide_network], safe=False)


urlpatterns = [*demo_urls.urlpatterns, path("who/", show_client)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _demo(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path
    before = settings.MIDDLEWARE.index("accounts.middleware.ClientMiddleware") + 1
    listed = [*settings.MIDDLEWARE]
    settings.MIDDLEWARE = [*listed[:before], MIDDLEWARE, *listed[before:]]


@pytest.fixture
def client():
    """A browser on the machine of the demo."""
    return Client(headers={"host": "127.0.0.1:8000"})


def address_of(client, **extra):
    return client.get("/who/", **extra).json()[0]


def test_a_browser_seems_to_be_where_it_chose(client):
    client.post("/dev/place/", {"place": "brazil"})

    assert client.get("/who/").json() == ["189.40.0.77", "189.40.0.77", "189.40.0.0/24"]


def test_the_demo_itself_still_knows_where_the_browser_is(client):
    client.post("/dev/place/", {"place": "brazil"})

    page = client.get("/dev/")

    assert '<option value="brazil" selected>' in page.text


@pytest.mark.parametrize("place", ["", "8.8.8.8", "atlantis"])
def test_whatever_is_no_place_leads_back_here(client, place):
    client.post("/dev/place/", {"place": "brazil"})

    client.post("/dev/place/", {"place": place})

    assert address_of(client) == HERE


@pytest.mark.parametrize("value", ["8.8.8.8", "brazil, japan", "\x00"])
def test_a_made_up_cookie_moves_nobody(client, value):
    client.cookies[elsewhere.COOKIE] = value

    assert address_of(client) == HERE


def test_no_header_moves_anybody(client):
    headers = {"x-forwarded-for": "189.40.0.77", "acsr-demo-place": "brazil"}

    assert address_of(client, headers=headers) == HERE


def test_each_place_is_in_its_country():
    found = {key: places.country_of(place.address) for key, place in elsewhere.PLACES.items()}

    assert found == {
        "italy": "IT",
        "germany": "DE",
        "france": "FR",
        "brazil": "BR",
        "japan": "JP",
    }


def test_nobody_else_on_the_network_moves(client):
    client.cookies[elsewhere.COOKIE] = "brazil"

    assert address_of(client, REMOTE_ADDR="192.0.2.7") == "192.0.2.7"


def test_under_another_name_of_this_machine_nobody_moves(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.cookies[elsewhere.COOKIE] = "brazil"

    assert address_of(client, headers={"host": "rebound.example"}) == HERE


def test_outside_the_demo_the_choice_is_not_there(client, settings):
    settings.DEMO = False
    client.cookies[elsewhere.COOKIE] = "brazil"

    assert client.post("/dev/place/", {"place": "brazil"}).status_code == 404
    assert address_of(client) == HERE
    with pytest.raises(MiddlewareNotUsed):
        elsewhere.ElsewhereMiddleware(lambda request: None)


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_settings_list_it_in_the_demo_alone(is_demo, tmp_path):
    asked = "from django.conf import settings; print(*settings.MIDDLEWARE)"
    given = {} if is_demo else {"SECRET_KEY": "x" * 60}
    (tmp_path / "demo.key").write_text("x" * 60, encoding="ascii")

    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={"DJANGO_SETTINGS_MODULE": "acsr_site.settings", "DATA_DIR": str(tmp_path), **given},
        cwd=installed.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (MIDDLEWARE in done.stdout.split()) is is_demo
