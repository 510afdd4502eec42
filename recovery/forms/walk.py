"""What the steps of the walk may contain; whether a step is allowed is the services' word."""

from difflib import get_close_matches
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import ContactKind
from accounts.errors import AddressRefused
from accounts.forms.base import CodeField, OneValueForm
from accounts.forms.password import NewPasswordMixin, new_password_field, repeat_field
from accounts.normalise import Address, address, email
from recovery.services.references import read_reference

IDENTIFIER_LONGEST = 254
# Only these are asked about: a wrong guess at somebody's own domain would be a nuisance.
WELL_KNOWN_DOMAINS = (
    "gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me",
    "gmx.de", "gmx.net", "web.de", "live.com", "aol.com", "orange.fr", "libero.it",
)  # fmt: skip
EMAIL_SHAPE = _("Type an e-mail address such as name@example.org.")


class StartForm(OneValueForm):
    """Which account, and where the code goes."""

    identifier = forms.CharField(
        label=_("Which account?"),
        help_text=_("E-mail address, user name or phone number you sign in with."),
        max_length=IDENTIFIER_LONGEST,
        error_messages={"required": _("Type the account you want to get back into.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    contact_email = forms.CharField(
        label=_("An e-mail address you can open now"),
        help_text=_(
            "We send a code there. It can be the same address, if you can still open it. "
            "It does not have to be known to us."
        ),
        max_length=IDENTIFIER_LONGEST,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_identifier(self) -> str:
        """Refuse what no account can be called: control characters."""
        return printable(self.cleaned_data["identifier"])

    def clean(self) -> dict[str, Any]:
        """Read the contact; left empty it is the identifier, if that is an e-mail address."""
        data = super().clean() or {}
        typed = data.get("contact_email") or data.get("identifier", "")
        if "contact_email" not in data or not typed:
            return data
        try:
            data["contact"] = email(typed)
        except AddressRefused:
            self.add_error("contact_email", EMAIL_SHAPE)
        return data

    def suggestion(self) -> str:
        """Give the address that was probably meant, or ""; a slip in a well-known domain."""
        contact: Address | None = self.cleaned_data.get("contact")
        if contact is None:
            return ""
        local, _at, domain = contact.value.rpartition("@")
        if domain in WELL_KNOWN_DOMAINS:
            return ""
        close = get_close_matches(domain, WELL_KNOWN_DOMAINS, n=1, cutoff=0.85)
        return f"{local}@{close[0]}" if close else ""


class CodeForm(OneValueForm):
    """The eight digits."""

    code = CodeField(
        label=_("Code"),
        help_text=_("8 digits, for example 1234-5678. Spaces and dashes do not matter."),
        error_messages={"required": _("Type the code from our message.")},
    )


class NameForm(OneValueForm):
    """A mailbox that may know the account's name."""

    contact = forms.CharField(
        label=_("E-mail address"),
        max_length=IDENTIFIER_LONGEST,
        error_messages={"required": EMAIL_SHAPE},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_contact(self) -> Address:
        """Give the address read."""
        return _read(self.cleaned_data["contact"], kinds=(ContactKind.EMAIL,))


class ContactForm(OneValueForm):
    """Another e-mail address or phone of the account, typed in full."""

    contact = forms.CharField(
        label=_("E-mail address or phone number"),
        help_text=_("In full; a phone number with its country code, such as +49 151 234567."),
        max_length=IDENTIFIER_LONGEST,
        error_messages={"required": _("Type the address or phone number in full.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_contact(self) -> Address:
        """Give the address read."""
        return _read(self.cleaned_data["contact"], kinds=tuple(ContactKind))


class StatusForm(OneValueForm):
    """A reference, an address, or both."""

    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("Eight letters and digits, such as KTRW-4827. It is in every mail from us."),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    contact_email = forms.CharField(
        label=_("The e-mail address that our mails went to"),
        max_length=IDENTIFIER_LONGEST,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_reference(self) -> str:
        """Give the stored form."""
        return read_reference(self.cleaned_data["reference"])

    def clean(self) -> dict[str, Any]:
        """Ask for at least one of the two."""
        data = super().clean() or {}
        if data.get("contact_email"):
            try:
                data["contact"] = email(data["contact_email"])
            except AddressRefused:
                self.add_error("contact_email", EMAIL_SHAPE)
        elif not data.get("reference") and not self.errors:
            self.add_error("reference", _("Type the reference or the address."))
        return data


class NewPasswordForm(NewPasswordMixin, OneValueForm):
    """The new password, twice; whether it is good enough is the password policy's word."""

    new_password1 = new_password_field()
    new_password2 = repeat_field()


class ChoiceForm(OneValueForm):
    """What to do with a request that somebody may object to."""

    choice = forms.ChoiceField(choices=[("stop", "stop"), ("mine", "mine")])
    reference = forms.CharField(max_length=20, required=False)  # which one, where there are several


def _read(typed: str, *, kinds: tuple[ContactKind, ...]) -> Address:
    try:
        found = address(typed)
    except AddressRefused as error:
        raise forms.ValidationError(_shape(kinds)) from error
    if found.kind not in kinds:
        raise forms.ValidationError(_shape(kinds))
    return found


def _shape(kinds: tuple[ContactKind, ...]) -> Any:
    if ContactKind.PHONE in kinds:
        return _(
            "Type an e-mail address such as name@example.org, or a phone number with its "
            "country code, such as +49 151 234567."
        )
    return EMAIL_SHAPE


def printable(text: str) -> str:
    """Refuse what no account can be called: control characters."""
    if not text.isprintable():
        raise forms.ValidationError(_("Type the account you want to get back into."))
    return text
