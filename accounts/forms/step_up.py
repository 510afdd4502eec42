"""What the step-up page may contain."""

from typing import Any

from django import forms
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import policy
from accounts.forms.base import CODE_LONGEST, CodeField, OneValueForm, password_field


class UnseenInput(forms.TextInput):
    """A text field that is never drawn with what was typed: a printed code would stay readable."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave the value out."""
        return super().get_context(name, None, attrs)


class StepUpForm(OneValueForm):
    """The password once more, and a code; each where the account has it.

    kinds: which codes are taken, in words; [] where none is asked.
    """

    password = password_field(
        gettext_lazy("Password"),
        longest=policy.PASSWORD_TYPED_LONGEST,
        is_new=False,
        required=gettext_lazy("Type your password."),
    )
    token = CodeField(
        label=gettext_lazy("Code"),
        error_messages={"required": gettext_lazy("Type the code.")},
        # Letters too: printed codes have them.
        widget=UnseenInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "maxlength": str(CODE_LONGEST),
            }
        ),
    )

    def __init__(self, *args: Any, has_password: bool, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["password"]
        if kinds:
            words = capfirst(get_text_list(kinds, _("or")))
            self.fields["token"].help_text = f"{words}."
        else:
            del self.fields["token"]
