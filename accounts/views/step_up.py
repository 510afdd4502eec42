"""Confirm again who it is, before what matters most."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import errors
from accounts.decorators import edge_limit, signed_in_required
from accounts.forms.sign_in import StepUpForm
from accounts.middleware import OwnerRequest
from accounts.services import sign_in, step_up
from accounts.views.navigation import after_sign_in, own_path


@sensitive_post_parameters("password", "token")
@never_cache
@require_http_methods(["GET", "POST"])
@edge_limit("sign_in")
@signed_in_required
def confirm(request: OwnerRequest) -> HttpResponse:
    """Take the password, and the app's code where there is an app; then back to ``next``."""
    form = StepUpForm(request.POST or None)
    has_app = sign_in.has_app(request.user)
    if not has_app:
        del form.fields["token"]
    if request.method == "POST" and form.is_valid():
        try:
            step_up.confirm(
                request.session,
                request.user,
                form.cleaned_data["password"],
                form.cleaned_data.get("token"),
                client=request.client,
            )
        except errors.WrongPassword:
            form.add_error("password", _("That is not your password."))
        except errors.WrongToken:
            form.add_error("token", _("That code is not right, or its time is over."))
        else:
            return redirect(after_sign_in(own_path(request)))
    return render(request, "accounts/step_up.html", {"form": form})
