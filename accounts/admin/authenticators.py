"""Browsers, apps and open codes, read-only and without what they prove with."""

from django.contrib import admin

from accounts.models import Challenge, Device, TotpDevice
from outbox.admin.base import ReadOnlyAdmin


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "agent", "first_seen_at", "last_seen_at", "forgotten_at")
    list_select_related = ("user",)
    list_filter = ("last_seen_at", "forgotten_at")
    search_fields = ("=id", "=user__external_id")
    ordering = ("-last_seen_at",)
    fields = ("id", "user", "agent", "first_seen_at", "last_seen_at", "forgotten_at")


@admin.register(TotpDevice)
class TotpDeviceAdmin(ReadOnlyAdmin):
    list_display = ("user", "name", "confirmed", "made_at", "used_at")
    list_select_related = ("user",)
    list_filter = ("confirmed", "made_at")
    search_fields = ("=user__external_id",)
    ordering = ("-made_at",)
    fields = ("user", "name", "confirmed", "made_at", "used_at")


@admin.register(Challenge)
class ChallengeAdmin(ReadOnlyAdmin):
    """Codes that were sent: to whom and how many tries, never which."""

    list_display = ("purpose", "address", "number", "attempts", "sent_at", "expires_at", "used_at")
    list_filter = ("purpose", "sent_at", "used_at")
    search_fields = ("=address", "=subject")
    ordering = ("-sent_at",)
    fields = (
        "purpose",
        "subject",
        "user",
        "address",
        "number",
        "attempts",
        "message_id",
        "sent_at",
        "expires_at",
        "used_at",
    )
