"""Printed codes: shown once, kept nowhere, counted."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import RecoveryCode, RecoveryCodeSet, User
from accounts.services import recovery_codes
from accounts.tests.factories import make_recovery_codes, make_totp, make_user
from accounts.tests.views.two_step import (
    HOME,
    confirm,
    confirmed_browser,
    everything_kept,
    is_confirmed,
    is_signed_in,
    leads_to_confirming,
    said,
    signed_in_browser,
)

pytestmark = pytest.mark.django_db

URL, KEEP = f"{HOME}codes/", f"{HOME}codes/keep/"
CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b")


@pytest.fixture
def browser(maria):
    return confirmed_browser()


def make(browser, replaces="", query=""):
    return browser.post(URL + query, {"replaces": replaces})


def codes_on(answer):
    return CODE.findall(re.sub(r'href="data:[^"]*"', "", answer.content.decode()))


def sets():
    return list(RecoveryCodeSet.objects.in_use().values_list("pk", flat=True))


def test_ten_codes_are_shown_in_the_answer_and_all_of_them_work(browser, maria):
    answer = make(browser)

    codes = codes_on(answer)
    assert codes == answer.context["codes"]
    assert len(set(codes)) == 10
    assert all(recovery_codes.is_one(maria, code) for code in codes)
    assert "no-store" in answer["Cache-Control"]


def test_sheet_names_account_portal_and_when_they_count(browser, maria):
    page = make(browser).content.decode()

    assert "maria@example.org" in page
    assert f"{settings.SITE_URL}/acsr/" in page
    assert "For this they count from " in page


def test_codes_of_an_account_made_today_count_at_once():
    make_user(email="maria@example.org", created_at=timezone.now())

    assert make(confirmed_browser()).context["counts_from"] is None


def test_file_has_the_same_codes_and_needs_no_other_request(browser):
    answer = make(browser)

    address = re.search(
        r'href="(data:text/plain[^"]*)" download="([^"]+)"', answer.content.decode()
    )
    assert CODE.findall(unquote(address[1])) == answer.context["codes"]
    assert address[2] == "recovery-codes.txt"


def test_codes_are_kept_in_no_session_cookie_message_or_row(browser):
    answer = make(browser)

    plain = [code.replace("-", "") for code in answer.context["codes"]]
    kept = everything_kept(browser) + " ".join(said(answer))
    kept += " ".join(RecoveryCode.objects.values_list("code_hmac", flat=True))
    assert "_auth_user_id" in kept
    assert [code for code in plain if code in kept.replace("-", "")] == []


def test_they_are_shown_once(browser):
    make(browser)

    assert codes_on(browser.get(URL)) == []


def test_loading_the_sheet_again_makes_no_other_set(browser):
    make(browser)
    made = sets()

    again = make(browser)

    assert again.context["is_changed"]
    assert codes_on(again) == []
    assert sets() == made


def test_opening_the_page_makes_none(browser):
    page = browser.get(URL)

    assert page.status_code == 200
    assert sets() == []


@pytest.mark.parametrize("replaces", ["x", "-1", "9" * 30, ["1", "2"]])
def test_nonsense_makes_none(browser, replaces):
    assert make(browser, replaces).status_code == 200
    assert sets() == []


def test_new_set_takes_the_place_of_the_old_one_and_ends_other_sessions(browser, maria):
    other = signed_in_browser()
    old, (code, *_) = make_recovery_codes(maria)

    answer = make(browser, old.pk)

    assert sets() == [answer.context["set_pk"]]
    assert not recovery_codes.is_one(maria, code)
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


def test_a_set_that_another_page_made_meanwhile_is_not_thrown_away(browser, maria):
    old, _ = make_recovery_codes(maria)
    make(browser, old.pk)
    made = sets()
    confirm(browser)

    answer = make(browser, old.pk)

    assert answer.context["is_changed"]
    assert sets() == made


def test_first_codes_leave_the_confirmation_for_the_step_they_were_made_for(browser):
    make(browser)

    assert is_confirmed(browser)


def test_first_codes_beside_a_second_step_spend_it(browser, maria):
    make_totp(maria)

    make(browser)

    assert not is_confirmed(browser)


def test_new_codes_in_the_place_of_others_spend_it(browser, maria):
    old, _ = make_recovery_codes(maria)

    make(browser, old.pk)

    assert not is_confirmed(browser)


def test_without_confirming_none_are_made_and_the_way_back_says_what_to_press(maria):
    browser = signed_in_browser()

    asked = make(browser, query="?for=app")
    confirm(browser)
    back = browser.get(f"{URL}?for=app")

    assert asked.url == f"/security/confirm/?next={URL}%3Ffor%3Dapp"
    assert back.context["is_confirmed"]
    assert back.context["make_url"] == f"{URL}?for=app"
    assert sets() == []


def test_page_without_confirming_shows_what_is_left_and_no_code(maria):
    used_at = timezone.now()
    make_recovery_codes(maria)
    RecoveryCode.objects.filter(number=3).update(used_at=used_at)

    page = signed_in_browser().get(URL)

    assert [(code.number, code.used_at) for code in page.context["codes"]] == [
        (number, used_at if number == 3 else None) for number in range(1, 11)
    ]
    assert page.context["left"] == 9
    assert "used on" in page.content.decode()


def test_keeping_them_leads_on_to_what_they_were_made_for(browser, maria):
    answer = make(browser, query="?for=app")
    data = {"code_set": answer.context["set_pk"], "for": answer.context["purpose"], "kept": "on"}

    kept = browser.post(KEEP, data)

    assert kept.url == f"{HOME}app/"
    assert RecoveryCodeSet.objects.get().kept_at is not None


@pytest.mark.parametrize("purpose", ["", "//evil.example", "/admin/", "two_step"])
def test_only_names_that_we_know_lead_on(browser, maria, purpose):
    code_set, _ = make_recovery_codes(maria, is_kept=False)

    kept = browser.post(KEEP, {"code_set": code_set.pk, "for": purpose, "kept": "on"})

    assert kept.url == HOME


def test_without_the_tick_nothing_is_noted(browser, maria):
    code_set, _ = make_recovery_codes(maria, is_kept=False)

    answer = browser.post(KEEP, {"code_set": code_set.pk, "for": "app"})

    assert list(answer.context["form"].errors) == ["kept"]
    assert answer.context["purpose"] == "app"
    assert RecoveryCodeSet.objects.get().kept_at is None


def test_codes_of_somebody_else_are_not_noted(browser):
    code_set, _ = make_recovery_codes(make_user(), is_kept=False)

    browser.post(KEEP, {"code_set": code_set.pk, "kept": "on"})

    assert RecoveryCodeSet.objects.get().kept_at is None


def test_keeping_only_takes_posts(browser):
    assert browser.get(KEEP).status_code == 405


@pytest.mark.parametrize("mode", ["restricted_until", "contested_at"])
def test_limited_account_makes_none_and_says_why(browser, mode):
    User.objects.update(**{mode: timezone.now() + timedelta(days=3)})

    answer = make(browser)

    assert answer.context["forbidden"] != ""
    assert sets() == []


def test_page_of_one_authenticator_is_this_page(browser, maria):
    code_set, _ = make_recovery_codes(maria)

    page = browser.get(f"{HOME}recovery-codes/{code_set.pk}/")

    assert page.context["left"] == 10


def test_strangers_cannot_keep_or_make(client, maria):
    for path in (URL, KEEP):
        assert client.post(path).url == f"/sign-in/?next={path}"
    assert sets() == []


def test_confirmation_is_asked_on_the_page_itself(maria):
    assert leads_to_confirming(make(signed_in_browser()), URL)


def test_owner_is_asked_once_whether_the_sheet_is_still_there(browser, maria):
    code_set, _codes = make_recovery_codes(maria)
    question = "Do you still have the sheet?"
    assert question in browser.get(URL).text
    assert question_on(browser) == str(code_set.pk)

    answer = browser.post(f"{HOME}recovery-codes/{code_set.pk}/works/", {"works": "yes"})

    assert answer.url == "/security/two-step/"
    assert question not in browser.get(URL).text
    assert question_on(browser) is None


def test_a_new_sheet_is_not_asked_about(browser, maria):
    make_recovery_codes(maria, made_at=timezone.now() - timedelta(days=27))

    assert "Do you still have the sheet?" not in browser.get(URL).text


def question_on(browser):
    """Give the key of the second step that the overview asks about."""
    ask = browser.get("/security/two-step/").context["ask"]
    return ask.url.rstrip("/").rpartition("/")[2] if ask else None
