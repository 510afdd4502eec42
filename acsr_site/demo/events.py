"""Security events of 90 days: what people do every day, and what happened to some of them."""

from datetime import datetime, timedelta
from typing import Any

from accounts.client import Client
from accounts.enums import FailurePool, PasswordCause
from acsr_site.demo import judging, reports, world
from acsr_site.demo.accounts import DOUBTED, figures
from acsr_site.demo.cases import Case
from acsr_site.demo.cast import Figure
from acsr_site.demo.scene import Scene
from activity.enums import EventKind, OwnerVerdict
from activity.models import Notice, SecurityEvent
from activity.services import learning
from activity.services.events import build_event
from activity.services.telling import ANNOUNCED
from recovery.enums import CancelCause, Outcome, TicketState
from recovery.models import RecoveryTicket

K = EventKind
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAYS = 89.5  # older ones would be pruned at once
ELIFS_EVENTS = 412
# Where Elif was, from so many days ago on, newest first.
ELIFS_STAYS = ((9, "TR"), (24, "AE"), (41, "NL"), (60, "GB"), (DAYS, "DE"))
OBJECTIONS = (CancelCause.OBJECTION, CancelCause.SESSION)
# A wait of these was begun; that of a request with staff is only what they would give.
WAITED = (
    TicketState.ON_HOLD,
    TicketState.APPROVED,
    TicketState.COMPLETED,
    TicketState.CANCELLED,
)
SYSTEM = Client()
# Kind, time, who asked, details.
Fact = tuple[EventKind, datetime, Client, dict[str, Any]]


def make(scene: Scene, cases: list[Case]) -> None:
    """Write all events, judged and learned; with settled notices, answers and reports."""
    events = [
        build_event(scene.users.get(key), kind, client, at, details)
        for key, kind, at, client, details in _facts(scene, cases)
    ]
    answered = {(scene.users[key].pk, country) for key, country in reports.ANSWERED}
    judging.judge(events, answered)
    events += reports.answers_to(events)
    SecurityEvent.objects.bulk_create(events, batch_size=500)
    learning.rebuild()
    for event in events:
        if event.verdict == OwnerVerdict.ME:
            learning.vouch(event)
    reports.make(scene, events)
    Notice.objects.bulk_create(
        Notice(event=event, due_at=event.at, settled_at=event.at + timedelta(seconds=4))
        for event in events
        if _is_told(event)
    )


def _is_told(event: SecurityEvent) -> bool:
    is_announced = event.kind in ANNOUNCED or event.is_unusual
    return is_announced and event.details.get("cause") != PasswordCause.RECOVERY


def _facts(scene: Scene, cases: list[Case]) -> list[tuple[str, *Fact]]:
    facts: list[tuple[str, *Fact]] = []
    for figure in figures(scene):
        facts += [(figure.key, *fact) for fact in _habits(scene, figure)]
    for key, story in _stories(scene).items():
        facts += [(key, *fact) for fact in story]
    for number, case in enumerate(cases):
        facts += [(case.key, *fact) for fact in _of_ticket(case, is_clumsy=number % 5 == 1)]
    elifs = sum(key == "elif" for key, *_rest in [*facts, *reports.ANSWERED])
    facts += [("elif", *fact) for fact in _travels(scene, ELIFS_EVENTS - elifs)]
    return facts


def _habits(scene: Scene, figure: Figure) -> list[Fact]:
    """Give the sign-ins of somebody, with what surrounds them."""
    client = scene.homes[figure.key]
    start = scene.ago(days=min(figure.age_days, DAYS))
    facts: list[Fact] = []
    if figure.age_days < DAYS and not figure.external_id:
        facts.append((K.SIGNED_UP, start, client, {}))
    authenticators = ["password", "totp"] if figure.has_app else ["password"]
    if figure.has_passkey:
        authenticators = ["passkey"]
    for _number in range(figure.sign_ins if figure.key != "elif" else 0):
        at = scene.some_time(start + MINUTE, scene.ago(hours=12))
        if scene.chance.random() < 0.15:  # noqa: PLR2004 - a share
            facts.append(_failure(K.SIGN_IN_FAILED, at - MINUTE, client, FailurePool.KNOWN))
        if figure.has_app and scene.chance.random() < 0.1:  # noqa: PLR2004 - a share
            facts.append(_failure(K.SECOND_STEP_FAILED, at - MINUTE / 2, client, FailurePool.KNOWN))
        facts.append((K.SIGNED_IN, at, client, {"authenticators": authenticators}))
        facts.append((K.SIGNED_OUT, at + MINUTE * scene.chance.randint(2, 50), client, {}))
    return facts


