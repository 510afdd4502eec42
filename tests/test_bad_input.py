"""Whatever is posted, there is a clear answer below 500, and nothing changes."""

import pytest
from django.test import Client as Browser

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from outbox.models import Message
from recovery.enums import TicketState
from recovery.forms.questions import QuestionsForm
from recovery.models import Evidence, Proof, RecoveryTicket
from recovery.services import evaluation
from tests.factories import sign_in, start, type_code

pytestmark = pytest.mark.django_db
MARIA = "maria@example.org"
FORMS = {
    "/acsr/": ("identifier", "contact_email"),
    "/acsr/name/": ("contact",),
    "/acsr/code/": ("code",),
    "/acsr/code/resend/": (),
    "/acsr/proof/contact/": ("contact", "code"),
    "/acsr/proof/questions/": ("what_happened", "first_name", "birth_day", "devices", "note"),
    "/acsr/status/ask/": (),
    "/acsr/status/": ("reference", "contact_email", "code"),
    "/acsr/password/": ("new_password1", "new_password2"),
    "/acsr/stop/a-token/": ("choice",),
    "/acsr/object/": ("choice",),
    "/sign-in/": ("identifier", "password"),
    "/sign-in/verify/": ("token", "trust"),
    "/sign-in/verify/code/": ("method",),
    "/sign-up/": ("email", "password1", "password2"),
    "/sign-up/code/": ("code",),
    "/security/password/": ("old_password", "new_password1", "new_password2"),
    "/security/confirm/": ("password", "token"),
}
VALUES = {
    "nul": "maria\x00@example.org",
    "long": "a" * 100_000,
    "long address": "a" * 300 + "@example.org",
    "longest": "a" * 64 + "@" + "b." * 90 + "org",
    "right to left": "\u202egro.elpmaxe@airam",
    "zero width": "maria\u200b@example.org",
    "combining": "m" + "\u0301" * 500,
    "not a character": "\ufffe\uffff",
    "emoji": "\U0001f469\u200d\U0001f4bb@example.org",
    "line ends": "maria\r\n@example.org",
    "template": "{{ 7|add:7 }}{% debug %}",
    "markup": "<script>alert(1)</script>@example.org",
    "sql": "' OR 1=1 --",
    "like": "%_%@example.org",
    "digits of others": "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
    "superscript": "\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078",
    "phone": "+" + "9" * 40,
    "odd phone": "+4915\u0661234567;ext=1",
    "xn": "maria@xn--\u00e4.example",
    "bad xn": "maria@xn--a-ecp.ru-.xn--",
    "dots": "maria@..",
}
QUESTIONS = "/acsr/proof/questions/"
TEXTS = ("first_name", "last_name", "postal", "place_1_town", "contact", "password", "note")
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"


def part(value: bytes, disposition: bytes = b'form-data; name="identifier"') -> bytes:
    return b"--x\r\nContent-Disposition: " + disposition + b"\r\n\r\n" + value + b"\r\n--x--\r\n"


BODIES = {
    "invalid UTF-8": (b"identifier=%ff%fe%c0&contact=%ed%a0%80&code=\xff", FORM),
    "JSON": (b'{"identifier": ["maria@example.org"], "code": 0}', "application/json"),
    "no boundary": (b"--x\r\n", "multipart/form-data"),
    "cut off": (part(b"1")[:-9], PARTS),
    "other charset": (b"identifier=a", f"{FORM}; charset=utf-7"),
    "no charset": (b"identifier=a", f"{FORM}; charset=nonsense"),
    "no text charset": (b"identifier=%e4", f"{FORM}; charset=hex"),
    "surrogates": (part(b"\\ud800@example.org"), f"{PARTS}; charset=unicode_escape"),
    "binary charset": (part(b"abc"), f"{PARTS}; charset=zlib"),
    "a file": (part(b"abc", b'form-data; name="identifier"; filename="a"'), PARTS),
    "many fields": (b"&".join(b"a%d=1" % n for n in range(400)), FORM),
    "too large": (b"identifier=" + b"a" * 300_000, FORM),
    "nothing": (b"", ""),
}


@pytest.fixture
def browser():
    """A browser that answers 500 instead of raising, with a ticket that waits for its code."""
    make_user(email=MARIA)
    browser = Browser(raise_request_exception=False, REMOTE_ADDR="203.0.113.9")
    start(browser, MARIA)
    return browser


def state_of_things() -> list[object]:
    tickets = RecoveryTicket.objects.exclude(state=TicketState.CANCELLED)
    return [
        *User.objects.values_list("password", "epoch"),
        Proof.objects.count(),
        {*tickets.values_list("state", flat=True)} <= {TicketState.AWAITING_CODE},
    ]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_no_text_in_any_field_is_an_error_or_changes_anything(browser, value):
    before = state_of_things()

    answers = {
        path: browser.post(path, dict.fromkeys(fields, value)).status_code
        for path, fields in FORMS.items()
    }

    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert state_of_things() == before
    assert all(address.isascii() for address in Message.objects.values_list("address", flat=True))


