"""Chromium's own virtual authenticator, which holds passkeys as a phone or laptop does."""

from playwright.sync_api import Page

ADD_PASSKEY = "/security/two-step/passkey/"
BUTTON = "#passkey-verification-button"
# https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/
BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualAuthenticator:
    """A device that answers by itself; ``rest`` makes it wait.

    With automatic presence the sign-in page signs in at once, through the suggestions of its field:
    whoever tests its button asks for ``suggest_nothing`` first, or both might be answered.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tools = page.context.new_cdp_session(page)
        self._tools.send("WebAuthn.enable")
        made = self._tools.send("WebAuthn.addVirtualAuthenticator", {"options": BUILT_IN})
        self._id = {"authenticatorId": made["authenticatorId"]}

    def rest(self) -> None:
        """Answer nothing until ``wake``."""
        self._tools.send("WebAuthn.setAutomaticPresenceSimulation", self._id | {"enabled": False})

    def wake(self) -> None:
        """Answer whatever is asked, as a person who touches it at once."""
        self._tools.send("WebAuthn.setAutomaticPresenceSimulation", self._id | {"enabled": True})

    def suggest_nothing(self) -> None:
        """Be a browser whose fields suggest no passkeys, from the next page on."""
        self._page.add_init_script(
            "PublicKeyCredential.isConditionalMediationAvailable = async () => false;"
        )

    def refuse_people(self) -> None:
        """Answer from now on that the finger or face is not the right one."""
        self._tools.send("WebAuthn.setUserVerified", self._id | {"isUserVerified": False})

    def count(self) -> int:
        """Give how many passkeys it holds."""
        return len(self._tools.send("WebAuthn.getCredentials", self._id)["credentials"])
