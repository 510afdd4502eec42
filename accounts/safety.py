"""How safe an account is, and the one thing that would make it safer; computed, never stored."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts import policy
from accounts.enums import Action, AuthenticatorKind
from accounts.holdings import Holdings, holdings_of
from accounts.hooks import Recoverability
from accounts.models import Contact, RecoveryCodeSet, User
from accounts.queries import SecondStep

# Levels of Safety.
PASSWORD_ALONE, SENT_CODES, APP, PASSKEY = 1, 2, 3, 4


@dataclass(frozen=True)
class NextThing:
    """The one thing worth doing. url: a path of ours."""

    title: str
    text: str
    url: str
    label: str


@dataclass(frozen=True)
class Safety:
    """level: 1 (weak) to 4. reasons: in words, what is good and what is missing."""

    level: int
    reasons: list[str]


@dataclass(frozen=True)
class Situation:
    """What the next thing is chosen from. outlook: None where nobody judges recoveries.

    to_ask: the second step to ask about, or None. allowed: what the account's mode allows.
    """

    held: Holdings
    outlook: Recoverability | None
    to_ask: SecondStep | RecoveryCodeSet | None
    allowed: frozenset[Action]


def safety_of(user: User) -> Safety:
    """Judge what keeps others out: the best second step, since a passkey opens on its own."""
    kinds = {AuthenticatorKind(step.kind) for step in holdings_of(user).second_steps}
    if AuthenticatorKind.PASSKEY in kinds:
        best = gettext("A passkey cannot be guessed, read off or typed into a false page.")
        return Safety(PASSKEY, [best, *_weak_spare(kinds)])
    missing = gettext("A passkey would complete it.")
    if AuthenticatorKind.TOTP in kinds:
        best = gettext("A strong password and an authenticator app.")
        return Safety(APP, [best, *_weak_spare(kinds), missing])
    if kinds:
        best = gettext("A strong password and codes that are sent, which others may read.")
        return Safety(SENT_CODES, [best, gettext("An app or a passkey is safer.")])
    alone = gettext("Whoever learns your password is in. A second step keeps them out.")
    return Safety(PASSWORD_ALONE, [alone])


def next_thing(situation: Situation) -> NextThing | None:
    """Give the one thing worth doing first; None where all is done or nothing may be done now.

    First what would lock the owner out, then what would let others in, then what is nice: a lock
    without a second key is a trap.
    """
    return next(filter(None, (each(situation) for each in IN_ORDER)), None)


def codes_left(held: Holdings) -> int:
    """Give how many printed codes are a way back: those that their owner has kept."""
    return held.codes_left if held.codes and held.codes.kept_at else 0


def _weak_spare(kinds: set[AuthenticatorKind]) -> list[str]:
    """Warn of what is weaker than the best: an attacker chooses the weakest."""
    if AuthenticatorKind.SMS not in kinds:
        return []
    return [
        gettext("Text messages still work too, and can be redirected by who takes your number.")
    ]


def _way_back(situation: Situation) -> NextThing | None:
    if Action.ADD_AUTHENTICATOR not in situation.allowed or codes_left(situation.held):
        return None
    url = reverse("accounts:recovery_codes")
    codes = situation.held.codes
    if codes and not situation.held.codes_left:
        return NextThing(
            gettext("Print new codes"),
            gettext("All your printed codes are used. Make new ones before you need them."),
            url,
            gettext("Get new codes"),
        )
    lost = _what_needs_people(situation.outlook)
    if not lost:
        return None
    return NextThing(
        gettext("Print recovery codes"),
        gettext(
            "If you lost %(lost)s today, people would have to decide about your request, and "
            "that takes days. With printed codes you can help yourself."
        )
        % {"lost": lost},
        url,
        gettext("Get recovery codes"),
    )


def _second_step(situation: Situation) -> NextThing | None:
    if Action.ADD_AUTHENTICATOR not in situation.allowed or situation.held.second_steps:
        return None
    return NextThing(
        gettext("Turn on two-step verification"),
        gettext(
            "Your password alone opens this account. With a second step, somebody who has learned "
            "it still stays out."
        ),
        reverse("accounts:two_step"),
        gettext("Choose a second step"),
    )


def _second_contact(situation: Situation) -> NextThing | None:
    usable = [contact for contact in situation.held.contacts if not contact.mark]
    if Action.ADD_CONTACT not in situation.allowed or len(usable) > 1:
        return None
    return NextThing(
        gettext("Add another address or phone"),
        _why_another(usable),
        reverse("accounts:contacts"),
        gettext("Add an address"),
    )


def _few_codes(situation: Situation) -> NextThing | None:
    left = codes_left(situation.held)
    is_few = 0 < left <= max(policy.RECOVERY_CODES_WARN_AT)
    if Action.ADD_AUTHENTICATOR not in situation.allowed or not is_few:
        return None
    return NextThing(
        gettext("Print new codes"),
        ngettext(
            "Only %(left)d printed code is left. Make new ones before it is gone.",
            "Only %(left)d printed codes are left. Make new ones before they are gone.",
            left,
        )
        % {"left": left},
        reverse("accounts:recovery_codes"),
        gettext("Get new codes"),
    )


def _still_works(situation: Situation) -> NextThing | None:
    step = situation.to_ask
    if step is None:
        return None
    if isinstance(step, RecoveryCodeSet):
        return NextThing(
            gettext("Do you still have your printed codes?"),
            gettext("Look for the sheet now, so that its loss is no surprise."),
            reverse("accounts:recovery_codes"),
            gettext("Answer"),
        )
    return NextThing(
        gettext("Does it still work?"),
        gettext("Your %(kind)s was not used for a while. Try it once, so that it is no surprise.")
        % {"kind": AuthenticatorKind(step.kind).label},
        reverse("accounts:authenticator", args=[AuthenticatorKind(step.kind), step.pk]),
        gettext("Try it out"),
    )


def _passkey(situation: Situation) -> NextThing | None:
    kinds = {step.kind for step in situation.held.second_steps}
    if Action.ADD_AUTHENTICATOR not in situation.allowed or AuthenticatorKind.PASSKEY in kinds:
        return None
    return NextThing(
        gettext("Add a passkey"),
        gettext(
            "Sign in with your finger, your face or a key: quicker than a code, and no false page "
            "can ask you for it."
        ),
        reverse("accounts:add_passkey"),
        gettext("Add a passkey"),
    )


IN_ORDER = (_way_back, _second_step, _second_contact, _few_codes, _still_works, _passkey)


def _what_needs_people(outlook: Recoverability | None) -> str:
    """Give the least loss after which nobody could help themselves, "" for none."""
    if outlook is None:
        return ""
    return next((each.lost for each in outlook.outlooks if each.needs_people), "")


def _why_another(usable: list[Contact]) -> str:
    if not usable:
        return gettext("We could not reach you: no address of yours can be used.")
    return gettext(
        "We reach you in one place alone. With a second one you hear of a change even when "
        "somebody else has the first."
    )
