"""Who is asking: one frozen value, made once per request and passed explicitly."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Asked of browsers in every answer (User-Agent Client Hints); those on a site without TLS, and all
# that are not Chromium's, stay silent.
HINTS = {"platform": "Sec-CH-UA-Platform-Version", "model": "Sec-CH-UA-Model"}
# Both are strings of RFC 8941, section 3.3.3. What is in them is anybody's text, and its words go
# into mails to the owner: so short, and no address of a site can be written with these characters.
SHAPES = {
    "platform": re.compile(r'"(\d{1,4}(?:\.\d{1,6}){0,3})"', re.ASCII),
    "model": re.compile(r'"([A-Za-z0-9][A-Za-z0-9 ()+_-]{0,31})"', re.ASCII),
}


@dataclass(frozen=True)
class Client:
    """The asking browser as the server sees it; services take this and never a request.

    address: IP address as text, IPv4-mapped IPv6 as IPv4; "" where unknown.
    network: what limits count, the IPv4 address itself or the /64: "203.0.113.9", "2001:db8:1:2::".
    wide_network: around it, for the coarser limit: "203.0.113.0/24", "2001:db8:1::/48".
    agent: the User-Agent header, at most 512 characters.
    hints: what the browser says of its system besides, as read_hints gives it
      ("platform=15.0.0;model=Pixel 8"), at most 120 characters; "" where it says nothing.
    device: SHA-256 of the device cookie's value, "" without one.
    trust: SHA-256 of the trust cookie's value, "" without one.
    session: SHA-256 of the session key, "" without one.
    browser: random name of this browser's session that survives key cycling; it lasts once
      services.sessions.name_browser has kept it.
    language, time_zone: what the browser says, else the site's.
    """

    address: str = ""
    network: str = ""
    wide_network: str = ""
    agent: str = ""
    hints: str = ""
    device: str = ""
    trust: str = ""
    session: str = ""
    browser: str = ""
    language: str = "en"
    time_zone: str = "UTC"


def read_hints(headers: Mapping[str, str]) -> str:
    """Give what a browser says of its system beside its User-Agent, in the form of Client.hints.

    Words for people, never proof. What is missing, oversized or odd is left out.
    """
    found = {
        name: SHAPES[name].fullmatch(headers.get(header, "").strip(" "))
        for name, header in HINTS.items()
    }
    return ";".join(f"{name}={match[1].strip()}" for name, match in found.items() if match)
