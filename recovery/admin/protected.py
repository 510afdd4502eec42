"""Requests for protected accounts: two superusers decide, a command carries out."""

from datetime import datetime

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.queries import mask
from recovery import lanes, policy
from recovery.admin.pages import draw, superusers_page
from recovery.admin.rows import due_in_words
from recovery.enums import Verdict
from recovery.models import RecoveryTicket


@require_safe
def protected(request: HttpRequest) -> HttpResponse:
    """Show what waits for superusers, and what they approved and the command may carry out."""
    now = timezone.now()
    tickets = lanes.protected_requests().annotate(
        decisions=Count("votes", filter=Q(votes__voided_at=None))
    )
    rows = [
        {
            "reference": ticket.reference,
            "account": mask(ticket.identifier),
            "due": due_in_words(ticket.first_due_at or ticket.moved_at, now),
            # How many, and never what: the second decides without knowing.
            "decisions": ticket.decisions,
            "people": ticket.people,
            "is_approved": ticket.verdict == Verdict.APPROVE,
            "carry_out_until": ticket.carry_out_until,
            "effect_at": ticket.effect_at,
            "is_open": _may_be_carried_out(ticket, now),
        }
        for ticket in tickets[: policy.QUEUE_PAGE]
    ]
    return draw(request, "protected.html", _("Protected requests"), rows=rows)


def _may_be_carried_out(ticket: RecoveryTicket, now: datetime) -> bool:
    """Tell whether the command would act; from ``effect_at``, when owners are told, until then."""
    return (
        ticket.verdict == Verdict.APPROVE
        and ticket.effect_at is not None
        and ticket.carry_out_until is not None
        and ticket.effect_at <= now < ticket.carry_out_until
    )


def urls() -> list[URLPattern]:
    """Give this page, by its path under /admin/."""
    return [path("recovery/protected/", superusers_page(protected), name="recovery_protected")]
