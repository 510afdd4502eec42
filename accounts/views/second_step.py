"""The steps after the password: a second step, and where it is asked for a mailed code."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors, queries, wording
from accounts.decorators import edge_limit
from accounts.enums import AuthenticatorKind, SignInStage
from accounts.forms.sign_in import MethodForm, TokenForm
from accounts.middleware import PortalRequest
from accounts.models import CodeDevice
from accounts.queries import SecondStep
from accounts.services import sign_in as service
from accounts.services import sign_in_codes, stages, trust
from accounts.services.paths import own_path, with_next
from accounts.services.stages import Stage
from accounts.views import ceremonies, deliveries, printed_codes


@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("code")
def verify(request: PortalRequest) -> HttpResponse:
    """Take what the half-done sign-in waits for; without one, back to its start."""
    try:
        stage = service.stage_of(request, client=request.client)
    except errors.StageLost:
        return _start_again(request)
    form = TokenForm(request.POST or None, may_trust=_may_trust(stage))
    if request.method == "POST" and form.is_valid():
        try:
            path, shown = service.verify(
                request,
                stage,
                form.cleaned_data["token"],
                client=request.client,
                wants_trust=form.cleaned_data.get("trust", False),
            )
        except errors.ChallengeExhausted:
            if not stage.is_signed_in:
                stages.drop(request.session)
                messages.error(request, _("Too many codes did not fit. Please sign in again."))
                return redirect("accounts:sign_in")
            form.add_error("token", _("Too many codes did not fit. Use another of your ways."))
        except (errors.WrongCode, errors.WrongToken):
            form.add_error("token", wording.WRONG_CODE)
        else:
            printed_codes.tell_use(request, shown)
            return redirect(path)
    return render(request, "accounts/verify.html", _page(request, form, stage))


@never_cache
@require_POST
@edge_limit("code")
def send(request: PortalRequest) -> HttpResponse:
    """Send a code to one of the phones and mailboxes of the second step, or the mailed one anew."""
    try:
        stage = service.stage_of(request, client=request.client)
        if stage.kind is SignInStage.MAILED_CODE:
            sign_in_codes.send_anew(stage, client=request.client)
        else:
            method = MethodForm(request.POST).chosen()
            sign_in_codes.send_second_step(stage, method, client=request.client)
    except errors.StageLost:
        return _start_again(request)
    except errors.NoSuchAuthenticator:
        messages.error(request, _("We can't send a code there. Choose one of the ways below."))
    except errors.ResendTooSoon:
        messages.info(request, wording.RESEND_TOO_SOON)
    except errors.ChallengeExhausted:
        messages.error(request, _("No more codes can be sent for this try. Use another way."))
    except errors.LimitReached:
        messages.error(request, _("No more codes can be sent there today. Use another way."))
    return redirect(_url("accounts:verify", request))


def _start_again(request: PortalRequest) -> HttpResponse:
    messages.info(request, _("That took too long, or something changed. Please sign in again."))
    return redirect("accounts:sign_in")


def _url(name: str, request: PortalRequest) -> str:
    """Keep where who is signed in wanted to go; a half-done sign-in has it in its session."""
    return with_next(reverse(name), own_path(request))


def _may_trust(stage: Stage) -> bool:
    is_asked = stage.kind is SignInStage.SECOND_STEP and not stage.is_signed_in
    return is_asked and trust.is_possible(stage.user)


def _page(request: PortalRequest, form: TokenForm, stage: Stage) -> dict[str, Any]:
    page = {"form": form, "is_signed_in": stage.is_signed_in, **_sent(request, stage)}
    page["send_url"] = _url("accounts:send_second_step", request)
    page["is_doubtful"] = stage.assessment.needs_confirmation
    if stage.kind is SignInStage.MAILED_CODE:
        return page | {"is_mailed": True}
    page["has_trust"] = bool(request.client.trust)
    steps = queries.second_steps(stage.user)
    has_printed = queries.recovery_codes_left(stage.user) > 0
    if has_printed:
        form.accept_letters()
    page |= {
        "kinds": _kinds(steps, has_printed=has_printed),
        "has_printed": has_printed,
        "methods": _methods(steps, page),
        # Every kind of code is counted together: the tries of the sent one alone say little.
        "tries_left": None,
    }
    if any(step.kind == AuthenticatorKind.PASSKEY for step in steps):
        page["passkey"] = ceremonies.config(
            request,
            begin=reverse("accounts:verify_passkey_begin"),
            complete=reverse("accounts:verify_passkey_complete"),
        )
    return page


def _kinds(steps: list[SecondStep], *, has_printed: bool) -> list[str]:
    """Say in a line each what works here, of addresses no more than who has the password may see.

    Of the names that their owner gave them nothing.
    """
    found = [_words_of(step) for step in steps]
    if has_printed:
        found.append(_("one of your printed recovery codes"))
    return list(dict.fromkeys(found))


def _words_of(step: SecondStep) -> str:
    if isinstance(step, CodeDevice):
        to = {"to": queries.mask(step.contact.value)}
        if step.kind == AuthenticatorKind.SMS:
            return _("a code that we send by text message to %(to)s") % to
        return _("a code that we mail to %(to)s") % to
    if step.kind == AuthenticatorKind.PASSKEY:
        return _("your passkey or security key")
    return _("a code from your authenticator app")


def _methods(steps: list[SecondStep], page: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the phones and mailboxes that a code can be sent to, but for the one it went to."""
    return [
        {"pk": step.pk, "to": queries.mask(step.contact.value)}
        for step in steps
        if isinstance(step, CodeDevice) and step.contact.value != page.get("sent_to")
    ]


def _sent(request: PortalRequest, stage: Stage) -> dict[str, Any]:
    """Give what the page says of the code that was sent last; nothing before the first."""
    sent = sign_in_codes.last_sent(stage)
    if sent is None or sent.used_at:
        return {}
    return deliveries.context_of(sign_in_codes.kind_of(stage), sent) | {
        "sent_to": sent.address,
        "sent_to_masked": queries.mask(sent.address),
        "described_by": "works",
        "poll_url": _url("accounts:verify", request),
        "resend_url": _url("accounts:send_second_step", request),
    }
