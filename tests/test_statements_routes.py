"""Bar 4, route by route: what each page of accounts costs on an account that has everything.

Twelve statements at most, where a row says no other. A change of the account asks again under its
lock, writes, records and tells, and ends the other sessions; a printed code is used up, recorded
and told. Where that is more, the figure stands here, and may only fall. Whose session rests on a
second step costs one more on each page, which reads that step for django-otp.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import policy, urls
from accounts.enums import AuthenticatorKind
from accounts.models import Challenge, Contact, TotpDevice
from accounts.services import removed_contacts, totp
from accounts.services.step_up import STEP_UP
from accounts.tests.factories import (
    PASSWORD,
    make_code_device,
    make_contact,
    make_device,
    make_recovery_codes,
    make_totp,
    make_trust,
    make_user,
)
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import SoftAuthenticator
from tests.factories import NEW_PASSWORD, WRONG_CODE, code_of, make_browser, sign_in
from tests.stranger import count_statements

pytestmark = pytest.mark.django_db
MOST = 12
MARIA, PHONE, NEW = "maria@example.org", "+491512345678", "new@example.net"


class Account:
    """Maria's account with everything on it, and her browser, which has just confirmed."""

    def __init__(self) -> None:
        self.user = make_user(email=MARIA, phone=PHONE)
        self.app = make_totp(self.user)
        self.key, self.device = make_working_passkey(self.user)
        self.phone = make_code_device(self.user, self.user.contacts.get(value=PHONE))
        self.spare = make_contact(self.user, "spare@example.net")
        self.spare_phone = make_contact(self.user, "+491598765432")
        self.codes, self.printed = make_recovery_codes(self.user)
        self.trust = make_trust(self.user, make_device(self.user))
        self.removed_at = timezone.now()
        self.removed = make_contact(self.user, "removed@example.net", removed_at=self.removed_at)
        self.token = removed_contacts.new_undo_link(self.removed, timezone.now())
        self.browser = make_browser()
        self.other = make_browser("198.51.100.7")

    def sign_in(self) -> None:
        for browser in (self.other, self.browser):
            self.half(browser)
            browser.post("/sign-in/verify/", {"token": self.printed.pop()})
        confirmed = {"password": PASSWORD, "token": self.printed.pop()}
        self.browser.post("/security/confirm/", confirmed)

    def half(self, browser=None) -> None:
        sign_in(browser or self.browser, MARIA)

    def signed_up(self) -> None:
        self.post("sign_up", email=NEW, password1=PASSWORD, password2=PASSWORD)

    def contact_code(self) -> None:
        self.sign_in()
        self.post("add_contact", contact=NEW)
        self.code = code_of(NEW, "accounts.contact_code")

    def post(self, route: str, **fields):
        return self.browser.post(_path(route, []), fields)

    def begin(self, name: str, *args) -> dict:
        path = reverse(f"accounts:{name}", args=args)
        return self.browser.post(path, HTTP_ACCEPT="application/json").json()


Row = tuple[str, Callable[[Account], Any], Callable[[Account], Any], int]


def get(name: str, args=lambda it: [], before=Account.sign_in, most=MOST) -> Row:
    return f"GET {name}", before, lambda it: it.browser.get(_path(name, args(it))), most


def post(
    route: str, args=lambda it: [], before=Account.sign_in, most=MOST, note="", **fields
) -> Row:
    def prepare(it: Account) -> None:
        before(it)
        it.fields = {key: _value(value, it) for key, value in fields.items()}

    def act(it: Account):
        return it.browser.post(_path(route, args(it)), it.fields)

    return f"POST {route}{note}", prepare, act, most


def ceremony(name: str, args=lambda it: [], before=Account.sign_in, most=MOST) -> list[Row]:
    """Both halves of one."""

    def prepare(it: Account) -> None:
        before(it)
        asked = it.begin(f"{name}_begin", *args(it))
        it.answer = (
            SoftAuthenticator().make(asked) if name == "add_passkey" else it.device.sign(asked)
        )

    def act(it: Account):
        path = _path(f"{name}_complete", args(it))
        return it.browser.post(path, json.dumps(it.answer), "application/json")

    begun = post(f"{name}_begin", args, before)
    return [begun, (f"POST {name}_complete", prepare, act, most)]


def _path(name: str, args) -> str:
    return reverse(f"accounts:{name}", args=args)


def _value(value, it: Account):
    return value(it) if callable(value) else value


def nobody(it: Account) -> None:
    pass


def _pending(it: Account) -> None:
    it.sign_in()
    it.browser.get("/security/two-step/app/")


def _sent(it: Account) -> None:
    it.sign_in()
    it.post("add_email", contact=it.spare.pk)


def _replaced(it: Account) -> None:
    it.user.restricted_until = it.removed_at + policy.RESTRICTED_AFTER_REPLACEMENT
    it.user.save()
    it.sign_in()


def _in_doubt(it: Account) -> None:
    """A report has put the spare address back, and an old passkey was shown just now."""
    Contact.objects.filter(pk=it.spare.pk).update(is_in_doubt=True, counts_from=policy.NEVER)
    it.sign_in()
    session = it.browser.session
    session[STEP_UP] = session[STEP_UP] | {"way": "passkey", "is_strong": True}
    session.save()


def _may_send_anew(before: Callable[[Account], Any]) -> Callable[[Account], None]:
    def prepare(it: Account) -> None:
        before(it)
        Challenge.objects.update(sent_at=timezone.now() - timedelta(minutes=2))

    return prepare


