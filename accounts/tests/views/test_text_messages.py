"""Where no text message goes, none is promised."""

import pytest

from accounts import errors
from accounts.models import Contact
from accounts.services import code_devices
from accounts.tests.factories import make_client, make_contact, make_totp
from accounts.tests.views.two_step import confirm
from outbox.models import Message

pytestmark = pytest.mark.django_db
GERMAN, FRENCH = "+4915112345678", "+33612345678"
OVERVIEW, ADD_PHONE = "/security/two-step/", "/security/two-step/phone/"


@pytest.fixture(autouse=True)
def _texts_to_germany_alone(settings, tmp_path):
    settings.SMS_URL, settings.SMS_COUNTRIES = f"file://{tmp_path}/sms", ["DE"]


def test_a_number_that_is_served_gets_a_code(browser):
    confirm(browser)

    answer = browser.post("/security/contacts/add/", {"contact": GERMAN})

    assert answer.url == "/security/contacts/code/"
    assert Message.objects.get(channel="sms").address == GERMAN


def test_a_number_of_another_country_is_refused_in_plain_words(browser):
    confirm(browser)

    answer = browser.post("/security/contacts/add/", {"contact": FRENCH})

    errors_of_form = answer.context["form"].errors
    assert errors_of_form == {"contact": ["We can't send text messages to this number."]}
    assert not Message.objects.filter(channel="sms").exists()


def test_a_phone_on_file_that_gets_no_texts_is_not_offered_as_a_second_step(browser, maria):
    make_totp(maria)
    make_contact(maria, FRENCH)
    served = make_contact(maria, GERMAN)

    page = browser.get(OVERVIEW)
    assert _sms_choice(page).url == ADD_PHONE

    Contact.objects.filter(pk=served.pk).delete()
    assert _sms_choice(browser.get(OVERVIEW)).url == "/security/contacts/"


def test_without_a_way_to_send_texts_the_choice_says_so(browser, maria, settings):
    settings.SMS_URL = ""
    make_totp(maria)
    make_contact(maria, GERMAN)

    choice = _sms_choice(browser.get(OVERVIEW))

    assert (choice.url, choice.text) == ("", "We send no text messages here.")


def test_no_code_is_sent_to_set_up_what_could_get_none(maria):
    make_totp(maria)
    phone = make_contact(maria, FRENCH)

    with pytest.raises(errors.NoSuchAuthenticator):
        code_devices.begin(maria, phone.pk, client=make_client())

    assert not Message.objects.exists()


def _sms_choice(page):
    return next(each for each in page.context["choices"] if each.title == "Code by text message")
