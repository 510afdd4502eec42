"""Sign up: address and password, then the code."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors, policy, wording
from accounts.decorators import edge_limit
from accounts.forms.sign_up import SignUpCodeForm, SignUpForm
from accounts.middleware import PortalRequest
from accounts.models import SignUp
from accounts.services import challenges, passwords, sessions
from accounts.services import sign_up as service
from accounts.services.paths import after_sign_in
from outbox.queries import DeliveryState

SIGN_UP = "sign_up"


@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("sign_up")
def sign_up(request: PortalRequest) -> HttpResponse:
    """Take an address and a password; the next page is the same whether it has an account."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sessions.name_browser(request.session)
        try:
            begun = service.begin(
                form.cleaned_data["email"], form.cleaned_data["password1"], client=request.client
            )
        except errors.PasswordRefused as error:
            form.refuse(error)
        else:
            request.session[SIGN_UP] = str(begun.pk)
            return redirect("accounts:sign_up_code")
    return render(request, "accounts/sign_up.html", {"form": form, "rules": passwords.rules()})


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("code")
def sign_up_code(request: PortalRequest) -> HttpResponse:
    """Take the code and make the account; only in the browser that gave the password."""
    begun = _begun_here(request)
    if begun is None:
        return redirect("accounts:sign_up")
    form = SignUpCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = service.complete(begun, form.cleaned_data["code"], client=request.client)
        except errors.ChallengeExhausted:
            del request.session[SIGN_UP]
            messages.error(
                request, _("Too many codes did not fit, so we stopped. Please begin again.")
            )
            return redirect("accounts:sign_up")
        except errors.WrongCode:
            form.add_error("code", _wrong_code(begun))
        else:
            del request.session[SIGN_UP]
            sessions.start(
                request, user, client=request.client, authenticators=["password", "email"]
            )
            return redirect(after_sign_in(""))
    return render(request, "accounts/sign_up_code.html", _code_page(form, begun))


@never_cache
@require_POST
@edge_limit("code")
def sign_up_resend(request: PortalRequest) -> HttpResponse:
    """Send a newer code."""
    begun = _begun_here(request)
    if begun is None:
        return redirect("accounts:sign_up")
    try:
        service.resend_code(begun, client=request.client)
    except errors.ChallengeError:
        messages.info(request, wording.RESEND_TOO_SOON)
    else:
        messages.success(request, _("A new code is on its way. The old one no longer works."))
    return redirect("accounts:sign_up_code")


def _begun_here(request: PortalRequest) -> SignUp | None:
    name = request.session.get(SIGN_UP)
    return service.current(name, client=request.client) if name else None


def _wrong_code(begun: SignUp) -> str:
    challenge = challenges.state(policy.SIGN_UP_CODE, service.subject_of(begun))
    return _("That code is not right, or its time is over. %(tries)d tries left.") % {
        "tries": challenges.tries_left(policy.SIGN_UP_CODE, challenge)
    }


def _code_page(form: SignUpCodeForm, begun: SignUp) -> dict[str, Any]:
    """Give what the page shows: nothing of it depends on whether there is an account.

    Of the mail's delivery it says nothing either: who has an account is told once a day only.
    """
    challenge = challenges.state(policy.SIGN_UP_CODE, service.subject_of(begun))
    resend_from = challenges.resend_from(policy.SIGN_UP_CODE, challenge) if challenge else None
    is_resting = resend_from is not None and resend_from > timezone.now()
    return {
        "form": form,
        "address": begun.address,
        "delivery": DeliveryState(
            words=_("It was sent a moment ago."), style="wait", is_settled=True, at=None
        ),
        "poll_url": "",
        "works_until": service.works_until(challenge) if challenge else None,
        "resend_url": reverse("accounts:sign_up_resend"),
        "can_resend": challenges.tries_left(policy.SIGN_UP_CODE, challenge) > 0,
        "resend_from": resend_from if is_resting else None,
        "sends_left": None,
        "from_address": settings.DEFAULT_FROM_EMAIL,
    }
