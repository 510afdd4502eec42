"""Words for the browser that a User-Agent header claims to be; never proof of anything."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _
from ua_parser import parse

UNKNOWN = "unknown"
# Client.agent is cut here: a header that fills it was cut somewhere, and no browser sends so much.
LONGEST_AGENT = 512  # characters
LONGEST_WORDS = 60  # characters; the columns of SecurityEvent

# One name for one product: a person does not know that the browser of the phone has another.
BROWSERS = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Opera Mobile": "Opera",
}
# Versions are left out of all of them: browsers freeze them ("Windows NT 10.0" is Windows 11 too,
# "Mac OS X 10_15_7" every macOS since), so that a number would be a false statement.
SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}
# "K" is what Chrome says for every Android device; the others say nothing beside the system.
SILENT_DEVICES = frozenset({"K", "Mac", "Spider", "Other"})
# Some names are read out of the header as they stand there ("... bot", ".../1 CFNetwork"), and they
# go into mails to the owner, whoever sent the header: so no telephone number and no address.
NAME = re.compile(r"(?!(?:\D*\d){4})[A-Za-z0-9 !()-]{1,30}", re.ASCII)
# Where the device is the word that people use for the thing.
TELLING_DEVICES = frozenset({"iPhone", "iPad"})
# What Chromium says of Windows is no version of it: 1 to 10 is Windows 10, 13 and more Windows 11
# (Microsoft, "Detect Windows 11 and CPU architecture using User-Agent Client Hints").
WINDOWS_10, WINDOWS_11 = range(1, 11), range(13, 10_000)
WINDOWS, ANDROID = "Windows", "Android"


@dataclass(frozen=True)
class Agent:
    """What a header says: ``browser`` and ``system`` or "unknown", ``device`` or ""."""

    browser: str = UNKNOWN
    system: str = UNKNOWN
    device: str = ""

    @property
    def label(self) -> str:
        """Give the words for a person: "Firefox on Windows"."""
        return label(self.browser, self.system, self.device)


@dataclass(frozen=True)
class Hinted:
    """What hints say beyond the header: "Windows 11", "Pixel 8"; "" where they say no more."""

    system: str = ""
    model: str = ""


def words(agent: str, hints: str = "") -> str:
    """Give the words for a browser and its hints (Client.hints): "Chrome on Windows 11"."""
    found, more = read(agent), read_hints(agent, hints)
    return label(found.browser, more.system or found.system, found.device, more.model)


def label(browser: str, system: str, device: str = "", model: str = "") -> str:
    """Give the words for what an event has kept; each may be "" or "unknown"."""
    where = model or (device if device in TELLING_DEVICES else system)
    has_browser = browser not in ("", UNKNOWN)
    has_where = where not in ("", UNKNOWN)
    if has_browser and has_where:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": where}
    if has_browser:
        return browser
    return where if has_where else _("unknown browser")


@lru_cache(maxsize=1024)
def read(agent: str) -> Agent:
    """Read a User-Agent header; anything missing, oversized or odd is "unknown", never an error."""
    if not agent or len(agent) >= LONGEST_AGENT:
        return Agent()
    # ASCII only: the matcher refuses lone surrogates, and PostgreSQL text refuses NUL.
    parsed = parse("".join(sign if " " <= sign <= "~" else "?" for sign in agent))
    browser = parsed.user_agent.family if parsed.user_agent else UNKNOWN
    system = parsed.os.family if parsed.os else UNKNOWN
    device = parsed.device.family if parsed.device else ""
    return Agent(
        browser=_name(BROWSERS.get(browser, browser)),
        system=_name(SYSTEMS.get(system, system)),
        device="" if _is_silent(device) else device[:LONGEST_WORDS],
    )


def read_hints(agent: str, hints: str) -> Hinted:
    """Read hints as far as they fit the header that came with them; anything odd says nothing."""
    said = dict(part.partition("=")[::2] for part in hints.split(";"))
    system = read(agent).system
    if system == ANDROID:
        return Hinted(model=said.get("model", "")[:LONGEST_WORDS])
    first = said.get("platform", "").partition(".")[0]
    number = int(first) if first.isdecimal() else 0
    if system == WINDOWS and number in WINDOWS_11:
        return Hinted(system="Windows 11")
    if system == WINDOWS and number in WINDOWS_10:
        return Hinted(system="Windows 10")
    return Hinted()


def _name(text: str) -> str:
    return text if NAME.fullmatch(text) else UNKNOWN


def _is_silent(device: str) -> bool:
    return device in SILENT_DEVICES or device.startswith("Generic ")