def _travels(scene: Scene, count: int) -> list[Fact]:
    """Give that many sign-ins and sign-outs of Elif, each where she was at the time."""
    facts: list[Fact] = []
    while len(facts) < count:
        at = scene.some_time(scene.ago(days=DAYS), scene.ago(hours=3))
        client = _elifs_browser(scene, at)
        facts.append((K.SIGNED_IN, at, client, {"authenticators": ["password"]}))
        facts.append((K.SIGNED_OUT, at + MINUTE * scene.chance.randint(2, 50), client, {}))
    return facts[:count]


def _elifs_browser(scene: Scene, at: datetime) -> Client:
    days = (scene.now - at) / DAY
    country = next(country for until, country in ELIFS_STAYS if days <= until)
    home = scene.homes["elif"]
    if country == "TR":
        return home
    # The phone was new in the second country: there she was asked for a code. Of the others she
    # answered that they were hers.
    agent = world.WINDOWS_CHROME if country == ELIFS_STAYS[-1][1] else home.agent
    return scene.browser(country, 110, agent, device=home.device)


def _stories(scene: Scene) -> dict[str, list[Fact]]:
    """Give what happened to some people, by their keys."""
    homes, ago = scene.homes, scene.ago
    frozen_at = scene.users["lucia"].frozen_at or scene.now
    changed = {"cause": str(PasswordCause.CHANGE)}
    code = {"purpose": "accounts.sign_in_code"}
    return {
        "amira": _takeover(scene),
        "lucia": [
            (K.ACCOUNT_FROZEN, frozen_at, homes["lucia"], {"cause": "recovery_undone"}),
            (K.RECOVERY_UNDONE, frozen_at, homes["lucia"], {}),
        ],
        "other33": [
            (K.ACCOUNT_FROZEN, ago(days=60), homes["other33"], {"cause": "recovery_undone"}),
            (K.ACCOUNT_UNFROZEN, ago(days=59.9), homes["other33"], {"cause": "taken_back"}),
        ],
        "other32": _changed_contacts(scene, homes["other32"]),
        "other34": _tried_two_step(scene, homes["other34"]),
        reports.MISTAKEN: reports.mistake(scene, homes[reports.MISTAKEN]),
        DOUBTED: [
            (K.CONTACT_ADDED, ago(days=16), scene.stranger(), {"contact_kind": "email"}),
            (K.CONTACT_SUSPENDED, ago(days=15), homes[DOUBTED], {"contact_kind": "email"}),
        ],
        "elif": [(K.PASSWORD_CHANGED, ago(days=33), _elifs_browser(scene, ago(days=33)), changed)],
        "tom": [
            _failure(K.SIGN_IN_FAILED, ago(days=3), homes["tom"], FailurePool.PAIR),
            (K.CODE_SENT, ago(days=3, minutes=-1), homes["tom"], code),
            (K.CODE_WRONG, ago(days=3, minutes=-3), homes["tom"], {**code, "reason": "wrong_code"}),
        ],
    }


def _changed_contacts(scene: Scene, home: Client) -> list[Fact]:
    """Give the days of somebody who could not open a mailbox for a while."""
    email = {"contact_kind": "email"}
    return [
        (K.STEP_UP_FAILED, scene.ago(days=41.1), home, {"reason": "wrong_password"}),
        (K.CONTACT_MARKED, scene.ago(days=41), home, email),
        (K.CONTACT_REMOVED, scene.ago(days=36), home, email),
        (K.CONTACT_RESTORED, scene.ago(days=30), home, email),
        (K.PRIMARY_CHANGED, scene.ago(days=29), home, email),
    ]


def _tried_two_step(scene: Scene, home: Client) -> list[Fact]:
    """Give the weeks of somebody who turned two-step on, lost the phone and turned it off."""
    app = {"authenticator": "totp"}
    ago = scene.ago
    return [
        (K.RECOVERY_CODES_MADE, ago(days=50, minutes=4), home, {}),
        (K.AUTHENTICATOR_ADDED, ago(days=50), home, app),
        (K.TWO_STEP_ON, ago(days=50), home, {}),
        (K.BROWSER_TRUSTED, ago(days=49), home, {}),
        (K.BROWSER_DISTRUSTED, ago(days=40), home, {}),
        (K.PROOF_REFUSED, ago(days=21.2), home, {}),
        (K.RECOVERY_CODE_USED, ago(days=21), home, {"left": 9}),
        (K.AUTHENTICATOR_REMOVED, ago(days=20), home, app),
        (K.TWO_STEP_OFF, ago(days=20), home, {}),
        (K.SECOND_STEP_RESET, ago(days=12), home, {}),
    ]


