"""How an account could be recovered after each loss, by the table that decides tickets.

What is on file becomes things that a person holds; a loss takes those that go with it; the rest is
asked of ``policy.decide`` in every combination. Nothing here decides by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import combinations

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import ContactKind
from accounts.holdings import Holdings, had_second_step, holdings_of
from accounts.hooks import Outlook, Recoverability
from accounts.models import Authenticator, CodeDevice, Contact, Passkey, TotpDevice, User
from accounts.policy import authenticator_counts_from
from accounts.queries import SecondStep
from recovery import facts, policy
from recovery.enums import Outcome, ProofClass, Resets
from recovery.models import RecoveryTicket


class Carrier(Enum):
    """What a thing is lost with."""

    HEAD = "head"
    PHONE = "phone"
    MAILBOX = "mailbox"
    ELSEWHERE = "elsewhere"  # on paper, on a key, or in more than one place


WAYS: dict[ProofClass, str | Promise] = {
    ProofClass.PASSKEY: _("your passkey"),
    ProofClass.APP: _("your authenticator app"),
    ProofClass.PRINTED: _("one of your printed codes"),
    ProofClass.MAIL: _("your mailbox"),
    ProofClass.PHONE: _("your phone"),
    ProofClass.PASSWORD: _("your password"),
}
# Among equals what asks least of a person is named; the order of a sentence, too.
EASIEST = (
    ProofClass.PASSWORD,
    ProofClass.PASSKEY,
    ProofClass.MAIL,
    ProofClass.APP,
    ProofClass.PHONE,
    ProofClass.PRINTED,
)
NOT_YET: dict[ProofClass, str | Promise] = {
    ProofClass.PASSKEY: _("a passkey"),
    ProofClass.APP: _("an authenticator app"),
    ProofClass.PRINTED: _("your printed codes"),
    ProofClass.MAIL: _("an e-mail address"),
    ProofClass.PHONE: _("a phone"),
}
LOST: dict[frozenset[Carrier], str | Promise] = {
    frozenset({Carrier.HEAD}): _("your password"),
    frozenset({Carrier.PHONE}): _("your phone"),
    frozenset({Carrier.MAILBOX}): _("your mailbox"),
    frozenset({Carrier.PHONE, Carrier.MAILBOX}): _("your phone and your mailbox"),
    frozenset({Carrier.HEAD, Carrier.PHONE}): _("your password and your phone"),
    frozenset({Carrier.HEAD, Carrier.MAILBOX}): _("your password and your mailbox"),
    frozenset(Carrier) - {Carrier.ELSEWHERE}: _("your password, your phone and your mailbox"),
}
# Levels of hooks.Recoverability.
HARDLY, PARTLY, ALONE, AT_ONCE = 1, 2, 3, 4


@dataclass(frozen=True)
class Thing:
    """One thing that a person holds. carrier: what it is lost with.

    counts_from: from when it is a strong proof; None: it is none. signs_in: it is a second step
    now, whatever its age.
    """

    proof_class: ProofClass
    carrier: Carrier
    counts_from: datetime | None = None
    signs_in: bool = False


@dataclass(frozen=True)
class Account:
    """What the table asks of the account besides proofs."""

    is_protected: bool = False
    has_two_step: bool = False
    had_two_step: bool = False  # policy.TWO_STEP_AS_OF ago
    mailboxes_and_phones: int = 2  # on file; two spellings of one mailbox are one


@dataclass(frozen=True)
class Way:
    """A way back: what is shown, and how long it takes."""

    shown: frozenset[ProofClass]
    decision: policy.Decision


def outlook_of(user: User) -> Recoverability:
    """Build what each loss would leave to prove with, and ask policy.decide (RECOVERABILITY)."""
    now = timezone.now()
    return judge(*situation_of(user, now), now)


def situation_of(user: User, now: datetime) -> tuple[Account, list[Thing]]:
    """Give what ``judge`` asks of an account as it stands."""
    held = holdings_of(user)
    # As a ticket would be judged that is opened now.
    ticket = RecoveryTicket(user=user, opened_at=now)
    account = Account(
        is_protected=user.is_specially_protected,
        has_two_step=bool(held.second_steps),
        had_two_step=had_second_step(user, facts.as_it_was_at(ticket)),
        mailboxes_and_phones=len({contact.limit_key for contact in held.contacts}),
    )
    return account, list(_things_of(user, held))


def judge(account: Account, things: list[Thing], now: datetime) -> Recoverability:
    """Give the outlook of every loss; arithmetic alone."""
    losses = list(_losses(account, things))
    outlooks = [_outlook(account, things, loss, now) for loss in losses]
    waiting = [
        (str(NOT_YET[thing.proof_class]), thing.counts_from)
        for thing in things
        if thing.counts_from and thing.counts_from > now
    ]
    waiting.sort(key=lambda pair: pair[1])
    return Recoverability(level=_level(outlooks, losses), outlooks=outlooks, soon=waiting)


def _things_of(user: User, held: Holdings) -> Iterable[Thing]:
    # The password is a proof where there is a second step (design.md section 2, Proofs); elsewhere
    # it is what was forgotten.
    if held.second_steps and user.password_spent_at is None:
        yield Thing(ProofClass.PASSWORD, Carrier.HEAD, counts_from=user.created_at)
    for contact in held.contacts:
        yield _thing_of_contact(contact)
    for step in held.second_steps:
        yield _thing_of_step(user, step)
    if held.codes and held.codes.kept_at and held.codes_left:
        counts_from = _counts_from(user, held.codes)
        yield Thing(ProofClass.PRINTED, Carrier.ELSEWHERE, counts_from, signs_in=True)


def _thing_of_contact(contact: Contact) -> Thing:
    is_mail = contact.kind == ContactKind.EMAIL
    return Thing(
        ProofClass.MAIL if is_mail else ProofClass.PHONE,
        Carrier.MAILBOX if is_mail else Carrier.PHONE,
        # A mark takes its weight after a while; an outlook is for later than that. What a report
        # put back has none until it is confirmed.
        counts_from=None if contact.mark or contact.is_in_doubt else contact.counts_from,
    )


def _thing_of_step(user: User, step: SecondStep) -> Thing:
    if isinstance(step, CodeDevice):
        thing = _thing_of_contact(step.contact)
        return replace(thing, counts_from=None, signs_in=True)
    counts_from = _counts_from(user, step)
    if isinstance(step, TotpDevice):
        return Thing(ProofClass.APP, Carrier.PHONE, counts_from, signs_in=True)
    return Thing(ProofClass.PASSKEY, _carrier_of(step), counts_from, signs_in=True)


def _counts_from(user: User, row: Authenticator) -> datetime | None:
    return authenticator_counts_from(row.made_at, user.created_at) if row.made_at else None


def _carrier_of(passkey: Passkey) -> Carrier:
    """Tell whether a passkey may be on the phone alone: neither copied elsewhere nor a key."""
    is_security_key = "usb" in (passkey.transports or ())
    return Carrier.ELSEWHERE if passkey.backup_state or is_security_key else Carrier.PHONE


def _losses(account: Account, things: list[Thing]) -> Iterable[frozenset[Carrier]]:
    """Give the losses that would take something, the smallest first.

    Without two-step verification nobody is locked out who knows the password: it is gone too.
    """
    forgotten = frozenset() if account.has_two_step else frozenset({Carrier.HEAD})
    yield frozenset({Carrier.HEAD})
    carriers = {thing.carrier for thing in things}
    at_risk = [carrier for carrier in (Carrier.PHONE, Carrier.MAILBOX) if carrier in carriers]
    for carrier in at_risk:
        yield forgotten | {carrier}
    if len(at_risk) > 1:
        yield forgotten | frozenset(at_risk)


def _outlook(
    account: Account, things: list[Thing], loss: frozenset[Carrier], now: datetime
) -> Outlook:
    kept = [thing for thing in things if thing.carrier not in loss]
    ways = list(_ways(account, kept, now))
    if ways:
        best = max(ways, key=_merit)
        return Outlook(
            lost=str(LOST[loss]),
            ways=[str(WAYS[each]) for each in EASIEST if each in best.shown],
            takes=best.decision.hold,
            needs_people=False,
        )
    strong = _strong(kept, now)
    evidence = policy.decide(_facts(account, strong, is_above_bar=True))
    return Outlook(
        lost=str(LOST[loss]),
        ways=[str(WAYS[each]) for each in EASIEST if each in strong],
        takes=evidence.hold,
        needs_people=True,
    )


def _ways(account: Account, kept: list[Thing], now: datetime) -> Iterable[Way]:
    """Give what would bring the person back without people: signing in, or the table."""
    steps = {thing.proof_class for thing in kept if thing.signs_in}
    knows_password = any(thing.proof_class == ProofClass.PASSWORD for thing in kept)
    yield from (_sign_in(step) for step in steps if _is_let_in(step, knows_password=knows_password))
    strong = _strong(kept, now)
    for size in range(1, len(strong) + 1):
        for shown in map(frozenset, combinations(sorted(strong), size)):
            decision = policy.decide(_facts(account, shown))
            if _leads_in(account, decision, shown, steps):
                yield Way(shown, decision)


def _is_let_in(step: ProofClass, *, knows_password: bool) -> bool:
    return knows_password or step == ProofClass.PASSKEY


def _sign_in(step: ProofClass) -> Way:
    """Give the way of who can simply sign in: with a passkey alone, else with the password."""
    shown = {step} if step == ProofClass.PASSKEY else {ProofClass.PASSWORD, step}
    return Way(frozenset(shown), policy.Decision(Outcome.APPROVE, row="sign_in"))


def _leads_in(
    account: Account,
    decision: policy.Decision,
    shown: frozenset[ProofClass],
    steps: set[ProofClass],
) -> bool:
    """Tell whether a decision is one without people, after which the person can sign in."""
    if decision.outcome not in (Outcome.APPROVE, Outcome.HOLD):
        return False
    if decision.outcome == Outcome.HOLD and _is_nobody_told(account, shown):
        return False
    before = policy.decide(replace(_facts(account, shown), has_two_step=account.had_two_step))
    is_contested = (before.outcome, before.hold, before.resets) != (
        decision.outcome,
        decision.hold,
        decision.resets,
    )
    # What leaves the second step in place helps only who still has one.
    keeps_step = account.has_two_step and decision.resets == Resets.PASSWORD
    return not is_contested and (not keeps_step or bool(steps))


def _is_nobody_told(account: Account, shown: frozenset[ProofClass]) -> bool:
    """Tell of a wait of which no other contact could hear: it goes to people (services.holds).

    The address that a claimant writes from is told as claimant, not as owner.
    """
    others = account.mailboxes_and_phones - (ProofClass.MAIL in shown)
    return others < 1


def _facts(
    account: Account, strong: frozenset[ProofClass], *, is_above_bar: bool | None = None
) -> policy.Facts:
    """Give the facts of a browser that nobody knows: the phone that was lost was the known one."""
    return policy.Facts(
        is_protected=account.is_protected,
        has_two_step=account.has_two_step,
        strong=strong,
        is_above_bar=is_above_bar,
    )


def _strong(kept: list[Thing], now: datetime) -> frozenset[ProofClass]:
    return frozenset(
        thing.proof_class for thing in kept if thing.counts_from and thing.counts_from <= now
    )


def _merit(way: Way) -> tuple[tuple[int, float], int, list[int]]:
    """Order ways: the better decision, then less to show, then what is easier to have."""
    effort = sorted(-EASIEST.index(each) for each in way.shown)
    return policy.rank(way.decision), -len(way.shown), effort


def _level(outlooks: list[Outlook], losses: list[frozenset[Carrier]]) -> int:
    """Give 4 where the person is back at once whatever is lost, 3 where one loss needs no people.

    2: no people for the commonest loss, a forgotten password; 1: people even for that.
    """
    if all(not each.needs_people and each.takes == timedelta(0) for each in outlooks):
        return AT_ONCE
    both = {Carrier.PHONE, Carrier.MAILBOX}
    single = [each for each, loss in zip(outlooks, losses, strict=True) if not loss >= both]
    if not any(each.needs_people for each in single):
        return ALONE
    return HARDLY if outlooks[0].needs_people else PARTLY
