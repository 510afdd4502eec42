"""A portal in the middle of everything: people signed in, codes on their way, tickets open.

Every secret that is worth something at that moment is known here, as its owner has it.
"""

import re
from datetime import UTC, datetime

from django.core import mail
from django.test import Client as Browser

from accounts import policy
from accounts.models import Challenge, TotpDevice, User
from accounts.services import budgets, totp
from accounts.tests.factories import PASSWORD, make_code_device, make_contact, make_totp, make_user
from accounts.tests.passkeys import make_working_passkey
from activity.services import notices as account_notices
from outbox.models import Message
from outbox.services import delivery
from recovery.models import RecoveryTicket
from recovery.services import holds, notices
from tests import house_of_answers
from tests.factories import NEW_PASSWORD, code_of, make_browser, set_password, sign_in, start

MOMENT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
NEXT_STEP = 61  # seconds: an app shows another code, and a mail may be asked for again
MARIA, ANNA, PAUL = "maria@example.org", "anna@example.org", "paul@example.org"
PHONE, PAULS_PHONE = "+491512345678", "+491598765432"
HELD = "typed-before-confirming@example.net"
LINK = re.compile(r"/(acsr/stop|security/contacts/undo|activity/report)/([\w-]+)/")
LINKS = {"acsr/stop": "stop link", "activity/report": "report link"}
COOKIES = {"acsr_session": "session", "acsr_device": "device", "acsr_trust": "trust"}


