"""The owner answers "this was me": that pattern is quiet from then on, and nothing else is."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.tests.factories import make_user
from activity.tests.sign_ins import AMERICA, FRANCE, JAPAN
from tests.browser.habits import grow_old, live_in_germany
from tests.browser.mailbox import Mailbox, link_in, words_of
from tests.browser.steps import MARIA, SECURITY, press, type_password
from tests.browser.windows import Windows

UNUSUAL = "activity.unusual_sign_in"


@pytest.fixture
def maria() -> User:
    user = make_user(email=MARIA, first_name="Maria")
    live_in_germany(user)
    return user


def sign_in_from(windows: Windows, address: str) -> None:
    """Sign in on a journey, in a window without cookies."""
    window = windows.open(address)
    type_password(window)
    expect(window).to_have_url(SECURITY)


def test_what_was_vouched_for_raises_no_mail(
    windows: Windows, maria: User, mailbox: Mailbox, worker
):
    owner = windows.open()
    type_password(owner)
    expect(owner).to_have_url(SECURITY)
    grow_old(maria)

    # Said in a browser of long standing.
    sign_in_from(windows, FRANCE)
    assert "France" in words_of(mailbox.newest(MARIA, UNUSUAL))
    owner.goto("/activity/")
    press(owner, "This was me")
    expect(owner.get_by_role("main")).to_contain_text("We have written down that it was you.")
    expect(owner.get_by_role("link", name="This wasn't me")).to_have_count(0)
    sign_in_from(windows, FRANCE)

    # Said by the link in the mail, where nobody is signed in.
    sign_in_from(windows, AMERICA)
    letter = mailbox.nth(1, MARIA, UNUSUAL)
    assert "United States" in words_of(letter)
    reader = windows.open()
    reader.goto(link_in(letter))
    press(reader, "It was me after all")
    expect(reader.locator("h1")).to_have_text("Thank you. It was you.")
    sign_in_from(windows, AMERICA)

    # Of five sign-ins from abroad, the first from each country was told.
    sign_in_from(windows, JAPAN)
    assert "Japan" in words_of(mailbox.nth(2, MARIA, UNUSUAL))
    countries = maria.events.filter(is_unusual=True).order_by("at")
    assert list(countries.values_list("country", flat=True)) == ["FR", "US", "JP"]
    assert len(mailbox.all(MARIA, UNUSUAL)) == 3
