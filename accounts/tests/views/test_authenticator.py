"""The page of one second step: rename, try, answer, remove."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import policy
from accounts.models import CodeDevice, Passkey, RecoveryCodeSet, TotpDevice, User
from accounts.services import recovery_codes, totp
from accounts.tests.factories import (
    make_code_device,
    make_contact,
    make_passkey,
    make_recovery_codes,
    make_totp,
    make_user,
)
from accounts.tests.views.steps import sent_code
from accounts.tests.views.two_step import (
    HOME,
    TOLD,
    confirmed_browser,
    is_signed_in,
    leads_to_confirming,
    said,
    signed_in_browser,
)
from outbox.models import Message

pytestmark = pytest.mark.django_db

MAKERS = {
    "totp": make_totp,
    "passkey": make_passkey,
    "sms": make_code_device,
    "email": lambda user: make_code_device(user, make_contact(user)),
    "recovery-codes": lambda user: make_recovery_codes(user)[0],
}
POSTS = ["rename", "try", "works"]


@pytest.fixture
def browser(maria):
    return confirmed_browser()


def url_of(row, page=""):
    return f"{HOME}{str(row.kind).replace('_', '-')}/{row.pk}/{page}"


def try_out(browser, row, token):
    return browser.post(url_of(row, "try/"), {"token": token})


@pytest.mark.parametrize("kind", MAKERS)
def test_each_kind_has_its_page(browser, maria, kind):
    row = MAKERS[kind](maria)

    page = browser.get(f"{HOME}{kind}/{row.pk}/")

    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("page", ["", "rename/", "try/", "works/", "remove/"])
def test_those_of_others_do_not_exist(browser, kind, page):
    row = MAKERS[kind](make_user())
    url = f"{HOME}{kind}/{row.pk}/{page}"

    answer = browser.post(url, {"name": "x", "works": "yes"}) if page else browser.get(url)

    assert answer.status_code == 404
    assert type(row).objects.in_use().count() == 1


def test_removed_ones_and_other_kinds_do_not_exist(browser, maria):
    gone = make_totp(maria, confirmed=False, removed_at=timezone.now())
    phone = make_code_device(maria)

    assert browser.get(url_of(gone)).status_code == 404
    assert browser.get(f"{HOME}email/{phone.pk}/").status_code == 404
    assert browser.get(f"{HOME}nonsense/{phone.pk}/").status_code == 404


def test_strangers_sign_in_first(client, maria):
    row = make_totp(maria)

    for page in ("", "rename/", "try/", "works/", "remove/"):
        answer = client.post(url_of(row, page)) if page else client.get(url_of(row))
        assert answer.url == f"/sign-in/?next={url_of(row, page)}"


@pytest.mark.parametrize("page", POSTS)
def test_only_posts_act(browser, maria, page):
    assert browser.get(url_of(make_totp(maria), f"{page}/")).status_code == 405


def test_it_gets_another_name_without_confirming(maria):
    browser = signed_in_browser()
    row = make_totp(maria)

    answer = browser.post(url_of(row, "rename/"), {"name": "  Old phone "})

    assert (answer.url, TotpDevice.objects.get().name) == (url_of(row), "Old phone")


@pytest.mark.parametrize("name", ["", "x" * 65, "a\0b", ["one", "two"]])
def test_bad_names_are_refused(browser, maria, name):
    row = make_totp(maria)

    answer = browser.post(url_of(row, "rename/"), {"name": name})

    assert list(answer.context["form"].errors) == ["name"]
    assert TotpDevice.objects.get().name == "app"


def test_right_code_of_the_app_is_told_to_work(browser, maria):
    row = make_totp(maria)

    answer = try_out(browser, row, totp.current_code(row))

    assert (answer.url, said(answer)) == (url_of(row), ["It works."])
    assert TotpDevice.objects.get().asked_at is not None


@pytest.mark.parametrize("token", ["000000", "", "1", "१२३४५६", ["000000", "000001"]])
def test_wrong_code_of_the_app_is_told(browser, maria, token):
    answer = try_out(browser, make_totp(maria), token)

    assert list(answer.context["form"].errors) == ["token"]


def test_code_of_another_app_is_not_this_ones(browser, maria):
    row = make_totp(maria)
    other = make_totp(maria, seed="KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")

    answer = try_out(browser, row, totp.current_code(other))

    assert list(answer.context["form"].errors) == ["token"]


def test_printed_code_in_the_field_of_the_app_is_not_used_up(browser, maria):
    row = make_totp(maria)
    _set, (code, *_) = make_recovery_codes(maria)

    answer = try_out(browser, row, code)

    assert list(answer.context["form"].errors) == ["token"]
    assert recovery_codes.is_one(maria, code)


def test_printed_code_is_compared_and_stays_unused(browser, maria):
    row, (code, *_) = make_recovery_codes(maria)

    right = try_out(browser, row, code.lower())
    wrong = try_out(browser, row, "0000-0000-0000-000X")

    assert said(right) == ["It works, and it is still unused."]
    assert list(wrong.context["form"].errors) == ["token"]
    assert recovery_codes.is_one(maria, code)


@pytest.mark.parametrize("kind", ["sms", "email"])
def test_code_that_is_sent_is_tried(browser, maria, kind):
    row = MAKERS[kind](maria)

    sent = browser.post(url_of(row, "try/"))
    page = browser.get(url_of(row))
    answer = try_out(browser, row, sent_code())

    assert sent.url == f"{url_of(row)}#try"
    assert page.context["sent"]
    assert list(
        Message.objects.filter(kind="accounts.second_step_code").values_list("address")
    ) == [(row.contact.value,)]
    assert said(answer)[-1] == "It works."


def test_code_that_went_elsewhere_is_not_this_ones(browser, maria):
    row, other = make_code_device(maria), make_code_device(maria)
    browser.post(url_of(other, "try/"))

    answer = try_out(browser, row, sent_code())

    assert list(answer.context["form"].errors) == ["token"]


def test_second_code_waits_a_minute(browser, maria):
    row = make_code_device(maria)
    browser.post(url_of(row, "try/"))

    answer = browser.post(url_of(row, "try/"))

    assert said(answer) == ["A new code can be sent a minute after the last one."]


def test_trying_is_limited_and_takes_no_tries_from_sign_in(browser, maria):
    row = make_totp(maria)
    for _ in range(policy.SECOND_STEP_RULES[0].limit):
        try_out(browser, row, "000000")
    limited = try_out(browser, row, totp.current_code(row))

    client = signed_in_browser()  # half-way: the second step is asked
    answer = client.post("/sign-in/verify/", {"token": totp.current_code(row)})

    assert limited.status_code == 429
    assert answer.status_code == 302
    assert is_signed_in(client)


def test_passkey_is_tried_by_its_own_ceremony(browser, maria):
    row = make_passkey(maria)

    page = browser.get(url_of(row))

    assert page.context["passkey"]["script"]["beginAuthenticationUrl"].startswith(
        url_of(row, "try")
    )
    assert try_out(browser, row, "000000").status_code == 404


def test_question_is_put_once(browser, maria):
    row = make_totp(maria)
    before = browser.get(url_of(row)).context["is_asked"]

    answer = browser.post(url_of(row, "works/"), {"works": "yes"})

    assert (before, answer.url) == (True, HOME)
    assert browser.get(url_of(row)).context["is_asked"] is False


def test_no_leads_to_removing_and_removes_nothing(browser, maria):
    row = make_totp(maria)

    answer = browser.post(url_of(row, "works/"), {"works": "no"})

    assert answer.url == url_of(row, "remove/")
    assert TotpDevice.objects.in_use().exists()


def test_other_answers_change_nothing(browser, maria):
    row = make_totp(maria)

    answer = browser.post(url_of(row, "works/"), {"works": "perhaps"})

    assert answer.url == url_of(row)
    assert TotpDevice.objects.get().asked_at is None


def test_removing_is_confirmed_first(maria):
    browser = signed_in_browser()
    row = make_totp(maria)

    assert leads_to_confirming(browser.get(url_of(row, "remove/")), url_of(row, "remove/"))
    assert leads_to_confirming(browser.post(url_of(row, "remove/")), url_of(row, "remove/"))
    assert TotpDevice.objects.in_use().exists()


def test_page_says_that_the_last_one_turns_it_off_and_what_falls_with_it(browser, maria):
    app = make_totp(maria)
    make_code_device(maria, make_contact(maria), name="Mail")

    context = browser.get(url_of(app, "remove/")).context

    assert (context["is_last"], context["also"]) == (True, ["Mail"])
    assert TotpDevice.objects.in_use().exists()


def test_page_says_that_others_stay(browser, maria):
    app, _phone = make_totp(maria), make_code_device(maria)

    context = browser.get(url_of(app, "remove/")).context

    assert (context["is_last"], context["also"]) == (False, [])


def test_removing_takes_what_stands_alone_along_and_ends_other_sessions(browser, maria):
    other = signed_in_browser()
    app = make_totp(maria)
    make_code_device(maria, make_contact(maria))

    answer = browser.post(url_of(app, "remove/"))

    assert (answer.url, said(answer)) == (HOME, [f"“app” is removed. {TOLD}"])
    assert not TotpDevice.objects.in_use().exists()
    assert not CodeDevice.objects.in_use().exists()
    assert (is_signed_in(browser), is_signed_in(other)) == (True, False)


@pytest.mark.parametrize(
    ("kind", "model"), [("passkey", Passkey), ("recovery-codes", RecoveryCodeSet)]
)
def test_every_kind_can_be_removed(browser, maria, kind, model):
    row = MAKERS[kind](maria)

    page = browser.get(f"{HOME}{kind}/{row.pk}/remove/")
    browser.post(f"{HOME}{kind}/{row.pk}/remove/")

    assert page.context["is_printed"] == (kind == "recovery-codes")
    assert not model.objects.in_use().exists()


def test_second_post_finds_nothing(browser, maria):
    row = make_totp(maria)
    browser.post(url_of(row, "remove/"))

    assert browser.post(url_of(row, "remove/")).status_code == 404


def test_restricted_account_may_remove_and_a_contested_one_may_not(browser, maria):
    row = make_totp(maria)
    User.objects.update(contested_at=timezone.now())
    refused = browser.post(url_of(row, "remove/"))
    stayed = TotpDevice.objects.in_use().exists()
    User.objects.update(contested_at=None, restricted_until=timezone.now() + timedelta(days=3))

    browser.post(url_of(row, "remove/"))

    assert (refused.url, stayed) == (HOME, True)
    assert not TotpDevice.objects.in_use().exists()
