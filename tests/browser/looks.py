"""What every page must be, whatever its state: accessible, and as wide as the window."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

axe = Axe()
WIDE, NARROW, NARROWEST = 1280, 360, 320  # CSS pixels; 320 is WCAG 2.2, 1.4.10
HEIGHT = 800
ALL = {"resultTypes": ["violations"]}
# The rules that see colours: nothing else of a page depends on the scheme.
COLOURS = ALL | {"runOnly": ["color-contrast", "link-in-text-block"]}
LOOKS = [
    (NARROW, "dark", COLOURS),
    (NARROW, "light", ALL),
    (WIDE, "dark", COLOURS),
    (WIDE, "light", ALL),
]
# The words and not the whole result, which takes longer to carry over than to find.
RUN = """options => axe.run(options).then(results => results.violations.map(
    found => found.id + " " + found.nodes.map(node => node.html.slice(0, 120)).join(" | ")
))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults_of(page: Page) -> list[str]:
    """Give what is wrong with the page as it stands; leaves the window wide and light."""
    where = page.url.split("/", 3)[-1]
    faults = []
    page.evaluate(axe.axe_script)
    for width, scheme, options in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found = page.evaluate(RUN, options)
        faults += [f"/{where} {scheme} {width}: {violation}" for violation in found]
    page.set_viewport_size({"width": NARROWEST, "height": HEIGHT})
    if too_wide := page.evaluate(OVERFLOW):
        faults.append(f"/{where}: {too_wide} px wider than {NARROWEST}")
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    if page.locator("h1").count() != 1:
        faults.append(f"/{where}: {page.locator('h1').count()} h1")
    return faults
