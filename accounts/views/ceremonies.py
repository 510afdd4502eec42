"""What all ceremonies with a passkey share: the question, the answer, and the button for it.

The library's own addresses are not mounted: they sign in by themselves, past our steps. Its views
are the base of ours, which keep one question per purpose in the session and take each answer once.
A ceremony is a subclass of ``BeginCeremony`` and one of ``CompleteCeremony`` with the same purpose.
"""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp_webauthn import exceptions
from django_otp_webauthn.views import (
    BaseWebAuthnView,
    BeginCredentialAuthenticationView,
    CompleteCredentialAuthenticationView,
)

from accounts import errors
from accounts.decorators import View, edge_limit
from accounts.middleware import PortalRequest
from accounts.models import Passkey, User
from accounts.services import passkeys
from accounts.services.passkeys import Helper, Purpose

# What the library's script says of faults that a person can do nothing about.
TROUBLE = (
    "An error occurred during registration.",
    "An error occurred during verification.",
    "Registration failed. A server error occurred.",
    (
        "Registration failed. A technical problem occurred that prevents you from registering a"
        " Passkey for this site."
    ),
    "Registration failed. An unknown error occurred.",
    "Registration failed. The server was unable to verify this passkey.",
    "Registration failed. Unable to fetch registration options from server.",
    "Verification failed. A server error occurred.",
    "Verification failed. An unknown error occurred.",
    "Verification failed. An unknown server error occurred.",
    "Verification failed. Could not retrieve parameters from the server.",
)


class Refused(exceptions.OTPWebAuthnApiError):
    """One answer for unknown, removed and foreign passkeys, and for wrong signatures."""

    status_code = 403
    default_code = "passkey_refused"
    default_detail = gettext_lazy(
        "That passkey was not accepted. Try once more, or choose another way."
    )


def config(
    request: HttpRequest, *, begin: str, complete: str, autofill: str = ""
) -> dict[str, Any]:
    """Give what ``accounts/_passkey_button.html`` needs, as ``passkey``.

    begin, complete: addresses of the two halves of the ceremony. autofill: CSS selector of the
    field whose suggestions offer passkeys; "" for the button alone.
    """
    return _config(
        request,
        beginAuthenticationUrl=begin,
        completeAuthenticationUrl=complete,
        autocompleteLoginFieldSelector=autofill or None,
    )


def registration_config(request: HttpRequest, *, begin: str, complete: str) -> dict[str, Any]:
    """Give the same for the page that adds a passkey."""
    return _config(request, beginRegistrationUrl=begin, completeRegistrationUrl=complete)


def _config(request: HttpRequest, **script: str | None) -> dict[str, Any]:
    # Browsers bind a passkey to a host name; on another name of ours the button could only fail.
    is_here = request.get_host() == settings.PASSKEY_ORIGIN.split("://")[1]
    return {
        "is_here": is_here,
        "host": settings.PASSKEY_HOST,
        "elsewhere": settings.PASSKEY_ORIGIN + request.get_full_path(),
        "script": script
        | {
            "csrfToken": get_token(request),
            "nextFieldSelector": "[name=next]",
            "words": _words(),
        },
    }


def _words() -> dict[str, str]:
    """Give our words for those of the library's script, which it looks up by ``gettext``."""
    too_much = _("That did not work. Load the page and try again.")
    left = _("Nothing was sent: it was cancelled, or took too long. You can try again.")
    waiting = _("Waiting for your device ...")
    return {
        "Verifying...": waiting,
        "Registering...": waiting,
        "Finishing verification...": _("One moment ..."),
        "Finishing registration...": _("One moment ..."),
        "Verification successful!": _("Done."),
        "Registration successful!": _("Done."),
        "Verification aborted.": left,
        "Registration aborted.": left,
        "Verification canceled or not allowed.": left,
        "Registration aborted or not allowed.": left,
        "Registration failed. You most likely already have a Passkey registered for this site.": _(
            "This device has a passkey for your account already."
        ),
    } | dict.fromkeys(TROUBLE, too_much)


# What refuses one person; a full limit or a part that is down is answered by the middleware.
REFUSALS = (
    errors.PasskeyRefused,
    errors.WrongToken,
    errors.WrongPassword,
    errors.NoSuchAuthenticator,
    errors.AccountPaused,
    errors.AccountChanged,
    errors.Forbidden,
    errors.TooMany,
    errors.SecondWayMissing,
)
# Of those, what is said to who has shown that the account is theirs; the others are all one.
WORDS = {
    errors.AccountPaused.code: gettext_lazy(
        "This account is paused. Choose “I can't get into my account” to get back in."
    ),
    errors.AccountChanged.code: gettext_lazy(
        "Your account was changed somewhere else meanwhile. Sign in again."
    ),
    errors.Forbidden.code: gettext_lazy("Your account can't be changed in this way just now."),
    errors.TooMany.code: gettext_lazy("You have as many passkeys as an account can have."),
    errors.SecondWayMissing.code: gettext_lazy("Get recovery codes first, then add the passkey."),
}