def _takeover(scene: Scene) -> list[Fact]:
    """Give Amira's night: guesses from abroad, a sign-in, and her contacts replaced."""
    thief = scene.browser("US", 200, world.WINDOWS_CHROME)
    night = scene.last_night
    guesses = [
        _failure(K.SIGN_IN_FAILED, night - MINUTE * minutes, thief, FailurePool.OUTSIDE)
        for minutes in range(4, 40, 3)
    ]
    changes = [
        (kind, night + MINUTE * minutes, thief, {"contact_kind": contact_kind})
        for kind, minutes in ((K.CONTACT_REMOVED, 0), (K.CONTACT_ADDED, 3))
        for contact_kind in ("email", "phone")
    ]
    signed_in = (K.SIGNED_IN, night - 2 * MINUTE, thief, {"authenticators": ["password"]})
    replaced: Fact = (K.CONTACTS_REPLACED, night + 3.5 * MINUTE, thief, {})
    return [*guesses, signed_in, *changes, replaced]


def _of_ticket(case: Case, *, is_clumsy: bool) -> list[Fact]:
    """Give what a ticket left on its account; clumsy people ask for a second code and mistype."""
    ticket = case.ticket
    opened_at, accepted_at = ticket.opened_at, ticket.code_accepted_at
    times: list[tuple[EventKind, datetime | None]] = [
        (K.TICKET_OPENED, opened_at),
        (K.TICKET_CODE_ACCEPTED, accepted_at),
        (K.TICKET_CONTESTED, ticket.contested_at),
        (K.TICKET_APPEALED, opened_at if ticket.appeal_of_id else None),
    ]
    if is_clumsy:
        times.append((K.TICKET_CODE_SENT, opened_at + MINUTE))
        times.append((K.TICKET_CODE_WRONG, opened_at + 1.5 * MINUTE))
    if case.proof and accepted_at:
        times.append((K.PROOF_ACCEPTED, accepted_at + MINUTE / 2))
    facts = [(kind, at, case.client) for kind, at in times if at]
    facts += _ending(case)
    details = {"reference": ticket.reference}
    return [(kind, at, client, _details(kind, details)) for kind, at, client in facts]


def _ending(case: Case) -> list[tuple[EventKind, datetime, Client]]:
    """Give what became of a ticket; what happens when its time has come has no browser."""
    ticket, client = case.ticket, case.client
    facts = _with_staff(case)
    if ticket.state in WAITED and ticket.hold_length and ticket.decided_at:
        facts.append((K.TICKET_HELD, ticket.decided_at, client))
    if ticket.state in (TicketState.APPROVED, TicketState.COMPLETED) and ticket.decided_at:
        waited = ticket.hold_until
        facts.append((K.TICKET_APPROVED, waited or ticket.decided_at, SYSTEM if waited else client))
    if ticket.completed_at:
        done = (K.PASSWORD_CHANGED, K.SESSIONS_ENDED, K.TICKET_COMPLETED)
        facts += [(kind, ticket.completed_at, client) for kind in done]
    if ticket.cancelled_at:
        kind = K.TICKET_OBJECTED if ticket.cancel_cause in OBJECTIONS else K.TICKET_CANCELLED
        facts.append((kind, ticket.cancelled_at, client))
    if ticket.state == TicketState.EXPIRED:
        facts.append((K.TICKET_EXPIRED, ticket.moved_at, SYSTEM))
        facts += _unused_code(ticket)
    return facts


def _with_staff(case: Case) -> list[tuple[EventKind, datetime, Client]]:
    """Give what answers, their grading and staff left behind."""
    ticket = case.ticket
    facts: list[tuple[EventKind, datetime, Client]] = []
    if ticket.in_review_at:
        if ticket.outcome:  # what is with staff without one was contested before any answers
            facts.append((K.EVIDENCE_RECEIVED, ticket.in_review_at - MINUTE / 6, case.client))
        facts.append((K.TICKET_IN_REVIEW, ticket.in_review_at, SYSTEM))
    if ticket.decided_at and ticket.outcome == Outcome.MORE:
        facts.append((K.TICKET_MORE_ASKED, ticket.decided_at, SYSTEM))
    if ticket.decided_at and ticket.state == TicketState.DENIED:
        facts.append((K.TICKET_DENIED, ticket.decided_at, SYSTEM))
    return facts


def _unused_code(ticket: RecoveryTicket) -> list[tuple[EventKind, datetime, Client]]:
    if ticket.code_accepted_at:
        return []
    return [(K.TICKET_CODE_EXPIRED, ticket.opened_at + 10 * MINUTE, SYSTEM)]


def _details(kind: EventKind, details: dict[str, Any]) -> dict[str, Any]:
    if kind == K.PASSWORD_CHANGED:
        return {"cause": str(PasswordCause.RECOVERY)}
    return {"count": 1} if kind == K.SESSIONS_ENDED else details


def _failure(kind: EventKind, at: datetime, client: Client, pool: FailurePool) -> Fact:
    reason = "wrong_token" if kind == K.SECOND_STEP_FAILED else "wrong_password"
    return kind, at, client, {"reason": reason, "pool": str(pool)}
