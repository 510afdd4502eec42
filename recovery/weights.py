"""What an answer of the questionnaire is worth, in tenths of a bit, and the bar; with sources.

A right answer gives -log2 of the chance that somebody guesses it, or less; never more. So points
that are guessed add up to k bits with a chance of about 2**-k, whatever mixture is guessed.
``recovery.simulation`` tries bar and weights out; docs/risk-analysis.md has what came of it.

Read, and said of each figure below:
[SLAR] Bonneau and others, Secrets, Lies, and Account Recovery (WWW 2015), abstract; the authors'
    summary: one guess hits 19.7 % of favourite foods, ten guesses 39 % of cities of birth in South
    Korea; four in ten owners do not recall their own answers.
[NEOWIN] StatCounter's desktop browsers of December 2022, as neowin.net has them: Chrome 66 %,
    Edge 11 %, Safari 9 %, Firefox 7 %, Opera 3 %.
Figures without a source are our own estimate, on the careful side.
"""

from recovery.questions import BrowserKind, DeviceKind, LastSignIn, StepKind

VERSION = "2026-11-c"

# What answers must reach together for people to look at them. Above what public facts or earlier
# passwords, which may be in a leak, give by themselves, and within reach of owners of whose places
# only countries are known.
BAR = 140

# What others may know or look up. One answer is worth little, all of them at most the cap.
NAME = 20  # often it stands in the address that was typed
NAME_NEAR = 10
BIRTH_DATE = 30
BIRTH_DATE_NEAR = 15
HOME = 30
HOME_NEAR = 10
HOME_COUNTRY = 3
PUBLIC_WRONG = -10
PUBLIC = frozenset({"name", "birth_date", "home"})
PUBLIC_CAP = 45  # a third of the bar

# When the account was made: 3 months of some 5 years, 13 months, 25 months.
CREATED_MATCH = 43
CREATED_HALF_YEAR = 22
CREATED_YEAR = 10
CREATED_WRONG = -10
CREATED_MATCH_MONTHS = 1
CREATED_NEAR_MONTHS = 6
CREATED_FAR_MONTHS = 12

# One of six, and whoever lives in the house knows it; the oldest are recalled least.
LAST_SIGN_IN = {
    LastSignIn.DAYS: 15,
    LastSignIn.WEEK: 20,
    LastSignIn.MONTH: 20,
    LastSignIn.QUARTER: 25,
    LastSignIn.YEAR: 25,
    LastSignIn.LONGER: 20,
}
LAST_SIGN_IN_NEAR = 8
LAST_SIGN_IN_WRONG = -10
# Until how many days ago each is right, in this order; what is older is "longer ago".
LAST_SIGN_IN_DAYS = {
    LastSignIn.DAYS: 3,
    LastSignIn.WEEK: 7,
    LastSignIn.MONTH: 31,
    LastSignIn.QUARTER: 92,
    LastSignIn.YEAR: 366,
}

# A town is one of some 16 that somebody would try [SLAR: ten guesses, four in ten cities]; one
# where the account was seldom weighs more, by -log2 of its share of the sign-ins. Only the rarest
# counts in full: who knows of one journey often knows of the next.
TOWN = 40
TOWN_RAREST = 40  # at most besides
COUNTRY = 3
COUNTRY_RAREST = 25
FURTHER_PLACE = 10
PLACES_CAP = 90
PLACE_WRONG = -10
RARE_SHARE = 0.2  # a place with less of the sign-ins is called rare

# Ticks: the net of right and wrong, so a wrong one costs what a right one gives. No more than
# -log2 of the share of each [NEOWIN for browsers].
DEVICES: dict[str, int] = {
    DeviceKind.IPHONE: 10,
    DeviceKind.ANDROID: 10,
    DeviceKind.WINDOWS: 10,
    DeviceKind.MAC: 15,
    DeviceKind.IPAD: 15,
    DeviceKind.TABLET: 20,
    DeviceKind.CHROMEBOOK: 25,
    DeviceKind.LINUX: 25,
}
DEVICES_CAP = 30
BROWSERS: dict[str, int] = {
    BrowserKind.CHROME: 5,
    BrowserKind.SAFARI: 10,
    BrowserKind.EDGE: 10,
    BrowserKind.FIREFOX: 15,
    BrowserKind.SAMSUNG: 15,
    BrowserKind.OPERA: 20,
    BrowserKind.OTHER: 20,
}
BROWSERS_CAP = 20
SECOND_STEPS: dict[str, int] = {
    StepKind.NONE: 5,
    StepKind.SENT: 10,
    StepKind.APP: 15,
    StepKind.PRINTED: 15,
    StepKind.PASSKEY: 20,
}
SECOND_STEPS_CAP = 25

# An address that is not the one that was typed to name the account; a number has no pattern.
CONTACT_EMAIL = 70
CONTACT_PHONE = 90
CONTACTS_CAP = 140
CONTACT_WRONG = -15
FURTHER_COUNTS = 0.5  # of contacts and passwords: those after the first are easier to come by
SHORTEST_NUMBER = 8  # digits that are compared where somebody typed no country code

# Our password rules keep common ones out, but old ones are in leaks: two of them stay below.
PASSWORD = 86
PASSWORD_WRONG = -10

FACT = 60
FACT_WRONG = -15

# Typing errors that are forgiven, by the length of the word.
TYPOS = ((8, 2), (4, 1))

# The risk of a claim that people decide, 0 to 100: points of each fact, in no unit. Below the
# first bound it is low, below the second medium.
RISK_MEDIUM = 30
RISK_HIGH = 60
RISK_CONTESTED = 60
RISK_COMPETING = 30  # each other claim
RISK_COMPETING_MOST = 60
RISK_YOUNG_CONTACTS = 30
RISK_YOUNG_AUTHENTICATORS = 30
RISK_NEW_DEVICE = 10
RISK_NEW_NETWORK = 15
RISK_NEW_COUNTRY = 10
RISK_MANY = 20  # tickets from one network or contact
RISK_NO_PROOF = 5
RISK_RESETS_SECOND_STEP = 5
RISK_KNOWN_DEVICE = -15
RISK_KNOWN_NETWORK = -10
RISK_USUAL_COUNTRY = -5
RISK_STRONG_PROOF = -10
KNOWN_NETWORK_FROM = 3  # past sign-ins; fewer may be one visit
MANY_OF_NETWORK = 5  # other tickets of one day
MANY_OF_CONTACT = 2
