"""The routes of the walk: a contract with other programs (design.md section 2)."""

from django.urls import path

from recovery.views import (
    appeal,
    authenticators,
    code,
    invitation,
    password,
    proof,
    questions,
    start,
    status,
    stop,
)

PASSKEY = "acsr/proof/passkey/"

app_name = "recovery"
urlpatterns = [
    path("acsr/", start.start, name="start"),
    path("acsr/name/", start.name, name="name"),
    path("acsr/code/", code.code, name="code"),
    path("acsr/code/resend/", code.resend, name="resend"),
    path("acsr/proof/", proof.proof, name="proof"),
    path("acsr/proof/contact/", proof.contact, name="proof_contact"),
    path("acsr/proof/authenticator/", authenticators.authenticator, name="proof_authenticator"),
    path("acsr/proof/password/", authenticators.password, name="proof_password"),
    path("acsr/proof/passkey/", authenticators.passkey, name="proof_passkey"),
    path(PASSKEY + "begin/", authenticators.PasskeyBegin.as_view(), name="passkey_begin"),
    path(PASSKEY + "complete/", authenticators.PasskeyComplete.as_view(), name="passkey_complete"),
    path("acsr/proof/questions/", questions.questions, name="proof_questions"),
    path("acsr/status/", status.status, name="status"),
    path("acsr/status/ask/", appeal.appeal, name="appeal"),
    path("acsr/withdraw/", status.withdraw, name="withdraw"),
    path("acsr/password/", password.password, name="password"),
    path("acsr/done/", password.done, name="done"),
    path("acsr/go-on/<str:token>/", invitation.go_on, name="go_on"),
    path("acsr/stop/<str:token>/", stop.stop, name="stop"),
    path("acsr/object/", stop.object_in_session, name="object"),
]
