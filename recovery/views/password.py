"""The new password, and what was done with it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors as accounts_errors
from accounts.middleware import PortalRequest
from accounts.services import passwords
from recovery import queries, wording
from recovery.enums import TicketState
from recovery.errors import NotApproved, ProofLapsed, StaleTicket
from recovery.forms.walk import NewPasswordForm
from recovery.models import RecoveryTicket
from recovery.services import completion
from recovery.views.tickets import with_ticket


@sensitive_post_parameters("new_password1", "new_password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_ticket(TicketState.APPROVED)
def password(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Set the new password; a proof that lapsed has to be shown again."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and form.is_valid():
            return _complete(request, ticket, form)
        completion.require_ready(ticket, client=request.client)
    except ProofLapsed:
        completion.ask_again(ticket)
        return redirect("recovery:proof")
    except (NotApproved, StaleTicket):
        return redirect("recovery:status")
    return _page(request, ticket, form)


@never_cache
@require_safe
@with_ticket(TicketState.COMPLETED)
def done(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Say what was changed and ended; nobody is signed in by it."""
    context = {
        "done": _done_in_words(ticket),
        "changed_at": ticket.completed_at,
    }
    return render(request, "recovery/done.html", context)


def _complete(
    request: PortalRequest, ticket: RecoveryTicket, form: NewPasswordForm
) -> HttpResponse:
    try:
        completion.complete(ticket, form.cleaned_data["new_password1"], client=request.client)
    except accounts_errors.PasswordRefused as error:
        form.refuse(error)
        return _page(request, ticket, form)
    except accounts_errors.HashingBusy as error:
        form.add_error(None, wording.refusal(error))
        return _page(request, ticket, form)
    return redirect("recovery:done")


def _page(request: PortalRequest, ticket: RecoveryTicket, form: NewPasswordForm) -> HttpResponse:
    context = {
        "form": form,
        "ticket": ticket,
        "rules": passwords.rules(ticket.user),
        "until": ticket.expires_at,
        "resets": ticket.resets,
    }
    return render(request, "recovery/password.html", context)


def _done_in_words(ticket: RecoveryTicket) -> list[str]:
    ended = queries.sessions_ended(ticket)
    signed_out = ngettext(
        "%(number)d signed-in browser signed out",
        "All %(number)d signed-in browsers signed out",
        ended,
    ) % {"number": ended}
    return [
        _("A new password"),
        signed_out if ended else _("Nobody was signed in; nobody is now"),
        _("Your other addresses are told"),
    ]
