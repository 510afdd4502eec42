"""The pages of accounts."""

from django.urls import path, register_converter

from accounts.views import password, second_step, security, sessions, sign_in, sign_up, step_up


class Sha256Converter:
    """The hash of a session key in an address; anything else is no address at all."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256Converter, "sha256")

app_name = "accounts"
urlpatterns = [
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/code/", sign_up.sign_up_code, name="sign_up_code"),
    path("sign-up/code/resend/", sign_up.sign_up_resend, name="sign_up_resend"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/verify/", second_step.verify, name="verify"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("security/", security.security, name="security"),
    path("security/password/", password.password, name="password"),
    path("security/sessions/", sessions.sessions, name="sessions"),
    path("security/sessions/<sha256:session_hash>/end/", sessions.end_session, name="end_session"),
    path("security/confirm/", step_up.confirm, name="step_up"),
]
