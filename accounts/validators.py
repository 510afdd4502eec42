"""What a new password must be; each rule has a code and a sentence for the checklist.

``mixed`` asks for four kinds of signs, ``length`` for more of them and no kinds (NIST SP 800-63B-4
3.1.1.2). Both refuse common passwords and words that anybody who knows the person would try.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts import policy

SHORTEST_WORD = 4  # letters; shorter ones stand in half of all good passwords
# A dozen signs around one common word are still one guess.
ENDS = "0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "
FORMER = "former"
Kept = Callable[[str, frozenset[str]], bool]


@dataclass(frozen=True)
class PasswordRule:
    """One thing a password must be.

    is_kept: takes the password in NFC and the forbidden words. is_listed: stands in the checklist.
    """

    code: str
    text: str | Promise
    is_kept: Kept
    is_listed: bool = True


def normalise(password: str) -> str:
    """Give NFC: one password, however the keyboard composes its letters."""
    return unicodedata.normalize("NFC", password)


def active_rules() -> list[PasswordRule]:
    """Give the rules of PASSWORD_POLICY in the order of the checklist, history excepted."""
    kinds = KINDS if settings.PASSWORD_POLICY == "mixed" else []  # noqa: S105 - a name
    return [_shortest_rule(), LONGEST, *kinds, *ALWAYS]


def broken_rules(password: str, words: Iterable[str] = ()) -> list[str]:
    """Give the codes of the rules that ``password`` breaks; history is asked elsewhere.

    words: the person's names and addresses; they are cut into words here.
    """
    text = normalise(password)
    forbidden = _words([settings.SITE_NAME, *words])
    return [rule.code for rule in active_rules() if not rule.is_kept(text, forbidden)]


def sentence(code: str) -> str:
    """Give the sentence of a code."""
    sentences = {rule.code: str(rule.text) for rule in active_rules()}
    return sentences.get(code) or str(FORMER_TEXT)


def checklist() -> list[tuple[str, str]]:
    """Give (code, sentence) of what a person should know beforehand, history too."""
    listed = [(rule.code, str(rule.text)) for rule in active_rules() if rule.is_listed]
    return [*listed, (FORMER, str(FORMER_TEXT))]


def _shortest_rule() -> PasswordRule:
    shortest = policy.PASSWORD_SHORTEST[settings.PASSWORD_POLICY]
    return PasswordRule(
        f"length-{shortest}",  # the figure is for the script that ticks the checklist
        format_lazy(_("{shortest} characters or more"), shortest=shortest),
        lambda text, _words: len(text) >= shortest,
    )


def _has(is_kind: Callable[[str], bool]) -> Kept:
    return lambda text, _words: any(map(is_kind, text))


def _is_sign(character: str) -> bool:
    """Tell whether this is neither letter, number, accent, space nor control character."""
    return unicodedata.category(character)[0] not in "LNMZC"


def _is_uncommon(text: str, _words: frozenset[str]) -> bool:
    folded = text.casefold()
    return not {folded, folded.strip(ENDS)} & _common()


def _is_impersonal(text: str, words: frozenset[str]) -> bool:
    folded = text.casefold()
    return not any(word in folded for word in words)


def _words(texts: Iterable[str]) -> frozenset[str]:
    parts = (part for text in texts for part in re.split(r"[\W_]+", normalise(text).casefold()))
    return frozenset(part for part in parts if len(part) >= SHORTEST_WORD)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Give Django's list of 20,000 common passwords."""
    return frozenset(CommonPasswordValidator().passwords)


LONGEST = PasswordRule(
    "longest",
    format_lazy(_("{longest} characters at most"), longest=policy.PASSWORD_LONGEST),
    lambda text, _words: len(text) <= policy.PASSWORD_LONGEST,
    is_listed=False,
)
KINDS = [
    PasswordRule("upper", _("a capital letter"), _has(str.isupper)),
    PasswordRule("lower", _("a small letter"), _has(str.islower)),
    PasswordRule("digit", _("a digit"), _has(str.isdecimal)),
    PasswordRule("special", _("another sign, such as ! or -"), _has(_is_sign)),
]
ALWAYS = [
    PasswordRule("common", _("not a common password"), _is_uncommon),
    PasswordRule(
        "words", _("without your name, your address or the name of this site"), _is_impersonal
    ),
]
FORMER_TEXT = format_lazy(_("not one of your last {count}"), count=policy.PASSWORDS_REMEMBERED)
