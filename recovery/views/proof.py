"""What a person can show: the same choices in the same order for every ticket."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import ChallengeError, ChallengeExhausted, LimitReached, ResendTooSoon
from accounts.middleware import PortalRequest
from accounts.normalise import Address
from accounts.services import challenges
from recovery import policy, queries, wording
from recovery.enums import TicketState
from recovery.errors import StaleTicket
from recovery.forms.walk import CodeForm, ContactForm
from recovery.models import RecoveryTicket
from recovery.services import proofs
from recovery.views.code import count_context
from recovery.views.tickets import CONTACT_TYPED, after_proof, shown_so_far, with_open_ticket


@dataclass(frozen=True)
class Choice:
    """One way to show that the account is one's own."""

    url: str
    title: str
    text: str
    icon: str


@never_cache
@require_safe
@with_open_ticket
def proof(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Show the choices, and what this browser has shown so far."""
    accepted = shown_so_far(request, ticket)
    shown = queries.shown_state(ticket, timezone.now())
    choices = _choices()
    context = {
        "ticket": ticket,
        # Answers are taken before the rest is decided, and not beside it.
        "choices": choices if shown == TicketState.AWAITING_PROOF else choices[1:],
        "accepted": accepted,
        "outlook": wording.outlook(ticket, accepted, shown),
    }
    return render(request, "recovery/proof.html", context)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_open_ticket
def contact(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    """Send a code to another address of the account, if it is one, and take it."""
    if "other" in request.GET:
        request.session.pop(CONTACT_TYPED, None)
    if request.method == "POST" and "code" in request.POST:
        return _take_code(request, ticket)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _send_code(request, ticket, form)
    if request.method != "POST" and CONTACT_TYPED in request.session:
        return _code_page(request, ticket, CodeForm())
    return _contact_page(request, ticket, form)


def _send_code(request: PortalRequest, ticket: RecoveryTicket, form: ContactForm) -> HttpResponse:
    typed: Address = form.cleaned_data["contact"]
    try:
        proofs.send_contact_code(ticket, typed, client=request.client)
    except LimitReached as error:
        return _contact_page(request, ticket, form, until=error.until)
    except ResendTooSoon as error:
        return _contact_page(request, ticket, form, rest_until=error.until)
    except ChallengeExhausted as error:
        form.add_error("contact", wording.refusal(error))
        return _contact_page(request, ticket, form)
    request.session[CONTACT_TYPED] = typed.value
    return redirect("recovery:proof_contact")


def _take_code(request: PortalRequest, ticket: RecoveryTicket) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        was = ticket.state, ticket.hold_until
        try:
            proofs.accept_contact_code(ticket, form.cleaned_data["code"], client=request.client)
        except ChallengeError as error:
            form.add_error("code", wording.refusal(error))
        except StaleTicket:
            return redirect("recovery:status")
        else:
            request.session.pop(CONTACT_TYPED, None)
            request.session.cycle_key()
            return after_proof(ticket, was)
    return _code_page(request, ticket, form)


def _contact_page(
    request: PortalRequest, ticket: RecoveryTicket, form: ContactForm, **context: object
) -> HttpResponse:
    context |= {"form": form, "ticket": ticket}
    status_code = 429 if context.get("until") else 200
    return render(request, "recovery/proof_contact.html", context, status=status_code)


def _code_page(request: PortalRequest, ticket: RecoveryTicket, form: CodeForm) -> HttpResponse:
    """Show the field for the code; whether anything was sent is never told."""
    sent = challenges.state(policy.CONTACT_CODE, ticket.subject)
    context = {
        "form": form,
        "ticket": ticket,
        "contact": request.session.get(CONTACT_TYPED, ""),
        **count_context(policy.CONTACT_CODE, sent),
    }
    return render(request, "recovery/proof_contact.html", context)


def _choices() -> list[Choice]:
    return [
        Choice(
            reverse("recovery:proof_questions"),
            _("I have none of these any more"),
            _("Answer some questions instead. Our staff look at it, which takes some days."),
            "questions",
        ),
        Choice(
            reverse("recovery:proof_contact"),
            _("Another e-mail address or phone on the account"),
            _("Type it in full. If it matches, we send a code there."),
            "phone",
        ),
        Choice(
            reverse("recovery:proof_authenticator"),
            _("A code from my authenticator app, or a printed recovery code"),
            _("Six digits from the app, or one of the codes you printed."),
            "app",
        ),
        Choice(
            reverse("recovery:proof_passkey"),
            _("A passkey or security key"),
            _("Your fingerprint, face, screen lock or key."),
            "passkey",
        ),
        Choice(
            reverse("recovery:proof_password"),
            _("My password: I lost only the second step"),
            _("The password that you use now."),
            "password",
        ),
    ]
