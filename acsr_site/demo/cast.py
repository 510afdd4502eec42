"""Who there is in the demo: facts alone, nothing is written here.

All addresses are reserved for examples (RFC 2606) and all numbers for drama (Ofcom), so that a
demo with a real mail server still writes to nobody.
"""

import uuid
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from acsr_site.demo.world import (
    AGENTS,
    ANDROID_CHROME,
    DOMAINS,
    HOMES,
    IPAD_SAFARI,
    IPHONE_SAFARI,
    LINUX_FIREFOX,
    MAC_SAFARI,
    NAMES,
    WINDOWS_CHROME,
)

NAMESPACE = uuid.UUID("6f0e2d52-5a7c-4f0b-9d43-0f1c1c7b8a10")
PASSWORD = "Copper-lantern-7-river"  # noqa: S105 - known to all: the demo answers this machine only
STAFF_PASSWORD = "Walnut-bridge-9-evening"  # noqa: S105 - as above
CLOSED_MAILBOX = "jonas.weber@corp.example"


@dataclass(frozen=True)
class Figure:
    """One person of the demo.

    name: first and last. email, phone, external_id: the first that is there names the account;
    ``shares_email``: the mailbox belongs to another account, so it does not.
    what: what one can see with this person today. age_days: how old the account is.
    sign_ins: how many there were in the last 90 days. printed_left: unused printed codes, None
    where there is no sheet.
    """

    key: str
    name: str
    country: str
    what: str | Promise = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    shares_email: bool = False
    role: str = ""
    has_app: bool = False
    has_sms: bool = False
    has_passkey: bool = False
    printed_left: int | None = None
    has_account: bool = True
    agent: str = WINDOWS_CHROME
    age_days: int = 320
    sign_ins: int = 24

    @property
    def id(self) -> uuid.UUID:
        """The account's key, the same in every demo: how loading twice is noticed."""
        return uuid.uuid5(NAMESPACE, self.key)

    @property
    def identifier(self) -> str:
        """What the person types to name the account."""
        email = "" if self.shares_email else self.email
        return email or self.external_id or self.phone

    @property
    def password(self) -> str:
        """The password after loading."""
        return STAFF_PASSWORD if self.role else PASSWORD


PEOPLE = (
    Figure(
        "maria",
        "Maria Rossi",
        "IT",
        _(
            "Forgot her password. Start a recovery for her address and give the same address as "
            "the one you can open: the code arrives in the mailbox, and that is all she needs."
        ),
        email="maria@example.org",
        phone="+447700900101",
        agent=LINUX_FIREFOX,
    ),
    Figure(
        "jonas",
        "Jonas Weber",
        "DE",
        _(
            "Signs in with an authenticator app or a text message, and his mailbox is closed: "
            "mails to it fail and are given up. His request is on day 3 of a waiting period of 7."
        ),
        email=CLOSED_MAILBOX,
        phone="+447700900102",
        has_app=True,
        has_sms=True,
        age_days=390,
    ),
    Figure(
        "amira",
        "Amira Haddad",
        "FR",
        _(
            "Last night at 23:12 somebody in another country replaced her contacts. Two contested "
            "requests for her account are with staff, one of them the thief's, and her tablet is "
            "still signed in."
        ),
        email="amira@example.org",
        phone="+447700900103",
        agent=IPAD_SAFARI,
    ),
    Figure(
        "tom",
        "Tom Okafor",
        "NG",
        _(
            "His answers were refused yesterday. A second try is with staff, and he has asked a "
            "person to look at the first one again."
        ),
        email="tom@example.net",
        agent=ANDROID_CHROME,
    ),
    Figure(
        "ingrid",
        "Ingrid Larsen",
        "NO",
        _(
            "Recovered her account three days ago from a place never seen on it, so some changes "
            "are barred for four more days. The mail with her undo link is in the mailbox."
        ),
        email="ingrid@example.net",
        phone="+447700900105",
        agent=IPHONE_SAFARI,
    ),
    Figure(
        "wei",
        "Wei Chen",
        "CN",
        _(
            "Has a passkey, an app and two printed codes left; the portal asks for a new sheet. "
            "One code by mail is not enough for a recovery here. The passkey is on a phone that "
            "you do not have: add one of your own under Security."
        ),
        email="wei.chen@example.net",
        phone="+447700900106",
        has_app=True,
        has_passkey=True,
        printed_left=2,
        agent=MAC_SAFARI,
        sign_ins=39,
    ),
    Figure(
        "sofia",
        "Sofia Marques",
        "PT",
        _(
            "Has a phone and no e-mail address. Recover with any address of your own, then type "
            "her number in full on the proof page: the text message is in the mailbox too."
        ),
        phone="+447700900107",
        agent=ANDROID_CHROME,
    ),
    Figure(
        "paul",
        "Paul Becker",
        "DE",
        _("Shares a mailbox with Nora: mails say which account they are about."),
        email="becker@example.org",
    ),
    Figure(
        "nora",
        "Nora Becker",
        "DE",
        _("Signs in with a user name, because the mailbox she shares names Paul's account."),
        email="becker@example.org",
        shares_email=True,
        external_id="nora.becker",
        agent=IPHONE_SAFARI,
    ),
    Figure(
        "elif",
        "Elif Demir",
        "TR",
        _(
            "Travels: 412 events from five countries in 90 days. See the map and the filters of "
            "the activity page."
        ),
        email="elif@example.com",
        phone="+447700900108",
        agent=IPHONE_SAFARI,
    ),
    Figure(
        "ben",
        "Ben Novak",
        "CZ",
        _(
            "Was imported five days ago and has no history: too little to compare. Staff asked him "
            "to come to the desk, so his request waits."
        ),
        email="ben.novak@example.com",
        external_id="m-20417",
        age_days=5,
        sign_ins=0,
    ),
    Figure(
        "ruth",
        "Ruth Adler",
        "US",
        _(
            "Works in finance, so her account is protected: two proofs of different kinds and a "
            "day's wait, or two superusers and a command. One request waits for the superusers."
        ),
        email="ruth.adler@corp.example",
        phone="+447700900109",
        has_app=True,
        printed_left=10,
        agent=MAC_SAFARI,
    ),
    Figure(
        "oskar",
        "Oskar Lind",
        "SE",
        _("Switched off: the portal answers as for an account that does not exist."),
        email="oskar@example.org",
    ),
    Figure(
        "lucia",
        "Lucia Torres",
        "ES",
        _(
            "Paused after an undo link was used: the right password says so, and the way out is "
            "a recovery."
        ),
        email="lucia@example.org",
        phone="+447700900110",
        agent=ANDROID_CHROME,
    ),
    Figure(
        "nina",
        "Nina Brandt",
        "DE",
        _("Signed up and never typed the code: there is no account, and signing in says no more."),
        email="nina@example.org",
        has_account=False,
    ),
)

