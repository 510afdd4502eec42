from datetime import UTC, datetime, timedelta

import pytest

from accounts.enums import FailurePool
from activity import policy
from activity.enums import EventKind, OwnerVerdict
from activity.models import Notice
from activity.services import notices
from activity.tests.factories import (
    make_client,
    make_contact,
    make_event,
    make_judged_event,
    make_user,
)
from outbox.models import Message

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
THIEF = {"network": "198.51.100.0", "address": "198.51.100.7", "device": "e" * 64}
UNUSUAL, FAILED = "activity.unusual_sign_in", "activity.second_step_failed"


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def user(db, clock):
    user = make_user(language="en", time_zone="Europe/Berlin")
    make_contact(user, "mara@example.org", verified_at=START - timedelta(days=90))
    return user


def sign_in(user, **where) -> Notice:
    return notices.announce(make_judged_event(user, client=make_client(**where)))


def fail(user, pool=FailurePool.PAIR, **where) -> Notice:
    kind = EventKind.SECOND_STEP_FAILED
    event = make_event(user, kind, client=make_client(**where), reason="wrong_token", pool=pool)
    return notices.announce(event)


def told() -> list[tuple[str, int]]:
    """Give kind and count of what is folded, of every message in order."""
    rows = Message.objects.order_by("pk")
    return [(row.kind, row.context.get("more", 0)) for row in rows]


def waiting() -> int:
    return Notice.objects.filter(settled_at=None).count()


def test_second_sign_in_of_the_same_browser_within_the_hour_waits(user, clock):
    sign_in(user)
    notices.send_due()
    clock.shift(MINUTE)
    later = sign_in(user)

    settled = notices.send_due()

    later.refresh_from_db()
    assert (settled, told()) == (0, [(UNUSUAL, 0)])
    assert (later.is_folded, later.settled_at, later.claimed_until) == (True, None, None)
    assert later.due_at == START + HOUR


def test_what_waited_is_told_by_one_summary_when_the_hour_is_over(user, clock):
    sign_in(user)
    notices.send_due()
    first = None
    for _ in range(3):
        clock.shift(5 * MINUTE)
        waits = sign_in(user)
        first = first or waits
        notices.send_due()

    clock.move_to(START + HOUR - MINUTE, tick=False)
    before = (notices.send_due(), told())
    clock.move_to(START + HOUR, tick=False)
    after = notices.send_due()

    assert before == (0, [(UNUSUAL, 0)])
    assert (after, told(), waiting()) == (1, [(UNUSUAL, 0), (UNUSUAL, 2)], 0)
    summary = Message.objects.latest("pk")
    assert summary.dedupe_key.split(":")[1] == str(first.pk)
    assert summary.context["at"] == first.event.at.isoformat()
    assert summary.context["more_since_at"] == (START + 10 * MINUTE).isoformat()


def test_summary_begins_an_hour_of_its_own(user, clock):
    for minutes in (0, 1, 60, 61):
        clock.move_to(START + minutes * MINUTE, tick=False)
        if minutes != 60:
            sign_in(user)
        notices.send_due()

    assert (told(), waiting()) == ([(UNUSUAL, 0)] * 2, 1)
    assert Notice.objects.get(settled_at=None).due_at == START + 2 * HOUR


@pytest.mark.parametrize("where", [THIEF, {"device": "e" * 64}, {"network": "198.51.100.0"}])
def test_thief_elsewhere_is_not_counted_in_what_the_owner_takes_for_their_own(user, where):
    sign_in(user)
    notices.send_due()

    sign_in(user, **where)
    notices.send_due()

    assert told() == [(UNUSUAL, 0)] * 2


