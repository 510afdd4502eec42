from datetime import timedelta

import pytest
from django.utils import timezone

from activity import policy
from activity.models import AccountView, AuditEntry
from activity.services import account_views, audit, retention
from activity.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    return make_user(is_staff=True)


def test_page_of_one_account_is_noted_and_chained(staff):
    user = make_user()

    account_views.note(staff, [user.pk], page="contact", is_list=False)

    assert [(view.staff, view.user) for view in AccountView.objects.all()] == [(staff, user)]
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action) == (f"user:{staff.pk}", "accounts:account:viewed")
    assert (entry.subject, entry.details) == (f"user:{user.pk}", {"page": "contact"})
    assert audit.verify() == []


def test_every_account_of_a_list_is_noted_with_one_entry(staff):
    users = [make_user(), make_user()]

    account_views.note(staff, [user.pk for user in users], page="user", is_list=True)

    assert set(AccountView.objects.values_list("user", flat=True)) == {user.pk for user in users}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("accounts:list:viewed", "")
    assert entry.details == {"page": "user", "users": [str(user.pk) for user in users]}


def test_second_view_only_moves_the_time(staff):
    user = make_user()
    account_views.note(staff, [user.pk], page="user", is_list=False)
    AccountView.objects.update(last_at=timezone.now() - timedelta(days=20))

    account_views.note(staff, [user.pk], page="user", is_list=False)

    assert AccountView.objects.get().last_at > timezone.now() - timedelta(minutes=1)
    assert AuditEntry.objects.count() == 2


def test_list_without_accounts_is_no_view(staff):
    account_views.note(staff, [], page="user", is_list=True)

    assert (AccountView.objects.count(), AuditEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize("count", [1, 30])
def test_noting_costs_the_same_for_many_accounts(staff, count, django_assert_max_num_queries):
    users = [make_user().pk for _ in range(count)]
    audit.append(actor="system", action="test:entry:made")

    with django_assert_max_num_queries(8):
        account_views.note(staff, users, page="user", is_list=True)


def test_old_views_are_forgotten(staff):
    now = timezone.now()
    for user, days in ((make_user(), 1), (make_user(), -1)):
        last_at = now - policy.VIEWS_KEPT + timedelta(days=days)
        AccountView.objects.create(staff=staff, user=user, last_at=last_at)

    retention.prune(now)

    assert AccountView.objects.get().last_at > now - policy.VIEWS_KEPT
