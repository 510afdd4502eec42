"""Passkeys: added, tried out, and shown to sign in or to confirm."""

from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_otp_webauthn import exceptions
from django_otp_webauthn.views import (
    BeginCredentialRegistrationView,
    CompleteCredentialRegistrationView,
)

from accounts import errors, policy
from accounts.decorators import signed_in_required, step_up_required
from accounts.enums import AuthenticatorKind, SignInStage
from accounts.middleware import OwnerRequest
from accounts.models import Passkey, User
from accounts.services import authenticators, passkeys, sessions, sign_in, step_up
from accounts.services.passkeys import Helper
from accounts.services.paths import after_sign_in, own_path
from accounts.services.stages import Stage
from accounts.views import ceremonies
from accounts.views.ceremonies import BeginCeremony, Ceremony, CompleteCeremony

KEEP_COOKIE = "acsr_keep"


@never_cache
@require_safe
@signed_in_required
@step_up_required
def add(request: OwnerRequest) -> HttpResponse:
    """Show the page with the button; adding itself is a ceremony."""
    try:
        _require_may_add(request)
    except errors.SecondWayMissing:
        return redirect(reverse("accounts:recovery_codes") + "?for=passkey")
    except (errors.TooMany, errors.Forbidden) as refused:
        messages.error(request, ceremonies.WORDS[refused.code])
        return redirect("accounts:two_step")
    passkey = ceremonies.registration_config(
        request,
        begin=reverse("accounts:add_passkey_begin"),
        complete=reverse("accounts:add_passkey_complete"),
    )
    return render(request, "accounts/add_passkey.html", {"passkey": passkey})


class Adding(Ceremony):
    """Either half of adding a passkey: for who is signed in and has just confirmed it."""

    purpose = passkeys.ADDING
    request: OwnerRequest

    def get_user(self) -> User | None:
        return _signed_in(self.request)

    def user_is_mfa_enrolled(self, user: User) -> bool:
        """Leave that to the confirmation: it asks for the second step where there is one.

        The library would refuse sessions of trusted browsers, which never showed one before.
        """
        return False

    def get_subject(self) -> str:
        """Give the confirmation that pays for it.

        It may run out while a person looks for their key, but must not be spent meanwhile.
        """
        kept = self.request.session.get(step_up.STEP_UP)
        if kept is None:
            raise exceptions.NotVerified(_("Load the page and confirm once more that it is you."))
        at: str = kept["at"]
        return at


