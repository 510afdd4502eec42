"""Words as people type them: what of them is compared, and how many typing errors are forgiven."""

import unicodedata

from recovery import weights

# Letters that no decomposition takes apart.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th"})


def plain(typed: str) -> str:
    """Give letters and digits alone, without case and accents."""
    apart = unicodedata.normalize("NFKD", typed.casefold()).translate(PLAIN)
    return "".join(sign for sign in apart if sign.isalnum())


def is_same(one: str, other: str) -> bool:
    """Tell whether two words have the same letters and digits; empty ones are never the same."""
    return bool(plain(one)) and plain(one) == plain(other)


def is_alike(typed: str, stored: str) -> bool:
    """Tell whether what was typed is the word with no more than the forgiven errors."""
    one, other = plain(typed), plain(stored)
    if not one or not other:
        return False
    forgiven = next((errors for length, errors in weights.TYPOS if len(other) >= length), 0)
    return abs(len(one) - len(other)) <= forgiven and _distance(one, other) <= forgiven


def _distance(one: str, other: str) -> int:
    """Count insertions, deletions, changes and swaps of neighbours between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        before_last, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != wanted))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
    return row[-1]
