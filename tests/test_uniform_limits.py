"""Bar 3: limits bite at the same request for every account, and foreign events show nowhere.

A limit whose effect can be seen knows what was typed and by whom, and nothing of what is on file.
What an owner or another claimant does is nobody's business who has not proved anything.
"""

import re

import pytest
from django.core import mail

from recovery.models import Objection, RecoveryTicket
from tests.factories import NEW_PASSWORD, WRONG_CODE, code_of, make_browser, recover
from tests.stranger import MINUTE, differences, pass_time, play, work_through

pytestmark = pytest.mark.django_db
STOP_LINK = re.compile(r"/acsr/stop/\S+")


def start_again_and_again(stranger, clock):
    for _ in range(7):
        stranger.open_ticket()


def ask_for_codes(stranger, clock):
    stranger.open_ticket()
    for _ in range(7):
        clock.shift(MINUTE)
        stranger.post("/acsr/code/resend/")
        stranger.get("/acsr/code/")


def try_contacts(stranger, clock):
    stranger.reach_proof()
    for _ in range(12):
        clock.shift(MINUTE)
        stranger.post("/acsr/proof/contact/", contact=stranger.other)


def ask_for_the_list(stranger, clock):
    for _ in range(5):
        stranger.post("/acsr/status/", contact_email=stranger.address)


def ask_by_reference(stranger, clock):
    stranger.open_ticket()
    reference = RecoveryTicket.objects.get(contact=stranger.address).reference
    for _ in range(7):
        stranger.post("/acsr/status/", reference=reference, contact_email=stranger.address)


def ask_for_names(stranger, clock):
    for _ in range(5):
        stranger.post("/acsr/name/", contact=stranger.name)


def guess_passwords(stranger, clock):
    for _ in range(12):
        stranger.post("/sign-in/", identifier=stranger.name, password="wrong")


def sign_up_again_and_again(stranger, clock):
    for _ in range(7):
        stranger.post(
            "/sign-up/", email=stranger.name, password1=NEW_PASSWORD, password2=NEW_PASSWORD
        )


# (what is done, how often it was let through)
LIMITS = [
    (start_again_and_again, 5),
    (try_contacts, 12),  # ten, after the two of reach_proof
    (ask_for_the_list, 3),
    (ask_by_reference, 6),
    (ask_for_names, 3),
    (guess_passwords, 10),
    (sign_up_again_and_again, 5),
]


@pytest.mark.parametrize("kind", ["known", "two_step", "inactive"])
@pytest.mark.parametrize(
    ("walk", "allowed"), LIMITS, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_limit_bites_at_the_same_request(kind, walk, allowed):
    known, unknown = play(walk, kind)

    statuses = [answer.status for answer in known.answers]
    assert statuses.index(429) == allowed
    assert differences(known, unknown) == ""


@pytest.mark.parametrize("kind", ["known", "two_step", "inactive"])
def test_codes_asked_for_again_end_at_the_same_request(kind):
    known, unknown = play(ask_for_codes, kind)

    assert differences(known, unknown) == ""
    assert len(known.mails()) == 0


def press_stop(stranger):
    """The owner presses the link of the notice; of no account there is no notice."""
    work_through()
    for letter in mail.outbox:
        if letter.to == [stranger.other]:
            link = STOP_LINK.search(letter.body)[0]
            make_browser("198.51.100.7").post(link, {"choice": "stop"})


def complete_a_rival(stranger):
    """The owner recovers the account meanwhile, by the address on file."""
    recover(make_browser("198.51.100.7"), stranger.name)
    work_through()


def look_around(stranger, clock):
    for page in ("code/", "proof/", "proof/contact/", "password/", "done/", "status/"):
        stranger.get(f"/acsr/{page}")
    stranger.post("/acsr/proof/contact/", contact=stranger.other)
    stranger.get("/acsr/proof/contact/")
    stranger.post("/acsr/proof/contact/", code=WRONG_CODE)
    stranger.post("/acsr/status/", contact_email=stranger.address)
    pass_time(clock)


def go_on(stranger, clock):
    look_around(stranger, clock)
    stranger.get("/acsr/proof/")
    stranger.get("/acsr/status/")


def withdraw(stranger, clock):
    stranger.post("/acsr/withdraw/")
    look_around(stranger, clock)
    stranger.get("/acsr/status/")


def begin_anew(stranger, clock):
    clock.shift(MINUTE)  # the list of requests has them in order of time
    stranger.open_ticket()
    stranger.post("/acsr/code/", code=code_of(stranger.address))
    look_around(stranger, clock)


@pytest.mark.parametrize("event", [press_stop, complete_a_rival], ids=lambda event: event.__name__)
@pytest.mark.parametrize("after", [go_on, withdraw, begin_anew], ids=lambda after: after.__name__)
def test_what_others_do_shows_nowhere(event, after):
    def walk(stranger, clock):
        stranger.reach_proof()
        event(stranger)
        after(stranger, clock)

    known, unknown = play(walk, "known")

    assert Objection.objects.exists() or RecoveryTicket.objects.filter(state="completed").exists()
    assert differences(known, unknown) == ""


def test_a_rival_that_completes_while_the_code_is_waited_for_shows_nowhere():
    def walk(stranger, clock):
        stranger.open_ticket()
        complete_a_rival(stranger)
        stranger.get("/acsr/code/")
        clock.shift(MINUTE)
        stranger.post("/acsr/code/resend/")
        stranger.post("/acsr/code/", code=WRONG_CODE)
        stranger.post("/acsr/code/", code=code_of(stranger.address))
        go_on(stranger, clock)

    known, unknown = play(walk, "known")

    assert differences(known, unknown) == ""
