"""Sign in with a password, and sign out."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors
from accounts.decorators import edge_limit
from accounts.enums import SignInStage
from accounts.forms.sign_in import SignInForm
from accounts.middleware import PortalRequest
from accounts.services import sessions, stages
from accounts.services import sign_in as service
from accounts.services.sign_in import RightPassword
from accounts.views.navigation import after_sign_in, own_path


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("sign_in")
def sign_in(request: PortalRequest) -> HttpResponse:
    """Take account and password; who is signed in already goes on."""
    if request.method == "GET" and request.user.is_authenticated and not own_path(request):
        return redirect(after_sign_in(""))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            right = service.check_password(
                form.cleaned_data["identifier"],
                form.cleaned_data["password"],
                client=request.client,
            )
        except errors.AccountPaused as error:
            return render(request, "accounts/frozen.html", {"since": error.since}, status=403)
        except errors.WrongPassword:
            form.add_error("password", _wrong_password())
        except errors.SecondStepMissing:
            form.add_error("password", _app_missing())
        else:
            return _go_on(request, right, keep=form.cleaned_data["keep"])
    return render(request, "accounts/sign_in.html", {"form": form})


@never_cache
@require_POST
def sign_out(request: PortalRequest) -> HttpResponse:
    """End this browser's session."""
    sessions.sign_out(request, client=request.client)
    return redirect("home")


def _go_on(request: PortalRequest, right: RightPassword, *, keep: bool) -> HttpResponse:
    next_path = own_path(request)
    if right.stage is None:
        service.complete(
            request,
            right.user,
            client=request.client,
            keep=keep,
            ends_row=right.ends_row,
            authenticators=["password"],
        )
        return redirect(after_sign_in(next_path))
    stage = stages.begin(
        request.session,
        right.user,
        right.stage,
        pool=right.pool,
        keep=keep,
        next_path=next_path,
    )
    if stage.kind is SignInStage.MAILED_CODE:
        service.send_code(stage, client=request.client)
    return redirect("accounts:verify")


def _wrong_password() -> str:
    return _(
        "This account and this password do not belong together. Check both, "
        "or get back in without the password."
    )


def _app_missing() -> str:
    return _(
        "Staff sign in with an authenticator app, and this account has none yet. "
        "Ask an operator to set it up with you: manage.py create_staff."
    )
