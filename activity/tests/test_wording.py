"""What events are called on pages and in subjects."""

import pytest

from activity import wording
from activity.enums import EventKind
from activity.tests.factories import make_event, make_user

pytestmark = pytest.mark.django_db

OF_CONTACTS = [
    (EventKind.CONTACT_ADDED, "E-mail address added", "Phone added"),
    (EventKind.CONTACT_REMOVED, "E-mail address removed", "Phone removed"),
    (EventKind.CONTACT_SUSPENDED, "E-mail address suspended", "Phone suspended"),
    (EventKind.CONTACT_RESTORED, "E-mail address put back", "Phone put back"),
    (EventKind.CONTACT_MARKED, "E-mail address marked", "Phone marked"),
    (
        EventKind.PRIMARY_CHANGED,
        "E-mail address to sign in with changed",
        "Phone to sign in with changed",
    ),
]


@pytest.mark.parametrize(("kind", "of_email", "of_phone"), OF_CONTACTS)
def test_change_of_a_contact_is_called_by_what_the_contact_is(kind, of_email, of_phone):
    user = make_user()
    events = [make_event(user, kind, contact_kind=each) for each in ("email", "phone")]

    assert [wording.title_of(event) for event in events] == [of_email, of_phone]
    assert [wording.entry_of(event)["title"] for event in events] == [of_email, of_phone]


def test_no_reader_is_told_of_contacts():
    user = make_user()

    titles = [wording.title_of(make_event(user, kind)) for kind in EventKind]

    assert [title for title in titles if "contact" in title.lower()] == []
    assert len(titles) == len(EventKind)


def test_other_events_have_the_name_of_their_kind():
    assert wording.title_of(make_event(make_user(), EventKind.SIGNED_IN)) == "Signed in"
