"""What staff type and choose around the queue."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.errors import AddressRefused
from accounts.normalise import Address, email
from recovery.enums import RiskLevel
from recovery.forms.walk import EMAIL_SHAPE, IDENTIFIER_LONGEST, printable
from recovery.lanes import Flag, Lane

ALL = ("", _("All"))


class Who(models.TextChoices):
    """Whose cases."""

    MINE = "mine", _("With me")
    SECOND = "second", _("Needs me as second")
    FREE = "free", _("With nobody")


class Due(models.TextChoices):
    """How urgent."""

    LATE = "late", _("Late")
    SOON = "soon", _("Due within 4 h")


def _choice(label: Any, choices: type[models.TextChoices]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[ALL, *choices.choices], required=False)


class QueueForm(forms.Form):
    """Filters and search of the queue; sent with GET, so a link keeps them."""

    q = forms.CharField(
        label=_("Search"),
        help_text=_("Exact reference or exact address"),
        max_length=IDENTIFIER_LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "spellcheck": "false"}),
    )
    lane = _choice(_("Lane"), Lane)
    who = _choice(_("Whose"), Who)
    risk = _choice(_("Risk"), RiskLevel)
    due = _choice(_("Due"), Due)
    flag = _choice(_("Flag"), Flag)
    takeover = forms.BooleanField(label=_("Says takeover"), required=False)


class CallerForm(forms.Form):
    """What a caller says: which account, and where a code can go."""

    identifier = forms.CharField(
        label=_("Which account?"),
        help_text=_("As the caller says it: e-mail address, user name or phone number."),
        max_length=IDENTIFIER_LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    contact_email = forms.CharField(
        label=_("An e-mail address the caller can open now"),
        help_text=_("The code goes there. Read the address back, letter by letter."),
        max_length=IDENTIFIER_LONGEST,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_identifier(self) -> str:
        """Refuse what no account can be called: control characters."""
        return printable(self.cleaned_data["identifier"])

    def clean_contact_email(self) -> Address:
        """Read the address."""
        try:
            return email(self.cleaned_data["contact_email"])
        except AddressRefused:
            raise forms.ValidationError(EMAIL_SHAPE) from None


class FoldForm(forms.Form):
    """Which of the cases alike become one."""

    tickets = forms.TypedMultipleChoiceField(
        error_messages={"required": _("Choose at least one case.")}
    )

    def __init__(self, *args: Any, alike: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tickets"].choices = [(pk, pk) for pk in alike]  # type: ignore[attr-defined]
