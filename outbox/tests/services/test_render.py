from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.template.exceptions import TemplateDoesNotExist

from outbox.models import Message
from outbox.services.render import render, wrap
from outbox.tests.factories import ADDRESS, CODE, TOKEN

NOW = datetime(2026, 11, 23, 13, 3, 12, tzinfo=UTC)
LINK = f"https://accounts.northlight.example/acsr/stop/{TOKEN}/"
REPORT = f"https://accounts.northlight.example/activity/report/{TOKEN}/"
FOLDER = Path(live_settings.BASE_DIR) / "templates" / "messages"


def kinds_with(name: str) -> list[str]:
    """Give the kinds that have this template: "app.kind", or "app.kind:variant"."""
    plain = [f"{path.parent.parent.name}.{path.parent.name}" for path in FOLDER.glob(f"*/*/{name}")]
    variants = [
        f"{path.parts[-4]}.{path.parts[-3]}:{path.parts[-2]}"
        for path in FOLDER.glob(f"*/*/*/{name}")
    ]
    return sorted(plain + variants)


KINDS = kinds_with("subject.txt")
SMS_KINDS = kinds_with("sms.txt")
CODE_KINDS = [kind for kind in KINDS if kind.endswith("code")]
NOTICE_KINDS = [kind for kind in KINDS if ".notice:" in kind]
assert len(KINDS) > 15
assert len(NOTICE_KINDS) > 6
CONTEXT = {
    "reference": "KTRW4827",
    "number": 2,
    "sent_at": NOW.isoformat(),
    "lifetime_seconds": 600,
    "name": "Maria",
    "account_shown": "m•••a@example.org",
    "opened_at": NOW.isoformat(),
    "device": "Firefox on Windows",
    "place": "France",
    "is_full": True,
    "hold_until_at": (NOW + timedelta(days=3)).isoformat(),
    "hold_days": 3,
    "until_at": (NOW + timedelta(days=7)).isoformat(),
    "title": "Your password was changed",
    "what": "The password of your account was changed.",
    "at": NOW.isoformat(),
    "names": ["maria@example.org", "mr-1"],
    "requests": [{"reference": "KTRW4827", "opened_at": NOW.isoformat(), "words": "received"}],
}


def make(kind, *, channel="email", secrets=None, **context):
    """Give an unsaved message with everything that any template shows."""
    return Message(
        kind=kind,
        channel=channel,
        address=ADDRESS,
        context={**CONTEXT, **context},
        secrets={"code": CODE, "link": LINK, "report": REPORT} if secrets is None else secrets,
        time_zone="Europe/Berlin",
        expires_at=NOW + timedelta(minutes=30),
    )


def test_a_code_mail_says_what_was_agreed():
    rendered = render(make("recovery.code"), NOW)

    assert rendered.subject == "Your code for Northlight (code 2, sent 14:03) KTRW-4827"
    assert rendered.text == (
        "1234-5678\n"
        "\n"
        "This is your code. Type it on the page where you asked for it, before 14:13\n"
        "(Berlin time, UTC+1).\n"
        "Nobody from Northlight will ever ask you for it, by phone, mail or chat.\n"
        "\n"
        "Your request: KTRW-4827. Sent 14:03.\n"
        "\n"
        "You did not ask for this? Somebody typed your address, perhaps by mistake.\n"
        "You need to do nothing; without the code nothing happens.\n"
        "\n"
        "--\n"
        "You get this because somebody typed your address on our site. We never ask\n"
        "for your password or a code, by mail, phone or chat.\n"
        "Questions: help@northlight.example\n"
    )


@pytest.mark.parametrize("kind", CODE_KINDS)
def test_a_code_stands_alone_on_a_line_and_in_no_subject(kind):
    rendered = render(make(kind), NOW)

    assert rendered.text.splitlines().count(CODE) == 1
    assert CODE in rendered.html
    assert CODE not in rendered.subject


@pytest.mark.parametrize("kind", NOTICE_KINDS)
def test_a_link_stands_alone_on_a_line_and_in_no_subject(kind):
    rendered = render(make(kind), NOW)

    assert rendered.text.splitlines().count(LINK) == 1
    assert f'href="{LINK}"' in rendered.html
    assert LINK not in rendered.subject


@pytest.mark.parametrize("kind", NOTICE_KINDS)
def test_a_bare_notice_says_only_that_something_happened(kind):
    rendered = render(make(kind, is_full=False), NOW)
    sms = render(make(kind, is_full=False, channel="sms"), NOW)

    everything = rendered.subject + rendered.text + rendered.html + sms.text
    for detail in ("Maria", "m•••a", "Firefox", "France", "KTRW", "14:03", "password was"):
        assert detail not in everything
    assert "Something happened on an account" in rendered.text
    assert LINK in rendered.text.splitlines()


