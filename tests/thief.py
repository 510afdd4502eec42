"""Somebody who read a dump of the portal and tries every value of it wherever it might fit."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.test import Client as Browser
from django.utils import timezone
from django_otp.oath import hotp

from accounts import errors, policy
from accounts.models import (
    Budget,
    Challenge,
    ContactUndo,
    Device,
    TotpDevice,
    UserSession,
)
from accounts.services import (
    challenges,
    devices,
    passwords,
    recovery_codes,
    totp,
    trust,
)
from accounts.tests.factories import make_client
from activity.models import ReportLink
from recovery import policy as recovery_policy
from recovery.models import Invitation, NoticeLink
from tests.factories import make_browser
from tests.full_house import House
from tests.leaks import Texts, seeds_of, words_of
from vault import digests

PURPOSES = {
    kind.name: kind
    for kind in (
        policy.SIGN_UP_CODE,
        policy.SIGN_IN_CODE,
        policy.SECOND_STEP_CODE,
        policy.CONTACT_CODE,
        recovery_policy.OPENING_CODE,
        recovery_policy.CONTACT_CODE,
        recovery_policy.STATUS_CODE,
    )
}
# What may be a token of ours (43 signs) or a hash that somebody takes for one. Of every other value
# too it is asked whether its hash is known.
TOKEN = re.compile(r"[\w-]{40,64}", re.ASCII)
FREE = "203.0.113.250"  # a network nobody else comes from


class Thief:
    """Holds the true cookies of a browser only where the portal asks for two at once.

    Limits are lifted before each try: here it is the values that must be worth nothing.
    """

    def __init__(self, house: House, texts: Texts) -> None:
        self.house = house
        self.words = words_of(texts)
        self.hashes = [digests.token_hash(word) for word in self.words]
        self.tokens = [word for word in self.words if TOKEN.fullmatch(word)]
        self.seeds = seeds_of(texts)
        # Six digits stand in every instant, and one in a million fits: only what is stored as such.
        self.short = {plain for plain in map(_bare, texts) if re.fullmatch(r"\d{6}", plain)}

    def replay(self) -> set[str]:
        """Try everything; gives the kinds of what let somebody in, or did anything.

        What ends sessions or accounts when it works comes last.
        """
        return {
            *self._sessions(),
            *self._devices(),
            *self._trust(),
            *self._passwords(),
            *self._codes(),
            *self._printed(),
            *self._apps(),
            *self._links(),
        }

    def _sessions(self) -> Iterator[str]:
        if UserSession.objects.filter(pk__in=self.hashes).exists():
            yield "session"
        for word in self.tokens:
            if self._is_let_in(word):
                yield "session: in a cookie"

    def _is_let_in(self, word: str) -> bool:
        """Try a session cookie: of who is signed in, half signed in, or recovering."""
        browser = make_browser(FREE)
        browser.cookies["acsr_session"] = word
        answer = browser.get("/security/")
        is_away = answer.status_code == 302 and "/sign-in/" in answer["Location"]
        return not (is_away and answer.wsgi_request.session.is_empty())

    def _devices(self) -> Iterator[str]:
        if Device.objects.filter(token_hash__in=self.hashes).exists():
            yield "device"
        for user in self.house.users.values():
            for word in self.tokens:
                if devices.is_known(user, make_client(FREE, device=word)):
                    yield "device: in a cookie"

    def _trust(self) -> Iterator[str]:
        """Try trust cookies even in the very browser that is trusted."""
        maria = self.house.users["maria"]
        maria.refresh_from_db()
        own = self.house.secrets["device:maria, trusted"]
        for word in self.tokens:
            client = make_client(FREE, device=own, trust=digests.token_hash(word))
            if trust.renew(maria, client):
                yield "trust"

    def _passwords(self) -> Iterator[str]:
        for name in ("maria", "paul"):
            user = self.house.users[name]
            user.refresh_from_db()
            for word in self.words:
                if len(word) >= policy.PASSWORD_SHORTEST["mixed"] and passwords.check(user, word):
                    yield f"password: {name}"

    def _codes(self) -> Iterator[str]:
        typed = {plain for plain in map(_bare, self.words) if re.fullmatch(r"\d{8}", plain)}
        for challenge in Challenge.objects.filter(used_at=None):
            for code in typed:
                Challenge.objects.update(attempts=0)
                if self._accepts(lambda: challenges.verify(*_open(challenge), code)):  # noqa: B023
                    yield f"code: {challenge.purpose}"
                    break

    def _printed(self) -> Iterator[str]:
        maria = self.house.users["maria"]
        for word in self.words:
            typed = recovery_codes.read(word)
            if len(typed) != policy.RECOVERY_CODE_LENGTH:
                continue
            if recovery_codes.accept(maria, typed, client=make_client(), now=timezone.now()):
                yield "printed"

    def _apps(self) -> Iterator[str]:
        for app in TotpDevice.objects.filter(seed__isnull=False).select_related("user"):
            fitting = [_code(seed, timezone.now()) for seed in self.seeds if _is_of(seed, app)]
            for code in {*fitting, *self.short}:
                if app.confirmed:
                    accepted = totp.accept(app.user, code, timezone.now()) is not None
                else:
                    accepted = self._accepts(
                        lambda: totp.confirm(app.user, code, "", client=make_client())  # noqa: B023
                    )
                if accepted:
                    yield f"seed: {app.name if app.confirmed else 'being set up'}"

    def _links(self) -> Iterator[str]:
        if NoticeLink.objects.filter(token_hash__in=self.hashes).exists():
            yield "stop link"
        if ContactUndo.objects.filter(token_hash__in=self.hashes).exists():
            yield "undo link"
        if ReportLink.objects.filter(token_hash__in=self.hashes).exists():
            yield "report link"
        if Invitation.objects.filter(token_hash__in=self.hashes).exists():
            yield "invitation"
        yield from self._pressed(make_browser(FREE))

    def _pressed(self, browser: Browser) -> Iterator[str]:
        # Looked at first: what is stopped invites nobody any more.
        for word in self.tokens:
            answer = browser.get(f"/acsr/go-on/{word}/")
            if answer.templates[0].name != "recovery/go_on_gone.html":
                yield "invitation: opened"
        for word in self.tokens:
            answer = browser.post(f"/acsr/stop/{word}/", {"choice": "stop"})
            if answer.templates[0].name != "recovery/stop_gone.html":
                yield "stop link: pressed"
            answer = browser.post(f"/security/contacts/undo/{word}/")
            if answer.templates[0].name != "accounts/contact_undo_gone.html":
                yield "undo link: pressed"
            # The mildest press: another would sign everybody out before they are tried.
            answer = browser.post(f"/activity/report/{word}/", {"verdict": "me"})
            if answer.templates[0].name != "activity/report_gone.html":
                yield "report link: pressed"

    def _accepts(self, act: Callable[[], object]) -> bool:
        Budget.objects.all().delete()
        try:
            act()
        except errors.AccountsError:
            return False
        return True


def _open(challenge: Challenge):
    return PURPOSES[challenge.purpose], challenge.subject


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def _code(seed: bytes, at) -> str:
    return f"{hotp(seed, int(at.timestamp()) // totp.STEP_SECONDS, digits=totp.DIGITS):06d}"


def _is_of(seed: bytes, app: TotpDevice) -> bool:
    """Compare at two moments: of so many seeds one would fit by chance at one."""
    moments = [timezone.now() + timedelta(hours=hours) for hours in (0, 1)]
    return all(_code(seed, at) == totp.current_code(app, now=at) for at in moments)
