"""One claimant, four stories of which they must not learn: what they see is the same to the byte.

The owner signs in, objects, does nothing, or there is no such account. All stories are played at
the same moments under the same names, and each is undone before the next, so that nothing differs
but what the owner does. Only what is drawn by chance is left out: see tests.stranger.
"""

import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from difflib import unified_diff
from functools import cache

import pytest
import time_machine
from django.core import mail
from django.db import transaction

from accounts.tests.factories import make_client, make_passkey
from recovery import promises, queries
from recovery.enums import TicketState, Verdict
from recovery.models import Objection, RecoveryTicket
from recovery.services import effects, evaluation, objections
from recovery.tests.evidence import OLD, make_maria
from recovery.tests.staff import make_staff
from tests.factories import WRONG_CODE, code_of, make_browser, sign_in
from tests.stranger import MOMENT, Stranger, work_through

pytestmark = pytest.mark.django_db
S = TicketState
NAME = "maria@example.org"
STOP_LINK = re.compile(r"/acsr/stop/\S+")
QUESTIONS = "/acsr/proof/questions/"
BELOW = {"first_name": "Anna", "place_1_town": "Leipzig", "contact_1": "nobody@example.net"}
ABOVE = {
    "first_name": "Maria",
    "last_name": "Rossi",
    "created_year": "2024",
    "contact_1": "old@example.net",
    "password_1": OLD,
}
ANSWERS = {"above": ABOVE, "below": BELOW}
BEFORE_THE_ANSWER = (timedelta(minutes=1), timedelta(hours=2), timedelta(hours=11))
AFTER_THE_ANSWER = (timedelta(hours=18, minutes=3), timedelta(days=2))  # drawn: 18 hours
Deed = Callable[[], None]