@pytest.mark.parametrize("kind", NOTICE_KINDS)
def test_a_full_notice_says_which_account_when_and_from_where(kind):
    rendered = render(make(kind), NOW)

    for detail in (
        "m•••a@example.org (Maria)",
        "Monday 23 November 2026, 14:03 (Berlin time, UTC+1)",
        "Firefox on Windows, France",
        "KTRW-4827",
    ):
        assert detail in rendered.text
        assert detail in rendered.html


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_is_at_most_76_columns_but_for_links(kind):
    rendered = render(make(kind), NOW)

    assert all(len(line) <= 76 for line in rendered.text.splitlines() if " " in line)
    assert "\n\n\n" not in rendered.text
    assert "&#x27;" not in rendered.text


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_has_both_parts_and_one_button_at_most(kind):
    rendered = render(make(kind), NOW)

    assert rendered.subject
    assert rendered.html.startswith("<!doctype html>")
    assert rendered.html.count('class="btn') <= 1
    for asked in ("<img", "<script", "src="):
        assert asked not in rendered.html


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_a_text_message_is_one_line_with_what_it_is_for_last(kind):
    text = render(make(kind, channel="sms"), NOW).text

    assert text.startswith("Northlight: ")
    assert "\n" not in text
    assert text.endswith((CODE, LINK, REPORT, "/acsr/"))


def test_no_account_is_said_plainly():
    rendered = render(make("recovery.names", names=[]), NOW)

    assert "No account at Northlight uses this address." in rendered.text
    assert "These are the" not in rendered.text + rendered.html


def test_the_code_works_from_now_on_but_never_longer_than_the_message():
    soon = NOW + timedelta(minutes=25)

    assert "before 14:13\n(" in render(make("recovery.code"), NOW).text
    assert "before 14:33\n(" in render(make("recovery.code"), soon).text


def test_an_unknown_time_zone_keeps_no_message_back():
    message = make("recovery.code")
    message.time_zone = "../../etc/passwd"

    assert "before 13:13 (UTC)" in " ".join(render(message, NOW).text.split())


def test_what_a_person_may_have_written_stays_on_its_line():
    device = f"Firefox\n\n0000-0000\n{chr(0x202E)}\r\nBcc: x@example.org"

    rendered = render(make("recovery.notice:opened", device=device, name="<b>Ma & Co</b>"), NOW)

    assert "0000-0000" not in rendered.text.splitlines()
    assert "Firefox 0000-0000 Bcc: x@example.org" in " ".join(rendered.text.split())
    assert "(<b>Ma & Co</b>)" in rendered.text
    assert "(&lt;b&gt;Ma &amp; Co&lt;/b&gt;)" in rendered.html


def test_a_subject_is_one_line_whatever_the_context(settings):
    settings.SITE_NAME = "North\nBcc: thief@example.org"

    assert "\n" not in render(make("recovery.code"), NOW).subject


def test_a_subject_with_a_secret_in_it_is_refused():
    message = make("activity.account_changed", secrets={"link": LINK}, title=f"See {LINK}")

    with pytest.raises(ValueError, match="secret"):
        render(message, NOW)


def test_the_row_cannot_change_what_the_site_says_of_itself():
    message = make("accounts.sign_up_exists", site_url="https://thief.example", support="thief")

    rendered = render(message, NOW)

    assert "thief" not in rendered.text + rendered.html


def test_links_are_built_from_the_site_url(settings):
    settings.SITE_URL = "https://accounts.northlight.example"

    rendered = render(make("recovery.invitation"), NOW)

    assert "https://accounts.northlight.example/acsr/status/" in rendered.text.splitlines()


def test_a_kind_without_templates_raises():
    with pytest.raises(TemplateDoesNotExist):
        render(make("nobody.wrote_this"), NOW)


def test_long_lines_fold_at_words_and_links_do_not():
    link = "https://example.org/" + "x" * 90
    text = f"{'word ' * 30}\n\n\n\n  {'item ' * 20}\n{link}   \nTitle\n=\n"

    folded = wrap(text).splitlines()

    assert folded[-3:] == [link, "Title", "====="]
    assert max(len(line) for line in folded[:-3]) <= 76
    assert [line for line in folded if line.startswith("  item")] == folded[3:5]
