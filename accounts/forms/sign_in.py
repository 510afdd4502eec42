"""What the sign-in pages may contain."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import errors, normalise, policy
from accounts.forms.base import CodeField, KeyField, OneValueForm, password_field


class SignInForm(OneValueForm):
    """Which account, and its password."""

    identifier = forms.CharField(
        label=_("E-mail address, user name or phone number"),
        max_length=normalise.MAX_EMAIL,
        error_messages={"required": _("Type the name of your account.")},
        widget=forms.TextInput(
            attrs={
                # The passkey script adds "webauthn", where the browser offers passkeys here.
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
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
    """A code of any second step, or the mailed one.

    may_trust: whether this browser may be trusted from then on.
    """

    token = CodeField(label=_("Code"), error_messages={"required": _("Type the code.")})
    trust = forms.BooleanField(
        label=format_lazy(
            _("Don't ask again on this browser for {days} days"), days=policy.TRUST_LIVES.days
        ),
        help_text=_("Your password is still asked for. Leave it off where others use the browser."),
        required=False,
    )

    def __init__(self, *args: Any, may_trust: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_trust:
            del self.fields["trust"]

    def accept_letters(self) -> None:
        """Let phones offer more than digits, for printed codes."""
        attrs = self.fields["token"].widget.attrs
        attrs |= {"inputmode": "text", "autocapitalize": "characters", "spellcheck": "false"}


class MethodForm(OneValueForm):
    """Which second step a code is to be sent to; empty for the one it went to last."""

    method = KeyField(required=False)

    def chosen(self) -> int | None:
        """Give its key; raises NoSuchAuthenticator for what cannot be one."""
        if not self.is_valid():
            raise errors.NoSuchAuthenticator
        method: int | None = self.cleaned_data["method"]
        return method