@pytest.fixture(autouse=True)
def _one_draw(monkeypatch):
    """Draw the same answer time in all stories."""
    monkeypatch.setattr(promises.secrets, "randbelow", lambda width: width // 2)


def sign_in_elsewhere() -> None:
    browser = make_browser("198.51.100.7")
    sign_in(browser, NAME)
    assert "_auth_user_id" in browser.session


def press_stop() -> None:
    letters = [letter for letter in mail.outbox if letter.to == [NAME]]
    link = STOP_LINK.search(letters[-1].body)
    assert link
    answer = make_browser("198.51.100.7").post(link[0], {"choice": "stop"})
    assert "Stopped" in answer.content.decode()
    assert Objection.objects.get().cancelled_the_ticket


def sign_in_with_an_old_passkey() -> None:
    user = _ticket().user
    objections.object_by_passkey(user, make_passkey(user), client=make_client("198.51.100.7"))
    assert Objection.objects.get().cancelled_the_ticket


DEEDS: dict[str, Deed] = {
    "signs in": sign_in_elsewhere,
    "objects": press_stop,
    "signs in with an old passkey": sign_in_with_an_old_passkey,
}
END_IT = ("objects", "signs in with an old passkey")
NOTHING, NOBODY = "does nothing", "there is no such account"
STORIES: dict[str, dict[str, Deed]] = {NOTHING: {}, NOBODY: {}} | {
    f"{name} {when} the answers": {when: deed}
    for name, deed in DEEDS.items()
    for when in ("before", "after")
}


@pytest.fixture(autouse=True)
def _roomy_network(settings) -> None:
    """Let days of looking, which pass in a moment here, come to no limit of the network."""
    settings.SHARED_NETWORKS = ["0.0.0.0/0=1000"]


@dataclass(frozen=True)
class Transcript:
    """What a claimant saw, as lines: until the answer time, and to the end; and how it stood."""

    until_answer: list[str]
    to_the_end: list[str]
    state: str  # of the ticket, shortly before the answer time


def play(
    answers: dict[str, str],
    *,
    is_known: bool = True,
    before: Deed | None = None,
    after: Deed | None = None,
) -> Transcript:
    """Play one story to its end and undo it. before, after: what the owner does around answers."""
    with _undone(), time_machine.travel(MOMENT, tick=False) as clock:
        for _ in range(2):
            make_staff()  # without whom no date is shown
        if is_known:
            make_maria()
        claimant = Stranger(1, NAME)
        _ask_and_answer(claimant, answers, before)
        _work()
        if after:
            after()
        for later in BEFORE_THE_ANSWER:
            clock.move_to(MOMENT + later)
            _work()
            _look(claimant)
        until_answer, state = _lines(claimant), _ticket().state
        for later in AFTER_THE_ANSWER:
            clock.move_to(MOMENT + later)
            # Not before: the database's clock, which tells it when, is not moved by a test.
            effects.carry_out_due()
            _work()
            _come_back(claimant)
        _work()
        return Transcript(until_answer, _lines(claimant), state)


@cache
def told(story: str, answers: str) -> Transcript:
    """Play a story once for all tests."""
    return play(ANSWERS[answers], is_known=story != NOBODY, **STORIES[story])


def _ticket() -> RecoveryTicket:
    return RecoveryTicket.objects.get(appeal_of=None)


def _lines(claimant: Stranger) -> list[str]:
    return [line for seen in claimant.lines() for line in seen]


def _ask_and_answer(claimant: Stranger, answers: dict[str, str], before: Deed | None) -> None:
    claimant.get("/acsr/")
    claimant.open_ticket()
    claimant.get("/acsr/code/")
    claimant.post("/acsr/code/", code=code_of(claimant.address))
    claimant.get("/acsr/proof/")
    _work()
    claimant.get("/acsr/status/")
    if before:
        before()
    _work()
    claimant.get("/acsr/status/")
    claimant.get(QUESTIONS)
    claimant.post(QUESTIONS, **answers)
    claimant.get("/acsr/status/")


def _look(claimant: Stranger) -> None:
    """Come back, look again and again, and try to add something."""
    _come_back(claimant)
    for page in ("", "contact/", "authenticator/", "password/", "passkey/", "questions/"):
        claimant.get(f"/acsr/proof/{page}")
    claimant.post("/acsr/proof/authenticator/", token="000000")
    claimant.post("/acsr/proof/contact/", contact="stranger@example.net")
    claimant.post("/acsr/proof/contact/", code=WRONG_CODE)
    claimant.post("/acsr/proof/password/", password="wrong")
    claimant.post("/acsr/status/ask/")
    claimant.get("/acsr/password/")
    claimant.get("/acsr/status/")
    _work()


def _come_back(claimant: Stranger) -> None:
    """Look the request up by its reference: the session of an hour ago is over."""
    claimant.browser.cookies.clear()
    claimant.post("/acsr/status/", reference=_ticket().reference)
    claimant.post("/acsr/status/", code=code_of(claimant.address, "recovery.status_code"))
    claimant.get("/acsr/status/")
    claimant.get("/acsr/status/")


def _work() -> None:
    evaluation.evaluate_due()
    work_through()


@contextmanager
def _undone():
    """Let nothing of a story be left for the next one."""
    mail.outbox.clear()
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def _differences(one: list[str], other: list[str]) -> str:
    return "\n".join(unified_diff(one, other, n=0, lineterm=""))


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("story", [story for story in STORIES if story != NOTHING])
def test_until_the_answer_time_nothing_tells_the_stories_apart(answers, story):
    nothing = told(NOTHING, answers)

    other = told(story, answers)

    assert _differences(nothing.until_answer, other.until_answer) == ""


@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize("story", [story for story in STORIES if story.startswith(END_IT)])
def test_after_it_whoever_was_stopped_reads_what_nobody_reads(answers, story):
    stopped = told(story, answers)

    assert stopped.state == S.CANCELLED
    assert _differences(told(NOBODY, answers).to_the_end, stopped.to_the_end) == ""


@pytest.mark.parametrize("story", STORIES)
def test_after_it_answers_below_the_bar_tell_no_story_apart(story):
    assert _differences(told(NOBODY, "below").to_the_end, told(story, "below").to_the_end) == ""


def test_what_is_compared_is_what_it_should_be():
    """Or refusals were compared with refusals, and pages that say nothing with each other."""
    above, below = told(NOTHING, "above"), told(NOTHING, "below")

    assert (above.state, below.state) == (S.IN_REVIEW, S.EVALUATING)
    for transcript in (above, below, told(NOBODY, "above")):
        page = "\n".join(transcript.until_answer)
        assert "Thank you. We have your answers." in page
        assert "You will hear from us by" in page
        assert "We could not let you in with what we have." not in page
    assert "We could not let you in with what we have." in "\n".join(below.to_the_end)
    assert _differences(above.to_the_end, told(NOBODY, "above").to_the_end) != ""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_stop_that_showed_at_once_would_be_seen_here(monkeypatch, when):
    """The defence taken out, to see that what is compared above would tell."""
    monkeypatch.setattr(queries, "_was_stopped", lambda ticket: False)

    stopped = play(ABOVE, **{when: press_stop})

    assert _differences(told(NOTHING, "above").until_answer, stopped.until_answer) != ""


def test_a_refusal_that_did_not_wait_would_be_seen_here(monkeypatch):
    monkeypatch.setattr(evaluation, "_refuse", _refuse_at_once)

    nobody = play(ABOVE, is_known=False)

    assert _differences(told(NOTHING, "above").until_answer, nobody.until_answer) != ""


def _refuse_at_once(ticket, account, finding, now):
    refused = {"verdict": Verdict.DENY, "effect_at": now, "answer_at": now}
    RecoveryTicket.objects.filter(pk=ticket.pk).update(**refused)