class Ceremony(BaseWebAuthnView):
    """Either half of a ceremony: JSON in, JSON out, whatever is sent."""

    request: PortalRequest
    http_method_names = ["post"]
    purpose: Purpose

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count at the edge, before anything is read."""
        refuse: View = self.http_method_not_allowed
        answer: View = super().dispatch if request.method == "POST" else refuse
        return edge_limit("passkey")(answer)(request, *args, **kwargs)

    def get_user(self) -> User | None:
        """Give the account whose passkeys alone are taken; None for any discoverable one."""
        return None

    def get_subject(self) -> str:
        """Give what else the answer is bound to: a half-done sign-in, a ticket, one passkey."""
        return ""

    def get_helper(self) -> Helper:
        return Helper(self.request, purpose=self.purpose)

    def check_can_authenticate(self) -> None:
        """Raise where the ceremony must not take place now; called before either half."""

    def handle_exception(self, exc: Exception) -> JsonResponse:
        """Put refusals in words; what is no refusal of a ceremony goes on to the middleware."""
        if isinstance(exc, errors.MalformedPasskey):
            exc = exceptions.MalformedRequest(_("Your browser sent something we can't read."))
        elif isinstance(exc, errors.CeremonyLost | errors.StageLost):
            exc = exceptions.InvalidState(
                _("That took too long, or this page was open twice. Load the page and try again.")
            )
        elif isinstance(exc, REFUSALS):
            exc = Refused(WORDS.get(exc.code))
        elif isinstance(exc, exceptions.NotAuthenticated):
            exc = exceptions.NotAuthenticated(_("You are signed out. Sign in and try again."))
        response: JsonResponse = super().handle_exception(exc)
        return response


class BeginCeremony(Ceremony, BeginCredentialAuthenticationView):
    """Give the question to sign. The body is not read."""

    def _parse_request_data(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def post(self, *args: Any, **kwargs: Any) -> JsonResponse:
        options, state = self.get_helper().authenticate_begin(
            user=self.get_user(), require_user_verification=self.purpose.is_verified
        )
        response = JsonResponse(options)
        self.keep_state(response, state)
        return response

    def keep_state(self, response: HttpResponse, state: dict[str, Any]) -> None:
        """Remember the question until the answer comes."""
        passkeys.keep_state(self.request.session, self.purpose, state, subject=self.get_subject())


class CompleteCeremony(Ceremony, CompleteCredentialAuthenticationView):
    """Take the signed answer, once: ``complete_auth`` then does what the ceremony is for."""

    def _parse_request_data(self, request: HttpRequest) -> dict[str, Any]:
        self.data = parse_object(request)
        return self.data

    def get_state(self) -> dict[str, Any]:
        return passkeys.take_state(self.request.session, self.purpose, subject=self.get_subject())

    def post(self, *args: Any, **kwargs: Any) -> JsonResponse:
        user = self.get_user()
        state = self.get_state()
        try:
            passkey = self.get_helper().authenticate_complete(
                user=user, state=state, data=self.data
            )
        except errors.PasskeyRefused as refused:
            self.record_refusal(refused)
            raise
        self.complete_auth(passkey)
        return JsonResponse(self.get_success_data(passkey))

    def record_refusal(self, refused: errors.PasskeyRefused) -> None:
        """Tell whom it concerns; ``refused.user`` is known only where the signature was right."""

    def complete_auth(self, device: Passkey) -> None:
        """Do what the ceremony is for; raises PasskeyRefused where that is refused after all."""
        raise NotImplementedError

    def get_success_data(self, device: Passkey) -> dict[str, Any]:
        """Give the script what it asks for: any true ``id``, and where to go."""
        return {"id": True, "redirect_url": self.get_success_url()}

    def get_success_url(self) -> str:
        """Give where the page goes; a path of ours."""
        raise NotImplementedError


def parse_object(request: HttpRequest) -> dict[str, Any]:
    """Read a JSON object off a body; raises MalformedPasskey for anything else."""
    try:
        data = json.loads(request.body)
    # The last: a form, which the search for its CSRF token has read already.
    except (ValueError, RecursionError, RawPostDataException) as error:
        raise errors.MalformedPasskey from error
    if not isinstance(data, dict):
        raise errors.MalformedPasskey
    return data
