"""What the pages of staff that belong to no single table share: who gets in, and their frame."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from recovery.models import RecoveryTicket

SEE = "recovery.view_recoveryticket"
REVIEW = "recovery.review_recoveryticket"
OPEN = "recovery.open_recoveryticket"

View = Callable[..., HttpResponse]


def staff_page(view: View, *permissions: str) -> View:
    """Let in staff with a fresh second step who have all of these permissions; others get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perms(permissions):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)


def superusers_page(view: View) -> View:
    """Let in superusers with a fresh second step; others get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return admin.site.admin_view(guarded)


def draw(request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    """Draw a page in the frame of the admin."""
    frame = {**admin.site.each_context(request), "title": title, "app_label": "recovery"}
    return TemplateResponse(request, f"admin/recovery/{template}", frame | context)


def ticket_or_404(pk: UUID) -> RecoveryTicket:
    """Give a ticket with the people whose names a page says."""
    return get_object_or_404(RecoveryTicket.objects.select_related("user", "claimed_by"), pk=pk)
