"""Browser windows anywhere in the world, each with cookies of its own."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from activity.tests.factories import FIREFOX_ON_WINDOWS
from activity.tests.sign_ins import GERMANY


class Windows:
    """Opens windows and gathers what their consoles complain of."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.problems: list[str] = []
        self._browser = browser
        self._site = site
        self._contexts: list[BrowserContext] = []

    def open(self, address: str = GERMANY, agent: str = FIREFOX_ON_WINDOWS, **options: Any) -> Page:
        """Open a window without cookies; address: of who sits there, agent: what it says it is."""
        context = self._browser.new_context(
            base_url=self._site,
            user_agent=agent,
            extra_http_headers={"X-Forwarded-For": address},
            **options,
        )
        self._contexts.append(context)
        window = context.new_page()
        watch(window, self.problems)
        return window

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()


def watch(window: Page, problems: list[str]) -> None:
    """Keep every error of a window, but for pages that are answered with 4xx on purpose."""
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.on("console", lambda line: _note_error(problems, line))


def _note_error(problems: list[str], line: ConsoleMessage) -> None:
    where = line.location["url"]
    is_answer = "Failed to load resource" in line.text and "/static/" not in where
    # A ceremony that was cancelled or refused: django_otp_webauthn says so there as well.
    if line.type == "error" and not is_answer and "/django_otp_webauthn/" not in where:
        problems.append(line.text)
