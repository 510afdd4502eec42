"""The fields in which passwords are typed, and how their refusals are worded."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.errors import PasswordRefused

# Far beyond every password; keeps a request from hashing a megabyte.
LONGEST_INPUT = 1024


class PasswordField(forms.CharField):
    """A password as typed, spaces and all; never shown again by the form."""

    def __init__(self, *, autocomplete: str = "current-password", **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        # A count of characters in the page would cut what a password manager pastes.
        super().__init__(strip=False, widget=widget, **kwargs)
        self.validators.append(MaxLengthValidator(LONGEST_INPUT))


class NewPasswordsMixin(forms.Form):
    """``new_password1`` and ``new_password2``; whether it is good enough is the service's word."""

    new_password1 = PasswordField(label=_("New password"), autocomplete="new-password")
    new_password2 = PasswordField(label=_("The same again"), autocomplete="new-password")

    def clean(self) -> dict[str, Any]:
        """Refuse two that differ."""
        cleaned = super().clean() or {}
        first, second = cleaned.get("new_password1"), cleaned.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", _("The two passwords are not the same."))
        return cleaned


class ChangePasswordForm(NewPasswordsMixin):
    """The form of ``/security/password/``."""

    old_password = PasswordField(label=_("Your password now"))

    field_order = ("old_password", "new_password1", "new_password2")


def add_refusal(form: forms.Form, field: str, refusal: PasswordRefused) -> None:
    """Say beside ``field`` what the password still needs, one error for each broken rule."""
    for code in refusal.codes:
        form.add_error(
            field,
            forms.ValidationError(
                _("Not yet: %(rule)s."),
                code=code,
                params={"rule": validators.sentence(code)},
            ),
        )