STAFF = (
    Figure(
        "lena",
        "Lena Fischer",
        "DE",
        _("Decides cases: she claims the next one in the queue, the most urgent that she may."),
        email="lena@northlight.example",
        role="reviewer",
        has_app=True,
    ),
    Figure(
        "omar",
        "Omar Farouk",
        "AE",
        _("Decides cases too; without one like him two people cannot approve."),
        email="omar@northlight.example",
        role="approver",
        has_app=True,
        agent=MAC_SAFARI,
    ),
    Figure(
        "ada",
        "Ada Nowak",
        "PL",
        _("Sees the audit chain and nothing else."),
        email="ada@northlight.example",
        role="auditor",
        has_app=True,
        agent=LINUX_FIREFOX,
    ),
    Figure(
        "sam",
        "Sam Byrne",
        "IE",
        _("Sees accounts, sessions, events and messages, and decides what is passed to security."),
        email="sam@northlight.example",
        role="security",
        has_app=True,
        agent=LINUX_FIREFOX,
    ),
    Figure(
        "priya",
        "Priya Raman",
        "GB",
        _("Sees everything there is, and no secret; one of two superusers for protected accounts."),
        email="priya@northlight.example",
        role="superuser",
        has_app=True,
    ),
    Figure(
        "marta",
        "Marta Quist",
        "SE",
        _("The second superuser: protected accounts need two."),
        email="marta@northlight.example",
        role="superuser",
        has_app=True,
        agent=MAC_SAFARI,
    ),
    Figure(
        "vic",
        "Vic Jansen",
        "NL",
        _("Sees requests and messages, for the help desk."),
        email="vic@northlight.example",
        role="viewer",
        has_app=True,
    ),
)

LISTED = PEOPLE + STAFF
_COUNTRIES = tuple(country for country in HOMES if country not in ("AE", "CN", "NG"))
# Without them forty recoveries in 90 days would all be of the same dozen people.
OTHERS = tuple(
    Figure(
        key=f"other{number}",
        name=name,
        country=_COUNTRIES[number % len(_COUNTRIES)],
        email=f"{name.lower().replace(' ', '.')}@{DOMAINS[number % len(DOMAINS)]}",
        phone=f"+4477009002{number:02d}",
        agent=AGENTS[number % len(AGENTS)],
        age_days=40 + 9 * number,
        sign_ins=15,
    )
    for number, name in enumerate(NAMES)
)
EVERYBODY = LISTED + OTHERS
