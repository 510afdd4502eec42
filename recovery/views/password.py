"""The new password, and what was done with it."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors as accounts_errors
from accounts.middleware import PortalRequest
from accounts.queries import has_second_step, match_contact
from accounts.services import passwords
from recovery import queries, wording
from recovery.enums import Resets, TicketState
from recovery.errors import CodeLapsed, NotApproved, ProofLapsed, StaleTicket
from recovery.forms.walk import NewPasswordForm
from recovery.models import RecoveryTicket
from recovery.services import completion
from recovery.views.tickets import with_ticket


@sensitive_post_parameters("new_password1", "new_password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_ticket(TicketState.APPROVED)
def password(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Set the new password, or switch the second step off; a lapsed proof is asked for again."""
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    # Where only the second step is reset there is nothing to fill in, only a button.
    is_filled_in = not completion.sets_password(ticket) or form.is_valid()
    try:
        if request.method == "POST" and is_filled_in:
            return _complete(request, ticket, form)
        completion.require_ready(ticket, client=request.client)
    except ProofLapsed:
        completion.ask_again(ticket)
        return redirect("recovery:proof")
    except CodeLapsed:
        return redirect(reverse("recovery:status") + f"?reference={ticket.reference}")
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
        "lost_step": ticket.resets != Resets.PASSWORD,
        "restricted_until": _restricted_until(ticket),
    }
    return render(request, "recovery/done.html", context)


def _complete(
    request: PortalRequest, ticket: RecoveryTicket, form: NewPasswordForm
) -> HttpResponse:
    try:
        new = form.cleaned_data["new_password1"] if completion.sets_password(ticket) else ""
        completion.complete(ticket, new, client=request.client)
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


def _has_joined(ticket: RecoveryTicket) -> bool:
    """Tell whether the claimant's address belongs to the account since people decided."""
    return bool(ticket.people) and match_contact(ticket.user, ticket.contact) is not None


def _restricted_until(ticket: RecoveryTicket) -> datetime | None:
    """Give until when some things on the account wait; None: nothing does."""
    until = ticket.user.restricted_until if ticket.user else None
    return until if until and until > timezone.now() else None


def _done_in_words(ticket: RecoveryTicket) -> list[str]:
    ended, trusted = queries.sessions_ended(ticket), queries.trusts_ended(ticket)
    signed_out = ngettext(
        "%(number)d signed-in browser signed out",
        "All %(number)d signed-in browsers signed out",
        ended,
    ) % {"number": ended}
    forgotten = ngettext(
        "%(number)d browser is asked for the second step again",
        "%(number)d browsers are asked for the second step again",
        trusted,
    ) % {"number": trusted}
    return [
        _("A new password")
        if completion.sets_password(ticket)
        else _("Your password is as it was"),
        signed_out if ended else _("Nobody was signed in; nobody is now"),
        *([forgotten] if trusted else []),
        *_second_step_in_words(ticket),
        *([_("The address that you used here is on the account")] if _has_joined(ticket) else []),
        _("Your other addresses are told"),
    ]


def _second_step_in_words(ticket: RecoveryTicket) -> list[str]:
    if ticket.resets != Resets.PASSWORD:
        return [_("Two-step verification is turned off, because you lost it")]
    is_on = ticket.user is not None and has_second_step(ticket.user)
    return [_("Two-step verification is still on")] if is_on else []
