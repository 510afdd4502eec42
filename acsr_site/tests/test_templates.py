import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.utils import timezone

PAGES = Path(settings.BASE_DIR) / "templates"
# Mails bring their styles along; no mail program would fetch them.
NAMES = sorted(
    str(path.relative_to(PAGES))
    for path in PAGES.rglob("*.html")
    if path.relative_to(PAGES).parts[0] != "messages"
)
INLINE = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)
TAG = re.compile(r"{%.*?%}", re.DOTALL)


class CodeForm(forms.Form):
    code = forms.CharField(label="Code", help_text="8 digits.")


@pytest.mark.parametrize("name", NAMES)
def test_page_is_well_formed_for_django(name):
    assert get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_page_has_nothing_inline(name):
    html = TAG.sub("", (PAGES / name).read_text(encoding="utf-8"))

    assert INLINE.findall(html) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_form_that_posts_carries_a_token(name):
    source = (PAGES / name).read_text(encoding="utf-8")
    forms_that_post = re.findall(r'<form[^>]*method="post".*?</form>', source, re.DOTALL)

    assert [form for form in forms_that_post if "{% csrf_token %}" not in form] == []


@pytest.mark.parametrize("name", NAMES)
def test_comment_of_a_page_is_not_shown(name):
    """A {# #} over two lines would be text on the page."""
    lines = (PAGES / name).read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.count("{#") != line.count("#}")] == []


def test_field_has_label_hint_error_and_input_in_that_order():
    form = CodeForm({"code": ""})

    html = render_to_string("_field.html", {"field": form["code"], "kind": "code"})

    parts = ["<label", 'id="id_code_helptext"', 'id="id_code_error"', "<input"]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert 'aria-describedby="id_code_helptext id_code_error"' in html


def test_what_was_typed_is_escaped():
    form = CodeForm({"code": '"><script>alert(1)</script>'})

    html = render_to_string("_field.html", {"field": form["code"]})

    assert "<script>" not in html


def test_error_summary_leads_to_each_field():
    form = CodeForm({"code": ""})
    form.add_error(None, "Not now.")

    html = render_to_string("_error_summary.html", {"form": form})

    assert re.findall(r"<li>(.*?)</li>", html) == [
        "Not now.",
        '<a href="#id_code">This field is required.</a>',
    ]


def test_form_without_errors_has_no_summary():
    assert render_to_string("_error_summary.html", {"form": CodeForm()}).strip() == ""


def test_one_step_is_the_current_one():
    html = render_to_string("_steps.html", {"step": 3})

    assert html.count('aria-current="step"') == 1
    assert html.count("is-done") == 2


def test_all_steps_are_done_at_the_end():
    html = render_to_string("_steps.html", {"step": 5})

    assert (html.count("aria-current"), html.count("is-done")) == (0, 4)


@pytest.mark.parametrize(("resets", "last"), [("password", True), ("second_step", False)])
def test_the_last_step_is_called_what_it_does(resets, last):
    html = render_to_string("_steps.html", {"step": 4, "resets": resets})

    assert ("New password" in html, "Second step off" in html) == (last, not last)


@pytest.mark.parametrize(("days", "said"), [(0, "until 1"), (6, "until Sun 29 Nov, 1")])
def test_a_page_that_is_open_for_days_says_the_day(days, said, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False)
    until = timezone.now() + timedelta(days=days, hours=1)

    html = render_to_string("_until.html", {"until": until, "id": "open", "is_page": True})

    assert f"Open for you {said}" in html


def test_server_error_page_needs_no_context():
    html = render_to_string("500.html")

    assert "Something went wrong on our side" in html
