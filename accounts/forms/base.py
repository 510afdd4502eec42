"""What all forms of accounts keep."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DASHES_AND_SPACES = str.maketrans("", "", " -\u00a0\u2010\u2011\u2012\u2013\u2014\u2212")
CODE_LONGEST = 40


class OneValueForm(forms.Form):
    """A form that refuses a field sent twice: which value counts must not be a matter of luck."""

    def clean(self) -> dict[str, Any]:
        """Refuse repeated fields."""
        data = super().clean() or {}
        for name in self.fields:
            values = self.data.getlist(name) if hasattr(self.data, "getlist") else []
            if len(values) > 1:
                self.add_error(name, _("Type one value here."))
        return data


class CodeField(forms.CharField):
    """Digits as people copy them, with spaces and dashes; gives them bare."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=CODE_LONGEST, **kwargs)

    def to_python(self, value: Any) -> str:
        """Give the bare digits; anything else is compared, and counted, as it is."""
        return str(super().to_python(value)).translate(DASHES_AND_SPACES)


def password_field(label: Any, *, longest: int, is_new: bool, required: Any) -> forms.CharField:
    """Give a password field: never stripped, never drawn again, open to pasting."""
    kind = "new-password" if is_new else "current-password"
    return forms.CharField(
        label=label,
        strip=False,
        max_length=longest,
        error_messages={"required": required},
        widget=forms.PasswordInput(attrs={"autocomplete": kind}),
    )
