"""Builders of what crosses apps: accounts of every kind, and browsers that walk through pages."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_totp, make_user
from outbox.models import Message

NEW_PASSWORD = "Bright-window-9-hill"
WRONG_CODE = "00000000"

# Every kind of account that must look like none: makes it under this name.
KINDS: dict[str, Callable[[str], User]] = {
    "known": lambda name: make_user(email=name),
    "inactive": lambda name: make_user(email=name, is_active=False),
    "staff": lambda name: _with_app(make_user(email=name, is_staff=True)),
    "protected": lambda name: make_user(email=name, is_protected=True),
    "frozen": lambda name: make_user(email=name, frozen_at=timezone.now(), frozen_cause="owner"),
    "two_step": lambda name: _with_app(make_user(email=name)),
    "without_password": lambda name: make_user(email=name, password=None),
    "contactless": lambda name: make_user(email=None, external_id=name),
}


def make_browser(address: str = "203.0.113.9", **meta: Any) -> Browser:
    """Make a browser with a network of its own, in which nobody is signed in."""
    return Browser(REMOTE_ADDR=address, HTTP_USER_AGENT="Firefox/140.0", **meta)


def sign_in(browser: Browser, identifier: str, password: str = PASSWORD) -> HttpResponse:
    """Sign in through the page; with two-step this is the first half."""
    return browser.post("/sign-in/", {"identifier": identifier, "password": password})


def start(browser: Browser, identifier: str, contact: str = "") -> HttpResponse:
    """Open a ticket through the page; ``contact`` "" is the identifier itself."""
    return browser.post(
        "/acsr/", {"identifier": identifier, "contact_email": contact or identifier}
    )


def code_of(address: str, kind: str = "recovery.code") -> str:
    """Give the code of the newest message to an address that still waits to be sent."""
    message = Message.objects.filter(address=address, kind=kind).latest("pk")
    return str(message.secrets["code"])


def type_code(browser: Browser, address: str) -> HttpResponse:
    """Type the code that waits for ``address`` into the code page."""
    return browser.post("/acsr/code/", {"code": code_of(address)})


def set_password(browser: Browser, password: str = NEW_PASSWORD) -> HttpResponse:
    """Post the form of the last step."""
    return browser.post("/acsr/password/", {"new_password1": password, "new_password2": password})


def recover(browser: Browser, address: str) -> HttpResponse:
    """Walk all the way: an account without two-step, by its own address."""
    start(browser, address)
    type_code(browser, address)
    return set_password(browser)


def make_staff(*permissions: str, **fields: Any) -> User:
    """Make a member of staff with an app and these permissions ("view_message", ...)."""
    user = _with_app(make_user(is_staff=True, **fields))
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def _with_app(user: User) -> User:
    make_totp(user)
    return user
