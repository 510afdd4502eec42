"""Change the password while signed in."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import errors
from accounts.decorators import signed_in_required, step_up_required
from accounts.forms.password import PasswordForm
from accounts.middleware import OwnerRequest
from accounts.services import passwords


@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@never_cache
@require_http_methods(["GET", "POST"])
@signed_in_required
@step_up_required(sign_in_counts=True, only_with_two_step=True)
def password(request: OwnerRequest) -> HttpResponse:
    """Take the old password and a new one; this session stays, all others end.

    The old password is the confirmation where there is no second step.
    """
    form = PasswordForm(request.POST or None)
    if request.held_form is not None:
        messages.info(request, _("Type the passwords once more: we do not keep them meanwhile."))
    if request.method == "POST" and form.is_valid():
        try:
            passwords.change(
                request.user,
                form.cleaned_data["old_password"],
                form.cleaned_data["new_password1"],
                client=request.client,
            )
        except errors.WrongPassword:
            form.add_error("old_password", _("That is not your present password."))
        except errors.PasswordRefused as error:
            form.refuse(error)
        except errors.Forbidden:
            form.add_error(None, _("The password cannot be changed here at the moment."))
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password is changed. All other browsers are out."))
            return redirect("accounts:security")
    context = {"form": form, "rules": passwords.rules(request.user)}
    return render(request, "accounts/password.html", context)
