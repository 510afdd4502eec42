"""The queue: what waits, most urgent first. Nobody picks from it; "Next" deals."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import date
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import LimitReached
from accounts.models import User
from recovery import eligibility, lanes, policy
from recovery.admin.pages import REVIEW, SEE, draw, staff_page
from recovery.admin.rows import LANE_BADGES, rows_of
from recovery.forms.staff import Due, QueueForm, Who
from recovery.lanes import Flag, Lane, Place
from recovery.models import RecoveryTicket
from recovery.services import reviews

QUEUE = "admin:recovery_queue"


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits, by lane and due time."""
    staff: User = request.user  # type: ignore[assignment]
    now = timezone.now()
    form = QueueForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = lanes.page(
        lanes.with_columns(_filtered(chosen, staff, now), now),
        after=Place.read(request.GET.get("after", "")),
        before=Place.read(request.GET.get("before", "")),
    )
    context = lanes_context(staff, now) | {
        "form": form,
        "rows": rows_of(page.tickets, staff, now),
        "is_filtered": any(chosen.values()),
        "elsewhere_url": _elsewhere(chosen, page.tickets),
        "more_url": _link(chosen, after=page.after),
        "less_url": _link(chosen, before=page.before),
        "promised_hours": round(policy.FIRST_DECISION_WITHIN.total_seconds() / 3600),
    }
    return draw(request, "queue.html", _("Queue"), **context)


@require_POST
def deal(request: HttpRequest) -> HttpResponse:
    """Deal the most urgent case that this person may decide."""
    try:
        ticket = reviews.next_for(request.user)  # type: ignore[arg-type]
    except LimitReached as limit:
        opens = date(timezone.localtime(limit.until), "H:i")
        messages.warning(
            request,
            _("You have taken %(count)d cases within the hour. The next one from %(time)s on.")
            % {"count": policy.REVIEWS_PER_PERSON.limit, "time": opens},
        )
        return redirect(QUEUE)
    if ticket is None:
        messages.info(request, _("Nothing waits that you may decide."))
        return redirect(QUEUE)
    return redirect("admin:recovery_case", pk=ticket.pk)


def lanes_context(staff: User, now: datetime) -> dict[str, Any]:
    """Give what the queue and the front page say on top: lanes, what is late, what one has."""
    counts = lanes.counts(now)
    return {
        "lanes": [
            {
                "badge": LANE_BADGES[count.lane],
                "waiting": count.waiting,
                "late": count.late,
                "url": f"{reverse(QUEUE)}?lane={count.lane}",
            }
            for count in counts
        ],
        "waiting": sum(count.waiting for count in counts),
        "late": sum(count.late for count in counts),
        "own": lanes.waiting().filter(lanes.with_somebody(now), claimed_by=staff).first(),
        "may_review": staff.has_perm(REVIEW),
    }


def urls() -> list[URLPattern]:
    """Give the pages of the queue, by their path under /admin/."""
    return [
        path("recovery/cases/", staff_page(queue, SEE), name="recovery_queue"),
        path("recovery/cases/next/", staff_page(deal, SEE, REVIEW), name="recovery_next"),
    ]


def _filtered(chosen: dict[str, Any], staff: User, now: datetime) -> lanes.Tickets:
    tickets: Any = lanes.by_urgency(lanes.waiting())
    if typed := chosen.get("q"):
        tickets = lanes.found(tickets, typed)
    if lane := chosen.get("lane"):
        tickets = tickets.filter(lane_rank=lanes.LANES.index(Lane(lane)))
    if risk := chosen.get("risk"):
        tickets = tickets.filter(risk=risk)
    if flag := chosen.get("flag"):
        tickets = lanes.flagged(tickets, Flag(flag), now)
    if chosen.get("takeover"):
        tickets = tickets.filter(reason="takeover")
    if due := chosen.get("due"):
        latest = now if due == Due.LATE else now + policy.QUEUE_SOON
        tickets = tickets.filter(due__lte=latest)
    return _of_whom(tickets, chosen.get("who", ""), staff, now)


def _of_whom(tickets: lanes.Tickets, who: str, staff: User, now: datetime) -> lanes.Tickets:
    if who == Who.MINE:
        return tickets.filter(lanes.with_somebody(now), claimed_by=staff)
    if who == Who.FREE:
        return tickets.exclude(lanes.with_somebody(now))
    if who == Who.SECOND:
        may_decide = eligibility.dealable_to(staff).order_by().values("pk")
        return lanes.begun_by_others(tickets, staff).filter(pk__in=may_decide)
    return tickets


def _link(chosen: dict[str, Any], **place: Place | None) -> str:
    """Give the address of a neighbouring page with the same filters; "" where there is none."""
    (name, where), *_rest = place.items()
    kept = {field: "on" if value is True else value for field, value in chosen.items() if value}
    return f"?{urlencode(kept | {name: str(where)})}" if where else ""


def _elsewhere(chosen: dict[str, Any], shown: list[RecoveryTicket]) -> str:
    """Give where to look on for what was searched and does not wait; "" where nothing was."""
    if not chosen.get("q") or shown:
        return ""
    everything = reverse("admin:recovery_recoveryticket_changelist")
    return f"{everything}?{urlencode({'q': chosen['q']})}"
