"""What staff fill in on a case file: a decision, and a check of who somebody is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms.base import OneValueForm
from recovery import policy, staff_wording
from recovery.enums import REASONS_OF, CheckWay, StaffReason, Verdict

NOTE_LONGEST = 2000  # characters
PLACE_LONGEST = 120  # characters; IdentityCheck.place
HOUR = timedelta(hours=1)
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"  # as browsers send datetime-local


class DecisionForm(OneValueForm):
    """A verdict with its reasons; what is ticked under another verdict counts nothing.

    shortest: the wait that an approval has at least. young: what it may take away, key -> words.
    """

    verdict = forms.ChoiceField(
        label=_("Your decision"),
        choices=Verdict.choices,
        error_messages={"required": _("Choose what you decide.")},
    )
    hold = forms.TypedChoiceField(
        label=_("Waiting period"), coerce=int, required=False, empty_value=None
    )
    suspend = forms.MultipleChoiceField(label=_("Take away"), required=False)
    note = forms.CharField(
        label=_("Note"),
        help_text=_("For staff alone. Needed with “other” and against the suggestion."),
        max_length=NOTE_LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        shortest: timedelta = timedelta(0),
        young: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hold"].choices = _holds(shortest)  # type: ignore[attr-defined]
        self.fields["suspend"].choices = list(young)  # type: ignore[attr-defined]
        for verdict, reasons in REASONS_OF.items():
            if reasons:
                self.fields[reasons_field(verdict)] = forms.MultipleChoiceField(
                    label=_("Reasons"),
                    choices=[(reason, reason.label) for reason in reasons],
                    required=False,
                )

    def clean(self) -> dict[str, Any]:
        """Ask for a reason of the verdict that was chosen."""
        data = super().clean()
        verdict = data.get("verdict")
        if verdict and REASONS_OF[Verdict(verdict)] and not self.reasons():
            self.add_error(reasons_field(verdict), _("Tick at least one reason."))
        return data

    def reasons(self) -> tuple[StaffReason, ...]:
        """Give the reasons of the chosen verdict; of valid and of half-filled forms."""
        chosen = self.cleaned_data.get("verdict", "")
        ticked = self.cleaned_data.get(reasons_field(chosen), [])
        return tuple(StaffReason(reason) for reason in ticked)

    def hold_length(self) -> timedelta | None:
        """Give the chosen wait; None for the suggested one."""
        hours = self.cleaned_data.get("hold")
        return None if hours is None else hours * HOUR

    def kept(self) -> dict[str, Any]:
        """Give what was filled in, valid or not, as a draft keeps it."""
        return {
            name: self.data.getlist(name) if _takes_many(field) else self.data.get(name, "")  # type: ignore[attr-defined]
            for name, field in self.fields.items()
        }


class CheckForm(OneValueForm):
    """How, where and when somebody of the staff saw who the person is."""

    way = forms.ChoiceField(label=_("How"), choices=CheckWay.choices, widget=forms.RadioSelect)
    place = forms.CharField(
        label=_("Where"),
        help_text=_("Desk, or whose number on the organisation's file. No document numbers."),
        max_length=PLACE_LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    checked_at = forms.DateTimeField(
        label=_("When"),
        input_formats=[TO_THE_MINUTE],
        widget=forms.DateTimeInput(format=TO_THE_MINUTE, attrs={"type": "datetime-local"}),
    )

    def clean_checked_at(self) -> datetime:
        """Refuse times that have not come yet."""
        at: datetime = self.cleaned_data["checked_at"]
        if at > timezone.now():
            raise forms.ValidationError(_("That time is still to come."), code="to_come")
        return at


def reasons_field(verdict: str) -> str:
    """Name the field with the reasons of a verdict."""
    return f"{verdict}_reasons"


def _holds(shortest: timedelta) -> list[tuple[int, str]]:
    """Give the waits to choose from, the shortest allowed one first."""
    lengths = sorted({shortest, *(hold for hold in policy.STAFF_HOLDS if hold > shortest)})
    return [(int(hold / HOUR), staff_wording.length(hold)) for hold in lengths]


def _takes_many(field: forms.Field) -> bool:
    return isinstance(field, forms.MultipleChoiceField)
