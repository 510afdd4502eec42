import pytest

from activity import useragents
from activity.useragents import Agent

KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/144.0.0.0 Safari/537.36"
ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {KHTML} Chrome/144.0.0.0 Mobile Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KHTML} Chrome/144.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
            Agent("Firefox", "Windows"),
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/18.5 Safari/605.1",
            Agent("Safari", "macOS"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {KHTML} Chrome/126.0.0.0 Mobile Safari/537.36",
            Agent("Chrome", "Android"),
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {KHTML} Chrome/126.0 Mobile Safari/537.36",
            Agent("Chrome", "Android", "Pixel 8"),
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {SAFARI} Version/26.0 Mobile",
            Agent("Safari", "iOS", "iPhone"),
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {KHTML} Chrome/126.0.0.0 Safari/537.36",
            Agent("Chrome", "ChromeOS"),
        ),
        ("curl/8.5.0", Agent("curl", "unknown")),
    ],
)
def test_header_is_read_into_words_without_frozen_figures(header, words):
    assert useragents.read(header) == words


@pytest.mark.parametrize(
    "header",
    ["", "x" * 65536, "Mozilla/5.0 " * 50, "\x00\xff<script>", "\ud800", "(((((", "é" * 99],
)
def test_missing_oversized_and_odd_headers_are_unknown(header):
    agent = useragents.read(header)

    assert agent == Agent("unknown", "unknown", "")
    assert agent.label == "unknown browser"


def test_browser_update_changes_no_word():
    old, new = (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/{version} Safari/537.36"
        for version in ("126.0.0.0", "144.0.0.0")
    )

    assert useragents.read(old) == useragents.read(new)


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (("Firefox", "Windows", ""), "Firefox on Windows"),
        (("Safari", "iOS", "iPhone"), "Safari on iPhone"),
        (("Chrome", "Android", "Pixel 8"), "Chrome on Android"),
        (("curl", "unknown", ""), "curl"),
        (("unknown", "Linux", ""), "Linux"),
        (("", "", ""), "unknown browser"),
    ],
)
def test_label_says_what_is_known(kept, words):
    assert useragents.label(*kept) == words


def test_words_fit_their_columns():
    agent = useragents.read(f"Mozilla/5.0 (Linux; Android 14; {'Z' * 200}) {KHTML} Chrome/126.0")

    assert max(len(agent.browser), len(agent.system), len(agent.device)) <= 60


@pytest.mark.parametrize(
    ("header", "hints", "words"),
    [
        (WINDOWS, "", "Chrome on Windows"),
        (WINDOWS, "platform=15.0.0", "Chrome on Windows 11"),
        (WINDOWS, "platform=13.0.0", "Chrome on Windows 11"),
        (WINDOWS, "platform=10.0.0", "Chrome on Windows 10"),
        (WINDOWS, "platform=0.3.0", "Chrome on Windows"),
        (WINDOWS, "platform=12.0.0", "Chrome on Windows"),
        (WINDOWS, "platform=15.0.0;model=Pixel 8", "Chrome on Windows 11"),
        (ANDROID, "platform=14.0.0;model=Pixel 8", "Chrome on Pixel 8"),
        (ANDROID, "platform=14.0.0", "Chrome on Android"),
        (MAC, "platform=15.5.0;model=Pixel 8", "Chrome on macOS"),
        ("", "platform=15.0.0;model=Pixel 8", "unknown browser"),
    ],
)
def test_hints_say_what_headers_leave_out(header, hints, words):
    assert useragents.words(header, hints) == words


@pytest.mark.parametrize("hints", ["platform", "platform=", "=;=", ";", "model=;platform=x", "²"])
def test_odd_hints_say_nothing(hints):
    assert useragents.words(WINDOWS, hints) == "Chrome on Windows"
    assert useragents.words(ANDROID, hints) == "Chrome on Android"


@pytest.mark.parametrize(
    "agent",
    [
        "CALL 0800 123 456 YOUR ACCOUNT IS HACKED bot/1.0",
        "Mozilla/5.0 (compatible; Call us 0800-123456 Bot/1)",
        "Call 0800 123456/1.0 CFNetwork/1.0 Darwin/1.0",
        "evil.example/1.0 CFNetwork/1.0 Darwin/1.0",
        "Visit evil.example-iPad/1.0",
    ],
)
def test_no_header_writes_to_the_owner(agent):
    """Every notice names the browser, of requests that a stranger opens too."""
    words = useragents.words(agent)

    assert sum(sign.isdigit() for sign in words) <= 3
    assert "." not in words
