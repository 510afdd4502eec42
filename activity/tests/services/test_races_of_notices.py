"""Two workers, and many, with the notices of one account; real threads on PostgreSQL."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.tests.threads import run_at_once
from activity import policy
from activity.enums import EventKind
from activity.models import Notice, ReportLink
from activity.services import notices
from activity.tests.factories import (
    make_client,
    make_contact,
    make_event,
    make_judged_event,
    make_user,
)
from outbox.models import Message

ROUNDS, WORKERS = 8, 4
pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def make_owner():
    user = make_user()
    make_contact(user, f"{user.pk}@example.org", verified_at=timezone.now() - timedelta(days=60))
    return user


def sign_in(user, **where) -> Notice:
    return notices.announce(make_judged_event(user, client=make_client(**where)))


def counted(user) -> list[int]:
    """Give for each message how many events it tells of."""
    rows = Message.objects.filter(address=f"{user.pk}@example.org").order_by("pk")
    return [1 + row.context.get("more", 0) for row in rows]


def let_the_hour_pass(user) -> None:
    """Make all that went out an hour older, and all that waits due."""
    over = timezone.now() - policy.FOLDED_FOR
    mine = Notice.objects.filter(event__user=user)
    mine.filter(settled_at__isnull=False).update(settled_at=over)
    mine.filter(settled_at=None).update(due_at=timezone.now())


def test_workers_with_sign_ins_of_one_browser_write_one_message_and_count_the_rest():
    for _ in range(ROUNDS):
        user = make_owner()
        found = [sign_in(user).pk for _ in range(WORKERS)]

        run_at_once(WORKERS, lambda number, found=found: notices._fan_out(found[number]))

        assert counted(user) == [1]
        let_the_hour_pass(user)
        run_at_once(WORKERS, lambda _number: notices.send_due())
        assert counted(user) == [1, WORKERS - 1]
        assert not Notice.objects.filter(settled_at=None).exists()


def test_workers_with_sign_ins_from_many_places_never_write_more_than_so_many():
    for _ in range(ROUNDS):
        user = make_owner()
        many = 2 * WORKERS
        found = [sign_in(user, network=f"198.51.{n}.0").pk for n in range(many)]

        run_at_once(many, lambda number, found=found: notices._fan_out(found[number]))

        assert counted(user) == [1] * policy.NOTICES_BEFORE_FOLDING
        let_the_hour_pass(user)
        run_at_once(WORKERS, lambda _number: notices.send_due())
        assert sum(counted(user)) == many


def test_workers_with_one_notice_write_one_message_and_one_link():
    for kind in (EventKind.PASSWORD_CHANGED, EventKind.SECOND_STEP_FAILED) * ROUNDS:
        user = make_owner()
        notice = notices.announce(make_event(user, kind, pool="pair"))

        done = run_at_once(WORKERS, lambda _number, pk=notice.pk: notices._fan_out(pk))

        assert sorted(map(str, done)) == ["False"] * (WORKERS - 1) + ["True"]
        assert counted(user) == [1]
        assert ReportLink.objects.filter(event=notice.event).count() == 1


def test_changes_are_each_told_however_many_workers_there_are():
    user = make_owner()
    found = [
        notices.announce(make_event(user, EventKind.PASSWORD_CHANGED)).pk for _ in range(WORKERS)
    ]

    run_at_once(WORKERS, lambda number: notices._fan_out(found[number]))

    assert counted(user) == [1] * WORKERS
