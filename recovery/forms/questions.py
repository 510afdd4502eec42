"""The questionnaire: nothing is required, and only shapes that cannot be are refused."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from accounts import policy as accounts_policy
from accounts.forms.base import OneValueForm
from activity import places
from recovery import questions
from recovery.enums import Reason
from recovery.evidence import Answers

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST = 254  # characters of one answer
NOTE_LONGEST = 500
FIRST_YEAR = 1900
LEAP_YEAR = 2000  # for days that nobody gave a year with
PLACES = CONTACTS = 3
NOT_SURE = "not_sure"
NOT_SURE_CHOICE = (NOT_SURE, _("Not sure"))
DONT_KNOW_CHOICE = ("", _("I don't remember"))
ONE_OF_THESE = _("Choose one of these.")

Choices = Iterable[tuple[str, "StrOrPromise"]]

# In the order of the page. The words are those of the person, the codes those of the ticket.
WHAT_HAPPENED: Choices = [
    (Reason.FORGOT, _("I forgot the password")),
    (Reason.LOST_STEP, _("I lost my phone or app")),
    (Reason.LOST_MAIL, _("I can't open my e-mail any more")),
    (Reason.TAKEOVER, _("Somebody else changed my account")),
    (Reason.OTHER, _("Something else")),
]


class TextField(forms.CharField):
    """What somebody remembers, as typed; line ends are one character each."""

    def __init__(self, label: "StrOrPromise", *, longest: int = LONGEST, **attrs: str) -> None:
        attrs = {"autocomplete": "off"} | attrs
        widget = forms.TextInput(attrs=attrs)
        super().__init__(label=label, required=False, max_length=longest, widget=widget)

    def to_python(self, value: Any) -> str:
        """Give the text."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class NumberField(forms.IntegerField):
    """A day or a year, typed."""

    def __init__(
        self, label: "StrOrPromise", *, least: int, most: int, refused: "StrOrPromise", **attrs: str
    ) -> None:
        shape = {"inputmode": "numeric", "autocomplete": "off", "maxlength": str(len(str(most)))}
        super().__init__(
            label=label,
            required=False,
            min_value=least,
            max_value=most,
            widget=forms.TextInput(attrs=shape | attrs),
            error_messages={"invalid": refused, "min_value": refused, "max_value": refused},
        )


