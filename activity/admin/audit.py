"""The audit chain."""

from django.contrib import admin

from activity.models import AuditEntry
from outbox.admin.base import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("number", "at", "actor", "action", "subject", "reason")
    list_filter = ("action", "at")
    search_fields = ("=number", "=actor", "=action", "=subject", "=digest")
    ordering = ("-number",)
    fields = (
        "number",
        "at",
        "actor",
        "action",
        "subject",
        "reason",
        "details",
        "previous",
        "digest",
    )
