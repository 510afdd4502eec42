"""A real mail server and a real SMS gateway, told what to answer."""

import asyncio
import email
import email.policy
import json
import socket
import threading
from collections.abc import Generator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

OK = "250 2.0.0 Ok"
DROP = "drop the connection"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Answers each step with ``answers[step]`` (a reply, DROP or seconds to wait), else 250."""

    def __init__(self) -> None:
        self.answers: dict[str, str | float] = {}
        self.recipients: list[list[str]] = []
        self.mails: list[EmailMessage] = []
        self.port = free_port()
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            auth_require_tls=False,
            authenticator=lambda *_args: AuthResult(success=False, handled=False),
        )

    async def _answer(self, step, server) -> str:
        answer = self.answers.get(step, OK)
        if answer == DROP:
            server.transport.abort()
            return "421 4.3.0 Gone"
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return OK
        return answer

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = await self._answer("RCPT", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = await self._answer("DATA", server)
        if answer.startswith("250"):
            self.recipients.append(envelope.rcpt_tos)
            self.mails.append(
                email.message_from_bytes(envelope.content, policy=email.policy.default)
            )
        return answer

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        answer = await self._answer("QUIT", server)
        return "221 2.0.0 Bye" if answer == OK else answer

    def text(self, index: int = -1) -> str:
        """Give the text part of one mail."""
        part = self.mails[index].get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@pytest.fixture
def mail_server(settings) -> Generator[MailServer]:
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    server.controller.start()
    yield server
    server.controller.stop()


@pytest.fixture
def no_mail_server(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


class Gateway:
    """Keeps what was posted and answers ``status`` and ``body``."""

    def __init__(self) -> None:
        self.status, self.body = 202, "queued"
        self.posted: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                gateway.posted.append(json.loads(self.rfile.read(length)))
                gateway.headers.append(dict(self.headers))
                self.send_response(gateway.status)
                if gateway.status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                self.wfile.write(gateway.body.encode())

            def log_message(self, format, *args) -> None:  # noqa: A002
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://user:pa%40ss@127.0.0.1:{self.server.server_port}/send"


@pytest.fixture
def gateway(settings) -> Generator[Gateway]:
    gateway = Gateway()
    settings.SMS_URL = gateway.url
    thread = threading.Thread(target=gateway.server.serve_forever, args=[0.02])
    thread.start()
    yield gateway
    gateway.server.shutdown()
    thread.join()
    gateway.server.server_close()
