"""What all forms of accounts keep."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DASHES_AND_SPACES = str.maketrans("", "", " -\u00a0\u2010\u2011\u2012\u2013\u2014\u2212")
CODE_LONGEST = 40


class CodeField(forms.CharField):
    """Digits as people copy them, with spaces and dashes; gives them bare.

    Whatever else was typed is given too, cut short: it is compared, and counted, as a wrong code.
    """

    widget = forms.TextInput(
        attrs={
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": str(CODE_LONGEST),
        }
    )

    def to_python(self, value: Any) -> str:
        """Give the bare digits."""
        typed = str(super().to_python(value)).replace("\0", "?")
        return typed.translate(DASHES_AND_SPACES)[:CODE_LONGEST]


class KeyField(forms.RegexField):
    """The key of a row, in ASCII digits and no larger than one can be; None for nothing typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[1-9][0-9]{0,17}\Z", **kwargs)

    def clean(self, value: Any) -> int | None:
        """Give the key."""
        typed = super().clean(value)
        return int(typed) if typed else None


class OneValueForm(forms.Form):
    """A form that refuses a field sent twice: which value counts must not be a matter of luck.

    A code that was sent twice is a wrong code, so that it costs a try.
    """

    def clean(self) -> dict[str, Any]:
        """Refuse repeated fields."""
        data = super().clean() or {}
        for name, field in self.fields.items():
            values = self.data.getlist(name) if hasattr(self.data, "getlist") else []
            if isinstance(field, forms.MultipleChoiceField):
                continue
            if len(values) > 1 and isinstance(field, CodeField):
                data[name] = "repeated"
            elif len(values) > 1:
                self.add_error(name, _("Type one value here."))
        return data


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
