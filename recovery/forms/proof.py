"""What can be typed to show that an account is one's own."""

from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.forms.base import CodeField, OneValueForm, password_field


class TokenForm(OneValueForm):
    """A code of an authenticator app, or a printed one."""

    token = CodeField(
        label=_("Code"),
        help_text=_(
            "6 digits from the app, or one of the codes that you printed. Spaces, dashes and "
            "capital letters do not matter."
        ),
        error_messages={"required": _("Type a code from your app or from your sheet.")},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        # Printed codes have letters; and no browser should offer a code that was mailed.
        self.fields["token"].widget.attrs |= {
            "inputmode": "text",
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
        }


class PasswordForm(OneValueForm):
    """The password that is used now."""

    password = password_field(
        _("Password"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=False,
        required=_("Type the password that you use now."),
    )
