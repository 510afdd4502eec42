"""Who is asking: one frozen value, made once per request and passed explicitly."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """The asking browser as the server sees it; services take this and never a request.

    address: IP address as text, IPv4-mapped IPv6 as IPv4; "" where unknown.
    network: what limits count, the IPv4 address itself or the /64: "203.0.113.9", "2001:db8:1:2::".
    wide_network: around it, for the coarser limit: "203.0.113.0/24", "2001:db8:1::/48".
    agent: the User-Agent header, at most 512 characters.
    hints: what the browser says of its system besides, as headers.read_hints gives it
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
