"""A way through pages on which each is looked at."""

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.looks import faults_of

# Where the focus must be once a form was sent: at what matters on the next page. A browser moves
# it when it next draws, which may be a moment after the page was loaded.
IS_FOCUSED = """() => document.activeElement.matches("h1, :target, [data-focus], [autofocus]")"""
FOCUS = "() => document.activeElement.outerHTML.slice(0, 80)"


class Tour:
    """A way through pages that gathers what is wrong with each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen: list[str] = []
        self.faults: list[str] = []

    def look(self, heading: str = "") -> None:
        """Look at the page as it stands; heading: words that its h1 must have."""
        title = self.page.locator("h1").first.inner_text()
        assert heading in title, f"{self.page.url}: {title}"
        self.seen.append(title)
        self.faults += faults_of(self.page)

    def visit(self, *paths: str) -> None:
        """Open pages and look at each."""
        for path in paths:
            self.page.goto(path)
            self.look()

    def send(self, button: str, **fields: str) -> None:
        """Fill fields by their names and press a button of the main part."""
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").first.fill(value)
        self.page.get_by_role("main").get_by_role("button", name=button).first.click()
        self.page.wait_for_load_state()
        try:
            self.page.wait_for_function(IS_FOCUSED, timeout=5000)
        except TooLate:
            lost = self.page.evaluate(FOCUS)
            self.faults.append(f"{self.page.url}: after {button!r} the focus is at {lost}")
