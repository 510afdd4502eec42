"""The step after the password: an app's code, or a mailed one for unknown browsers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import errors
from accounts.decorators import edge_limit
from accounts.enums import FailurePool, SignInStage
from accounts.forms.sign_in import TokenForm
from accounts.middleware import PortalRequest
from accounts.models import TotpDevice
from accounts.services import sign_in as service
from accounts.services import stages
from accounts.services.stages import Stage
from accounts.views.navigation import after_sign_in, own_path


@sensitive_post_parameters("token")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("code")
def verify(request: PortalRequest) -> HttpResponse:
    """Take what the half-done sign-in waits for; without one, back to its start."""
    try:
        stage = _stage_of(request)
    except errors.StageLost:
        messages.info(request, _("That took too long, or something changed. Please sign in again."))
        return redirect("accounts:sign_in")
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _accept(request, stage, form.cleaned_data["token"])
        except errors.ChallengeExhausted:
            stages.drop(request.session)
            messages.error(request, _("Too many codes did not fit. Please sign in again."))
            return redirect("accounts:sign_in")
        except (errors.WrongCode, errors.WrongToken):
            form.add_error("token", _("That code is not right, or its time is over."))
    return render(request, "accounts/verify.html", {"form": form, "kinds": _kinds(stage)})


def _stage_of(request: PortalRequest) -> Stage:
    """Give the half-done sign-in, or for the admin a fresh second step of who is signed in."""
    try:
        return stages.current(request.session)
    except errors.StageLost:
        user = request.user
        if not (user.is_authenticated and service.has_app(user)):
            raise
        return service.stage_of_signed_in(user, own_path(request), client=request.client)


def _accept(request: PortalRequest, stage: Stage, token: str) -> HttpResponse:
    if stage.kind is SignInStage.MAILED_CODE:
        following = service.verify_mailed_code(stage, token, client=request.client)
        if following is None:
            return _finish(request, stage, "email")
        stages.advance(request.session, following, shown="email")
        return redirect("accounts:verify")
    device = service.verify_second_step(stage, token, client=request.client)
    if stage.name:
        return _finish(request, stage, "totp", device)
    service.renew_second_step(request, device)
    return redirect(after_sign_in(stage.next))


def _finish(
    request: PortalRequest, stage: Stage, shown: str, device: TotpDevice | None = None
) -> HttpResponse:
    service.complete(
        request,
        stage.user,
        client=request.client,
        keep=stage.keep,
        ends_row=stage.pool is not FailurePool.KNOWN,
        authenticators=[*stage.shown, shown],
        second_step=device,
    )
    return redirect(after_sign_in(stage.next))


def _kinds(stage: Stage) -> list[str]:
    if stage.kind is SignInStage.MAILED_CODE:
        return [_("the code that we have just mailed to you")]
    return [_("a code from your authenticator app")]
