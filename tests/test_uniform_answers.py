"""Bar 3: an account that exists, in whatever state, looks like one that does not.

Every walk is played twice at one frozen moment: for an account of some kind, and for a name of the
same length that nobody has. All that a stranger could compare is compared: status, body, headers,
cookies, redirects, the statements each answer took, and the mails that follow.
"""

import pytest

from accounts.tests.factories import PASSWORD
from recovery.models import RecoveryTicket
from tests.factories import KINDS, NEW_PASSWORD, WRONG_CODE, code_of
from tests.stranger import MINUTE, differences, messages_to, pass_time, play, work_through

pytestmark = pytest.mark.django_db
WITH_ADDRESS = [kind for kind in KINDS if kind != "contactless"]


def open_and_type(stranger, clock):
    stranger.get("/acsr/")
    stranger.open_ticket()
    stranger.get("/acsr/")
    stranger.get("/acsr/code/")
    stranger.post("/acsr/code/resend/")
    stranger.get("/acsr/code/")
    stranger.post("/acsr/code/", code=WRONG_CODE)
    stranger.post("/acsr/code/", code="")
    clock.shift(MINUTE)
    stranger.post("/acsr/code/resend/")
    stranger.get("/acsr/code/")
    stranger.post("/acsr/code/", code=code_of(stranger.address))
    for page in ("", "questions/", "contact/", "authenticator/", "passkey/", "password/"):
        stranger.get(f"/acsr/proof/{page}")
    for page in ("code", "password", "done", "status"):
        stranger.get(f"/acsr/{page}/")
    stranger.post("/acsr/password/", new_password1=NEW_PASSWORD, new_password2=NEW_PASSWORD)
    pass_time(clock)
    stranger.get("/acsr/status/")


def run_out_of_tries(stranger, clock):
    stranger.open_ticket()
    for _ in range(5):
        stranger.post("/acsr/code/", code=WRONG_CODE)
    stranger.post("/acsr/code/", code=code_of(stranger.address))
    stranger.get("/acsr/code/")
    stranger.get("/acsr/status/")
    pass_time(clock)


def try_another_contact(stranger, clock):
    stranger.reach_proof()
    stranger.get("/acsr/proof/contact/")
    stranger.post("/acsr/proof/contact/", contact=stranger.other)
    stranger.get("/acsr/proof/contact/")
    stranger.post("/acsr/proof/contact/", contact=stranger.other)
    work_through()
    stranger.get("/acsr/proof/contact/")
    clock.shift(MINUTE)
    stranger.post("/acsr/proof/contact/", contact="+491512345678")
    for _ in range(6):
        stranger.post("/acsr/proof/contact/", code=WRONG_CODE)
    clock.shift(MINUTE)
    stranger.get("/acsr/proof/contact/?other=1")
    stranger.post("/acsr/proof/contact/", contact=stranger.other)
    stranger.get("/acsr/proof/")
    pass_time(clock)


def guess_at_authenticators(stranger, clock):
    stranger.get("/acsr/?lost=second_step")
    stranger.post(
        "/acsr/", identifier=stranger.name, contact_email=stranger.address, lost="second_step"
    )
    stranger.post("/acsr/code/", code=code_of(stranger.address))
    for page in ("authenticator", "password", "passkey"):
        stranger.get(f"/acsr/proof/{page}/")
    for token in ("000000", "00000000", "ABCDEFGHJKMNPQRS", ""):
        stranger.post("/acsr/proof/authenticator/", token=token)
    stranger.post("/acsr/proof/password/", password="wrong")
    stranger.post("/acsr/proof/passkey/begin/")
    stranger.post("/acsr/proof/passkey/complete/")
    for _ in range(8):
        stranger.post("/acsr/proof/authenticator/", token="000000")
    stranger.post("/acsr/proof/password/", password="wrong")
    stranger.get("/acsr/proof/")
    stranger.get("/acsr/status/")
    pass_time(clock)
    stranger.get("/acsr/status/")


def know_the_password_of_no_second_step(stranger, clock):
    """On accounts without two-step the right password is as good as any."""
    stranger.reach_proof()
    stranger.post("/acsr/proof/password/", password=PASSWORD)
    stranger.get("/acsr/proof/password/")
    stranger.get("/acsr/proof/")
    pass_time(clock)


def ask_for_status(stranger, clock):
    stranger.reach_proof()
    reference = RecoveryTicket.objects.get(contact=stranger.address).reference
    stranger.browser.cookies.clear()
    stranger.post("/acsr/status/", reference=reference)
    stranger.get("/acsr/status/")
    stranger.post("/acsr/status/", code=WRONG_CODE)
    stranger.post("/acsr/status/", code=code_of(stranger.address, "recovery.status_code"))
    stranger.get("/acsr/status/")
    stranger.get("/acsr/proof/")
    stranger.post("/acsr/status/", contact_email=stranger.address)
    stranger.post("/acsr/withdraw/")
    stranger.get("/acsr/status/")
    stranger.post("/acsr/status/", contact_email=stranger.address)
    pass_time(clock)


def sign_in_wrongly(stranger, clock):
    for _ in range(12):
        stranger.post("/sign-in/", identifier=stranger.name, password="wrong")
    stranger.get("/sign-in/")
    stranger.get("/sign-in/verify/")
    pass_time(clock)


def ask_for_the_name(stranger, clock):
    stranger.get("/acsr/name/")
    for _ in range(4):
        stranger.post("/acsr/name/", contact=stranger.name)
    pass_time(clock)


def sign_up_with_it(stranger, clock):
    typed = {"email": stranger.name, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    stranger.post("/sign-up/", **typed | {"password1": "short"})
    stranger.post("/sign-up/", **typed)
    stranger.get("/sign-up/code/")
    work_through()
    stranger.get("/sign-up/code/")
    stranger.post("/sign-up/code/", code=WRONG_CODE)
    clock.shift(MINUTE)
    stranger.post("/sign-up/code/resend/")
    stranger.get("/sign-up/code/")
    for _ in range(5):
        stranger.post("/sign-up/", **typed)
    pass_time(clock)


def open_with_its_own_address(stranger, clock):
    stranger.post("/acsr/", identifier=stranger.name)
    stranger.get("/acsr/code/")
    stranger.post("/acsr/code/", code=code_of(stranger.name))
    stranger.get("/acsr/proof/")
    pass_time(clock)
    stranger.get("/acsr/proof/")


WALKS = [
    open_and_type,
    run_out_of_tries,
    try_another_contact,
    guess_at_authenticators,
    ask_for_status,
    sign_in_wrongly,
]
MAIL_WALKS = [ask_for_the_name, sign_up_with_it]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_an_account_looks_like_none(kind, walk):
    known, unknown = play(walk, kind)

    assert differences(known, unknown) == ""


@pytest.mark.parametrize("kind", WITH_ADDRESS)
@pytest.mark.parametrize("walk", MAIL_WALKS, ids=lambda walk: walk.__name__)
def test_an_address_with_an_account_looks_like_one_without(kind, walk):
    known, unknown = play(walk, kind)

    assert differences(known, unknown) == ""


@pytest.mark.parametrize("kind", ["inactive", "without_password"])
def test_a_right_password_that_proves_nothing_looks_like_a_wrong_one(kind):
    known, unknown = play(know_the_password_of_no_second_step, kind)

    assert differences(known, unknown) == ""


def test_a_switched_off_account_is_told_to_nobody_not_even_to_its_own_address():
    known, unknown = play(open_with_its_own_address, "inactive")

    assert differences(known, unknown) == ""
    assert messages_to(known.name) == messages_to(unknown.name)
