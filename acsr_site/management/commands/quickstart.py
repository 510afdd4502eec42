"""Bring up the whole portal with one command."""

import http.client
import socket
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from acsr_site import celery, env, processes, statics

HOST = "127.0.0.1"  # never further: in front of a real portal stands a proxy
READY_SECONDS = 60  # a slow machine may take that long; a dead child is seen at once


class Command(BaseCommand):
    help = (
        "Prepare the database and start web, worker and scheduler; run it to try the portal. "
        "Without SECRET_KEY it is a demo with people, a mailbox and its own mail server."
    )
    # migrate checks everything; here a port in use should be told first.
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        """Start everything, then wait until it is asked to stop or a part dies."""
        started = time.monotonic()
        self.mails_here = settings.DEMO and not env.read.str("EMAIL_URL", default="")
        self.require_free_ports()
        self.prepare()
        group = processes.Group(self.stdout.write, folder=settings.BASE_DIR)
        group.listen_for_stop()
        try:
            for name, command in self.commands().items():
                group.start(name, command)
            ended = self.wait_until_ready(group)
            if ended is None:
                self.tell_where(time.monotonic() - started)
                ended = group.wait_for_end()
        finally:
            self.stdout.write("Stopping ...")
            group.stop()
        if ended != processes.ASKED:
            raise CommandError(
                f"The {ended} process ended (exit code {group.exit_code(ended)}), so everything "
                f"was stopped. Its last lines are above, marked '{ended} |'."
            )

    def require_free_ports(self) -> None:
        """Raise CommandError, before anything is started, when another program has a port."""
        ports = {settings.PORT: "the portal"}
        if self.mails_here:
            ports[settings.PORT + 1] = "the demo's mail server"
        for port, purpose in ports.items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    raise CommandError(
                        f"Port {port} is needed for {purpose}, but cannot be used "
                        f"({error.strerror}). Stop what uses it or choose another: "
                        f"PORT={port + 100} python manage.py quickstart"
                    ) from error

    def prepare(self) -> None:
        """Bring tables, static files and demo data up to date; all of it may run again.

        Raises CommandError for settings that no page could work with, and without a database.
        """
        try:
            # Checks are left out of called commands unless they are asked for.
            call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        except OperationalError as error:
            raise CommandError(f"The database of DATABASE_URL does not answer: {error}") from error
        if "cache" in settings.DATABASES:
            call_command("createcachetable", database="cache", verbosity=0)
        statics.collect_if_changed()
        if settings.DEMO and "load_demo" in get_commands():
            call_command("load_demo", stdout=self.stdout)

    def commands(self) -> dict[str, list[str]]:
        """Give the command line of every process by its name."""
        embedded = celery.is_embedded(settings.BROKER_URL)
        work = [sys.executable, "-m", "celery", "-A", "acsr_site", "--quiet"]
        commands = {"web": self.web_command()}
        worker = [*work, "worker", "--queues", ",".join(celery.QUEUES), "--without-gossip"]
        if embedded:
            # Processes hang on a polled broker once one dies while idle; threads do not.
            worker += ["--without-mingle", "--pool", "threads", "--concurrency", "4", "--beat"]
        else:
            commands["beat"] = [*work, "beat", "--pidfile="]
        commands["worker"] = worker
        if self.mails_here:
            manage = str(Path(settings.BASE_DIR) / "manage.py")
            commands["mail"] = [sys.executable, manage, "demo_mail_server"]
        return commands

    def web_command(self) -> list[str]:
        """Give gunicorn's command line; its access log stays off, since paths hold tokens."""
        command = [sys.executable, "-m", "gunicorn", "acsr_site.wsgi", "--no-control-socket"]
        command += ["--bind", f"{HOST}:{settings.PORT}", "--worker-class", "gthread"]
        command += ["--workers", "1" if settings.DEMO else "2", "--threads", "8"]
        # Gunicorn believes a SCRIPT_NAME header of whoever connects from this machine: every proxy
        # here, and many pass it on. It would get a path round the proxy's own rules.
        command += ["--forwarder-headers", ""]
        return [*command, "--graceful-timeout", "5", "--log-level", "warning"]

    def wait_until_ready(self, group: processes.Group) -> str | None:
        """Wait until the web process answers; give what ended before that, None if nothing."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            ended = group.wait(seconds=0.1)
            if ended is not None:
                return ended
            if _answers():
                return None
        raise CommandError(f"The web process did not answer within {READY_SECONDS} seconds.")

    def tell_where(self, seconds: float) -> None:
        """Print where to go."""
        site = settings.SITE_URL
        lines = [f"Ready in {seconds:.1f} s.", f"  Portal          {site}/"]
        if settings.DEMO:
            lines.append(f"  People, mailbox {site}/dev/")
        lines += [f"  Admin           {site}/admin/", "Ctrl-C stops everything."]
        self.stdout.write(self.style.SUCCESS("\n".join(["", *lines, ""])))
        self.stdout.flush()


def _answers() -> bool:
    """Say whether the portal answers; a host name it does not know (400) is an answer too."""
    connection = http.client.HTTPConnection(HOST, settings.PORT, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
