import uuid

from django.urls import reverse

from activity.enums import EventKind
from activity.tests.factories import make_event, make_user


def url_of(event) -> str:
    return reverse("activity:event", args=[event.pk])


def test_owner_sees_what_is_known(owner, user):
    event = make_event(
        user, EventKind.TICKET_OPENED, reference="KTRW4827", ticket="not-for-the-page"
    )

    answer = owner.get(url_of(event))

    assert answer.context["entry"]["title"] == "Recovery asked for"
    assert answer.context["details"] == [
        ("IP address", "193.99.144.80"),
        ("Reference", "KTRW-4827"),
    ]
    assert "KTRW-4827" in answer.content.decode()
    assert "not-for-the-page" not in answer.content.decode()


def test_details_are_given_in_words(owner, user):
    changed = make_event(user, EventKind.PASSWORD_CHANGED, cause="recovery")
    ended = make_event(user, EventKind.SESSIONS_ENDED, count=3)
    added = make_event(user, EventKind.CONTACT_ADDED, contact=7, contact_kind="email")
    signed_in = make_event(user, authenticators=["password", "no_word_of_ours"])

    details = [
        owner.get(url_of(event)).context["details"][1:]
        for event in (changed, ended, added, signed_in)
    ]

    assert details == [
        [("How", "recovery")],
        [("Ended", "3 sessions")],
        [("Kind", "e-mail address")],
        [("Signed in with", "password")],
    ]


def test_second_steps_are_named_by_kind(owner, user):
    kinds = ["password", "totp", "sms", "email", "recovery_codes", "passkey", "trusted_browser"]
    signed_in = make_event(user, authenticators=kinds)
    on = make_event(user, EventKind.TWO_STEP_ON, authenticator="totp")
    used = make_event(user, EventKind.RECOVERY_CODE_USED, left=0)
    marked = make_event(user, EventKind.CONTACT_MARKED, contact_kind="email", mark="lost")

    details = [
        owner.get(url_of(event)).context["details"][1:] for event in (signed_in, on, used, marked)
    ]

    words = "password + app + text message + e-mail code + printed code + passkey + trusted browser"
    assert details == [
        [("Signed in with", words)],
        [("Second step", "authenticator app")],
        [("Printed codes left", "0")],
        [("Kind", "e-mail address"), ("Marked", "can't be opened any more")],
    ]


def test_details_are_escaped(owner, user):
    page = owner.get(url_of(make_event(user, reference="<script>x</script>"))).content.decode()

    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page


def test_event_of_another_account_and_an_unknown_one_answer_alike(owner):
    other = make_event(make_user())

    answers = [owner.get(url_of(other)), owner.get(f"/activity/{uuid.uuid4()}/")]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_stranger_signs_in_first(client, user):
    url = url_of(make_event(user))

    answer = client.get(url)

    assert (answer.status_code, answer.url) == (302, f"{reverse('accounts:sign_in')}?next={url}")


def test_nothing_can_be_posted(owner, user):
    assert owner.post(url_of(make_event(user))).status_code == 405