def test_next_one_counts_what_waits(user, clock):
    sign_in(user)
    notices.send_due()
    for _ in range(3):
        clock.shift(MINUTE)
        sign_in(user)
    notices.send_due()

    sign_in(user, **THIEF)
    notices.send_due()

    assert (told(), waiting()) == ([(UNUSUAL, 0), (UNUSUAL, 3)], 0)
    context = Message.objects.latest("pk").context
    assert context["more_since_at"] == (START + MINUTE).isoformat()
    clock.move_to(START + 3 * HOUR, tick=False)
    assert (notices.send_due(), len(told())) == (0, 2)


def test_many_sources_bury_nobody_in_mail_and_all_are_counted(user, clock):
    for number in range(20):
        clock.shift(MINUTE)
        sign_in(user, network=f"198.51.{number}.0", device=f"{number:064}")
        notices.send_due()

    at_once = told()
    clock.move_to(START + 61 * MINUTE, tick=False)
    notices.send_due()

    assert at_once == [(UNUSUAL, 0)] * policy.NOTICES_BEFORE_FOLDING
    left = 20 - policy.NOTICES_BEFORE_FOLDING
    assert (told()[len(at_once) :], waiting()) == ([(UNUSUAL, left - 1)], 0)


def test_noise_of_one_kind_hides_no_other(user):
    for number in range(10):
        fail(user, network=f"198.51.{number}.0")
    notices.send_due()

    sign_in(user, **THIEF)
    notices.send_due()

    assert told() == [(FAILED, 0)] * policy.NOTICES_BEFORE_FOLDING + [(UNUSUAL, 0)]


def test_accounts_do_not_fold_each_other(user):
    other = make_user()
    make_contact(other, "other@example.org", verified_at=START - timedelta(days=90))
    sign_in(user)
    sign_in(other)

    notices.send_due()

    addresses = Message.objects.order_by("pk").values_list("address", flat=True)
    assert list(addresses) == ["mara@example.org", "other@example.org"]


@pytest.mark.parametrize(
    "kind", [EventKind.PASSWORD_CHANGED, EventKind.ACCOUNT_FROZEN, EventKind.REPORTED]
)
def test_changes_pauses_and_reports_are_never_folded(user, kind):
    for _ in range(5):
        notices.announce(make_event(user, kind))
        notices.send_due()

    assert told() == [("activity.account_changed", 0)] * 5
    assert waiting() == 0


def test_answer_of_a_session_silences_nothing(user, clock):
    """Whoever signed in says "this was me", which a thief would as well."""
    sign_in(user)
    notices.send_due()
    clock.shift(MINUTE)
    later = sign_in(user)
    notices.send_due()
    later.event.verdict, later.event.verdict_at = OwnerVerdict.ME, START
    later.event.save()

    clock.move_to(START + HOUR, tick=False)
    notices.send_due()

    assert told() == [(UNUSUAL, 0)] * 2


def test_wrong_second_step_of_an_unknown_browser_is_told_at_once(user):
    fail(user)

    notices.send_due()

    assert told() == [(FAILED, 0)]


def test_known_browser_may_mistype_twice_a_day(user, clock):
    for _ in range(policy.TYPOS_A_DAY):
        fail(user, FailurePool.KNOWN)
    settled = notices.send_due()
    few = told()
    clock.shift(HOUR)

    fail(user, FailurePool.KNOWN)
    notices.send_due()

    assert (settled, few, told()) == (policy.TYPOS_A_DAY, [], [(FAILED, 0)])
    clock.shift(timedelta(days=1, minutes=1))
    fail(user, FailurePool.KNOWN)
    notices.send_due()
    assert (len(told()), waiting()) == (1, 0)


def test_typos_of_the_owner_hide_no_stranger_and_are_not_told_as_theirs(user):
    for _ in range(policy.TYPOS_A_DAY):
        fail(user, FailurePool.KNOWN)
    notices.send_due()

    fail(user, **THIEF)
    notices.send_due()

    assert told() == [(FAILED, 0)]


