"""Sign in with a password, and sign out."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import errors, wording
from accounts.decorators import edge_limit
from accounts.forms.sign_in import SignInForm
from accounts.middleware import PortalRequest
from accounts.services import first_step, sessions
from accounts.services import sign_in as service
from accounts.services.paths import after_sign_in, own_path
from accounts.views import ceremonies


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
        typed = form.cleaned_data["identifier"]
        try:
            right = first_step.check_password(
                typed, form.cleaned_data["password"], client=request.client
            )
        except errors.AccountPaused as error:
            context = {"since": error.since, "why": wording.why_paused(error.cause)}
            return render(request, "accounts/frozen.html", context, status=403)
        except errors.PasswordSpent:
            return render(request, "accounts/password_spent.html", status=403)
        except errors.WrongPassword:
            form.add_error("password", _wrong_password())
        except errors.SecondStepMissing:
            form.add_error("password", _second_step_missing())
        else:
            keep = form.cleaned_data["keep"]
            return redirect(
                service.go_on(request, right, typed=typed, keep=keep, client=request.client)
            )
    passkey = ceremonies.config(
        request,
        begin=reverse("accounts:sign_in_passkey_begin"),
        complete=reverse("accounts:sign_in_passkey_complete"),
        autofill="#id_identifier",
    )
    return render(request, "accounts/sign_in.html", {"form": form, "passkey": passkey})


@never_cache
@require_POST
def sign_out(request: PortalRequest) -> HttpResponse:
    """End this browser's session."""
    sessions.sign_out(request, client=request.client)
    return redirect("home")


def _wrong_password() -> str:
    return _(
        "This account and this password do not belong together. Check both, "
        "or get back in without the password."
    )


def _second_step_missing() -> str:
    return _(
        "Staff sign in with a second step, such as an authenticator app, and this account has none "
        "yet. Ask an operator to set it up with you: manage.py create_staff."
    )
