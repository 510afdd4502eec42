"""Confirm again who it is, before what matters most."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors, policy, queries, wording
from accounts.decorators import edge_limit, signed_in_required
from accounts.enums import StepUpWay
from accounts.forms.sign_in import MethodForm
from accounts.forms.step_up import StepUpForm
from accounts.middleware import OwnerRequest
from accounts.services import step_up
from accounts.services.paths import after_sign_in, own_path, with_next
from accounts.services.step_up import Asked
from accounts.views import ceremonies, deliveries, printed_codes

# What the pages that ask for a step-up are for, by where their addresses begin.
PURPOSES = {
    "accounts:password": gettext_lazy("You are about to change your password."),
    "accounts:contacts": gettext_lazy("You are about to change how we reach you."),
    "accounts:two_step": gettext_lazy("You are about to change how you sign in."),
    "accounts:recoverability": gettext_lazy("You are about to see how you would get back in."),
}


@sensitive_post_parameters("password", "token")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("sign_in")
@signed_in_required
def confirm(request: OwnerRequest) -> HttpResponse:
    """Take what the account confirms with; then back to ``next``."""
    asked = step_up.ask(request.user)
    form = StepUpForm(
        request.POST or None,
        has_password=asked.has_password,
        kinds=_kinds_of_code(asked) if asked.takes_code else [],
    )
    if request.method == "POST" and asked.takes_form and form.is_valid():
        try:
            shown = step_up.confirm(
                request.session,
                asked,
                form.cleaned_data.get("password", ""),
                form.cleaned_data.get("token", ""),
                client=request.client,
            )
        except errors.WrongPassword:
            form.add_error("password", _("That is not your password."))
        except errors.WrongToken:
            form.add_error("token", wording.WRONG_CODE)
        except errors.ChallengeExhausted:
            form.add_error(
                "token", _("Too many codes did not fit. Use another way, or sign in anew.")
            )
        else:
            printed_codes.tell_use(request, shown)
            return redirect(after_sign_in(own_path(request)))
    return render(request, "accounts/step_up.html", _context(request, asked, form))


@never_cache
@require_POST
@edge_limit("code")
@signed_in_required
def send_code(request: OwnerRequest) -> HttpResponse:
    """Send a code to the second step that ``method`` names; back to the page that takes it."""
    try:
        method = MethodForm(request.POST).chosen()
        step_up.send_code(request.user, method, client=request.client)
    except errors.NoSuchAuthenticator:
        messages.info(request, _("No code can be sent there. Choose another way."))
    except errors.ResendTooSoon:
        messages.info(request, wording.RESEND_TOO_SOON)
    except errors.ChallengeExhausted:
        messages.error(request, _("Too many codes did not fit. Use another way, or sign in anew."))
    return redirect(with_next(reverse("accounts:step_up"), own_path(request)))


def _context(request: OwnerRequest, asked: Asked, form: StepUpForm) -> dict[str, Any]:
    next_path = own_path(request)
    passkey = None
    if asked.way == StepUpWay.PASSKEY:
        passkey = ceremonies.config(
            request,
            begin=reverse("accounts:step_up_passkey_begin"),
            complete=with_next(reverse("accounts:step_up_passkey_complete"), next_path),
        )
    sent = _sent(request, asked, next_path)
    return {
        **sent,
        "form": form,
        "asked": asked,
        "passkey": passkey,
        "account_name": queries.account_name(request.user),
        "purpose": _purpose_of(next_path),
        "sends": [
            {"pk": device.pk, "to": queries.mask(device.contact.value)}
            for device in asked.sent
            if device.contact.value != sent.get("sent_to")
        ],
        "send_url": with_next(reverse("accounts:step_up_send"), next_path),
    }


def _sent(request: OwnerRequest, asked: Asked, next_path: str) -> dict[str, Any]:
    """Give what the page says of the code that was sent last; nothing before the first."""
    sent = step_up.last_sent(asked, client=request.client)
    if sent is None:
        return {}
    return deliveries.context_of(policy.SECOND_STEP_CODE, sent) | {
        # Every kind of code is counted together: the tries of the sent one alone say little.
        "tries_left": None,
        "sent_to": sent.address,
        "sent_to_masked": queries.mask(sent.address),
        "described_by": "works",
        "poll_url": with_next(reverse("accounts:step_up"), next_path),
        "resend_url": with_next(reverse("accounts:step_up_send"), next_path),
    }


def _purpose_of(next_path: str) -> str:
    """Put into words what the person wants to do, "" where it has no words of its own."""
    fitting = (words for name, words in PURPOSES.items() if next_path.startswith(reverse(name)))
    return str(next(fitting, ""))


def _kinds_of_code(asked: Asked) -> list[str]:
    """Put into words which codes are taken."""
    kinds = []
    if asked.has_app:
        kinds.append(_("a code from your authenticator app"))
    if asked.has_sent:
        kinds.append(_("a code that we send you"))
    if asked.has_printed:
        kinds.append(_("one of your printed codes"))
    return kinds
