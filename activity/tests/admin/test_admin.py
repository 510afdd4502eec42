import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import RequestFactory
from django.urls import reverse

from activity.models import AuditEntry, Notice, SecurityEvent
from activity.services import audit, notices
from activity.tests.factories import make_event, make_user

MODELS = [SecurityEvent, Notice, AuditEntry]


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def superuser(db):
    return make_user(is_staff=True, is_superuser=True)


@pytest.mark.parametrize("model", MODELS)
def test_nobody_adds_changes_or_deletes(superuser, model):
    page = admin.site.get_model_admin(model)
    request = request_of(superuser)

    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_the_permission_see_nothing(db, model):
    page = admin.site.get_model_admin(model)

    assert not page.has_view_permission(request_of(make_user(is_staff=True)))


def test_auditor_sees_the_chain_alone(db):
    auditor = make_user(is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    request = request_of(auditor)

    seen = [
        model for model in MODELS if admin.site.get_model_admin(model).has_view_permission(request)
    ]

    assert seen == [AuditEntry]


def rows(model) -> None:
    if model is AuditEntry:
        audit.append(actor="system", action="test:entry:made")
        return
    event = make_event(make_user())
    if model is Notice:
        notices.announce(event)


@pytest.mark.parametrize("model", MODELS)
def test_list_costs_the_same_for_one_and_three_rows(superuser, model, django_assert_num_queries):
    page = admin.site.get_model_admin(model)
    request = request_of(superuser)

    for count in (1, 3):
        while model.objects.count() < count:
            rows(model)
        with django_assert_num_queries(1):
            listed = list(
                page.get_queryset(request).select_related(*page.list_select_related or ())
            )
            words = [str(row) for row in listed]
            if model is Notice:
                words += [page.user(row) for row in listed]
        assert len(listed) == count


def test_every_page_is_registered_under_its_name():
    names = [model._meta.model_name for model in MODELS]

    assert [reverse(f"admin:activity_{name}_changelist") for name in names] == [
        "/admin/activity/securityevent/",
        "/admin/activity/notice/",
        "/admin/activity/auditentry/",
    ]