def _app(it: Account) -> list:
    return [AuthenticatorKind.TOTP, it.app.pk]


def _key(it: Account) -> list:
    return [AuthenticatorKind.PASSKEY, it.key.pk]


def _sms(it: Account) -> list:
    return [AuthenticatorKind.SMS, it.phone.pk]


def _spare(it: Account) -> list:
    return [it.spare.pk]


def _removed(it: Account) -> list:
    return [it.removed.pk]


def _link(it: Account) -> list:
    return [it.token]


def _printed(it: Account) -> str:
    return it.printed.pop()


def _new_app_code(it: Account) -> str:
    return totp.current_code(TotpDevice.objects.get(confirmed=False))


def _sign_up_code(it: Account) -> str:
    return code_of(NEW, "accounts.sign_up_code")


def _spare_code(it: Account) -> str:
    return code_of("spare@example.net", "accounts.second_step_code")


SIGN_UP = {"email": NEW, "password1": PASSWORD, "password2": PASSWORD}
NEW_PASSWORDS = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}

ROWS: list[Row] = [
    get("sign_up", before=nobody),
    post("sign_up", before=nobody, **SIGN_UP),
    get("sign_up_code", before=Account.signed_up),
    post("sign_up_code", before=Account.signed_up, code=_sign_up_code, most=16),
    post("sign_up_code", before=Account.signed_up, code=WRONG_CODE, note=" wrong"),
    post("sign_up_resend", before=_may_send_anew(Account.signed_up)),
    get("sign_in", before=nobody),
    post("sign_in", before=nobody, identifier=MARIA, password=PASSWORD),
    get("verify", before=Account.half),
    post("verify", before=Account.half, token=lambda it: totp.current_code(it.app)),
    post("verify", before=Account.half, most=15, token=_printed, note=" printed"),
    post("verify", before=Account.half, token="000000", note=" wrong"),
    post("send_second_step", before=Account.half, method=lambda it: it.phone.pk),
    *ceremony("sign_in_passkey", before=nobody),
    *ceremony("verify_passkey", before=Account.half),
    post("sign_out"),
    get("security", most=13),
    get("password"),
    post("password", most=14, old_password=PASSWORD, **NEW_PASSWORDS),
    post("password", old_password="wrong", **NEW_PASSWORDS, note=" wrong"),
    get("sessions"),
    post("end_session", args=lambda it: [it.user.sessions.first().pk]),
    get("step_up"),
    post("step_up", most=14, password=PASSWORD, token=_printed),
    post("step_up", password="wrong", token=_printed, note=" wrong"),
    post("step_up_send", method=lambda it: it.phone.pk),
    *ceremony("step_up_passkey"),
    get("recoverability"),
    get("two_step"),
    get("two_step_off"),
    post("two_step_off", most=22),
    get("add_app"),
    post("add_app", before=_pending, most=19, name="x", token=_new_app_code),
    get("add_passkey"),
    *ceremony("add_passkey", most=17),
    *ceremony("try_passkey", args=lambda it: [it.key.pk]),
    get("add_phone"),
    post("add_phone", contact=lambda it: it.spare_phone.pk),
    get("add_email"),
    post("add_email", contact=lambda it: it.spare.pk),
    post(
        "add_email",
        before=_sent,
        contact=lambda it: it.spare.pk,
        token=_spare_code,
        note=" code",
        most=21,
    ),
    get("recovery_codes"),
    post("recovery_codes", most=21, replaces=lambda it: it.codes.pk),
    post("keep_recovery_codes", code_set=lambda it: it.codes.pk, kept="on"),
    *[get("authenticator", args) for args in (_app, _key, _sms)],
    post("rename_authenticator", _app, name="x"),
    post("try_authenticator", _app, token=lambda it: totp.current_code(it.app)),
    post("authenticator_works", _app, works="yes"),
    get("remove_authenticator", _app),
    post("remove_authenticator", _app, most=18),
    post("forget_browser", args=lambda it: [it.trust.pk]),
    get("contacts"),
    get("add_contact"),
    post("add_contact", contact=NEW),
    get("contact_code", before=Account.contact_code),
    post("contact_code", before=Account.contact_code, most=20, code=lambda it: it.code),
    post("contact_code", before=Account.contact_code, code=WRONG_CODE, note=" wrong"),
    post("contact_resend", before=_may_send_anew(Account.contact_code)),
    get("restore_contacts", before=_replaced),
    post("restore_contacts", before=_replaced, most=20, choice="cancel"),
    get("undo_contact", args=_link, before=nobody),
    post("undo_contact", args=_link, before=nobody),
    get("make_primary", _spare),
    post("make_primary", _spare, most=19),
    get("mark_contact", _spare),
    post("mark_contact", _spare, most=15, mark="lost"),
    get("remove_contact", _spare),
    post("remove_contact", _spare, most=23),
    get("confirm_contact", _spare, before=_in_doubt),
    post("confirm_contact", _spare, before=_in_doubt, most=14),
    get("restore_contact", args=_removed),
    post("restore_contact", args=_removed, most=18),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_a_route_costs(row):
    _name, before, act, most = row
    account = Account()
    before(account)

    with CaptureQueriesContext(connection) as queries:
        answer = act(account)

    found = count_statements(queries)
    assert answer.status_code in (200, 302), answer.content
    assert len(found) <= most, found


def test_every_route_is_measured():
    named = {row[0].split()[1] for row in ROWS}

    assert named == {pattern.name for pattern in urls.urlpatterns}
