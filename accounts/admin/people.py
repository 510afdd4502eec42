"""Accounts, their addresses and their sessions, read-only."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import normalise
from accounts.admin.base import AccountAdmin
from accounts.enums import AuthenticatorKind
from accounts.errors import AddressRefused
from accounts.holdings import holdings_of
from accounts.models import Contact, SignUp, User, UserSession
from accounts.services import trust
from outbox.admin.base import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(AccountAdmin):
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
        (_("Second steps"), {"fields": ("two_step", "second_steps", "printed_codes", "trusted")}),
        (
            _("Dates"),
            {"fields": ("created_at", "last_login", "password_changed_at", "password_spent_at")},
        ),
    )

    @admin.display(description=_("name"))
    def name(self, user: User) -> str:
        return str(user)

    @admin.display(description=_("mode"))
    def mode_name(self, user: User) -> str:
        return str(user.mode.label)

    @admin.display(description=_("two-step verification"), boolean=True)
    def two_step(self, user: User) -> bool:
        return bool(holdings_of(user).second_steps)

    @admin.display(description=_("in use"))
    def second_steps(self, user: User) -> SafeString:
        """Give kinds and dates; there is nothing to press, since staff reset no second step."""
        rows = [
            (AuthenticatorKind(step.kind).label, _day(step.made_at), _day(step.used_at))
            for step in holdings_of(user).second_steps
        ]
        return format_html_join(mark_safe("<br>"), gettext("{}: made {}, last used {}"), rows)

    @admin.display(description=_("printed codes"))
    def printed_codes(self, user: User) -> str:
        held = holdings_of(user)
        if held.codes is None:
            return ""
        return _("%(left)d left, made %(made)s") % {
            "left": held.codes_left,
            "made": _day(held.codes.made_at),
        }

    @admin.display(description=_("trusted browsers"))
    def trusted(self, user: User) -> int:
        return len(trust.list_of(user))

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
class ContactAdmin(AccountAdmin):
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
        "counts",
        "mark",
        "marked_at",
        "demoted_at",
        "removed_at",
        "suspended_at",
    )

    @admin.display(description=_("counts from"))
    def counts(self, contact: Contact) -> str:
        """Give the day, and for what a report put back what it waits for."""
        if contact.is_in_doubt:
            return gettext("put back by a report, not confirmed")
        return _day(contact.counts_from)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        if not search_term:
            return queryset, False
        limit_key = normalise.identifier_key(search_term)
        return queryset.filter(Q(match_key__in=_keys(search_term)) | Q(limit_key=limit_key)), False


@admin.register(UserSession)
class UserSessionAdmin(AccountAdmin):
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


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j M Y") if at else gettext("never")


def _keys(typed: str) -> list[str]:
    """Give the match keys that a search term may mean."""
    try:
        return [normalise.address(typed).match_key]
    except AddressRefused:
        return []
