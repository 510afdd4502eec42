"""How people sign in, as assumed by the simulation. docs/sign-in-risk.md says what was read.

[1] Comscore, "The Myth of Static IP" (2008): in a month nearly 60 % of machines had one address.
[2] Padmanabhan and others, "Reasons Dynamic Addresses Change" (IMC 2016), abstract: almost half of
the changes of an address were to an entirely different prefix.
[3] StatCounter's desktop browsers of March 2023, as daringfireball.net has them: Chrome 66 %,
Safari 12 %, Edge 11 %, Firefox 6 %, Opera 3 %.
[own] is an assumption of ours: of the places and machines of one person's sign-ins no figures were
found that could be read.
"""

# [own] An organisation of one country with some people abroad; share of people.
COUNTRIES = {
    "DE": 0.80, "AT": 0.05, "CH": 0.04, "FR": 0.03, "PL": 0.03, "IT": 0.02, "ES": 0.01, "GB": 0.01,
    "US": 0.005, "BR": 0.005,
}  # fmt: skip
# [own] Where stolen passwords are tried from, besides the countries of the people.
ELSEWHERE = ("RU", "CN", "IN", "VN", "NG", "ID", "TR", "UA", "NL", "RO")
REGIONS, HOME_PROVIDERS, CARRIERS, HOSTERS = 8, 4, 3, 5  # of each country; [own]
# Addresses of a country, in /16: counted in activity/data/country.mmdb of November 2026.
RANGES = {
    "DE": 2112, "AT": 173, "CH": 377, "FR": 1305, "PL": 317, "IT": 851, "ES": 519, "GB": 2026,
    "US": 23277, "BR": 1269,
}  # fmt: skip
RANGES_ELSEWHERE = 500
AT_HOME = 0.5  # of them are lines at home; [own]
# Networks /24 in use of each range; [own]. Carriers and hosters put many people behind few.
BLOCKS, CARRIER_BLOCKS, HOSTER_BLOCKS = 250, 8, 8

# Published histories are of 1.8 years at most (Wiefling and others, FC 2021, abstract): who signs
# in once a month never gets to 39.
LONGEST_DAYS = 657

# Lines at home.
STABLE_LINE = 0.6  # [1]
STABLE_DAYS, CHANGING_DAYS = 365, 14  # mean days between two addresses; [own]
CHANGES_NETWORK = 0.5  # [2]

# Habits of owners; all [own].
DAYS_BETWEEN = (1.5, 6.0, 25.0)  # daily, weekly, monthly people: median days between sign-ins
GAP_SPREAD = 0.9  # sigma of the logarithm
HAS_WORK, USES_VPN, VPN_ABROAD = 0.5, 0.1, 0.5
AT_WORK, ON_VPN, AT_A_CAFE = 0.2, 0.3, 0.03
OFF_WIFI = 0.35  # phones on the carrier's network
STARTS_A_TRIP, ENDS_A_TRIP = 0.01, 0.5  # each sign-in
ROAMS = 0.4  # abroad on the carrier of home: the address stays at home
HAS_DESKTOP, HAS_PHONE, HAS_TABLET = 0.85, 0.85, 0.12
SECOND_BROWSER, USES_SECOND = 0.2, 0.15
MACHINE_DAYS = 1000  # mean days until a machine is replaced
SAME_SYSTEM_AGAIN = 0.85
ANSWERS = 0.5  # owners who press "This was me" in a notice that was them

# Share of people with each; desktops: systems [own] times browsers [3]; phones and tablets [own].
DESKTOPS = {
    "windows-chrome": 0.47, "windows-edge": 0.14, "windows-firefox": 0.06, "windows-opera": 0.03,
    "mac-safari": 0.12, "mac-chrome": 0.11, "mac-firefox": 0.01,
    "linux-firefox": 0.02, "linux-chrome": 0.02, "chromeos-chrome": 0.02,
}  # fmt: skip
PHONES = {
    "iphone-safari": 0.35, "iphone-chrome": 0.04, "android-chrome": 0.47, "android-samsung": 0.11,
    "android-firefox": 0.03,
}  # fmt: skip
TABLETS = {"ipad-safari": 0.75, "android-chrome": 0.25}
KINDS = (DESKTOPS, PHONES, TABLETS)

_M = "Mozilla/5.0"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_SYSTEMS = {
    "windows": "Windows NT 10.0; Win64; x64",
    "mac": "Macintosh; Intel Mac OS X 10_15_7",
    "linux": "X11; Linux x86_64",
    "chromeos": "X11; CrOS x86_64 14541.0.0",
    "android": "Linux; Android 10; K",
}
# Whole headers, with {v} for the version of this month, so that updates pass through the reader.
HEADERS = {
    f"{system}-chrome": f"{_M} ({words}) {_WEBKIT} Chrome/{{v}}.0.0.0 "
    + ("Mobile Safari/537.36" if system == "android" else "Safari/537.36")
    for system, words in _SYSTEMS.items()
} | {
    f"{system}-firefox": f"{_M} ({words}; rv:{{v}}.0) Gecko/20100101 Firefox/{{v}}.0"
    for system, words in (
        ("windows", _SYSTEMS["windows"]),
        ("mac", "Macintosh; Intel Mac OS X 10.15"),
        ("linux", _SYSTEMS["linux"]),
    )
} | {
    "windows-edge": f"{_M} ({_SYSTEMS['windows']}) {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36 "
    "Edg/{v}.0.0.0",
    "windows-opera": f"{_M} ({_SYSTEMS['windows']}) {_WEBKIT} Chrome/{{v}}.0.0.0 Safari/537.36 "
    "OPR/{v}.0.0.0",
    "mac-safari": f"{_M} ({_SYSTEMS['mac']}) {_APPLE} Version/{{v}}.0 Safari/605.1.15",
    "iphone-safari": f"{_M} (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_APPLE} Version/{{v}}.0 "
    "Mobile/15E148 Safari/604.1",
    "iphone-chrome": f"{_M} (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_APPLE} CriOS/{{v}}.0.0.0 "
    "Mobile/15E148 Safari/604.1",
    "ipad-safari": f"{_M} (iPad; CPU OS 18_5 like Mac OS X) {_APPLE} Version/{{v}}.0 "
    "Mobile/15E148 Safari/604.1",
    "android-samsung": f"{_M} (Linux; Android 10; K) {_WEBKIT} SamsungBrowser/{{v}}.0 "
    "Chrome/130.0.0.0 Mobile Safari/537.36",
    "android-firefox": f"{_M} (Android 15; Mobile; rv:{{v}}.0) Gecko/{{v}}.0 Firefox/{{v}}.0",
}  # fmt: skip
FIRST_VERSION = 120  # one more each month
