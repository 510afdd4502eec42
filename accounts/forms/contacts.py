"""What the pages about contacts may contain."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import normalise
from accounts.enums import ContactMark
from accounts.errors import AddressRefused
from accounts.forms.base import CodeField, OneValueForm
from accounts.normalise import Address

SHAPE = _(
    "Type an e-mail address such as name@example.org, or a phone number with its country code, "
    "such as +49 151 234567."
)


class NewContactForm(OneValueForm):
    """An e-mail address or a phone number that is to be added."""

    contact = forms.CharField(
        label=_("E-mail address or phone number"),
        help_text=_("A phone number with its country code, such as +49 151 234567."),
        max_length=normalise.MAX_EMAIL,
        error_messages={"required": SHAPE},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_contact(self) -> Address:
        """Give the address read."""
        try:
            return normalise.address(self.cleaned_data["contact"])
        except AddressRefused as error:
            raise forms.ValidationError(SHAPE) from error


class ContactCodeForm(OneValueForm):
    """The eight digits."""

    code = CodeField(
        label=_("Code"),
        help_text=_("8 digits, for example 1234-5678. Spaces and dashes do not matter."),
        error_messages={"required": _("Type the code from our message.")},
    )


class MarkForm(OneValueForm):
    """What its owner says of a contact; "none" takes the mark away."""

    NONE = "none"

    mark = forms.ChoiceField(
        label=_("What is true of it?"),
        choices=[
            (ContactMark.SHARED, _("Someone else reads this too")),
            (ContactMark.LOST, _("I can't open this any more")),
            (NONE, _("Neither: only I read it")),
        ],
        error_messages={
            "required": _("Choose one of the three."),
            "invalid_choice": _("Choose one of the three."),
        },
        widget=forms.RadioSelect,
    )

    def clean_mark(self) -> ContactMark | None:
        """Give the mark, or None for taking it away."""
        chosen = self.cleaned_data["mark"]
        return None if chosen == self.NONE else ContactMark(chosen)


class ReplacementForm(OneValueForm):
    """Who replaced all contacts, as the person says: they themselves, or somebody else."""

    CANCEL, NOT_ME = "cancel", "not_me"

    choice = forms.ChoiceField(choices=[(CANCEL, CANCEL), (NOT_ME, NOT_ME)])