class House:
    """Maria has an app and printed codes, Anna gets codes by SMS, Paul has lost his password.

    secrets: by name, of which the part before the colon says the kind.
    """

    def __init__(self, clock) -> None:
        self.clock = clock
        self.secrets: dict[str, str] = {"password:old": PASSWORD, "held form:contact": HELD}
        self.browsers: dict[str, Browser] = {}
        self.users: dict[str, User] = {}
        clock.move_to(MOMENT, tick=False)

    def furnish(self) -> "House":
        """Let all of it happen; half of the messages are sent, the others wait."""
        self._maria_turns_two_step_on()
        self._paul_recovers()
        house_of_answers.furnish(self)
        self._deliver()
        self._maria_is_in_the_middle()
        self._anna_is_in_the_middle()
        self._somebody_signs_up()
        self._tickets_are_open()
        house_of_answers.invite(self, "waits")
        self._tell()
        self._note_messages()
        self._note_cookies()
        self.clock.shift(NEXT_STEP)  # the codes that the apps show now are unused
        return self

    def of_kind(self, kind: str) -> list[str]:
        """Give the secrets of a kind."""
        return [secret for name, secret in self.secrets.items() if name.startswith(f"{kind}:")]

    def kinds(self) -> set[str]:
        """Give the kinds there are."""
        return {name.partition(":")[0] for name in self.secrets}

    def browser(self, name: str) -> Browser:
        """Give a browser of this name, which has a network of its own."""
        address = f"203.0.113.{len(self.browsers) + 1}"
        return self.browsers.setdefault(name, make_browser(address))

    def _maria_turns_two_step_on(self) -> None:
        """All on the pages; an old address goes, and is mailed the link that brings it back."""
        maria = self.users["maria"] = make_user(email=MARIA)
        old = make_contact(maria, "maria.old@example.net")
        page = self.browser("maria, set up")
        sign_in(page, MARIA)
        page.post("/security/confirm/", {"password": PASSWORD})
        page.post(f"/security/contacts/{old.pk}/remove/")
        self._deliver()
        sheet = page.post("/security/two-step/codes/?for=app", {"replaces": ""})
        for number, code in enumerate(sheet.context["codes"]):
            self.secrets[f"printed:{number}"] = code
        kept = {"code_set": sheet.context["set_pk"], "kept": "on"}
        page.post("/security/two-step/codes/keep/", kept)
        shown = page.get("/security/two-step/app/").context["key"]
        self.secrets["seed:in use"] = shown.replace(" ", "")
        code = totp.current_code(TotpDevice.objects.get(confirmed=False))
        page.post("/security/two-step/app/", {"token": code, "name": "My phone"})
        assert TotpDevice.objects.get().confirmed
        make_working_passkey(maria)

    def _paul_recovers(self) -> None:
        """To the end, so that his other address has the link that undoes it."""
        paul = self.users["paul"] = make_user(email=PAUL)
        make_contact(paul, "paul.other@example.net")
        page = self.browser("paul, done")
        start(page, PAUL)
        page.post("/acsr/code/", {"code": code_of(PAUL)})
        assert set_password(page)["Location"] == "/acsr/done/"
        self.secrets["password:new"] = NEW_PASSWORD

    def _maria_is_in_the_middle(self) -> None:
        """Signed in and trusted, kept and not; a second app, a passkey, a new address begun."""
        self.clock.shift(NEXT_STEP)
        app = TotpDevice.objects.get(user=self.users["maria"], confirmed=True)
        trusted = self.browser("maria, trusted")
        trusted.post("/sign-in/", {"identifier": MARIA, "password": PASSWORD, "keep": "on"})
        code = {"token": totp.current_code(app), "trust": "on"}
        assert trusted.post("/sign-in/verify/", code)["Location"] == "/security/"
        page = self.browser("maria, not kept")
        sign_in(page, MARIA)
        page.post("/sign-in/verify/", {"token": self.secrets.pop("printed:0")})
        page.post("/security/contacts/add/", {"contact": HELD})
        confirmed = {"password": PASSWORD, "token": self.secrets.pop("printed:1")}
        trusted.post("/security/confirm/", confirmed)
        trusted.post("/security/two-step/passkey/begin/", headers={"accept": "application/json"})
        shown = trusted.get("/security/two-step/app/").context["key"]
        self.secrets["seed:being set up"] = shown.replace(" ", "")
        trusted.post("/security/contacts/add/", {"contact": "maria.new@example.net"})

    def _anna_is_in_the_middle(self) -> None:
        """Signed in by SMS and asked for another; half signed in twice: by SMS, and by mail."""
        anna = self.users["anna"] = make_user(email=ANNA, phone=PHONE)
        phone = make_code_device(anna, anna.contacts.get(value=PHONE))
        page = self.browser("anna")
        sign_in(page, ANNA)
        page.post("/sign-in/verify/code/", {"method": phone.pk})
        page.post("/sign-in/verify/", {"token": code_of(PHONE, "accounts.second_step_code")})
        assert page.get("/security/").status_code == 200
        page.post("/security/confirm/code/", {"method": phone.pk})
        half = self.browser("anna, half in")
        sign_in(half, ANNA)
        half.post("/sign-in/verify/code/", {"method": phone.pk})
        attacked = self.users["erik"] = make_user(email="erik@example.org")
        for _ in range(policy.OUTSIDE_FAILURES.limit):
            budgets.consume(policy.OUTSIDE_FAILURES, str(attacked.pk))
        sign_in(self.browser("erik, half in"), "erik@example.org")

    def _somebody_signs_up(self) -> None:
        typed = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
        self.browser("joining").post("/sign-up/", typed)

    def _tickets_are_open(self) -> None:
        """One in each state that a code or a browser can move: code, proof, wait, approved."""
        start(self.browser("paul, code"), PAUL, "paul.code@example.com")
        proving = self.browser("paul, proof")
        self._reach_proof(proving, PAUL, "paul.proof@example.com")
        proving.post("/acsr/proof/contact/", {"contact": "paul.other@example.net"})
        approved = self.users["vera"] = make_user(email="vera@example.org")
        make_contact(approved, "vera.other@example.net")
        self._reach_proof(self.browser("vera, approved"), "vera@example.org")
        waits = self.users["otto"] = make_user(email="otto@example.org", phone=PAULS_PHONE)
        make_totp(waits, seed="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        self.secrets["seed:of otto"] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        waiting = self.browser("otto, waits")
        self._reach_proof(waiting, "otto@example.org")
        waiting.post("/acsr/proof/contact/", {"contact": PAULS_PHONE})
        code = code_of(PAULS_PHONE, "recovery.contact_code")
        waiting.post("/acsr/proof/contact/", {"code": code})
        asked = {"reference": RecoveryTicket.objects.get(user=approved).reference}
        self.browser("vera, asks").post("/acsr/status/", asked)

    def _reach_proof(self, page: Browser, account: str, contact: str = "") -> None:
        start(page, account, contact)
        page.post("/acsr/code/", {"code": code_of(contact or account)})

    def _tell(self) -> None:
        """Let a worker write what people are told; the links in it are made here."""
        notices.send_due()
        account_notices.send_due()
        holds.start_due()

    def _deliver(self) -> None:
        self._tell()
        delivery.deliver_due()
        for letter in mail.outbox:
            self._note_links(letter.body)

    def _note_messages(self) -> None:
        """Keep the codes that still answer something, and the links that wait to be sent."""
        for message in Message.objects.filter(secrets__isnull=False):
            challenge = Challenge.objects.filter(message_id=message.pk, used_at=None).first()
            if challenge is not None:
                self.secrets[f"code:{challenge.purpose} {message.pk}"] = message.secrets["code"]
            self._note_links(" ".join(map(str, message.secrets.values())))

    def _note_links(self, text: str) -> None:
        for path, token in LINK.findall(text):
            self.secrets[f"{LINKS.get(path, 'undo link')}:{token[:6]}"] = token

    def _note_cookies(self) -> None:
        for name, browser in self.browsers.items():
            for cookie, kind in COOKIES.items():
                if cookie in browser.cookies and browser.cookies[cookie].value:
                    self.secrets[f"{kind}:{name}"] = browser.cookies[cookie].value
