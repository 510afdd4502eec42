"""The first page: which account, and where the code goes."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.decorators import edge_limit
from accounts.errors import LimitReached, StageLost
from accounts.middleware import PortalRequest
from accounts.normalise import Address, email
from accounts.services import stages
from accounts.services.sessions import name_browser
from recovery.enums import Reason
from recovery.forms.walk import NameForm, StartForm
from recovery.services import opening, status
from recovery.views import tickets


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("start")
def start(request: PortalRequest) -> HttpResponse:
    """Ask for the account and an address; a code goes out whatever the account is."""
    reason = _reason_meant(request)
    if request.method != "POST":
        return _page(request, StartForm(initial=_typed_before(request, reason)), reason)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _page(request, form, reason)
    contact = _contact_meant(form, request.POST.get("contact_choice", ""))
    if contact is None:
        return _page(request, form, reason, suggestion=form.suggestion())
    name_browser(request.session)
    identifier = form.cleaned_data["identifier"]
    try:
        ticket = opening.open_ticket(identifier, contact, reason=reason, client=request.client)
    except LimitReached as error:
        return _page(request, form, reason, until=error.until)
    tickets.bind(request, ticket)
    return redirect("recovery:code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("start")
def name(request: PortalRequest) -> HttpResponse:
    """Mail an address the names of its accounts; the page is the same for every address."""
    form = NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        contact: Address = form.cleaned_data["contact"]
        # The limit counts what was typed, so that it tells nothing of what is on file.
        try:
            status.mail_names(contact, client=request.client)
        except LimitReached as error:
            context = {"form": form, "until": error.until}
            return render(request, "recovery/name.html", context, status=429)
        return render(request, "recovery/name_sent.html", {"contact": contact.value})
    return render(request, "recovery/name.html", {"form": form})


def _contact_meant(form: StartForm, choice: str) -> Address | None:
    """Give the address to write to; None while a probable slip was not answered."""
    suggestion = form.suggestion()
    if suggestion and choice == "suggested":
        return email(suggestion)
    if suggestion and choice != "typed":
        return None
    contact: Address = form.cleaned_data["contact"]
    return contact


def _reason_meant(request: PortalRequest) -> Reason:
    """Give what the person says happened, by the link that led here."""
    said = request.POST if request.method == "POST" else request.GET
    if "takeover" in said:
        return Reason.TAKEOVER
    return Reason.LOST_STEP if said.get("lost") == "second_step" else Reason.FORGOT


def _typed_before(request: PortalRequest, reason: Reason) -> dict[str, str]:
    """Give what this browser typed last, so that nobody types it twice.

    Who comes from the second step typed the account's name at sign-in.
    """
    if reason == Reason.LOST_STEP:
        with suppress(StageLost):
            return {"identifier": stages.current(request.session).typed}
    ticket = tickets.current_ticket(request)
    if ticket is None:
        return {}
    return {"identifier": ticket.identifier, "contact_email": ticket.contact}


def _page(
    request: PortalRequest, form: StartForm, reason: Reason, **context: object
) -> HttpResponse:
    context |= {
        "form": form,
        "takeover": reason == Reason.TAKEOVER,
        "lost_step": reason == Reason.LOST_STEP,
        "signed_in": request.user.is_authenticated,
        "typed": form.data.get("contact_email") or form.data.get("identifier", ""),
    }
    status_code = 429 if context.get("until") else 200
    return render(request, "recovery/start.html", context, status=status_code)
