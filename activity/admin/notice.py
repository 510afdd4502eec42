"""Notices of account changes, and whether they went out."""

from uuid import UUID

from django.contrib import admin

from accounts.admin.base import AccountAdmin
from activity.models import Notice


@admin.register(Notice)
class NoticeAdmin(AccountAdmin):
    list_display = ("id", "event", "user", "due_at", "settled_at", "is_folded")
    list_filter = ("event__kind", ("settled_at", admin.EmptyFieldListFilter), "due_at")
    list_select_related = ("event__user",)
    search_fields = ("=id", "=event__id", "=event__user__id")
    ordering = ("-id",)
    fields = ("event", "user", "due_at", "claimed_until", "settled_at", "is_folded")

    def owner_of(self, row: Notice) -> UUID | None:
        return row.event.user_id

    @admin.display(ordering="event__user")
    def user(self, notice: Notice) -> str:
        """Name the account that the notice is about."""
        return str(notice.event.user or "")
