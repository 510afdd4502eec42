"""What the page of activity is asked for."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from activity import policy
from activity.enums import Area

UNANSWERED = "unanswered"
DAY = timedelta(days=1)


def _periods() -> list[tuple[int, str]]:
    days = [each // DAY for each in policy.PERIODS]
    return [
        (each, ngettext("%(days)d day", "%(days)d days", each) % {"days": each}) for each in days
    ]


class ActivityFilter(forms.Form):
    """A kind of event and a number of days; nothing, or one missing, is the usual one."""

    kind = forms.ChoiceField(
        label=_("Show"),
        choices=[("", _("All kinds")), *Area.choices, (UNANSWERED, _("Unusual, not answered"))],
        required=False,
    )
    period = forms.ChoiceField(label=_("Period"), choices=_periods, required=False)

    def clean_period(self) -> int:
        return int(self.cleaned_data["period"] or policy.EVENTS_SHOWN // DAY)
