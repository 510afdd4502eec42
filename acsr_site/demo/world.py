"""Where the demo's people live, what they browse with, and names for those who fill the lists."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Home:
    """A country as the portal sees it: the first three parts of addresses there, and its time."""

    network: str
    time_zone: str


HOMES = {
    "AE": Home("94.204.0", "Asia/Dubai"),
    "CN": Home("14.16.0", "Asia/Shanghai"),
    "CZ": Home("217.64.0", "Europe/Prague"),
    "DE": Home("46.128.0", "Europe/Berlin"),
    "DK": Home("2.128.0", "Europe/Copenhagen"),
    "ES": Home("88.0.0", "Europe/Madrid"),
    "FR": Home("81.64.0", "Europe/Paris"),
    "GB": Home("86.0.0", "Europe/London"),
    "IE": Home("78.16.0", "Europe/Dublin"),
    "IT": Home("79.16.0", "Europe/Rome"),
    "NG": Home("197.210.0", "Africa/Lagos"),
    "NL": Home("62.100.0", "Europe/Amsterdam"),
    "NO": Home("77.16.0", "Europe/Oslo"),
    "PL": Home("83.16.0", "Europe/Warsaw"),
    "PT": Home("144.64.0", "Europe/Lisbon"),
    "SE": Home("2.64.0", "Europe/Stockholm"),
    "TR": Home("176.88.0", "Europe/Istanbul"),
    "US": Home("68.0.0", "America/New_York"),
}

WINDOWS_CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)
LINUX_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE_SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
IPAD_SAFARI = (
    "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
ANDROID_CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36"
)
MAC_SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Safari/605.1.15"
)
AGENTS = (WINDOWS_CHROME, IPHONE_SAFARI, LINUX_FIREFOX, ANDROID_CHROME, MAC_SAFARI)
DOMAINS = ("example.org", "example.net", "example.com", "corp.example")
NAMES = (
    "Agnes Holm",
    "Bruno Costa",
    "Clara Vogel",
    "David Murphy",
    "Elena Popova",
    "Felix Brunner",
    "Grace Adeyemi",
    "Hugo Martin",
    "Irene Gallo",
    "Jakub Kowal",
    "Karin Dahl",
    "Liam Walsh",
    "Mina Sato",
    "Noah Visser",
    "Olga Melnik",
    "Pedro Alves",
    "Quinn Harper",
    "Rosa Jimenez",
    "Stefan Keller",
    "Tereza Horak",
    "Umut Kaya",
    "Vera Lindgren",
    "Willem Bakker",
    "Xenia Pavlou",
    "Yusuf Aydin",
    "Zora Milic",
    "Anton Berg",
    "Bianca Ferri",
    "Cedric Laurent",
    "Daria Zielinska",
    "Emil Sorensen",
    "Fatima Benali",
    "George Miller",
    "Hanna Virtanen",
    "Ivan Petrov",
    "Judith Klein",
)
