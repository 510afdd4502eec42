"""The mails and text messages about the account, as their readers see them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from outbox.models import Message
from outbox.services.render import Rendered, render

NOW = datetime(2026, 11, 23, 13, 3, 12, tzinfo=UTC)
SITE = settings.SITE_URL
REPORT, UNDO = f"{SITE}/activity/report/{'r' * 43}/", f"{SITE}/security/contacts/undo/{'u' * 43}/"
KINDS = (
    "activity.unusual_sign_in",
    "activity.second_step_failed",
    "activity.account_changed",
)
FULL = {
    "is_full": True,
    "title": "Someone signed in to your account",
    "what": "Someone signed in to your account with your password.",
    "why": "Nobody has signed in to your account from Brazil before.",
    "at": NOW.isoformat(),
    "device": "Firefox on Windows",
    "place": "near Recife, Brazil",
    "account_shown": "m•••a@example.org",
    "name": "Maria",
    "page": "/activity/",
    "page_label": "See what happened",
    "pauses": True,
    "is_paused": False,
}
BARE = FULL | {
    "is_full": False,
    "title": "Something happened on an account",
    "what": "Something happened on an account that this address is or was on.",
    **dict.fromkeys(("why", "device", "place", "account_shown", "name"), ""),
}


def write(kind: str, context: dict, *, channel: str = "email", **secrets: str) -> Rendered:
    """Give the message as it is handed over."""
    message = Message(
        kind=kind,
        channel=channel,
        address="maria@example.org",
        context=context,
        secrets=secrets or {"report": REPORT},
        time_zone="Europe/Berlin",
    )
    return render(message, NOW)


def test_mail_about_a_sign_in_reads_as_was_agreed():
    rendered = write("activity.unusual_sign_in", FULL)

    assert rendered.subject == "Someone signed in to your Northlight account"
    assert rendered.text == (
        "Northlight\n"
        "\n"
        "Someone signed in to your Northlight account\n"
        "============================================\n"
        "\n"
        "Someone signed in to your account with your password. Nobody has signed in\n"
        "to your account from Brazil before.\n"
        "\n"
        "Was it you? Do nothing, or say so on the page that the link opens, and we\n"
        "stop asking. Was it not you? Pause your account here, without signing in:\n"
        "\n"
        f"{REPORT}\n"
        "\n"
        "Account   m•••a@example.org (Maria)\n"
        "When      Monday 23 November 2026, 14:03 (Berlin time, UTC+1)\n"
        "From      Firefox on Windows, near Recife, Brazil (places are approximate)\n"
        "\n"
        "The link opens a page that says what it will do; nothing happens before you\n"
        "press a button there. Instead of following a link, you can type this address\n"
        "yourself, sign in and see what happened:\n"
        "\n"
        f"{SITE}/activity/\n"
        "\n"
        'You cannot sign in any more? Choose "Someone else has taken over my account"\n'
        "here:\n"
        "\n"
        f"{SITE}/acsr/\n"
        "\n"
        "--\n"
        "You get this because your address is, or was until lately, on the account.\n"
        "These messages cannot be switched off. We never ask for your password or a\n"
        "code, by mail, phone or chat.\n"
        "Questions: help@northlight.example\n"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_report_link_is_the_first_link_alone_on_its_line_and_the_one_button(kind):
    rendered = write(kind, FULL)

    lines = rendered.text.splitlines()
    assert next(line for line in lines if line.startswith(SITE)) == REPORT
    assert lines.count(REPORT) == 1
    assert rendered.html.count('class="btn') == 1
    assert rendered.html.index(SITE) == rendered.html.index(REPORT)
    assert REPORT not in rendered.subject


def test_removed_contact_is_put_back_first_and_reports_last():
    context = FULL | {"undo_until": (NOW + timedelta(days=30)).isoformat(), "pauses": False}

    rendered = write("activity.account_changed", context, link=UNDO, report=REPORT)

    links = [line for line in rendered.text.splitlines() if line.startswith(SITE)]
    assert links == [UNDO, f"{SITE}/activity/", REPORT, f"{SITE}/acsr/"]
    assert rendered.html.index(UNDO) < rendered.html.index(REPORT)
    assert rendered.html.count('class="btn') == 1
    assert "Pause" not in rendered.text + rendered.html


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_promised_a_pause_whose_press_only_tells_staff(kind):
    context = FULL | {"pauses": False}

    rendered = write(kind, context)
    sms = write(kind, context, channel="sms")

    for text in (rendered.text, rendered.html, sms.text):
        assert "ause your account" not in text
        assert "Tell our staff" in text


@pytest.mark.parametrize("kind", KINDS)
def test_bare_message_has_nothing_of_the_owner(kind):
    rendered = write(kind, BARE | {"more": 3})
    sms = write(kind, BARE, channel="sms")

    everything = rendered.subject + rendered.text + (rendered.html or "") + sms.text
    for detail in ("Maria", "m•••a", "Firefox", "Windows", "Recife", "Brazil"):
        assert detail not in everything
    assert rendered.text.splitlines().count(REPORT) == 1
    assert f"{SITE}/acsr/" in rendered.text.splitlines()


@pytest.mark.parametrize("kind", KINDS[:2])
def test_bare_message_does_not_tell_of_a_sign_in(kind):
    rendered = write(kind, BARE)
    sms = write(kind, BARE, channel="sms")

    for text in (rendered.subject, rendered.text, rendered.html or "", sms.text):
        assert "signed in to your" not in text
        assert "second step" not in text
        assert "new password" not in text
    assert rendered.subject == "Something happened on an account at Northlight"


def test_what_was_folded_is_counted_with_its_time():
    for count, words in (
        (1, "1 more since Monday 23 November 2026, 13:43"),
        (3, "3 more since Monday 23 November 2026, 13:43"),
    ):
        since = (NOW - timedelta(minutes=20)).isoformat()
        rendered = write("activity.unusual_sign_in", FULL | {"more": count, "more_since_at": since})

        assert words in " ".join(rendered.text.split())
        assert words in rendered.html


def test_message_of_a_pause_leads_back_in_and_asks_for_no_second_one():
    context = FULL | {"is_paused": True, "page": "/acsr/", "page_label": "Get back into my account"}

    rendered = write("activity.account_changed", context, code="unused")

    links = [line for line in rendered.text.splitlines() if line.startswith(SITE)]
    assert links == [f"{SITE}/acsr/"]
    assert "Pause your account" not in rendered.text + (rendered.html or "")


def test_text_message_of_a_sign_in_is_short():
    text = write("activity.unusual_sign_in", FULL, channel="sms").text

    assert text == (
        "Northlight: Someone signed in to your account. Was it you? Do nothing. Not you? "
        f"Pause your account: {REPORT}"
    )


def test_row_that_was_queued_before_there_were_report_links_still_reads_well():
    context = {key: FULL[key] for key in ("title", "what", "at", "device", "place", "name")}

    rendered = write("activity.account_changed", context, code="unused")

    links = [line for line in rendered.text.splitlines() if line.startswith(SITE)]
    assert links == [f"{SITE}/activity/", f"{SITE}/acsr/"]
