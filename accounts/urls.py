"""The pages of accounts."""

from django.urls import path, register_converter

from accounts.enums import AuthenticatorKind
from accounts.views import (
    app,
    authenticator,
    contacts,
    new_contact,
    passkeys,
    password,
    recoverability,
    recovery_codes,
    removed_contacts,
    second_step,
    security,
    sent_codes,
    sessions,
    sign_in,
    sign_up,
    step_up,
    trust,
    two_step,
)


class Sha256Converter:
    """The hash of a session key in an address; anything else is no address at all."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class KindConverter:
    """A kind of authenticator in an address."""

    regex = "|".join(kind.value.replace("_", "-") for kind in AuthenticatorKind)

    def to_python(self, value: str) -> AuthenticatorKind:
        return AuthenticatorKind(value.replace("-", "_"))

    def to_url(self, value: str) -> str:
        return value.replace("_", "-")


register_converter(Sha256Converter, "sha256")
register_converter(KindConverter, "kind")

ONE = "security/two-step/<kind:kind>/<int:pk>/"
TRY_PASSKEY = "security/two-step/passkey/<int:pk>/try/"
CONTACT = "security/contacts/<int:pk>/"

app_name = "accounts"
urlpatterns = [
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/code/", sign_up.sign_up_code, name="sign_up_code"),
    path("sign-up/code/resend/", sign_up.sign_up_resend, name="sign_up_resend"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/verify/", second_step.verify, name="verify"),
    path("sign-in/verify/code/", second_step.send, name="send_second_step"),
    path("sign-in/passkey/begin/", passkeys.SignInBegin.as_view(), name="sign_in_passkey_begin"),
    path(
        "sign-in/passkey/complete/",
        passkeys.SignInComplete.as_view(),
        name="sign_in_passkey_complete",
    ),
    path(
        "sign-in/verify/passkey/begin/",
        passkeys.SecondStepBegin.as_view(),
        name="verify_passkey_begin",
    ),
    path(
        "sign-in/verify/passkey/complete/",
        passkeys.SecondStepComplete.as_view(),
        name="verify_passkey_complete",
    ),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("security/", security.security, name="security"),
    path("security/password/", password.password, name="password"),
    path("security/sessions/", sessions.sessions, name="sessions"),
    path("security/sessions/<sha256:session_hash>/end/", sessions.end_session, name="end_session"),
    path("security/confirm/", step_up.confirm, name="step_up"),
    path("security/confirm/code/", step_up.send_code, name="step_up_send"),
    path(
        "security/confirm/passkey/begin/",
        passkeys.StepUpBegin.as_view(),
        name="step_up_passkey_begin",
    ),
    path(
        "security/confirm/passkey/complete/",
        passkeys.StepUpComplete.as_view(),
        name="step_up_passkey_complete",
    ),
    path("security/recoverability/", recoverability.recoverability, name="recoverability"),
    path("security/two-step/", two_step.overview, name="two_step"),
    path("security/two-step/off/", two_step.turn_off, name="two_step_off"),
    path("security/two-step/app/", app.add, name="add_app"),
    path("security/two-step/passkey/", passkeys.add, name="add_passkey"),
    path("security/two-step/passkey/begin/", passkeys.AddBegin.as_view(), name="add_passkey_begin"),
    path(
        "security/two-step/passkey/complete/",
        passkeys.AddComplete.as_view(),
        name="add_passkey_complete",
    ),
    path(TRY_PASSKEY + "begin/", passkeys.TryOutBegin.as_view(), name="try_passkey_begin"),
    path(TRY_PASSKEY + "complete/", passkeys.TryOutComplete.as_view(), name="try_passkey_complete"),
    path("security/two-step/phone/", sent_codes.add_phone, name="add_phone"),
    path("security/two-step/email/", sent_codes.add_email, name="add_email"),
    path("security/two-step/codes/", recovery_codes.codes, name="recovery_codes"),
    path("security/two-step/codes/keep/", recovery_codes.keep, name="keep_recovery_codes"),
    path(ONE, authenticator.detail, name="authenticator"),
    path(ONE + "rename/", authenticator.rename, name="rename_authenticator"),
    path(ONE + "try/", authenticator.try_out, name="try_authenticator"),
    path(ONE + "works/", authenticator.still_works, name="authenticator_works"),
    path(ONE + "remove/", authenticator.remove, name="remove_authenticator"),
    path("security/trusted/<uuid:pk>/forget/", trust.forget, name="forget_browser"),
    path("security/contacts/", contacts.contacts, name="contacts"),
    path("security/contacts/add/", new_contact.add, name="add_contact"),
    path("security/contacts/code/", new_contact.code, name="contact_code"),
    path("security/contacts/code/resend/", new_contact.resend, name="contact_resend"),
    path("security/contacts/restore/", removed_contacts.restore, name="restore_contacts"),
    path("security/contacts/undo/<str:token>/", removed_contacts.undo, name="undo_contact"),
    path(CONTACT + "primary/", contacts.make_primary, name="make_primary"),
    path(CONTACT + "confirm/", contacts.confirm, name="confirm_contact"),
    path(CONTACT + "mark/", contacts.mark, name="mark_contact"),
    path(CONTACT + "remove/", contacts.remove, name="remove_contact"),
    path(CONTACT + "restore/", removed_contacts.restore_one, name="restore_contact"),
]
