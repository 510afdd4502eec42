"""What the sign-up pages may contain."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import normalise
from accounts.errors import AddressRefused
from accounts.forms.base import CodeField, OneValueForm
from accounts.forms.password import NewPasswordMixin, new_password_field, repeat_field
from accounts.normalise import Address


class SignUpForm(NewPasswordMixin, OneValueForm):
    """An address and a password, twice."""

    first, second = "password1", "password2"

    email = forms.CharField(
        label=_("E-mail address"),
        help_text=_("You sign in with it, and we write to it."),
        max_length=normalise.MAX_EMAIL,
        error_messages={"required": _("Type an e-mail address such as name@example.org.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password1 = new_password_field()
    password2 = repeat_field()

    def clean_email(self) -> Address:
        """Give the address read."""
        try:
            return normalise.email(self.cleaned_data["email"])
        except AddressRefused as error:
            raise forms.ValidationError(
                _("Type an e-mail address such as name@example.org.")
            ) from error


class SignUpCodeForm(OneValueForm):
    """The eight digits."""

    code = CodeField(
        label=_("Code"),
        help_text=_("8 digits, for example 1234-5678. Spaces and dashes do not matter."),
        error_messages={"required": _("Type the code from our message.")},
    )
