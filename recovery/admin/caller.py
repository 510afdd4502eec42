"""The help desk: open a request for somebody on the telephone."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import LimitReached
from accounts.queries import mask
from recovery import policy
from recovery.admin.case_file import may_not
from recovery.admin.pages import OPEN, draw, staff_page
from recovery.errors import MayNotDecide
from recovery.forms.staff import CallerForm
from recovery.models import RecoveryTicket
from recovery.services import help_desk


@sensitive_post_parameters("identifier", "contact_email")
@require_http_methods(["GET", "HEAD", "POST"])
def caller(request: HttpRequest) -> HttpResponse:
    """Take down what the caller says; the page is the same whatever account is named."""
    form = CallerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = help_desk.open_for_caller(
                form.cleaned_data["identifier"],
                form.cleaned_data["contact_email"],
                request.user,  # type: ignore[arg-type]
                client=request.client,  # type: ignore[attr-defined]
            )
        except MayNotDecide as refused:
            form.add_error("identifier", may_not(refused))
        except LimitReached as limit:
            form.add_error("contact_email", _limit_in_words(limit))
        else:
            return redirect("admin:recovery_caller_opened", pk=ticket.pk)
    return draw(request, "caller.html", _("Open for a caller"), form=form)


@require_safe
def opened(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the reference to read out, to whoever opened the request, while its code works."""
    since = timezone.now() - policy.OPENING_CODE.lifetime
    own = RecoveryTicket.objects.filter(opened_by=request.user.pk, opened_at__gt=since)
    ticket = own.filter(pk=pk).first()
    if ticket is None:
        raise Http404
    return draw(
        request,
        "caller_opened.html",
        _("Read this to the caller"),
        ticket=ticket,
        masked=mask(ticket.contact),
        code_until=ticket.opened_at + policy.OPENING_CODE.lifetime,
    )


def urls() -> list[URLPattern]:
    """Give the pages of the help desk, by their path under /admin/."""
    return [
        path("recovery/caller/", staff_page(caller, OPEN), name="recovery_caller"),
        path("recovery/caller/<uuid:pk>/", staff_page(opened, OPEN), name="recovery_caller_opened"),
    ]


def _limit_in_words(limit: LimitReached) -> str:
    opens = timezone.localtime(limit.until)
    return _("Too many codes went to this address today. The next one from %(time)s on.") % {
        "time": opens.strftime("%H:%M")
    }