@pytest.mark.parametrize(("body", "kind"), BODIES.values(), ids=BODIES)
def test_no_body_is_an_error_or_changes_anything(browser, body, kind):
    before, sent = state_of_things(), Message.objects.count()

    answers = {
        path: browser.generic("POST", path, body, content_type=kind).status_code for path in FORMS
    }

    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert state_of_things() == before
    assert Message.objects.count() == sent


@pytest.mark.parametrize(
    "fields",
    [{}, {"code[]": "1"}, {"csrfmiddlewaretoken": "x" * 999}],
    ids=["none", "array", "token"],
)
def test_missing_fields_are_told_and_change_nothing(browser, fields):
    before = state_of_things()

    answers = {path: browser.post(path, fields).status_code for path in FORMS}

    assert {path: status for path, status in answers.items() if status >= 500} == {}
    assert state_of_things() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_methods_that_no_page_has_are_refused(browser, method):
    before = state_of_things()

    answers = {
        path: browser.generic(method, path, b"code=1", content_type=FORM).status_code
        for path in FORMS
        if path not in ("/acsr/object/", "/security/password/", "/security/confirm/")
    }

    assert {path: status for path, status in answers.items() if status != 405} == {}
    assert state_of_things() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"},
        {"HTTP_USER_AGENT": "\x00\xff" + "x" * 70_000},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 70_000},
        {"HTTP_ACCEPT_LANGUAGE": "../../etc,\u00ff;q=9"},
        {"HTTP_COOKIE": "acsr_zone=../../etc/passwd; acsr_device=\x00\xff; acsr_session=\xff;;;="},
        {"HTTP_COOKIE": "acsr_session=" + "a" * 9_000},
        {"HTTP_REFERER": "javascript:alert(1)"},
        {"HTTP_IF_MODIFIED_SINCE": "never", "HTTP_RANGE": "bytes=9-1"},
    ],
    ids=lambda headers: ascii(headers)[:60],
)
def test_no_header_is_an_error(headers):
    browser = Browser(raise_request_exception=False, **headers)

    answers = [browser.get(path).status_code for path in FORMS if "resend" not in path]
    answers.append(browser.post("/acsr/", {"identifier": MARIA}).status_code)

    assert [status for status in answers if status >= 500] == []


@pytest.mark.parametrize(
    "path",
    [
        "/acsr/stop/%00/",
        "/acsr/stop/%ff%fe/",
        "/acsr/stop/" + "a" * 5_000 + "/",
        "/acsr/status/?reference=%00&contact_email=%ff",
        "/sign-in/?next=//evil.example/",
        "/sign-in/?next=%00",
        "/security/sessions/%00/end/",
        "/activity/00000000-0000-0000-0000-000000000000/",
        "/activity/?before=%00&after=x&page=-1",
        "/%00",
        "/acsr/%2e%2e/%2e%2e/etc/passwd",
    ],
)
def test_no_address_is_an_error(path):
    make_user(email=MARIA)
    browser = Browser(raise_request_exception=False)
    stranger = browser.get(path).status_code
    sign_in(browser, MARIA, PASSWORD)

    answers = [stranger, browser.get(path).status_code, browser.post(path).status_code]

    assert [status for status in answers if status >= 500] == []


def test_a_ticket_at_its_proof_takes_odd_contacts_as_wrong_ones(browser):
    type_code(browser, MARIA)
    start(browser, "someone@example.org", "me@example.net")
    type_code(browser, "me@example.net")

    answers = [
        browser.post("/acsr/proof/contact/", {"contact": value}).status_code
        for value in VALUES.values()
    ]

    assert [status for status in answers if status >= 500] == []
    assert not Proof.objects.filter(ticket__user=None).exists()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_odd_answers_are_told_or_graded_and_gone(browser, value):
    type_code(browser, MARIA)
    start(browser, MARIA, "me@example.net")
    type_code(browser, "me@example.net")
    odd = dict.fromkeys(QuestionsForm().fields, value)
    texts = {name: value for name in odd if name.startswith(TEXTS)}

    told = browser.post(QUESTIONS, odd)
    taken = browser.post(QUESTIONS, texts)
    evaluation.evaluate_due()

    assert {told.status_code, taken.status_code} <= {200, 302, 400}
    assert told.status_code != 302
    assert not Evidence.objects.filter(answers__isnull=False).exists()
    assert Evidence.objects.filter(graded_at__isnull=False).count() == (taken.status_code == 302)
    assert not Evidence.objects.filter(is_above_bar=True).exists()
