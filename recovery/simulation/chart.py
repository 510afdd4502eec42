"""The plot of a trial as plain SVG: which share of each group a bar would let through to staff.

No style sheet and no script, so that it may stand on any page: presentation attributes only.
"""

from html import escape

from django.utils.translation import gettext as _

from recovery.simulation.trial import Trial

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 180, 48, 56
FIRST_BITS, LAST_BITS, TICK_BITS = -10, 50, 10
# Colour is never alone: every line has dashes of its own and its name beside it.
LINES = {
    "owners": ("#1a5fb4", ""),
    "stranger": ("#a51d2d", "2 4"),
    "acquaintance": ("#c64600", "8 4"),
    "ex_partner": ("#613583", "12 4 2 4"),
    "thief_inside": ("#26643f", "4 4"),
}

FRAME = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
    f'height="{HEIGHT}" role="img" aria-labelledby="title words" font-family="sans-serif" '
    'font-size="13">'
)


def draw(trial: Trial) -> str:
    """Give the picture, with its table in words for who cannot see it."""
    title = _("How many claims reach staff, by where the bar is")
    parts = [
        FRAME,
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="words">{escape(_in_words(trial))}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_axes(),
        *_bar(trial),
        *_lines(trial),
        *_legend(trial),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(bits: float) -> float:
    share = (bits - FIRST_BITS) / (LAST_BITS - FIRST_BITS)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="#241f31">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "#c0bfbc") -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"/>'


def _axes() -> list[str]:
    parts = []
    for percent in range(0, 101, 20):
        y = _y(percent / 100)
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y))
        parts.append(_text(LEFT - 8, y + 4, f"{percent} %", "end"))
    parts.extend(
        _text(_x(bits), HEIGHT - BOTTOM + 20, str(bits), "middle")
        for bits in range(FIRST_BITS, LAST_BITS + 1, TICK_BITS)
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 12, _("score of the answers, in bits"), "middle"))
    parts.append(_text(LEFT, 24, _("Share of claims whose answers score at least so much")))
    return parts


def _bar(trial: Trial) -> list[str]:
    x = _x(trial.bar)
    words = _("bar: %(bits)s bits") % {"bits": f"{trial.bar:g}"}
    return [_line(x, TOP - 8, x, _y(0), "#241f31"), _text(x + 6, TOP - 2, words)]


def _lines(trial: Trial) -> list[str]:
    parts = []
    for name, tally in trial.groups.items():
        colour, dashes = LINES[name]
        points = " ".join(
            f"{_x(bits)},{_y(tally.at_least(bits))}" for bits in range(FIRST_BITS, LAST_BITS + 1)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" '
            f'stroke-dasharray="{dashes}"/>'
        )
    return parts


def _legend(trial: Trial) -> list[str]:
    parts = []
    for number, (name, tally) in enumerate(trial.groups.items()):
        colour, dashes = LINES[name]
        y, x = TOP + 12 + number * 40, WIDTH - RIGHT + 16
        parts.append(
            f'<line x1="{x}" y1="{y}" x2="{x + 36}" y2="{y}" stroke="{colour}" '
            f'stroke-width="2" stroke-dasharray="{dashes}"/>'
        )
        parts.append(_text(x + 44, y + 4, name.replace("_", " ")))
        parts.append(_text(x + 44, y + 20, f"{tally.share(tally.reached):.1%}"))
    return parts


def _in_words(trial: Trial) -> str:
    shares = (
        f"{name.replace('_', ' ')} {tally.share(tally.reached):.1%}"
        for name, tally in trial.groups.items()
    )
    return _("Share that reaches staff at a bar of %(bits)s bits: %(shares)s.") % {
        "bits": f"{trial.bar:g}",
        "shares": ", ".join(shares),
    }
