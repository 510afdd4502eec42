"""A new password, typed twice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import policy, validators
from accounts.errors import PasswordRefused
from accounts.forms.base import OneValueForm, password_field


def new_password_field() -> forms.CharField:
    """Give the field of a new password; what it must be is the service's word."""
    return password_field(
        _("New password"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=True,
        required=_("Type a new password."),
    )


def repeat_field() -> forms.CharField:
    """Give the field that repeats it."""
    return password_field(
        _("The same password again"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=True,
        required=_("Type the new password a second time."),
    )


class NewPasswordMixin(forms.Form):
    """Compares the two fields named ``first`` and ``second``, and shows broken rules."""

    first, second = "new_password1", "new_password2"

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        data = super().clean() or {}
        typed = data.get(self.first), data.get(self.second)
        if None not in typed and typed[0] != typed[1]:
            self.add_error(self.second, _("The two passwords differ. Type the same one twice."))
        return data

    def refuse(self, error: PasswordRefused) -> None:
        """Say beside the field which rules the password breaks, in one sentence."""
        missing = "; ".join(str(validators.sentence(code)) for code in error.codes)
        self.add_error(self.first, _("Still needed: %(rules)s.") % {"rules": missing})


class PasswordForm(NewPasswordMixin, OneValueForm):
    """The old password and a new one."""

    old_password = password_field(
        _("Your password now"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=False,
        required=_("Type your present password."),
    )
    new_password1 = new_password_field()
    new_password2 = repeat_field()
