"""Add an address: what it is, then the code that went there."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors, normalise, policy, wording
from accounts.decorators import edge_limit, signed_in_required, step_up_required
from accounts.enums import ContactKind
from accounts.forms.contacts import ContactCodeForm, NewContactForm
from accounts.middleware import OwnerRequest
from accounts.models import Challenge, Contact
from accounts.services import new_contacts, sessions, step_up
from accounts.views import deliveries, masking
from accounts.views.contacts import refusals_lead_back

# {name, is_strong}: the random name of a try, and whether a strong confirmation began it. The
# address itself stands in the row of the code.
CONTACT_ADD = "contact_add"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("code")
@signed_in_required
@step_up_required
@refusals_lead_back
def add(request: OwnerRequest) -> HttpResponse:
    """Take an e-mail address or a phone number and send a code there."""
    form = NewContactForm(
        request.POST if request.method == "POST" else None, initial=request.held_form
    )
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            _begin(request, form.cleaned_data["contact"])
        except errors.OnFileAlready:
            form.add_error("contact", _("This address is on your account already."))
        except errors.NumberNotServed:
            form.add_error("contact", _("We can't send text messages to this number."))
        except errors.TooMany:
            form.add_error(
                None,
                _("There are %(most)d addresses on the account, and no room for more. Remove one.")
                % {"most": policy.CONTACTS_MOST},
            )
        except errors.LimitReached as error:
            context["until"] = error.until
        else:
            return redirect("accounts:contact_code")
    return render(request, "accounts/contact_add.html", context)


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("code")
@signed_in_required
@refusals_lead_back
def code(request: OwnerRequest) -> HttpResponse:
    """Take the code; then the address is on the account."""
    waiting = _waiting(request)
    if waiting is None:
        return redirect("accounts:add_contact")
    form = ContactCodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            contact = _confirm(request, form.cleaned_data["code"])
        except errors.ChallengeExhausted:
            del request.session[CONTACT_ADD]
            messages.error(request, _("Too many codes did not fit, so we stopped. Begin again."))
            return redirect("accounts:add_contact")
        except errors.WrongCode:
            waiting.refresh_from_db(fields=["attempts"])
            form.add_error("code", wording.WRONG_CODE)
        except errors.TooMany:
            messages.error(request, _("There is no room for more addresses. Remove one first."))
            return redirect("accounts:contacts")
        else:
            return _added(request, contact)
    return render(request, "accounts/contact_code.html", _code_page(form, waiting))


@never_cache
@require_POST
@edge_limit("code")
@signed_in_required
def resend(request: OwnerRequest) -> HttpResponse:
    """Send a newer code."""
    waiting = _waiting(request)
    if waiting is None:
        return redirect("accounts:add_contact")
    try:
        new_contacts.resend(request.user, waiting, client=request.client)
    except errors.ChallengeError:
        messages.info(request, wording.RESEND_TOO_SOON)
    except errors.LimitReached:
        messages.error(request, _("No more codes can be sent there today."))
    else:
        messages.success(request, _("A new code is on its way. The old one no longer works."))
    return redirect("accounts:contact_code")


def _begin(request: OwnerRequest, address: normalise.Address) -> None:
    is_strong = step_up.is_strong(request.session)
    name = new_contacts.begin(
        request.user,
        address,
        client=request.client,
        is_strong=is_strong,
        may_tell=not masking.is_young(request),
    )
    request.session[CONTACT_ADD] = {"name": name, "is_strong": is_strong}


def _waiting(request: OwnerRequest) -> Challenge | None:
    """Give the code that this browser waits for."""
    begun = request.session.get(CONTACT_ADD)
    return new_contacts.current(request.user, begun["name"]) if begun else None


def _confirm(request: OwnerRequest, typed: str) -> Contact:
    begun = request.session[CONTACT_ADD]
    return new_contacts.confirm(
        request.user, begun["name"], typed, client=request.client, is_strong=begun["is_strong"]
    )


def _added(request: OwnerRequest, contact: Contact) -> HttpResponse:
    """Pay with the confirmation that let the person in, and keep this session."""
    del request.session[CONTACT_ADD]
    step_up.spend(request.session)
    sessions.keep(request, client=request.client)
    is_phone = contact.kind == ContactKind.PHONE
    done = _("The number is on your account.") if is_phone else _("The address is on your account.")
    messages.success(request, done)
    if not masking.is_young(request) and new_contacts.same_mailbox(request.user, contact):
        messages.info(
            request,
            _(
                "It reaches the same mailbox as another address on your account, so it is no "
                "second way back in."
            ),
        )
    return redirect("accounts:contacts")


def _code_page(form: ContactCodeForm, waiting: Challenge) -> dict[str, Any]:
    sent = deliveries.context_of(policy.CONTACT_CODE, waiting)
    return sent | {
        "form": form,
        "address": waiting.address,
        "is_phone": "@" not in waiting.address,
        "poll_url": reverse("accounts:contact_code"),
        "resend_url": reverse("accounts:contact_resend"),
        "can_resend": sent["can_resend"] and not sent["is_held_up"],
        # Shown where the mail is held up; how many more are left is no matter there.
        "sends_left": sent["is_held_up"] or None,
    }
