import base64
import json
import stat

import pytest
from django.utils import timezone

from outbox import errors
from outbox.channels import sms
from outbox.channels.base import Rendered
from outbox.tests.conftest import free_port
from outbox.tests.factories import make_message

pytestmark = pytest.mark.django_db

NUMBER = "+4917012345678"
TEXT = Rendered(subject="", text="Northlight: your code 1234-5678")


def send(message=None):
    message = message or make_message(channel="sms", address=NUMBER)
    return sms.send(message, TEXT, timezone.now())


def test_without_a_way_to_send_texts_none_is_sent(settings):
    settings.SMS_URL = ""

    with pytest.raises(errors.SmsOff):
        send()


@pytest.mark.parametrize("countries", [[], ["DE"], ["FR", "DE"]])
def test_a_number_of_a_country_on_the_list_is_served(settings, tmp_path, countries):
    settings.SMS_URL, settings.SMS_COUNTRIES = f"file://{tmp_path}/sms", countries

    send()

    assert sms.serves(NUMBER)
    assert len(list((tmp_path / "sms").iterdir())) == 1


@pytest.mark.parametrize("number", ["+33612345678", "+88213300655"])
def test_no_text_goes_to_another_country_or_to_none(settings, tmp_path, number):
    settings.SMS_URL, settings.SMS_COUNTRIES = f"file://{tmp_path}/sms", ["DE"]

    with pytest.raises(errors.CountryNotServed):
        send(make_message(channel="sms", address=number))

    assert not sms.serves(number)
    assert not (tmp_path / "sms").exists()


@pytest.mark.parametrize("url", ["", "console:", "carrier-pigeon://loft"])
def test_no_number_is_served_where_no_texts_are_sent(settings, url):
    settings.SMS_URL, settings.DEMO, settings.DEBUG = url, False, False

    assert not sms.is_on()
    assert not sms.serves(NUMBER)


def test_a_file_channel_writes_one_file_that_only_its_owner_reads(settings, tmp_path):
    settings.SMS_URL = f"file://{tmp_path}/sms"
    message = make_message(channel="sms", address=NUMBER)

    send(message)

    [path] = (tmp_path / "sms").iterdir()
    written = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert written["to"] == NUMBER
    assert written["text"] == TEXT.text
    assert written["kind"] == message.kind


def test_a_file_that_cannot_be_written_is_tried_again(settings, tmp_path):
    (tmp_path / "sms").write_text("a file where the folder should be")
    settings.SMS_URL = f"file://{tmp_path}/sms"

    with pytest.raises(errors.ServerUnreachable):
        send()


def test_a_gateway_gets_the_text_as_json_and_the_password_as_a_header(gateway, settings):
    send()

    [posted], [headers] = gateway.posted, gateway.headers
    assert posted == {
        "to": NUMBER,
        "text": TEXT.text,
        "sender": settings.SITE_NAME,
        "id": headers["Idempotency-Key"],
    }
    assert headers["Authorization"] == f"Basic {base64.b64encode(b'user:pa@ss').decode()}"


def test_two_tries_of_one_text_have_the_same_id(gateway):
    message = make_message(channel="sms", address=NUMBER)

    send(message)
    send(message)
    send()

    ids = [posted["id"] for posted in gateway.posted]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.GatewayRefused),
        (404, errors.GatewayRefused),
        (422, errors.GatewayRefused),
        (401, errors.SenderRefused),
        (403, errors.SenderRefused),
        (429, errors.AskedToWait),
        (500, errors.AskedToWait),
        (503, errors.AskedToWait),
    ],
)
def test_each_answer_of_the_gateway_has_its_class(gateway, status, expected):
    gateway.status, gateway.body = status, f"no: {NUMBER}"

    with pytest.raises(expected) as caught:
        send()

    assert type(caught.value) is expected
    assert caught.value.reply == f"{status} no: <number>"


def test_a_redirect_is_not_followed(gateway):
    gateway.status = 302

    with pytest.raises(errors.AskedToWait):
        send()

    assert len(gateway.posted) == 1


def test_a_gateway_that_is_gone_is_a_reason_to_wait(settings):
    settings.SMS_URL = f"http://127.0.0.1:{free_port()}/send"

    with pytest.raises(errors.ServerUnreachable) as caught:
        send()

    assert caught.value.reply == "URLError"


def test_the_console_prints_in_development(settings, capsys):
    settings.SMS_URL, settings.DEBUG = "console:", True

    send()

    assert capsys.readouterr().out == f"SMS to {NUMBER}: {TEXT.text}\n"


def test_the_console_stays_silent_in_production(settings, capsys):
    settings.SMS_URL, settings.DEBUG, settings.DEMO = "console:", False, False

    with pytest.raises(errors.SmsOff):
        send()

    assert capsys.readouterr().out == ""
