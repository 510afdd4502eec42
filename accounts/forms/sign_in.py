"""What the sign-in pages may contain."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import normalise, policy
from accounts.forms.base import CodeField, OneValueForm, password_field


class SignInForm(OneValueForm):
    """Which account, and its password."""

    identifier = forms.CharField(
        label=_("E-mail address, user name or phone number"),
        max_length=normalise.MAX_EMAIL,
        error_messages={"required": _("Type the name of your account.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = password_field(
        _("Password"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=False,
        required=_("Type your password."),
    )
    keep = forms.BooleanField(
        label=_("Keep me signed in on this device"),
        help_text=format_lazy(
            _("For {days} days. Leave it off on a computer that others use."),
            days=policy.SESSION_KEPT.days,
        ),
        required=False,
    )


class TokenForm(OneValueForm):
    """The code of the second step."""

    token = CodeField(label=_("Code"), error_messages={"required": _("Type the code.")})


class StepUpForm(OneValueForm):
    """The password once more, and the app's code where the account has one."""

    password = password_field(
        _("Password"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=False,
        required=_("Type your password."),
    )
    token = CodeField(
        label=_("Code from your authenticator app"),
        error_messages={"required": _("Type the code.")},
    )
