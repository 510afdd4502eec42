"""How well people remember, and what others know of them: chances from 0 to 1.

Two studies are behind what is marked [1] and [2]; the papers themselves could not be read, only
what others report of them (docs/risk-analysis.md has the places). What is marked [own] is an
assumption of ours: no study of rough facts about one's own sign-ins was found.

[1] Bonneau and others, "Secrets, Lies, and Account Recovery" (WWW 2015): father's middle name
76 %, first phone number 55 %; favourite food 74 % after a month, 53 % after three, 47 % after
twelve.
[2] Schechter, Brush and Egelman, "It's no secret" (IEEE S&P 2009): acquaintances guess 17 % of
answers.
"""

from bisect import bisect_right
from dataclasses import dataclass

NAME = 0.76  # [1]
NUMBER = 0.55  # [1]; an address or phone that is no longer in use
GUESSED_BY_ACQUAINTANCES = 0.17  # [2]
# Months since something was last used -> what is left of the recall; [1], relative to one month.
FADING = ((1, 1.0), (3, 0.53 / 0.74), (12, 0.47 / 0.74))


@dataclass(frozen=True)
class Knowledge:
    """What somebody gets right of an account, each a chance.

    slips: to answer wrongly instead of leaving out what is not known.
    is_fading: what was used long ago is known less.
    """

    name: float
    birth_date: float
    home: float
    created_year: float
    last_sign_in: float
    home_town: float
    other_places: float
    device: float
    browser: float
    contacts: float
    second_step: float
    passwords: float
    slips: float
    is_fading: bool = False
    known_device: float = 0.0
    known_network: float = 0.0
    usual_country: float = 0.5


OWNER = Knowledge(
    name=NAME,
    birth_date=0.9,  # [own] theirs, but some gave another one
    home=0.75,  # [own] people move
    created_year=0.45,  # [own]
    last_sign_in=0.7,  # [own]
    home_town=0.95,  # [own]
    other_places=0.6,  # [own]
    device=0.85,  # [own]
    browser=0.75,  # [own]
    contacts=NUMBER,
    second_step=0.8,  # [own]
    passwords=0.5,  # [own] of those who once changed it
    slips=0.15,
    is_fading=True,
    known_device=0.4,
    known_network=0.65,
    usual_country=0.95,
)
# Knows the address and what it tells; the rest is guessed from what is common.
STRANGER = Knowledge(
    name=0.5,  # [own] addresses often hold it
    birth_date=0.0,
    home=0.0,
    created_year=0.0,
    last_sign_in=0.0,
    home_town=0.0,
    other_places=0.0,
    device=0.0,
    browser=0.0,
    contacts=0.01,  # [own] from a leaked list
    second_step=0.0,
    passwords=0.005,  # [own] from a leaked list, reused here, and changed since
    slips=0.5,  # [own] some guess all, some only what is common
)
# All public facts, and of the rest what acquaintances guess.
ACQUAINTANCE = Knowledge(
    name=1.0,
    birth_date=1.0,
    home=1.0,
    created_year=GUESSED_BY_ACQUAINTANCES,
    last_sign_in=GUESSED_BY_ACQUAINTANCES,
    home_town=1.0,
    other_places=GUESSED_BY_ACQUAINTANCES,
    device=0.6,  # [own] phones are seen
    browser=GUESSED_BY_ACQUAINTANCES,
    contacts=0.4,  # [own] the phone number
    second_step=GUESSED_BY_ACQUAINTANCES,
    passwords=0.005,
    slips=0.3,
    usual_country=0.95,
)
# Most facts, the same network, sometimes the same tablet.
EX_PARTNER = Knowledge(
    name=1.0,
    birth_date=1.0,
    home=0.95,
    created_year=0.3,
    last_sign_in=0.4,
    home_town=1.0,
    other_places=0.8,
    device=0.9,
    browser=0.7,
    contacts=0.7,
    second_step=0.8,
    passwords=0.15,
    slips=0.2,
    known_device=0.3,
    known_network=0.9,
    usual_country=1.0,
)
# Has read every page of the account for ten days, and changed nothing yet.
THIEF_INSIDE = Knowledge(
    name=1.0,
    birth_date=0.5,  # [own] from the mailbox
    home=0.6,
    created_year=0.8,  # [own] the first mail
    last_sign_in=1.0,
    home_town=0.8,  # [own] the activity page has it where sign-ins were in its 30 days
    other_places=0.3,
    device=0.9,
    browser=0.9,
    contacts=0.9,
    second_step=1.0,
    passwords=0.02,  # knows the present one, which is never compared
    slips=0.1,
    known_device=0.8,
    known_network=0.8,
    usual_country=0.6,
)


def remembered(chance: float, months: float) -> float:
    """Give what is left of a recall after so many months, linear between what was measured."""
    spot = bisect_right(FADING, months, key=lambda point: point[0])
    if spot in (0, len(FADING)):
        return chance * FADING[min(spot, len(FADING) - 1)][1]
    (from_months, before), (to_months, after) = FADING[spot - 1], FADING[spot]
    share = (months - from_months) / (to_months - from_months)
    return chance * (before + share * (after - before))
