"""The routes of the walk: a contract with other programs (design.md section 2)."""

from django.urls import path

from recovery.views import code, password, proof, start, status, stop

app_name = "recovery"
urlpatterns = [
    path("acsr/", start.start, name="start"),
    path("acsr/name/", start.name, name="name"),
    path("acsr/code/", code.code, name="code"),
    path("acsr/code/resend/", code.resend, name="resend"),
    path("acsr/proof/", proof.proof, name="proof"),
    path("acsr/proof/contact/", proof.contact, name="proof_contact"),
    path("acsr/proof/authenticator/", proof.later, name="proof_authenticator"),
    path("acsr/proof/password/", proof.later, name="proof_password"),
    path("acsr/proof/passkey/", proof.later, name="proof_passkey"),
    path("acsr/proof/questions/", proof.later, name="proof_questions"),
    path("acsr/status/", status.status, name="status"),
    path("acsr/withdraw/", status.withdraw, name="withdraw"),
    path("acsr/password/", password.password, name="password"),
    path("acsr/done/", password.done, name="done"),
    path("acsr/stop/<str:token>/", stop.stop, name="stop"),
    path("acsr/object/", stop.object_in_session, name="object"),
]
