"""What the demo's people said of their sign-ins: that was me, that wasn't me, I was wrong."""

from datetime import datetime, timedelta
from typing import Any

from accounts.client import Client
from accounts.enums import AuthenticatorKind
from acsr_site.demo.scene import Scene
from activity import policy
from activity.enums import Done, EventKind, IncidentOrigin, IncidentState, OwnerVerdict
from activity.models import Incident, SecurityEvent
from activity.services.events import build_event

K = EventKind
MINUTE = timedelta(minutes=1)
MISTAKEN = "other31"  # reported a sign-in that was their own, and took that back
HOLIDAY = "FR"
# Who said of which country that it was them.
ANSWERED = (("elif", "NL"), ("elif", "AE"), ("elif", "TR"))
Fact = tuple[EventKind, datetime, Client, dict[str, Any]]


def mistake(scene: Scene, home: Client) -> list[Fact]:
    """Give the weekend of somebody who forgot having signed in on holiday."""
    at = scene.ago(days=17)
    away = scene.browser(HOLIDAY, 77, home.agent)
    pressed = at + 40 * MINUTE
    app = {"authenticator": str(AuthenticatorKind.TOTP)}
    reported = {"reported": str(K.SIGNED_IN)}
    return [
        (K.SIGNED_IN, at, away, {"authenticators": ["password"]}),
        (K.AUTHENTICATOR_SUSPENDED, pressed, home, app),
        (K.PASSWORD_SPENT, pressed, home, {}),
        (K.REPORTED, pressed, home, reported),
        (K.AUTHENTICATOR_RESTORED, pressed + 4 * MINUTE, home, app),
        (K.REPORT_TAKEN_BACK, pressed + 4 * MINUTE, home, reported),
        (K.CONTACT_CONFIRMED, pressed + 9 * MINUTE, home, {"contact_kind": "email"}),
    ]


def answers_to(events: list[SecurityEvent]) -> list[SecurityEvent]:
    """Give the events that say that an answer was given, from the browser of the answered one."""
    return [
        build_answer(event, event.verdict_at)
        for event in events
        if event.verdict == OwnerVerdict.ME and event.verdict_at
    ]


def build_answer(event: SecurityEvent, at: datetime) -> SecurityEvent:
    """Give the unsaved event of "this was me"."""
    answer = build_event(
        event.user, K.VOUCHED, Client(), at, {"event": str(event.pk), "is_believed": True}
    )
    for name in ("address", "network", "country", "place", "latitude", "longitude"):
        setattr(answer, name, getattr(event, name))
    for name in ("browser", "system", "device", "device_hash"):
        setattr(answer, name, getattr(event, name))
    return answer


def make(scene: Scene, events: list[SecurityEvent]) -> None:
    """Write the reports: Amira's, which waits for staff, and the one that was taken back."""
    night = _sign_in_of(scene, events, "amira")
    told = [{"what": Done.TOLD_STAFF}]
    # From the address that the thief had taken off: a word to staff, that pauses nothing.
    amiras = Incident(
        user=scene.users["amira"],
        event=night,
        contact=scene.contact("amira", "email"),
        origin=IncidentOrigin.LINK_WITHOUT_SAY,
        opened_at=scene.after_last_night(0.4),
        since=night.at,
        done=told,
    )
    taken_back = _sign_in_of(scene, events, MISTAKEN)
    pressed = taken_back.at + 40 * MINUTE
    mistaken = Incident(
        user=scene.users[MISTAKEN],
        event=taken_back,
        origin=IncidentOrigin.OLD_SESSION,
        state=IncidentState.TAKEN_BACK,
        opened_at=pressed,
        since=taken_back.at,
        done=[
            {"what": Done.SUSPENDED_AUTHENTICATOR, "kind": AuthenticatorKind.TOTP},
            {"what": Done.SPENT_PASSWORD},
            *told,
        ],
        undo_until=pressed + policy.TAKE_BACK,
        closed_at=pressed + 4 * MINUTE,
    )
    Incident.objects.bulk_create([amiras, mistaken])


def _sign_in_of(scene: Scene, events: list[SecurityEvent], key: str) -> SecurityEvent:
    """Give the newest unusual sign-in of somebody."""
    user = scene.users[key].pk
    unusual = [event for event in events if event.user_id == user and event.is_unusual]
    return max(unusual, key=lambda event: event.at)