class QuestionsForm(OneValueForm):
    """One field or more for each question that this site asks."""

    what_happened = forms.ChoiceField(
        label=_("What happened?"),
        help_text=_("Helps us send it to the right person."),
        required=False,
        choices=WHAT_HAPPENED,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": ONE_OF_THESE},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [question.code for question in questions.asked()]
        self.today = timezone.localdate()
        made = {
            "name": _names,
            "birth_date": self._birth,
            "home": _home,
            "created": self._created,
            "last_sign_in": _last_sign_in,
            "places": _places,
            "devices": _devices,
            "browsers": _browsers,
            "contacts": _contacts,
            "second_step": _second_step,
            "passwords": _passwords,
        }
        for code in self.codes:
            self.fields.update(made.get(code, dict)())
        for number, label in enumerate(questions.facts().values(), start=1):
            self.fields[f"fact_{number}"] = TextField(label)
        self.fields["note"] = _note()

    def clean(self) -> dict[str, Any]:
        """Refuse days that do not exist, and what is still to come."""
        data = super().clean() or {}
        day, month, year = (self._number(f"birth_{part}") for part in ("day", "month", "year"))
        if not _exists(day, month, year):
            self.add_error("birth_day", _("There is no such day in that month."))
        elif _is_to_come(self.today, day, month, year):
            self.add_error("birth_year", _("That day is still to come. Look at the year."))
        month, year = self._number("created_month"), self._number("created_year")
        if _is_to_come(self.today, None, month, year):
            self.add_error("created_year", _("That month is still to come. Look at the year."))
        return data

    def answers(self, held: Sequence[str] = ()) -> Answers:
        """Give the answers of a valid form.

        held: the passwords that were typed before an error, by place; they are not drawn again,
        and what is typed instead of one replaces it.
        """
        facts = {name: self._text(f"fact_{n}") for n, name in enumerate(questions.facts(), start=1)}
        month, year = self._number("birth_month"), self._number("birth_year")
        return Answers(
            first_name=self._text("first_name"),
            last_name=self._text("last_name"),
            birth=(self._number("birth_day"), month, year),
            country=self._text("country"),
            postal_code=self._text("postal_code"),
            created=(self._number("created_month"), self._number("created_year")),
            last_sign_in=self._text("last_sign_in"),
            places=tuple(place for place in self._places() if any(place)),
            devices=self._ticked("devices"),
            browsers=self._ticked("browsers"),
            contacts=tuple(filter(None, (self._text(name) for name in CONTACT_FIELDS))),
            second_step=self._ticked("second_step"),
            passwords=tuple(filter(None, self.passwords(held))),
            facts={name: typed for name, typed in facts.items() if typed},
        )

    def passwords(self, held: Sequence[str] = ()) -> list[str]:
        """Give the earlier passwords by place, "" where there is none; not only of valid forms."""
        before = dict(zip(PASSWORD_FIELDS, held, strict=False))
        cleaned = getattr(self, "cleaned_data", {})
        names = [name for name in PASSWORD_FIELDS if name in self.fields]
        return [cleaned.get(name) or before.get(name, "") for name in names]

    def _birth(self) -> dict[str, forms.Field]:
        return {
            "birth_day": NumberField(
                _("Day"),
                least=1,
                most=31,
                refused=_("Type the day as a number from 1 to 31."),
                autocomplete="bday-day",
            ),
            "birth_month": _month(_("Month"), autocomplete="bday-month"),
            "birth_year": self._year("bday-year"),
        }

    def _created(self) -> dict[str, forms.Field]:
        return {
            "created_month": _month(_("Month"), unknown=_("don't know")),
            "created_year": self._year("off"),
        }

    def _year(self, autocomplete: str) -> NumberField:
        return NumberField(
            _("Year"),
            least=FIRST_YEAR,
            most=self.today.year,
            refused=_("Type the year with four digits, such as 1984, and not one to come."),
            autocomplete=autocomplete,
        )

    def _places(self) -> list[tuple[str, str]]:
        return [
            (self._text(f"place_{number}_country"), self._text(f"place_{number}_town"))
            for number in range(1, PLACES + 1)
        ]

    def _text(self, name: str) -> str:
        return str(self.cleaned_data.get(name) or "")

    def _number(self, name: str) -> int | None:
        """Give what was typed as a number, None where nothing was, or where it was refused."""
        typed = self.cleaned_data.get(name)
        return int(typed) if typed else None

    def _ticked(self, name: str) -> tuple[str, ...]:
        """Give the codes that were ticked, each once; "not sure" is no answer."""
        ticked = dict.fromkeys(self.cleaned_data.get(name) or ())
        return tuple(code for code in ticked if code != NOT_SURE)


CONTACT_FIELDS = tuple(f"contact_{number}" for number in range(1, CONTACTS + 1))
PASSWORD_FIELDS = tuple(
    f"password_{number}" for number in range(1, accounts_policy.FORMER_TYPED + 1)
)


def _names() -> dict[str, forms.Field]:
    return {
        "first_name": TextField(_("First name"), autocomplete="given-name"),
        "last_name": TextField(_("Last name"), autocomplete="family-name"),
    }


def _home() -> dict[str, forms.Field]:
    return {
        "country": _country(_("Country"), autocomplete="country"),
        "postal_code": TextField(_("Postal code"), longest=20, autocomplete="postal-code"),
    }


def _last_sign_in() -> dict[str, forms.Field]:
    field = forms.ChoiceField(
        label=_("When did you last get in?"),
        help_text=_("Reading the app or mail counts only if you typed your password."),
        required=False,
        choices=[*questions.LastSignIn.choices, DONT_KNOW_CHOICE],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": ONE_OF_THESE},
    )
    return {"last_sign_in": field}


def _places() -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {}
    for number in range(1, PLACES + 1):
        made[f"place_{number}_country"] = _country(_("Country"))
        made[f"place_{number}_town"] = TextField(_("Town or region"))
    return made


def _devices() -> dict[str, forms.Field]:
    label, hint = _("Which devices did you use?"), _("Only those you signed in with.")
    return {"devices": _ticks(label, hint, questions.DeviceKind.choices)}


def _browsers() -> dict[str, forms.Field]:
    label, hint = _("Which browsers or apps?"), _("Only those you signed in with.")
    return {"browsers": _ticks(label, hint, questions.BrowserKind.choices)}


def _second_step() -> dict[str, forms.Field]:
    label = _("A second step, if you had one")
    hint = _("What you were asked for after the password.")
    return {"second_step": _ticks(label, hint, questions.StepKind.choices)}


def _contacts() -> dict[str, forms.Field]:
    labels = (_("First address or number"), _("Second"), _("Third"))
    return {
        name: TextField(label, autocapitalize="none", spellcheck="false")
        for name, label in zip(CONTACT_FIELDS, labels, strict=True)
    }


def _passwords() -> dict[str, forms.Field]:
    """Give the fields for earlier passwords: never stripped, never drawn again."""
    labels = (_("One of them"), _("Another one"))
    return {
        name: forms.CharField(
            label=label,
            required=False,
            strip=False,
            max_length=accounts_policy.PASSWORD_TYPED_LONGEST,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        )
        for name, label in zip(PASSWORD_FIELDS, labels, strict=True)
    }


def _note() -> forms.Field:
    field = TextField(_("Anything a person should know?"), longest=NOTE_LONGEST)
    field.help_text = _("A person reads this. No passwords or codes, please.")
    field.widget = forms.Textarea(
        attrs={"rows": "4", "autocomplete": "off", "maxlength": str(NOTE_LONGEST)}
    )
    return field


def _ticks(label: "StrOrPromise", hint: "StrOrPromise", choices: Choices) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label,
        help_text=hint,
        required=False,
        choices=[*choices, NOT_SURE_CHOICE],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Tick only what stands here.")},
    )


def _country(label: "StrOrPromise", **attrs: str) -> forms.Field:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", "-"), *places.countries()],
        widget=forms.Select(attrs={"autocomplete": "off"} | attrs),
        error_messages={"invalid_choice": ONE_OF_THESE},
    )


def _month(label: "StrOrPromise", unknown: "StrOrPromise" = "-", **attrs: str) -> forms.Field:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", unknown), *((str(number), name) for number, name in MONTHS.items())],
        widget=forms.Select(attrs={"autocomplete": "off"} | attrs),
        error_messages={"invalid_choice": ONE_OF_THESE},
    )


def _exists(day: int | None, month: int | None, year: int | None) -> bool:
    """Tell whether there is such a day, as far as it was given."""
    try:
        date(year or LEAP_YEAR, month or 1, day or 1)
    except ValueError:
        return False
    return True


def _is_to_come(today: date, day: int | None, month: int | None, year: int | None) -> bool:
    """Tell whether the earliest day that this may be is after today."""
    return year is not None and date(year, month or 1, day or 1) > today
