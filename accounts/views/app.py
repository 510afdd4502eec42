"""Set up an authenticator app."""

import io
from typing import Any

import segno
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import errors, policy
from accounts.decorators import edge_limit, signed_in_required, step_up_required
from accounts.enums import AuthenticatorKind
from accounts.forms.authenticators import AppForm
from accounts.middleware import OwnerRequest
from accounts.services import authenticators, step_up, totp
from accounts.views import showing

APP_BEGUN = "app_begun"  # in the session: the key of the app that it is setting up
QUIET_ZONE = 4  # modules; ISO/IEC 18004


@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@edge_limit("code")
@signed_in_required
@step_up_required
def add(request: OwnerRequest) -> HttpResponse:
    """Show the seed and take the first code; the same seed again until it is confirmed."""
    try:
        return _set_up(request)
    except showing.REFUSALS as error:
        return showing.answer_refusal(request, error, "app")


def _set_up(request: OwnerRequest) -> HttpResponse:
    initial = {"name": _("Authenticator app")} | (request.held_form or {})
    form = AppForm(request.POST if request.method == "POST" else None, initial=initial)
    is_strong = step_up.is_strong(request.session)
    if request.method == "POST" and form.is_valid():
        try:
            totp.confirm(
                request.user,
                form.cleaned_data["token"],
                form.cleaned_data["name"],
                client=request.client,
                is_strong=is_strong,
            )
        except errors.WrongToken:
            form.add_error(
                "token",
                _("That is not the code that counts now. Wait for the next one and type that."),
            )
        else:
            step_up.spend(request.session)
            showing.keep_signed_in(request, _("Your authenticator app is added."))
            return redirect("accounts:two_step")
    authenticators.require_may_add(request.user, AuthenticatorKind.TOTP, is_strong=is_strong)
    return render(request, "accounts/add_app.html", {"form": form, **_shown_seed(request)})


def _shown_seed(request: OwnerRequest) -> dict[str, Any]:
    """Give the seed in its three forms; they stand on the page and nowhere else.

    is_new: not the one that the form was filled in for, whose time was over.
    """
    device, seed, url = totp.begin(request.user, request.session.get(APP_BEGUN))
    request.session[APP_BEGUN] = device.pk
    size = policy.RECOVERY_CODE_GROUP
    groups = [seed[start : start + size] for start in range(0, len(seed), size)]
    return {
        "key": " ".join(groups),
        "url": url,
        "qr": draw(url),
        "app": device.pk,
        "is_new": request.POST.get("app", str(device.pk)) != str(device.pk),
    }


def draw(url: str) -> SafeString:
    """Draw a QR code as SVG without classes and styles, which the CSP would drop."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
    )
    return mark_safe(drawn.getvalue().decode())
