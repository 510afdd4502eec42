"""Browsers, second steps and open codes, read-only and without what they prove with.

There is no way here to reset a second step: that is the outcome of a recovery alone.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import AccountAdmin
from accounts.models import (
    Challenge,
    CodeDevice,
    Device,
    Passkey,
    RecoveryCodeSet,
    TotpDevice,
    TrustedBrowser,
)
from accounts.queries import mask

DATES = ("made_at", "used_at", "asked_at", "suspended_at", "removed_at")


@admin.register(Device)
class DeviceAdmin(AccountAdmin):
    list_display = ("id", "user", "agent", "first_seen_at", "last_seen_at", "forgotten_at")
    list_select_related = ("user",)
    list_filter = ("last_seen_at", "forgotten_at")
    search_fields = ("=id", "=user__external_id")
    ordering = ("-last_seen_at",)
    fields = ("id", "user", "agent", "first_seen_at", "last_seen_at", "forgotten_at")


class AuthenticatorAdmin(AccountAdmin):
    """Whose it is, since when, and whether it is in use: never what it proves with.

    Not its name either, which its owner typed for nobody but themselves.
    """

    list_display: Any = ("user", "confirmed", "made_at", "used_at", "removed_at")
    list_select_related: ClassVar[Any] = ("user",)
    list_filter: ClassVar[Any] = ("confirmed", "made_at", "removed_at")
    search_fields: ClassVar[Any] = ("=user__external_id",)
    ordering: ClassVar[Any] = ("-made_at",)
    fields: ClassVar[Any] = ("user", "confirmed", *DATES)


@admin.register(TotpDevice)
class TotpDeviceAdmin(AuthenticatorAdmin):
    pass


@admin.register(Passkey)
class PasskeyAdmin(AuthenticatorAdmin):
    """``backup_state``: it is copied to its owner's other devices."""

    fields = ("user", "confirmed", *DATES, "backup_state")


@admin.register(CodeDevice)
class CodeDeviceAdmin(AuthenticatorAdmin):
    """Where its codes go stands on the page of the contact."""

    list_display = ("user", "kind_name", "confirmed", "made_at", "used_at", "removed_at")
    list_select_related = ("user", "contact")
    fields = ("user", "kind_name", "confirmed", *DATES)

    @admin.display(description=_("kind"))
    def kind_name(self, device: CodeDevice) -> str:
        return str(device.kind.label)


@admin.register(RecoveryCodeSet)
class RecoveryCodeSetAdmin(AuthenticatorAdmin):
    list_display = ("user", "left", "confirmed", "made_at", "kept_at", "removed_at")
    fields = ("user", "left", "confirmed", "kept_at", *DATES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the codes that are left in the same query."""
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(left=Count("codes", filter=Q(codes__used_at=None)))
        return counted

    @admin.display(description=_("codes left"))
    def left(self, code_set: Any) -> int:
        return int(code_set.left)


@admin.register(TrustedBrowser)
class TrustedBrowserAdmin(AccountAdmin):
    list_display = ("id", "user", "agent", "made_at", "used_at", "expires_at")
    list_select_related = ("user", "device")
    list_filter = ("made_at", "expires_at")
    search_fields = ("=id", "=user__external_id")
    ordering = ("-made_at",)
    fields = ("id", "user", "agent", "made_at", "used_at", "expires_at")

    @admin.display(description=_("browser"))
    def agent(self, browser: TrustedBrowser) -> str:
        return browser.device.agent


@admin.register(Challenge)
class ChallengeAdmin(AccountAdmin):
    """Codes that were sent: to whom and how many tries, never which."""

    list_display = (
        "purpose",
        "masked_address",
        "number",
        "attempts",
        "sent_at",
        "expires_at",
        "used_at",
    )
    list_filter = ("purpose", "sent_at", "used_at")
    search_fields = ("=address", "=subject")
    ordering = ("-sent_at",)
    fields = (
        "purpose",
        "subject",
        "user",
        "masked_address",
        "number",
        "attempts",
        "message_id",
        "sent_at",
        "expires_at",
        "used_at",
    )

    @admin.display(description=_("address"))
    def masked_address(self, challenge: Challenge) -> str:
        """Give it in part: in full staff read it by a reveal alone, which is recorded."""
        return mask(challenge.address)
