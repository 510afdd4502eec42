"""What browsers say of their system besides: anybody's text, made short and harmless."""

import pytest

from accounts.client import read_hints

VERSION, MODEL = "Sec-CH-UA-Platform-Version", "Sec-CH-UA-Model"


@pytest.mark.parametrize(
    ("headers", "hints"),
    [
        ({}, ""),
        ({VERSION: '"15.0.0"', MODEL: '""'}, "platform=15.0.0"),
        ({VERSION: '"14.0.0"', MODEL: '"Pixel 8"'}, "platform=14.0.0;model=Pixel 8"),
        ({VERSION: '""', MODEL: '""'}, ""),
        ({VERSION: ' "10" ', MODEL: '"moto g(60) 5G+"'}, "platform=10;model=moto g(60) 5G+"),
        ({VERSION: '"1.2.3"', MODEL: '"SM-S918B_x  "'}, "platform=1.2.3;model=SM-S918B_x"),
    ],
)
def test_hints_get_one_short_form(headers, hints):
    assert read_hints(headers) == hints


@pytest.mark.parametrize(
    "value",
    [
        "15.0.0",
        '"15.0.0',
        "'15.0.0'",
        '"15.0.0"; a=b',
        '"15.0.0", "14.0.0"',
        '"15.0.0.0.0"',
        '"15\\"0"',
        '"\u0663.\u0663"',
        '"9999999.0"',
        '"15.0.0"\n',
        '"' + "1" * 65_536 + '"',
        "?1",
        "\x00",
    ],
)
def test_odd_versions_are_left_out(value):
    assert read_hints({VERSION: value, MODEL: '"Pixel 8"'}) == "model=Pixel 8"


@pytest.mark.parametrize(
    "value",
    [
        "Pixel 8",
        '" "',
        '"Pixel 8;platform=13.0.0"',
        '"a=b"',
        '"<b>Pixel</b>"',
        '"Pixel\\"8"',
        '"Pix\x00el"',
        '"Pixel\r\n8"',
        '"Télé"',
        '"evil.example"',
        '"https://evil"',
        '"mail@evil"',
        '"' + "P" * 33 + '"',
        '"' + "P" * 65_536 + '"',
    ],
)
def test_odd_models_are_left_out(value):
    assert read_hints({VERSION: '"15.0.0"', MODEL: value}) == "platform=15.0.0"


def test_longest_hints_fit_their_columns():
    hints = read_hints({VERSION: '"1234.123456.123456.123456"', MODEL: f'"{"P" * 32}"'})

    assert "platform=1234" in hints
    assert "model=PPPP" in hints
    assert len(hints) <= 120