class AddBegin(Adding, BeginCredentialRegistrationView):
    def _parse_request_data(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def post(self, *args: Any, **kwargs: Any) -> JsonResponse:
        _require_may_add(self.request)
        options, state = self.get_helper().register_begin(user=self.request.user)
        passkeys.keep_state(self.request.session, self.purpose, state, subject=self.get_subject())
        return JsonResponse(options)

    def check_can_register(self) -> None:
        """Ask for a fresh confirmation."""
        if not step_up.is_fresh(self.request.session, timezone.now()):
            raise exceptions.NotVerified(_("Load the page and confirm once more that it is you."))


class AddComplete(Adding, CompleteCredentialRegistrationView):
    def _parse_request_data(self, request: HttpRequest) -> dict[str, Any]:
        self.data = ceremonies.parse_object(request)
        return self.data

    def post(self, *args: Any, **kwargs: Any) -> JsonResponse:
        request = self.request
        state = passkeys.take_state(request.session, self.purpose, subject=self.get_subject())
        is_strong = step_up.is_strong(request.session)
        passkey = self.get_helper().register_complete(
            user=request.user, state=state, data=self.data
        )
        passkeys.add(passkey, client=request.client, is_strong=is_strong)
        step_up.spend(request.session)
        ended = sessions.keep(request, client=request.client)
        messages.success(request, _("Your passkey is ready. You can sign in with it alone."))
        if ended:
            messages.info(request, _("You were signed out everywhere else."))
        return JsonResponse({"id": True, "redirect_url": _page_of(passkey)})


class SigningIn(Ceremony):
    """Either half of signing in with a passkey alone.

    The question is in a cookie of its own. The page asks by itself at every load, and a session
    begun by that would end the one of a password that was sent before the answer came back.
    """

    purpose = passkeys.SIGN_IN
    cookie = "acsr_passkey"

    @property
    def cookie_path(self) -> str:
        """The folder of both halves, outside of which nobody needs the cookie."""
        return self.request.path.rstrip("/").rpartition("/")[0] + "/"


class SignInBegin(SigningIn, BeginCeremony):
    def keep_state(self, response: HttpResponse, state: dict[str, Any]) -> None:
        response.set_cookie(
            self.cookie,
            passkeys.seal_state(self.purpose, state),
            max_age=policy.CEREMONY_LIVES,
            path=self.cookie_path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )


class SignInComplete(SigningIn, CompleteCeremony):
    """Sign in; what it leads to is the sign-in service's word."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Forget the question, whatever the answer was."""
        response = super().dispatch(request, *args, **kwargs)
        for name in (self.cookie, KEEP_COOKIE):
            response.delete_cookie(name, path=self.cookie_path, samesite="Strict")
        return response

    def get_state(self) -> dict[str, Any]:
        return passkeys.open_state(self.purpose, self.request.COOKIES.get(self.cookie, ""))

    def record_refusal(self, refused: errors.PasskeyRefused) -> None:
        passkeys.tell_refusal(refused, client=self.request.client)

    def complete_auth(self, device: Passkey) -> None:
        # Written by static/js/passkeys.js: the library's script sends nothing of the form.
        keep = self.request.COOKIES.get(KEEP_COOKIE) == "1"
        self.path = sign_in.with_passkey(
            self.request, device, client=self.request.client, keep=keep
        )

    def get_success_url(self) -> str:
        return self.path


class AtSecondStep(Ceremony):
    """Either half of showing a passkey after the password, one of that account's alone."""

    purpose = passkeys.SECOND_STEP

    @cached_property
    def stage(self) -> Stage:
        """The half-done sign-in; raises StageLost without one that waits for a second step."""
        stage = sign_in.stage_of(self.request, client=self.request.client)
        if stage.kind is not SignInStage.SECOND_STEP:
            raise errors.StageLost
        return stage

    def get_user(self) -> User:
        return self.stage.user

    def get_subject(self) -> str:
        return f"{self.stage.user.pk}:{self.stage.name}"


class SecondStepBegin(AtSecondStep, BeginCeremony):
    pass


class SecondStepComplete(AtSecondStep, CompleteCeremony):
    def record_refusal(self, refused: errors.PasskeyRefused) -> None:
        """Tell the account whose password was right; answers WrongToken in the same words."""
        sign_in.refuse_passkey(self.stage.user, client=self.request.client)

    def complete_auth(self, device: Passkey) -> None:
        self.path = sign_in.second_step_with_passkey(
            self.request, self.stage, device, client=self.request.client
        )

    def get_success_url(self) -> str:
        return self.path


class SignedIn(Ceremony):
    """Either half of a ceremony of who is signed in."""

    request: OwnerRequest

    def check_can_authenticate(self) -> None:
        if _signed_in(self.request) is None:
            raise exceptions.NotAuthenticated

    def get_user(self) -> User | None:
        return _signed_in(self.request)


class StepUpBegin(SignedIn, BeginCeremony):
    purpose = passkeys.STEP_UP


class StepUpComplete(SignedIn, CompleteCeremony):
    """Confirm with a passkey, then back to where that was asked."""

    purpose = passkeys.STEP_UP

    def record_refusal(self, refused: errors.PasskeyRefused) -> None:
        step_up.tell_failure(self.request.user, refused, self.request.client)

    def complete_auth(self, device: Passkey) -> None:
        request = self.request
        step_up.confirm_with_passkey(request.session, request.user, device, client=request.client)

    def get_success_url(self) -> str:
        return after_sign_in(own_path(self.request))


class TryOut(SignedIn):
    """Either half of trying one passkey, so that its owner knows that it works."""

    purpose = passkeys.TRY_OUT

    @cached_property
    def passkey(self) -> Passkey:
        """The one on whose page the button stands; raises NoSuchAuthenticator."""
        found = authenticators.find(self.request.user, AuthenticatorKind.PASSKEY, self.kwargs["pk"])
        return cast("Passkey", found)

    def get_helper(self) -> Helper:
        return Helper(self.request, purpose=self.purpose, passkey=self.passkey)

    def get_subject(self) -> str:
        return str(self.passkey.pk)


class TryOutBegin(TryOut, BeginCeremony):
    pass


class TryOutComplete(TryOut, CompleteCeremony):
    def complete_auth(self, device: Passkey) -> None:
        """Say that it works; its use was noted with the answer."""
        messages.success(self.request, _("It works. This passkey will let you in."))

    def get_success_url(self) -> str:
        return _page_of(self.passkey)


def _signed_in(request: HttpRequest) -> User | None:
    user = request.user
    return user if user.is_authenticated else None


def _require_may_add(request: OwnerRequest) -> None:
    is_strong = step_up.is_strong(request.session)
    authenticators.require_may_add(request.user, AuthenticatorKind.PASSKEY, is_strong=is_strong)


def _page_of(passkey: Passkey) -> str:
    return reverse("accounts:authenticator", args=[AuthenticatorKind.PASSKEY, passkey.pk])
