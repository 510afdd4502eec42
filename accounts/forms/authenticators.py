"""What the pages of two-step verification may contain."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.forms.base import CodeField, KeyField, OneValueForm


def name_field(label: Any) -> forms.CharField:
    """Give the field for what an authenticator is called."""
    return forms.CharField(
        label=label,
        max_length=policy.AUTHENTICATOR_NAME_LONGEST,
        error_messages={"required": _("Give it a name that you know it by.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AppForm(OneValueForm):
    """The first code of a new authenticator app, and what the app is called."""

    token = CodeField(
        label=_("The code that the app shows now"),
        help_text=_("6 digits. A new one comes every 30 seconds."),
        error_messages={"required": _("Type the code that the app shows.")},
    )
    name = name_field(_("What to call it here"))
    # Which seed the page showed; only to tell that another one is shown now.
    app = forms.IntegerField(required=False, widget=forms.HiddenInput)


class RenameForm(OneValueForm):
    """Another name."""

    name = name_field(_("Name"))


class SentCodeForm(OneValueForm):
    """The eight digits that were sent."""

    token = CodeField(
        label=_("Code"),
        help_text=_("8 digits, for example 1234-5678. Spaces and dashes do not matter."),
        error_messages={"required": _("Type the code from our message.")},
    )


class AppCodeForm(OneValueForm):
    """A code of an app that is in use, to see whether it works."""

    token = CodeField(
        label=_("The code that the app shows now"),
        error_messages={"required": _("Type the code that the app shows.")},
    )


class PrintedCodeForm(OneValueForm):
    """A printed code, to see whether it works."""

    token = forms.CharField(
        label=_("One of your printed codes"),
        help_text=_("It is only compared, not used up."),
        max_length=64,
        error_messages={"required": _("Type one of the codes.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class SetForm(OneValueForm):
    """Which set of printed codes the page showed; empty for none."""

    replaces = KeyField(required=False, widget=forms.HiddenInput)


class KeepForm(OneValueForm):
    """That the printed codes are kept where they will be found."""

    code_set = KeyField(widget=forms.HiddenInput)
    kept = forms.BooleanField(
        label=_("I have printed or saved them"),
        help_text=_("They are not shown again."),
        error_messages={"required": _("Tick this when you have printed or saved the codes.")},
    )


class ChooseContactForm(OneValueForm):
    """Which address or number of the account codes are to go to."""

    contact = KeyField(widget=forms.HiddenInput)


class WorksForm(OneValueForm):
    """Whether it still works."""

    works = forms.ChoiceField(choices=[("yes", _("Yes, it works")), ("no", _("No"))])
