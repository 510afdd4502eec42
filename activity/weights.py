"""Every figure of the model that judges sign-ins (risk.py); docs/sign-in-risk.md tells of them.

[a]: read in the published implementation of Wiefling and others, github.com/das-group/rba-algorithm
(rba-algorithm.ipynb), which belongs to doi 10.1145/3546069. [own]: our choice, with its reason.
"""

from datetime import timedelta
from math import log2

from activity.enums import RiskReason

# Shares of the two groups of features; each sums to 1. The address as in [a] (there the middle one
# is the autonomous system). The agent as in [a] without the full header, scaled up to 1: browsers
# update every month, and an update must raise nothing.
ADDRESS = {"address": 0.6, "network": 0.15, "range": 0.15, "country": 0.1}
AGENT = {"browser": 0.581, "system": 0.408, "device": 0.011}

# [own] Sign-ins: how much of everybody's habits is mixed into one account's, so that four sign-ins
# prove less than forty.
SMOOTHING = 1.0
# [own] How common a value is before a portal has seen enough sign-ins to know, and for how many
# sign-ins that guess counts.
GUESS = {
    "address": 1e-5,
    "network": 1e-4,
    "range": 1e-3,
    "country": 0.05,
    "browser": 0.2,
    "system": 0.2,
    "device": 0.1,
}
GUESS_COUNTS = 100
# [own] Bits: no group says more than this for or against the owner, so that nothing unlocks an
# account by being familiar, and what is new at home stays a notice.
MOST_BITS = 6.0
# [own] How many times likelier than anybody's the owner's a known value makes a sign-in at most;
# the address has no such end but MOST_BITS. Anybody can choose the country of a VPN and send any
# header, a customer of the same provider shares the range, hardly a thief the network.
LIKELIEST = {
    "network": 64.0,
    "range": 32.0,
    "country": 2.0,
    "browser": 2.0,
    "system": 2.0,
    "device": 2.0,
}

# [own] From bits to a score, linear in between. An unseen network in the usual country with a usual
# machine has at most 3.3 bits and must be no news (below policy.UNUSUAL_FROM); the owner is asked
# from 6 bits on, when all is new but the country and some forty sign-ins are known.
SCORES = ((-MOST_BITS - log2(LIKELIEST["browser"]), 0), (3.5, 50), (6.0, 80), (2 * MOST_BITS, 100))

# [own] The least score where a rule fires: from 50 on the owner hears of it, from 80 on one more
# step is asked for (policy). A burst is an attack that we are watching.
LEAST = {
    RiskReason.MANY_ACCOUNTS: 85,
    RiskReason.IMPOSSIBLE_TRAVEL: 65,
    RiskReason.NEW_COUNTRY: 60,
    RiskReason.AFTER_FAILURES: 55,
    RiskReason.NEW_SYSTEM: 52,
    RiskReason.NEW_BROWSER: 50,
}
# [own] Signs of two kinds at once (place, machine, conduct), as of a stolen password that is used
# abroad on another machine.
TWO_KINDS = 85
# [own] Added to the score; by itself it is what people do after a holiday.
LONG_SILENCE_ADDS = 10
LONGEST_SILENCE = timedelta(days=60)

# [own] Wrong passwords on the account from this network before the right one: three are typing.
FAILURES = 5
# [own] Accounts that this network failed to sign in to: a family or office does not reach it in the
# hour that is looked at.
ACCOUNTS_FAILED = 10

# Kilometres per hour. Airliners cruise at about 900; products choose 250 (Curity), 800 (ipasis.com)
# or 1000 (synapse-waf), whose documentation was read. [own] 1000: a false alarm costs trust.
FASTEST = 1000.0
# [own] Kilometres around a point, where nothing more exact is known: the middle of a country.
UNSURE_KM = 1000.0
# [own] Two clocks of one portal differ by less; it also keeps a speed from being endless.
SHORTEST_TRIP = timedelta(minutes=1)
EARTH_RADIUS_KM = 6371.0
