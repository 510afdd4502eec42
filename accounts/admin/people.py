"""Accounts, their addresses and their sessions, read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import normalise
from accounts.errors import AddressRefused
from accounts.models import Contact, SignUp, User, UserSession
from outbox.admin.base import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Who people are and what their account may do; no answers of the questionnaire."""

    list_display = ("name", "external_id", "mode_name", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "is_protected", "created_at")
    search_fields = ("=external_id", "contacts__match_key")
    search_help_text = _("An address in full, or an external id.")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("id", "name", "external_id", "language", "time_zone")}),
        (
            _("Standing"),
            {
                "fields": (
                    "mode_name",
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "is_protected",
                    "restricted_until",
                    "contested_at",
                    "frozen_at",
                    "frozen_cause",
                )
            },
        ),
        (_("Dates"), {"fields": ("created_at", "last_login", "password_changed_at")}),
    )

    @admin.display(description=_("name"))
    def name(self, user: User) -> str:
        return str(user)

    @admin.display(description=_("mode"))
    def mode_name(self, user: User) -> str:
        return str(user.mode.label)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Find by a whole address or external id: exact keys, so that the list is no directory."""
        if not search_term:
            return queryset, False
        keys = _keys(search_term)
        found = Q(external_id=normalise.external_id(search_term)) | Q(contacts__match_key__in=keys)
        return queryset.filter(found), True


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ("value", "kind", "user", "signs_in", "verified_at", "removed_at")
    list_select_related = ("user",)
    list_filter = ("kind", "signs_in", "verified_at", "removed_at", "suspended_at")
    search_fields = ("=match_key", "=limit_key")
    search_help_text = _("An address in full; every spelling of one mailbox is found.")
    ordering = ("-added_at",)
    fields = (
        "user",
        "kind",
        "value",
        "limit_key",
        "signs_in",
        "added_at",
        "verified_at",
        "counts_from",
        "removed_at",
        "suspended_at",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        if not search_term:
            return queryset, False
        limit_key = normalise.identifier_key(search_term)
        return queryset.filter(Q(match_key__in=_keys(search_term)) | Q(limit_key=limit_key)), False


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Signed-in browsers; the key stands in no list and in no address of a page."""

    list_display = ("user", "signed_in_at", "last_seen_at", "address", "is_kept", "expire_date")
    list_display_links = None
    list_select_related = ("user",)
    list_filter = ("is_kept", "last_seen_at")
    search_fields = ("=user__external_id", "=address")
    ordering = ("-last_seen_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[UserSession]:
        """Give the signed-in ones: the others are nobody's."""
        return super().get_queryset(request).filter(user__isnull=False)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Give lists, no detail page: its address would be the key's digest."""
        return obj is None and super().has_view_permission(request)


@admin.register(SignUp)
class SignUpAdmin(ReadOnlyAdmin):
    list_display = ("address", "created_at")
    search_fields = ("=match_key",)
    ordering = ("-created_at",)
    fields = ("id", "address", "created_at")


def _keys(typed: str) -> list[str]:
    """Give the match keys that a search term may mean."""
    try:
        return [normalise.address(typed).match_key]
    except AddressRefused:
        return []
