from django import forms

from acsr_site.templatetags.fields import described_by


class AddressForm(forms.Form):
    address = forms.CharField(help_text="The one you sign in with.")
    plain = forms.CharField()
    note = forms.CharField(widget=forms.TextInput(attrs={"aria-describedby": "own"}))


def test_field_is_tied_to_hint_error_and_more():
    form = AddressForm({"address": "", "plain": "", "note": ""})

    html = described_by(form["address"], "rules works")

    assert 'aria-describedby="id_address_helptext id_address_error rules works"' in html
    assert html.count("aria-describedby") == 1


def test_field_without_hint_or_error_is_tied_to_the_rest():
    form = AddressForm()

    html = described_by(form["plain"], "rules")

    assert 'aria-describedby="rules"' in html


def test_widget_keeps_its_own_description():
    form = AddressForm()

    html = described_by(form["note"], "rules")

    assert html == str(form["note"])
