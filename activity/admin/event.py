"""Events of all accounts."""

from django.contrib import admin

from accounts.admin.base import AccountAdmin
from activity.models import SecurityEvent


@admin.register(SecurityEvent)
class SecurityEventAdmin(AccountAdmin):
    list_display = ("at", "kind", "user", "place", "network", "browser", "system")
    list_filter = ("kind", "country", "system", "at")
    list_select_related = ("user",)
    # Exact: a search through parts of addresses would read the whole table.
    search_fields = ("=id", "=user__id", "=address", "=network")
    ordering = ("-at", "-id")
    fields = (
        "id",
        "at",
        "kind",
        "user",
        "address",
        "network",
        "country",
        "place",
        "browser",
        "system",
        "device",
        "details",
    )
