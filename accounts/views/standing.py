"""How safe and how recoverable an account is, in the words of the pages that show it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import hooks, safety
from accounts.enums import Action, Mode
from accounts.holdings import holdings_of
from accounts.hooks import Banner, Outlook, Recoverability
from accounts.middleware import OwnerRequest
from accounts.models import User
from accounts.services import authenticators, restrictions, step_up
from accounts.views import moments

LEVELS = (1, 2, 3, 4)
GOOD = 3  # from here on a level is good
WORDS = {
    1: gettext_lazy("Weak"),
    2: gettext_lazy("So-so"),
    3: gettext_lazy("Good"),
    4: gettext_lazy("Very good"),
}


@dataclass(frozen=True)
class Meter:
    """Four bars: bars tells of each whether it is filled. style: "good" or "time"."""

    level: int
    word: str
    style: str
    text: str

    @property
    def bars(self) -> list[bool]:
        """Give one flag a bar."""
        return [level <= self.level for level in LEVELS]


@dataclass(frozen=True)
class Standing:
    """What the pages say. recoverable and outlook: None where nobody judges recoveries."""

    safe: Meter
    recoverable: Meter | None
    outlook: Recoverability | None
    next_thing: safety.NextThing | None
    allowed: frozenset[Action]


def look_at(request: OwnerRequest) -> Standing:
    """Judge the account of this session; one query beside those of ``holdings_of``."""
    user = request.user
    held = holdings_of(user)
    safe = safety.safety_of(user)
    outlook = hooks.recoverability(user)
    allowed = restrictions.allowed(user, is_strong=step_up.is_strong(request.session))
    sheet = [held.codes] if held.codes else []
    to_ask = authenticators.due_to_ask([*held.second_steps, *sheet], now=timezone.now())
    chosen = safety.next_thing(safety.Situation(held, outlook, to_ask, allowed))
    return Standing(
        safe=_meter(safe.level, " ".join(safe.reasons)),
        recoverable=_meter(outlook.level, summary_of(outlook)) if outlook else None,
        outlook=outlook,
        next_thing=chosen,
        allowed=allowed,
    )


def title_of(found: Standing, user: User) -> str:
    """Give the state of the account in one line."""
    if Action.ADD_CONTACT not in found.allowed:
        return _("Someone has asked for this account.")
    if user.mode == Mode.RESTRICTED:
        return _("On this account some things wait for now.")
    is_safe = found.safe.level >= GOOD
    is_recoverable = found.recoverable is None or found.recoverable.level >= GOOD
    if is_safe and is_recoverable:
        return _("Your account is safe, and you would get back in.")
    if is_safe:
        return _("Your account is safe. Make it easy to get back, too.")
    if is_recoverable:
        return _("You would get back in. Make it hard for others, too.")
    return _("Make your account safe, and easy to get back.")


def summary_of(outlook: Recoverability) -> str:
    """Give the sentence that matters most of an outlook, and from when it is a better one."""
    if not outlook.soon:
        return _worst_of(outlook)
    when = date_format(timezone.localtime(outlook.soon[0][1]), "l j F")
    more = _("From %(when)s more of what you have counts.") % {"when": when}
    return f"{_worst_of(outlook)} {more}"


def _worst_of(outlook: Recoverability) -> str:
    needs_people = next((each for each in outlook.outlooks if each.needs_people), None)
    if needs_people:
        return _("If you lost %(lost)s, people would have to decide.") % {"lost": needs_people.lost}
    longest = max(outlook.outlooks, key=lambda each: each.takes)
    if longest.takes:
        return _(
            "Whatever you lose, you can help yourself. It would take longest without %(lost)s."
        ) % {"lost": longest.lost}
    return _("Whatever you lose, you would be back in minutes.")


def ways_of(outlook: Outlook) -> str:
    """Join what would bring the person back: "your password, your phone and your mailbox"."""
    *first, last = outlook.ways or [""]
    return (
        _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    )


def banners_of(user: User) -> list[Banner]:
    """Say in plain words what the account cannot do for now; nothing where it can do all."""
    if user.mode == Mode.CONTESTED:
        return [
            Banner(
                title=_("More than one person says that this account is theirs"),
                text=_(
                    "Our staff look at it. Until they have decided, addresses and second steps "
                    "stay as they are. You can still change your password."
                ),
                action_url=reverse("accounts:password"),
                action_label=_("Change your password"),
            )
        ]
    if user.password_spent_at is not None:
        return [
            Banner(
                title=_("Your password is not used any more"),
                text=_(
                    "Since a report it signs nobody in, because somebody else may know it. Set a "
                    "new one now, in this browser."
                ),
                action_url=reverse("accounts:password"),
                action_label=_("Set a new password"),
            )
        ]
    if user.mode == Mode.RESTRICTED and user.restricted_until:
        when = moments.in_words(user.restricted_until)
        return [
            Banner(
                title=_("Until %(when)s some things wait") % {"when": when},
                text=_(
                    "After what happened on this account, no address can be removed and no second "
                    "step be added for a while. That protects you if it was not you."
                ),
                action_url=reverse("accounts:contacts"),
                action_label=_("See your addresses"),
            )
        ]
    return []


def _meter(level: int, text: str) -> Meter:
    return Meter(level, str(WORDS[level]), "good" if level >= GOOD else "time", text)
