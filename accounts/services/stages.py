"""Sign-ins that are half done: kept in the browser's own session, dead with the epoch."""

import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django_otp.models import Device as OtpDevice

from accounts import errors, policy
from accounts.client import Client
from accounts.enums import FailurePool, SignInStage
from accounts.hooks import Assessment
from accounts.models import User
from accounts.services import devices

KEY = "half_done_sign_in"


@dataclass(frozen=True)
class Stage:
    """What waits for its next step.

    name: random, for codes that are sent. typed: the name of the account as the person typed it.
    pool: whose failures its wrong codes are. is_at_home: it is in a network that the account knows.
    keep: "keep me signed in". next: a path of ours or "". ends_row, is_attacked: as the password
    found them (first_step.RightPassword), and so is assessment: what is recorded at the end is the
    judgement that decided which steps were asked for. shown: kinds of authenticators shown so far.
    second_step: django-otp's name of the one among them, "" for none. wants_trust: trust this
    browser after it.
    is_signed_in: somebody who is signed in shows the second step again.
    """

    user: User
    kind: SignInStage
    name: str
    pool: FailurePool
    typed: str = ""
    is_at_home: bool = False
    keep: bool = False
    next: str = ""
    ends_row: bool = False
    is_attacked: bool = False
    assessment: Assessment = field(default_factory=Assessment)
    shown: tuple[str, ...] = ()
    second_step: str = ""
    wants_trust: bool = False
    is_signed_in: bool = False

    @property
    def subject(self) -> str:
        """Who is asked for codes that are sent."""
        return f"sign_in:{self.name}"


def begin(session: SessionBase, stage: Stage) -> Stage:
    """Remember that the password was right, under a new session key; gives the stage named.

    Whatever was half done here before is forgotten, another account's above all.
    """
    stage = replace(stage, name=secrets.token_urlsafe(16), shown=("password",))
    session.cycle_key()
    _keep(session, stage, timezone.now().isoformat())
    return stage


def current(session: SessionBase, client: Client | None = None) -> Stage:
    """Give the half-done sign-in of this browser; raises StageLost when it is over.

    It is over after policy.HALF_DONE_SIGN_IN, and at once when the account changed its password,
    contacts or authenticators, was recovered, paused or switched off.
    client: asks about its network too, in the same query.
    """
    kept = session.get(KEY)
    if kept is None:
        raise errors.StageLost
    is_old = timezone.now() - datetime.fromisoformat(kept["at"]) > policy.HALF_DONE_SIGN_IN
    known_network = devices.knows_network(client or Client())
    user = (
        User.objects.filter(pk=kept["user"], epoch=kept["epoch"], is_active=True, frozen_at=None)
        .annotate(is_at_home=known_network)
        .first()
    )
    if is_old or user is None:
        drop(session)
        raise errors.StageLost
    return Stage(
        user=user,
        kind=SignInStage(kept["kind"]),
        name=kept["name"],
        pool=FailurePool(kept["pool"]),
        typed=kept["typed"],
        is_at_home=user.is_at_home,
        keep=kept["keep"],
        next=kept["next"],
        ends_row=kept["ends_row"],
        is_attacked=kept["is_attacked"],
        assessment=Assessment(**kept.get("assessment", {})),
        shown=tuple(kept["shown"]),
        second_step=kept["second_step"],
        wants_trust=kept["wants_trust"],
    )


def advance(
    session: SessionBase,
    stage: Stage,
    kind: SignInStage,
    *,
    shown: str,
    second_step: OtpDevice,
    wants_trust: bool,
) -> Stage:
    """Go on to the next step after ``shown`` was accepted; the clock does not begin anew."""
    stage = replace(
        stage,
        kind=kind,
        shown=(*stage.shown, shown),
        second_step=second_step.persistent_id,
        wants_trust=wants_trust,
    )
    _keep(session, stage, session[KEY]["at"])
    session.cycle_key()
    return stage


def drop(session: SessionBase) -> None:
    """Forget the half-done sign-in."""
    session.pop(KEY, None)


def _keep(session: SessionBase, stage: Stage, at: str) -> None:
    session[KEY] = {
        "user": str(stage.user.pk),
        "epoch": stage.user.epoch,
        "at": at,
        "kind": str(stage.kind),
        "name": stage.name,
        "pool": str(stage.pool),
        "typed": stage.typed,
        "keep": stage.keep,
        "next": stage.next,
        "ends_row": stage.ends_row,
        "is_attacked": stage.is_attacked,
        "assessment": asdict(stage.assessment),
        "shown": list(stage.shown),
        "second_step": stage.second_step,
        "wants_trust": stage.wants_trust,
    }
