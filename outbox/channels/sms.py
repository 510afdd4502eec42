"""Text messages, by the way that SMS_URL names.

"" none; ``console:`` prints them (development); ``file:///folder`` writes one JSON file each;
``http(s)://user:password@host/path`` posts ``{"to", "text", "sender", "id"}`` as JSON.
"""

import base64
import http.client
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import phonenumbers
from django.conf import settings

from outbox import errors, policy
from outbox.channels.base import Rendered, clean_reply
from outbox.models import Message
from vault import digests

# Answers that are not about the number: only the operator, or time, helps.
CREDENTIALS_REFUSED = {401, 403, 407}
BUSY = {408, 425, 429}
SCHEMES = ("console", "file", "http", "https")
READ_BYTES = 300


def is_on() -> bool:
    """Tell whether text messages can be sent at all."""
    scheme = urlsplit(settings.SMS_URL).scheme
    return scheme in SCHEMES and (scheme != "console" or settings.DEMO or settings.DEBUG)


def serves(number: str) -> bool:
    """Tell whether a text message would go to this number (E.164): none goes where it costs most.

    SMS_COUNTRIES is the list of those that may cost something; empty, all may.
    """
    return is_on() and (not settings.SMS_COUNTRIES or _country_of(number) in settings.SMS_COUNTRIES)


def send(message: Message, rendered: Rendered, now: datetime) -> str:
    """Hand over one text and give the gateway's answer; raises NotDelivered."""
    if not is_on():
        # A console outside development would put codes into a log.
        raise errors.SmsOff
    if not serves(message.address):
        raise errors.CountryNotServed
    url = urlsplit(settings.SMS_URL)
    if url.scheme == "console":
        sys.stdout.write(f"SMS to {message.address}: {rendered.text}\n")
        return "console"
    if url.scheme == "file":
        return _write_file(Path(unquote(url.path)), message, rendered.text, now)
    return _post(url, message, rendered.text)


def _country_of(number: str) -> str:
    """Give the country of a number as ISO 3166-1 alpha-2, "" where it belongs to none."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""


def _write_file(folder: Path, message: Message, text: str, now: datetime) -> str:
    """Write one file that only its owner reads, whole or not at all."""
    name = f"{message.created_at:%Y%m%dT%H%M%S}-{message.pk}.json"
    written = {"to": message.address, "text": text, "kind": message.kind, "at": now.isoformat()}
    draft = folder / f".{name}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(written, file)
        draft.replace(folder / name)
    except OSError as error:
        raise errors.ServerUnreachable(type(error).__name__) from None
    return "file"


def _post(url: SplitResult, message: Message, text: str) -> str:
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(_request(url, message, text), timeout=policy.SMS_TIMEOUT_SECONDS) as got:
            return clean_reply(f"{got.status} {got.reason}", message.address)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, message.address) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        # ValueError: an SMS_URL that is no address at all; its text would be quoted, so only
        # the class is kept.
        raise errors.ServerUnreachable(type(error).__name__) from None


def _request(url: SplitResult, message: Message, text: str) -> urllib.request.Request:
    # By this a gateway can drop the duplicate of a worker that was killed.
    key = digests.keyed(str(message.pk), purpose="outbox.sms_id").partition("$")[2][:32]
    body = {"to": message.address, "text": text, "sender": settings.SITE_NAME, "id": key}
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    if url.username is not None:
        pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    address = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
    data = json.dumps(body).encode()
    return urllib.request.Request(address, data, headers, method="POST")  # noqa: S310 - checked


def _refusal(error: urllib.error.HTTPError, address: str) -> errors.NotDelivered:
    try:
        said = error.read(READ_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        said = ""
    reply = clean_reply(f"{error.code} {said or error.reason}", address)
    if error.code in CREDENTIALS_REFUSED:
        return errors.SenderRefused(reply)
    if error.code in BUSY or not 400 <= error.code < 500:  # noqa: PLR2004
        return errors.AskedToWait(reply)
    return errors.GatewayRefused(reply)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the text to a place the operator did not name."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None
