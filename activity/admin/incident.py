"""Reports that something was not the owner."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from accounts.admin.base import AccountAdmin
from activity.enums import Done
from activity.models import Incident


@admin.register(Incident)
class IncidentAdmin(AccountAdmin):
    """Read-only. A contact is named by its kind and key, and its links by nothing at all."""

    list_display = ("opened_at", "origin", "state", "user", "event_kind", "acts", "undo_until")
    list_filter = ("state", "origin", "opened_at")
    list_select_related = ("user", "event")
    search_fields = ("=id", "=user__id", "=event__id")
    ordering = ("-opened_at", "-id")
    fields = (
        "id",
        "user",
        "origin",
        "state",
        "event",
        "event_kind",
        "contact",
        "since",
        "opened_at",
        "acts",
        "undo_until",
        "closed_at",
    )

    @admin.display(description="reported")
    def event_kind(self, incident: Incident) -> str:
        """Name what was reported."""
        return incident.event.get_kind_display() if incident.event else ""

    @admin.display(description="did at once")
    def acts(self, incident: Incident) -> str:
        """List what it did, each kind once with how many: "ended sessions (2), told staff"."""
        counts: dict[str, int] = {}
        for fact in incident.done:
            counts[fact["what"]] = counts.get(fact["what"], 0) + _number(fact)
        named = ((Done(what).label, count) for what, count in counts.items())
        return ", ".join(
            _("%(what)s (%(count)d)") % {"what": what, "count": count} if count > 1 else str(what)
            for what, count in named
        )


def _number(fact: dict[str, Any]) -> int:
    return int(fact.get("count", 1))