def test_known_browsers_mistype_each_for_itself(user):
    for device in ("a" * 64, "b" * 64):
        for _ in range(policy.TYPOS_A_DAY):
            fail(user, FailurePool.KNOWN, device=device)

    settled = notices.send_due()

    assert (settled, told()) == (2 * policy.TYPOS_A_DAY, [])


def ask_for_code(user, **where) -> Notice:
    """Let somebody give the right password, and be asked for a code that is mailed."""
    client = make_client(**({"device": ""} | where))
    event = make_event(user, EventKind.CODE_SENT, client=client, purpose="accounts.sign_in_code")
    return notices.announce(event, after=policy.CODE_UNUSED_AFTER)


def test_mailed_code_that_nobody_typed_is_told_when_its_time_is_over(user, clock):
    ask_for_code(user)
    clock.shift(policy.CODE_UNUSED_AFTER - MINUTE)
    early = notices.send_due()

    clock.shift(MINUTE)
    notices.send_due()

    assert (early, told()) == (0, [(FAILED, 0)])
    assert Message.objects.get().context["title"] == (
        "A sign-in was stopped at the code that we mailed"
    )


@pytest.mark.parametrize("device", ["", "d" * 64], ids=["new browser", "known browser"])
def test_mailed_code_that_was_typed_is_no_news(user, clock, device):
    ask_for_code(user, device=device)
    clock.shift(MINUTE)
    make_event(user, EventKind.SIGNED_IN)
    clock.shift(policy.CODE_UNUSED_AFTER)

    assert (notices.send_due(), told(), waiting()) == (1, [], 0)


@pytest.mark.parametrize(
    "where", [{"network": "198.51.100.0"}, {"device": "e" * 64}, {"agent": "curl/8.0"}]
)
def test_sign_in_of_the_owner_hides_no_thief_without_the_code(user, clock, where):
    ask_for_code(user, **where)
    clock.shift(MINUTE)
    make_event(user, EventKind.SIGNED_IN)
    clock.shift(policy.CODE_UNUSED_AFTER)

    notices.send_due()

    assert told() == [(FAILED, 0)]


def test_stranger_with_a_cookie_of_nobody_counts_as_unknown(user):
    fail(user, FailurePool.PAIR, device="f" * 64)
    fail(user, FailurePool.KNOWN, device="")

    notices.send_due()

    assert told() == [(FAILED, 0)] * 2


def test_worker_that_was_away_for_a_day_writes_one_message_and_one_summary(user, clock):
    for _ in range(6):
        sign_in(user)
        clock.shift(2 * HOUR)

    notices.send_due()
    clock.shift(HOUR)
    notices.send_due()

    assert (told(), waiting()) == ([(UNUSUAL, 0), (UNUSUAL, 4)], 0)


def test_worker_that_dies_in_the_middle_leaves_nothing_half_done(user, clock, monkeypatch):
    sign_in(user)
    notices.send_due()
    clock.shift(MINUTE)
    for _ in range(2):
        sign_in(user)
    notices.send_due()
    clock.move_to(START + HOUR + MINUTE, tick=False)
    settle = notices._settle

    def die(*_arguments, **_named):
        raise SystemExit

    monkeypatch.setattr(notices, "_settle", die)
    with pytest.raises(SystemExit):
        notices.send_due()
    half = (len(told()), waiting())
    monkeypatch.setattr(notices, "_settle", settle)
    early = notices.send_due()
    clock.shift(policy.NOTICE_LEASE)
    notices.send_due()

    # The other one that waited was free and told of both: whoever comes first counts the rest.
    assert (half, early) == ((1, 2), 1)
    assert (told(), waiting()) == ([(UNUSUAL, 0), (UNUSUAL, 1)], 0)


def test_put_off_notice_that_a_late_worker_still_holds_is_not_told_early(user, clock):
    sign_in(user)
    notices.send_due()
    late = sign_in(user)
    notices.send_due()

    assert notices._fan_out(late.pk) is False
    assert told() == [(UNUSUAL, 0)]
