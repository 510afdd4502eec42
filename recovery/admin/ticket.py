"""Tickets and what belongs to them, read-only, with the pages of staff in the admin's frame."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.admin.base import AccountAdmin
from accounts.errors import AddressRefused
from accounts.normalise import address
from accounts.queries import mask
from activity.services import audit
from outbox.admin.base import ReadOnlyAdmin
from recovery.admin import caller, campaign, case_file, decide, protected, queue
from recovery.admin.pages import OPEN, SEE
from recovery.models import ClaimFreeze, Notice, Objection, Proof, RecoveryTicket
from recovery.services.references import read_reference


class ReadOnlyInline(admin.TabularInline):
    """Rows of a ticket that staff look at; a subclass names its columns."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProofInline(ReadOnlyInline):
    """Which kinds of proof were accepted, and whether they are old enough to count."""

    model = Proof
    fields = readonly_fields = ("proof_class", "is_strong", "marks", "since", "proved_at")


class NoticeInline(ReadOnlyInline):
    """What was told, or is due."""

    model = Notice
    fields = readonly_fields = ("kind", "due_at", "settled_at")


class ObjectionInline(ReadOnlyInline):
    """Who objected, by kind, and what it did."""

    model = Objection
    fields = readonly_fields = ("made_at", "is_senior", "cancelled_the_ticket", "taken_back_at")


@admin.register(RecoveryTicket)
class RecoveryTicketAdmin(ReadOnlyAdmin):
    """Tickets, newest first; addresses are masked, search is by exact reference or address."""

    list_display = (
        "shown_reference",
        "state",
        "reason",
        "account",
        "claim",
        "opened_at",
        "hold_until",
        "is_contested",
    )
    list_filter = ("state", "reason", "outcome", "is_frozen")
    ordering = ("-opened_at",)
    date_hierarchy = "opened_at"
    search_fields = ("=reference",)
    search_help_text = "Exact reference (KTRW-4827) or exact e-mail address"
    inlines = (ProofInline, NoticeInline, ObjectionInline)
    fieldsets = (
        (None, {"fields": ("shown_reference", "state", "account", "claim", "reason")}),
        ("Times", {"fields": ("opened_at", "code_accepted_at", "moved_at", "expires_at",
                              "answer_at", "completed_at", "cancelled_at", "cancel_cause")}),
        ("Decision", {"fields": ("outcome", "resets", "reasons", "policy_version", "decided_at",
                                 "hold_length", "hold_from", "hold_until")}),
        ("Against", {"fields": ("contested_at", "contested_reason", "is_frozen")}),
        ("From where", {"fields": ("network", "agent")}),
    )  # fmt: skip

    def site_urls(self) -> list[URLPattern]:
        """Give the queue and what belongs to it."""
        parts = (queue, case_file, decide, campaign, caller, protected)
        return [url for part in parts for url in part.urls()]

    def site_pages(self, request: HttpRequest) -> list[dict[str, str]]:
        """Lead to the queue, the help desk and the protected requests, by role."""
        may: Any = request.user
        pages = [
            (may.has_perm(SEE), _("Queue"), "recovery_queue"),
            (may.has_perm(OPEN), _("Open for a caller"), "recovery_caller"),
            (may.is_superuser, _("Protected requests"), "recovery_protected"),
        ]
        return [
            {"name": name, "admin_url": reverse(f"admin:{url}")} for ok, name, url in pages if ok
        ]

    def front_context(self, request: HttpRequest) -> dict[str, Any]:
        """Give the lanes, to those who may see the queue."""
        staff: Any = request.user
        return queue.lanes_context(staff, timezone.now()) if staff.has_perm(SEE) else {}

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Show one ticket, and write down who looked (nobody browses cases unseen)."""
        ticket = self.get_object(request, object_id)
        if ticket is not None and self.has_view_permission(request, ticket):
            audit.append(
                actor=f"user:{request.user.pk}",
                action="recovery:ticket:viewed",
                subject=ticket.subject,
            )
        return super().change_view(request, object_id, *args, **kwargs)

    @admin.display(description="reference", ordering="reference")
    def shown_reference(self, ticket: RecoveryTicket) -> str:
        return f"{ticket.reference[:4]}-{ticket.reference[4:]}"

    @admin.display(description="account", ordering="user")
    def account(self, ticket: RecoveryTicket) -> str:
        # Not the name: people are asked for it, and who grades answers must not look it up.
        return str(ticket.user_id)[:8] if ticket.user_id else "no such account"

    @admin.display(description="asked for, and from")
    def claim(self, ticket: RecoveryTicket) -> str:
        return f"{mask(ticket.identifier)} / {mask(ticket.contact)}" if ticket.contact else "-"

    @admin.display(description="contested", boolean=True)
    def is_contested(self, ticket: RecoveryTicket) -> bool:
        return ticket.contested_at is not None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RecoveryTicket], search_term: str
    ) -> tuple[QuerySet[RecoveryTicket], bool]:
        """Find an exact reference, or the tickets of an exact address."""
        if not search_term:
            return queryset, False
        if "@" not in search_term:
            return queryset.filter(reference=read_reference(search_term)), False
        try:
            key = address(search_term).match_key
        except AddressRefused:
            return queryset.none(), False
        return queryset.filter(contact_match_key=key), False


@admin.register(ClaimFreeze)
class ClaimFreezeAdmin(AccountAdmin):
    """Which pairs of account and contact, or network, get nowhere for a while."""

    list_display = ("user", "kind", "until")
    list_filter = ("until",)
    list_select_related = ("user",)
    fields = ("user", "kind", "ticket", "until")

    @admin.display(description="pair with")
    def kind(self, freeze: ClaimFreeze) -> str:
        return freeze.key.partition(":")[0]
