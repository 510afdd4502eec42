"""Members of staff at work: each in a browser of their own, with second step and confirmation."""

import re
from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.services import staff, totp
from accounts.tests.factories import PASSWORD, make_totp, make_user
from tests.browser.steps import confirm, press

STEP = timedelta(seconds=30)  # that a code of an app lives
QUEUE = re.compile(r"/admin/recovery/cases/(#.*)?$")


class Decider:
    """One person of the staff, signed in."""

    def __init__(self, browser: Browser, site: str, name: str, role: str) -> None:
        staff.sync_roles()
        self.email = f"{name}@example.org"
        self.user = make_user(email=self.email, first_name=name.title(), is_staff=True)
        self.user.groups.add(Group.objects.get(name=role))
        self.app = make_totp(self.user)
        self.context = browser.new_context(base_url=site)
        self.page: Page = self.context.new_page()
        self._sign_in()

    def take_next(self) -> None:
        """Have the most urgent case dealt."""
        self.page.goto("/admin/recovery/cases/")
        press(self.page, "Claim the next one")
        expect(self.page.locator("h1")).to_contain_text("Case")

    def decide(
        self, verdict: str, *reasons: str, note: str = "", suspend: tuple[str, ...] = ()
    ) -> None:
        """Choose, confirm who one is where that is asked, and decide."""
        page = self.page
        page.get_by_role("radio", name=re.compile(f"^{verdict}")).check()
        for words in (*reasons, *suspend):
            page.get_by_role("checkbox", name=re.compile(words, re.IGNORECASE)).check()
        page.fill("[name=note]", note)
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page).to_have_url(re.compile(f"/security/confirm/|{QUEUE.pattern}"))
        if "/security/confirm/" in page.url:
            # The code of the next half minute: that of this one may have been used to sign in.
            confirm(page, totp.current_code(self.app, now=timezone.now() + STEP))
            expect(page.get_by_role("radio", name=re.compile(f"^{verdict}"))).to_be_checked()
            page.get_by_role("button", name="Decide", exact=True).click()
        expect(page).to_have_url(QUEUE)
        expect(page.get_by_text("Your decision is written.")).to_be_visible()

    def _sign_in(self) -> None:
        page = self.page
        page.goto("/admin/recovery/cases/")
        page.fill("[name=identifier]", self.email)
        page.fill("[name=password]", PASSWORD)
        press(page, "Sign in")
        page.fill("[name=token]", totp.current_code(self.app, now=timezone.now()))
        press(page, "Go on")
        expect(page).to_have_url(QUEUE)
