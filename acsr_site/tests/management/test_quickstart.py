import socket

import pytest
from django.core.management import CommandError

from acsr_site.management.commands.quickstart import Command
from acsr_site.tests.ports import free_port


@pytest.fixture
def command(settings):
    settings.PORT = free_port()
    made = Command()
    made.mails_here = True
    return made


@pytest.mark.parametrize(("offset", "whose"), [(0, "the portal"), (1, "mail server")])
def test_a_port_in_use_is_told_before_anything_starts(command, settings, offset, whose):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.PORT + offset))
        taken.listen()

        with pytest.raises(CommandError, match=f"Port {settings.PORT + offset} .*{whose}"):
            command.require_free_ports()


def test_free_ports_are_accepted(command):
    command.require_free_ports()


def test_the_embedded_broker_has_one_worker_of_threads_with_the_scheduler(command, settings):
    settings.BROKER_URL = "filesystem://localhost"

    commands = command.commands()

    assert list(commands) == ["web", "worker", "mail"]
    assert {"--beat", "threads", "--without-mingle"} <= set(commands["worker"])


def test_a_real_broker_has_a_scheduler_of_its_own(command, settings):
    settings.BROKER_URL = "redis://127.0.0.1:6379/0"
    command.mails_here = False

    commands = command.commands()

    assert list(commands) == ["web", "beat", "worker"]
    assert "--beat" not in commands["worker"]


def test_the_portal_listens_on_this_machine_alone(command, settings):
    web = command.commands()["web"]

    assert web[web.index("--bind") + 1] == f"127.0.0.1:{settings.PORT}"


def test_no_header_tells_the_web_process_where_the_site_begins(command):
    web = command.commands()["web"]

    assert web[web.index("--forwarder-headers") + 1] == ""


@pytest.mark.django_db
def test_settings_that_no_page_could_work_with_are_told_before_anything_starts(command, settings):
    settings.PASSWORD_POLICY = "strong"

    with pytest.raises(CommandError, match="PASSWORD_POLICY is not one of: mixed, length"):
        command.prepare()
