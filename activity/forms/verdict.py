"""What the owner says of an event."""

from django import forms

from activity.enums import OwnerVerdict


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=OwnerVerdict)
