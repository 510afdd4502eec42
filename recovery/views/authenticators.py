"""What is typed or pressed and compared at once: app and printed codes, the password, a passkey."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors
from accounts.forms.base import OneValueForm
from accounts.middleware import PortalRequest
from accounts.models import Passkey
from accounts.services.passkeys import RECOVERY
from accounts.views import ceremonies
from accounts.views.ceremonies import BeginCeremony, Ceremony, CompleteCeremony
from recovery import queries, wording
from recovery.errors import StaleTicket
from recovery.forms.proof import PasswordForm, TokenForm
from recovery.models import RecoveryTicket
from recovery.services import authenticator_proofs
from recovery.views.tickets import after_proof, current_ticket, shown_so_far, with_open_ticket

Accept = Callable[..., None]


@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_open_ticket
def authenticator(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Take a code of an app or a printed one."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _take(request, ticket, form, "token", authenticator_proofs.accept_token)
    return _page(request, ticket, form, "token")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_open_ticket
def password(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Take the current password, of who lost only the second step."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _take(request, ticket, form, "password", authenticator_proofs.accept_password)
    return _page(request, ticket, form, "password")


@never_cache
@require_safe
@with_open_ticket
def passkey(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Show the button; the ceremony is asked for by script, as browsers want it."""
    asked = ceremonies.config(
        request,
        begin=reverse("recovery:passkey_begin"),
        complete=reverse("recovery:passkey_complete"),
    )
    return render(
        request, "recovery/proof_passkey.html", _context(request, ticket) | {"passkey": asked}
    )


class OfTicket(Ceremony):
    """Either half of showing a passkey for a ticket: any discoverable one is asked for.

    So the question is the same for every account and none; whose it is, is compared afterwards.
    """

    purpose = RECOVERY

    def check_can_authenticate(self) -> None:
        self.ticket  # noqa: B018 - raises where this browser has none that asks for a proof

    @cached_property
    def ticket(self) -> RecoveryTicket:
        ticket = current_ticket(self.request)
        if ticket is None or not queries.takes_proofs(ticket, timezone.now()):
            raise errors.CeremonyLost
        return ticket

    def get_subject(self) -> str:
        return self.ticket.subject


class PasskeyBegin(OfTicket, BeginCeremony):
    pass


class PasskeyComplete(OfTicket, CompleteCeremony):
    def record_refusal(self, refused: errors.PasskeyRefused) -> None:
        authenticator_proofs.refuse_passkey(self.ticket, client=self.request.client)

    def complete_auth(self, device: Passkey) -> None:
        """Count it as a proof of the ticket, which may have gone on meanwhile."""
        was = self.ticket.state, self.ticket.hold_until
        try:
            authenticator_proofs.accept_passkey(self.ticket, device, client=self.request.client)
        except StaleTicket:
            self.path = reverse("recovery:status")
        else:
            self.request.session.cycle_key()
            self.path = after_proof(self.ticket, was).url

    def get_success_url(self) -> str:
        return self.path


def _take(
    request: PortalRequest, ticket: RecoveryTicket, form: OneValueForm, field: str, accept: Accept
) -> HttpResponse:
    was = ticket.state, ticket.hold_until
    try:
        accept(ticket, form.cleaned_data[field], client=request.client)
    except errors.LimitReached as error:
        return _page(request, ticket, form, field, until=error.until)
    except (errors.WrongToken, errors.WrongPassword, errors.HashingBusy) as error:
        form.add_error(field, wording.refusal(error))
        return _page(request, ticket, form, field)
    except StaleTicket:
        return redirect("recovery:status")
    request.session.cycle_key()
    return after_proof(ticket, was)


def _page(
    request: PortalRequest, ticket: RecoveryTicket, form: OneValueForm, name: str, **more: Any
) -> HttpResponse:
    context = _context(request, ticket) | {"form": form} | more
    status_code = 429 if context.get("until") else 200
    return render(request, f"recovery/proof_{name}.html", context, status=status_code)


def _context(request: PortalRequest, ticket: RecoveryTicket) -> dict[str, Any]:
    return {"ticket": ticket, "accepted": shown_so_far(request, ticket)}
