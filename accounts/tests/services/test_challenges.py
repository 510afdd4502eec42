"""One-time codes: counted first, bound, used once (attacks.md 4 to 9, 11)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import errors, normalise, policy, signals
from accounts.models import Challenge
from accounts.services import budgets, challenges, sessions
from accounts.tests.factories import make_client, make_user
from accounts.tests.threads import run_at_once
from outbox.enums import MessageState
from outbox.models import Message

KIND = policy.code_kind("accounts.test_code")
OTHER_KIND = policy.code_kind("accounts.other_code")
ADDRESS = normalise.email("maria@example.org")
SUBJECT = "ticket:1"


def issue(kind=KIND, subject=SUBJECT, address=ADDRESS, **fields):
    return challenges.issue(kind, subject, address, client=make_client(), **fields)


def last_code():
    return Message.objects.latest("pk").secrets["code"].replace("-", "")


def wrong(code):
    return f"{(int(code) + 1) % 10**8:08}"


def resend(**fields):
    Challenge.objects.update(sent_at=timezone.now() - KIND.resend_after)
    return issue(**fields)


@pytest.mark.django_db
def test_message_carries_the_code_in_its_secrets_alone():
    challenge = issue(context={"reference": "KTRW-4827"})

    message = Message.objects.get()
    code = message.secrets["code"]
    assert (message.kind, message.queue, message.address) == (
        "accounts.test_code",
        "codes",
        "maria@example.org",
    )
    assert message.context == {
        "reference": "KTRW-4827",
        "number": 1,
        "lifetime_seconds": 600,
        "sent_at": message.context["sent_at"],
    }
    assert len(code) == 9
    assert code[4] == "-"
    assert code.replace("-", "") not in challenge.code_hmac
    assert message.expires_at == challenge.expires_at


@pytest.mark.django_db
def test_right_code_is_used_up():
    issue()

    used = challenges.verify(KIND, SUBJECT, last_code())

    assert Challenge.objects.get().used_at == used.used_at


@pytest.mark.django_db
def test_used_code_is_refused():
    issue()
    challenges.verify(KIND, SUBJECT, last_code())

    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, last_code())


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "0", "00000000", "\u0660" * 8, "1" * 10_000, "None"])
def test_other_texts_are_wrong_and_counted(code):
    issue()

    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, code)

    assert Challenge.objects.get().attempts == 1


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "0", "00000000"])
def test_nothing_fits_where_no_code_was_sent(code):
    with pytest.raises(errors.ChallengeExhausted):
        challenges.verify(KIND, SUBJECT, code)


@pytest.mark.django_db
def test_limit_holds_even_for_the_right_code():
    issue()
    code = last_code()
    for _ in range(KIND.attempts):
        with pytest.raises(errors.WrongCode):
            challenges.verify(KIND, SUBJECT, wrong(code))

    with pytest.raises(errors.ChallengeExhausted):
        challenges.verify(KIND, SUBJECT, code)


@pytest.mark.django_db
def test_code_of_another_purpose_is_refused():
    issue(OTHER_KIND)
    code = last_code()
    issue()

    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, code)


@pytest.mark.django_db
def test_code_of_another_subject_is_refused():
    issue(subject="ticket:2")
    code = last_code()
    issue()

    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, code)


@pytest.mark.django_db
def test_code_is_bound_to_the_address_it_went_to():
    issue()
    code = last_code()
    Challenge.objects.update(address="thief@example.org")

    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, code)


@pytest.mark.django_db
def test_late_code_is_refused():
    issue()

    with time_machine.travel(timezone.now() + KIND.longest), pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, last_code())


@pytest.mark.django_db
def test_code_dies_with_the_epoch_of_its_account():
    user = make_user()
    issue(user=user)
    sessions.raise_epoch(user)

    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, last_code())


@pytest.mark.django_db
def test_code_of_an_account_works_under_its_epoch():
    issue(user=make_user())

    assert challenges.verify(KIND, SUBJECT, last_code()).used_at


@pytest.mark.django_db
def test_resend_replaces_the_code_and_keeps_the_tries():
    issue()
    old = last_code()
    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, wrong(old))

    renewed = resend()

    assert (renewed.number, Challenge.objects.get().attempts) == (2, 1)
    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, old)
    assert challenges.verify(KIND, SUBJECT, last_code()).number == 2


@pytest.mark.django_db
def test_resend_within_a_minute_is_refused_with_its_time():
    issued = issue()

    with pytest.raises(errors.ResendTooSoon) as refusal:
        issue()

    assert refusal.value.until == issued.sent_at + KIND.resend_after
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_resend_waits_for_a_mail_that_is_held_up():
    issue()
    next_try_at = timezone.now() + timedelta(minutes=4)
    Message.objects.update(state=MessageState.DEFERRED, due_at=next_try_at)

    with pytest.raises(errors.ResendTooSoon) as refusal:
        resend()

    assert refusal.value.until == next_try_at


@pytest.mark.django_db
def test_used_challenge_is_not_opened_again():
    issue()
    challenges.verify(KIND, SUBJECT, last_code())

    with pytest.raises(errors.ChallengeExhausted):
        resend()


@pytest.mark.django_db
def test_no_code_is_sent_where_no_tries_are_left():
    issue()
    Challenge.objects.update(attempts=KIND.attempts)

    with pytest.raises(errors.ChallengeExhausted):
        resend()

    assert challenges.tries_left(KIND, Challenge.objects.get()) == 0


@pytest.mark.django_db
def test_silent_challenge_sends_nothing_and_nothing_fits():
    issue(is_silent=True)

    assert Message.objects.count() == 0
    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, "00000000")


@pytest.mark.django_db
def test_wrong_codes_of_a_day_are_counted_over_all_tickets():
    for number in range(3):
        issue(subject=f"ticket:{number}")
        for _ in range(KIND.attempts):
            with pytest.raises(errors.WrongCode):
                challenges.verify(KIND, f"ticket:{number}", "0")
    issue(subject="ticket:last")

    with pytest.raises(errors.ChallengeExhausted):
        challenges.verify(KIND, "ticket:last", last_code())


@pytest.mark.django_db
def test_stranger_who_spends_the_tries_leaves_those_of_a_known_browser():
    for number in range(3):
        issue(subject=f"stranger:{number}", pool="start")
        for _ in range(KIND.attempts):
            with pytest.raises(errors.WrongCode):
                challenges.verify(KIND, f"stranger:{number}", "0")
    issue(pool="known")

    assert challenges.verify(KIND, SUBJECT, last_code()).used_at


@pytest.mark.django_db
def test_right_code_does_not_count_as_a_wrong_one():
    issue()

    challenges.verify(KIND, SUBJECT, last_code())

    assert budgets.peek(policy.WRONG_CODES_PER_CONTACT, ADDRESS.limit_key, "") == 0


@pytest.mark.django_db
def test_right_code_on_an_own_ticket_resets_no_counter():
    issue(subject="ticket:victim")
    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, "ticket:victim", "0")
    own = normalise.email("thief@example.net")
    issue(subject="ticket:own", address=own)

    challenges.verify(KIND, "ticket:own", last_code())

    victim = Challenge.objects.get(subject="ticket:victim")
    assert victim.attempts == 1
    assert budgets.peek(policy.WRONG_CODES_PER_CONTACT, ADDRESS.limit_key, "") == 1


@pytest.mark.django_db
def test_refusal_is_told_with_its_reason_and_without_the_code():
    told = []

    def listen(sender, **facts):
        told.append((facts["purpose"], facts["reason"]))

    signals.code_refused.connect(listen)
    issue()
    with pytest.raises(errors.WrongCode):
        challenges.verify(KIND, SUBJECT, "12345678", client=make_client())
    signals.code_refused.disconnect(listen)

    assert told == [("accounts.test_code", "wrong_code")]


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_are_compared_five_times_at_most():
    issue()
    code = last_code()

    results = run_at_once(20, lambda _number: challenges.verify(KIND, SUBJECT, wrong(code)))

    assert sum(isinstance(result, errors.WrongCode) for result in results) == KIND.attempts
    assert sum(isinstance(result, errors.ChallengeExhausted) for result in results) == 15
    with pytest.raises(errors.ChallengeExhausted):
        challenges.verify(KIND, SUBJECT, code)


@pytest.mark.django_db(transaction=True)
def test_right_code_posted_twice_at_once_wins_once():
    issue()
    code = last_code()

    results = run_at_once(4, lambda _number: challenges.verify(KIND, SUBJECT, code))

    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["Challenge", "WrongCode", "WrongCode", "WrongCode"]


@pytest.mark.django_db(transaction=True)
def test_first_codes_asked_for_at_once_are_one():
    results = run_at_once(4, lambda _number: issue())

    assert sum(isinstance(result, Challenge) for result in results) == 1
    assert sum(isinstance(result, errors.ResendTooSoon) for result in results) == 3
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_a_post_and_a_resend_at_once_one_wins():
    for number in range(5):
        subject = f"ticket:race:{number}"
        issue(subject=subject)
        code = last_code()
        Challenge.objects.update(sent_at=timezone.now() - KIND.resend_after)
        works = [
            lambda subject=subject, code=code: challenges.verify(KIND, subject, code),
            lambda subject=subject: issue(subject=subject),
        ]

        results = run_at_once(2, lambda which, works=works: works[which]())

        failed = [result for result in results if isinstance(result, Exception)]
        row = Challenge.objects.get(subject=subject)
        assert len(failed) == 1
        assert (row.used_at is None) == isinstance(results[0], errors.WrongCode)
