"""The migration that teaches the counts from sign-ins that are older than they."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.services import learning
from activity.tests.factories import make_event, make_judged_event, make_user
from activity.tests.sign_ins import FIREFOX_ON_LINUX, FRANCE, browser_at, common_counts, own_counts

pytestmark = pytest.mark.django_db
migration = import_module("activity.migrations.0009_teach_past_sign_ins")
EDITOR = SimpleNamespace(connection=connection)
IPV6 = "2a02:8108:1:2::3"


def test_past_sign_ins_teach_what_new_ones_would():
    users = [make_user() for _ in range(3)]
    for user in users[:2]:
        make_event(user, client=browser_at())
        make_event(user, client=browser_at(FRANCE, FIREFOX_ON_LINUX))
        make_event(user, client=browser_at(IPV6, agent=""))
        make_event(user, client=browser_at(""))
    make_event(users[2], EventKind.SIGN_IN_FAILED, client=browser_at())
    make_event(None, client=browser_at())

    migration.teach(apps, EDITOR)

    taught = [own_counts(user) for user in users], common_counts()
    assert (taught[0][2], learning.count_due()) == ({}, 0)
    assert learning.rebuild() == 8
    assert ([own_counts(user) for user in users], common_counts()) == taught


def test_what_was_unusual_or_disputed_teaches_nothing():
    user = make_user()
    make_judged_event(user)
    make_judged_event(user, is_unusual=False, verdict="not_me")

    migration.teach(apps, EDITOR)

    assert own_counts(user) == {}


def test_it_can_be_undone():
    make_event(make_user(), client=browser_at())
    migration.teach(apps, EDITOR)

    migration.forget(apps, EDITOR)

    assert common_counts() == {}
    assert not SecurityEvent.objects.filter(is_learned=True).exists()
