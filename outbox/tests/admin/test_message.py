import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.auth import get_user_model
from django.contrib.messages.storage.cookie import CookieStorage
from django.urls import reverse
from django.utils import timezone

from outbox.admin import MessageAdmin
from outbox.models import Message
from outbox.tests.factories import ADDRESS, CODE, make_code, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def model_admin():
    return MessageAdmin(Message, admin.site)


@pytest.fixture
def request_of(rf):
    """Give a function that makes a request by a superuser, or by staff without permissions."""

    def make(query=None, *, is_superuser=True, path=None):
        request = rf.get(path or reverse("admin:outbox_message_changelist"), query or {})
        request.user = get_user_model()(is_staff=True, is_active=True, is_superuser=is_superuser)
        request.user.is_verified = lambda: True  # what django-otp's middleware adds
        # What the sign-in with a second step leaves behind (the staff site asks for it).
        request.session = {"second_step_at": timezone.now().isoformat()}
        request._messages = CookieStorage(request)
        return request

    return make


def test_the_list_shows_masked_addresses_and_no_secret(model_admin, request_of):
    make_code()

    page = model_admin.changelist_view(request_of()).render().content.decode()

    assert "m•••a@example.org" in page
    assert ADDRESS not in page
    assert CODE not in page


def test_the_page_of_a_message_shows_neither_secrets_nor_contents(model_admin, request_of):
    message = make_code()

    page = model_admin.change_view(request_of(), str(message.pk)).render().content.decode()

    assert "recovery.code" in page
    for hidden in (ADDRESS, CODE, "KTRW"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("typed", "found"),
    [(ADDRESS, 1), ("maria", 0), ("example.org", 0), ("%", 0), ("mari_@example.org", 0)],
)
def test_only_a_whole_address_finds_a_message(model_admin, request_of, typed, found):
    make_message()

    changelist = model_admin.get_changelist_instance(request_of({"q": typed}))

    assert changelist.queryset.count() == found


@pytest.mark.parametrize("lookup", ["address__startswith", "context__contains", "secrets__isnull"])
def test_a_typed_url_does_not_read_hidden_columns_out(model_admin, request_of, lookup):
    make_code()

    with pytest.raises(DisallowedModelAdminLookup):
        model_admin.get_changelist_instance(request_of({lookup: "m"}))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(
    model_admin, request_of, count, django_assert_max_num_queries
):
    for _ in range(count):
        make_message()

    with django_assert_max_num_queries(8):
        model_admin.changelist_view(request_of()).render()


def test_nobody_adds_changes_or_deletes_messages(model_admin, request_of):
    request = request_of()

    assert not model_admin.has_add_permission(request)
    assert not model_admin.has_change_permission(request)
    assert not model_admin.has_delete_permission(request)


def test_the_action_is_for_those_who_may_change_messages(model_admin, request_of):
    assert "try_again" in model_admin.get_actions(request_of())
    assert "try_again" not in model_admin.get_actions(request_of(is_superuser=False))


def test_the_action_opens_what_can_be_opened_and_counts_the_rest(model_admin, request_of):
    make_message(state="abandoned")
    make_message(state="abandoned", carries_secrets=True)
    make_message(state="accepted")
    request = request_of()

    model_admin.try_again(request, Message.objects.all())

    states = list(Message.objects.order_by("pk").values_list("state", flat=True))
    said = [str(message) for message in request._messages]
    assert states == ["waiting", "abandoned", "accepted"]
    assert said == [
        "1 message will be tried again.",
        "2 not: only messages that were given up and carried no code or link.",
    ]


def test_a_message_whose_key_is_gone_can_still_be_listed(model_admin, request_of, settings):
    settings.SECRET_KEY = "first-secret"
    make_code()
    settings.SECRET_KEY = "second-secret"

    page = model_admin.changelist_view(request_of()).render().content.decode()

    assert "recovery.code" in page
