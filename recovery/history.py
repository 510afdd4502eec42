"""An account's history at its last trusted moment, read from the tables of all apps."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from accounts.models import (
    CodeDevice,
    Contact,
    FormerPassword,
    FormerProfile,
    Passkey,
    ProfileFact,
    RecoveryCodeSet,
    TotpDevice,
    User,
)
from accounts.policy import MADE_AT_SIGN_UP
from accounts.queries import NOBODY
from activity import queries as activity
from activity.places import country_name
from activity.useragents import Agent
from recovery import policy
from recovery.evidence import History, Place
from recovery.models import RecoveryTicket
from recovery.questions import BrowserKind, DeviceKind, StepKind

DEVICES = {"iPhone": DeviceKind.IPHONE, "iPad": DeviceKind.IPAD}
SYSTEMS = {
    "iOS": DeviceKind.IPHONE,
    "Android": DeviceKind.ANDROID,
    "Windows": DeviceKind.WINDOWS,
    "macOS": DeviceKind.MAC,
    "ChromeOS": DeviceKind.CHROMEBOOK,
    "Linux": DeviceKind.LINUX,
    "Ubuntu": DeviceKind.LINUX,
    "Debian": DeviceKind.LINUX,
    "Fedora": DeviceKind.LINUX,
}
BROWSERS = {
    "Chrome": BrowserKind.CHROME,
    "Safari": BrowserKind.SAFARI,
    "Firefox": BrowserKind.FIREFOX,
    "Edge": BrowserKind.EDGE,
    "Samsung Internet": BrowserKind.SAMSUNG,
    "Opera": BrowserKind.OPERA,
}
STEPS: dict[Any, StepKind] = {
    TotpDevice: StepKind.APP,
    CodeDevice: StepKind.SENT,
    Passkey: StepKind.PASSKEY,
    RecoveryCodeSet: StepKind.PRINTED,
}
TABLETS = ("Tab", "Pad", "SM-T", "SM-X", "Kindle")  # in what Android calls the device


def last_trusted_moment(user: User | None, ticket: RecoveryTicket) -> datetime:
    """Give the moment before the oldest change of password, contact or authenticator in 30 days.

    Before the ticket was opened; that itself where nothing was changed. What belongs to the making
    of an account is no change of it. One statement, for nobody too.
    """
    opened_at = ticket.opened_at
    return activity.first_change_since(user, young_since(user, ticket), opened_at) or opened_at


def young_since(user: User | None, ticket: RecoveryTicket) -> datetime:
    """Give since when changes of an account are young for this ticket."""
    since = ticket.opened_at - policy.TRUSTED_BEFORE_CHANGES_OF
    if user is None:
        return since
    return min(max(since, user.created_at + MADE_AT_SIGN_UP), ticket.opened_at)


def history_of(user: User | None, as_of: datetime, *, claimed_keys: Iterable[str] = ()) -> History:
    """Give what answers can be compared with; the same statements for nobody.

    claimed_keys: limit keys of what was typed to open the ticket.
    """
    owner = user.pk if user else NOBODY
    claimed = frozenset(claimed_keys)
    since = as_of - policy.SIGN_INS_COUNT_FOR
    sign_ins = activity.sign_ins_before(user, as_of, since)
    profile = _profile(user, owner, as_of)
    return History(
        as_of=as_of,
        names=_names(profile),
        birth_dates=tuple(date.fromisoformat(value) for value in profile["birth_date"]),
        countries=tuple(profile["country"]),
        postal_codes=tuple(profile["postal_code"]),
        created_at=user.created_at if user else None,
        last_sign_in_at=sign_ins.last_at or _last_login(user, as_of),
        places=_places(sign_ins.places),
        devices=_counted(sign_ins.agents, device_of),
        browsers=_counted(sign_ins.agents, browser_of),
        contact_keys=_contact_keys(owner, as_of, claimed),
        second_steps=_second_steps(owner, as_of),
        has_former_passwords=_has_former_passwords(owner, as_of),
        fact_names=frozenset(
            ProfileFact.objects.filter(user_id=owner).values_list("name", flat=True)
        ),
        claimed_keys=claimed,
    )


def device_of(agent: Agent) -> str:
    """Give what the questionnaire calls the device of a browser; "" where that is unknown."""
    if agent.device in DEVICES:
        return DEVICES[agent.device]
    if agent.system == "Android" and any(word in agent.device for word in TABLETS):
        return DeviceKind.TABLET
    return SYSTEMS.get(agent.system, "")


def browser_of(agent: Agent) -> str:
    """Give what the questionnaire calls a browser; "" where it is unknown."""
    if agent.browser in ("", "unknown"):
        return ""
    return BROWSERS.get(agent.browser, BrowserKind.OTHER)


def _profile(user: User | None, owner: UUID, as_of: datetime) -> dict[str, list[str]]:
    """Give the values of the profile by field, the present one first and former ones of a year."""
    fields = ("first_name", "last_name", "birth_date", "country", "postal_code")
    found: dict[str, list[str]] = {
        field: [str(value)] if (value := getattr(user, field, None)) else [] for field in fields
    }
    former = FormerProfile.objects.filter(
        user_id=owner,
        field__in=fields,
        replaced_at__gt=as_of - policy.FORMER_PROFILE_COUNTS_FOR,
    )
    for row in former.order_by("-replaced_at"):
        if row.value and row.value not in found[row.field]:
            found[row.field].append(row.value)
    return found


def _names(profile: dict[str, list[str]]) -> tuple[tuple[str, str], ...]:
    """Give every pair of a first and a last name, the present one first."""
    firsts, lasts = profile["first_name"] or [""], profile["last_name"] or [""]
    pairs = tuple((first, last) for last in lasts for first in firsts)
    return tuple(pair for pair in pairs if any(pair))


def _places(counts: dict[tuple[str, str], int]) -> dict[Place, int]:
    """Give places as country and town; what is unknown to both is left out."""
    found: Counter[Place] = Counter()
    for (country, words), count in counts.items():
        town = words.removesuffix(country_name(country)).rstrip(", ") if country else words
        if country or town:
            found[country, town] += count
    return dict(found)


def _counted(agents: dict[Agent, int], kind_of: Any) -> dict[str, int]:
    found: Counter[str] = Counter()
    for agent, count in agents.items():
        if kind := kind_of(agent):
            found[str(kind)] += count
    return dict(found)


def _contact_keys(owner: UUID, as_of: datetime, claimed: frozenset[str]) -> frozenset[str]:
    """Give what was verified by then, without what the ticket was opened with.

    And without what names the account, or whoever opens it by another name gains by that one.
    """
    ever = Contact.objects.filter(user_id=owner, verified_at__lte=as_of)
    names = Q(signs_in=True, removed_at__isnull=True)
    keys = ever.exclude(names).values_list("match_key", "limit_key")
    return frozenset(match for match, limit in keys if limit not in claimed)


def _second_steps(owner: UUID, as_of: datetime) -> frozenset[str]:
    """Give the kinds that were in use then; one statement for each kind, for nobody too."""
    return frozenset(
        str(kind)
        for model, kind in STEPS.items()
        if model.objects.as_of(as_of).filter(user_id=owner).exists()
    )


def _has_former_passwords(owner: UUID, as_of: datetime) -> bool:
    """Tell of a former password that was set before then (passwords.compare_former)."""
    was_set = Q(set_at__lt=as_of) | Q(set_at__isnull=True)
    rows = FormerPassword.objects.filter(was_set, user_id=owner)
    return rows.exclude(set_at=F("replaced_at")).exists()


def _last_login(user: User | None, as_of: datetime) -> datetime | None:
    """Give the last sign-in where its event is too old to be kept."""
    login = user.last_login if user else None
    return login if login and login <= as_of else None
