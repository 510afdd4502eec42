import pytest

from activity.enums import EventKind
from activity.models import SecurityEvent
from activity.services import telling

K = EventKind
ON = "Two-step verification is on now: the password alone is no longer enough to sign in."


@pytest.mark.parametrize(
    ("kind", "details", "what"),
    [
        (
            K.TWO_STEP_ON,
            {"authenticator": "totp"},
            f"An authenticator app was added to your account. {ON}",
        ),
        (
            K.AUTHENTICATOR_ADDED,
            {"authenticator": "passkey"},
            "A passkey was added to your account.",
        ),
        (
            K.AUTHENTICATOR_REMOVED,
            {"authenticator": "recovery_codes"},
            "The printed codes of your account were removed. They no longer work.",
        ),
        (
            K.TWO_STEP_OFF,
            {"authenticator": "totp"},
            "Two-step verification was turned off. The password alone is enough to sign in now.",
        ),
        (
            K.AUTHENTICATOR_ADDED,
            {},
            "A second step for signing in was added to your account.",
        ),
        (K.CONTACT_ADDED, {"contact_kind": "phone"}, "A phone was added to your account."),
        (
            K.CONTACT_MARKED,
            {"mark": "shared"},
            (
                "An address or phone of your account was marked: somebody else reads it too. "
                "In 7 days it will count for less when you have to get back in."
            ),
        ),
        (
            K.CONTACT_MARKED,
            {"mark": ""},
            "The mark on an address or phone of your account was taken away.",
        ),
        (
            K.CONTACTS_REPLACED,
            {},
            (
                "All addresses and phones that were on your account for long have been replaced. "
                "For 30 days less can be changed on it, so that you can put them back."
            ),
        ),
        (
            K.BROWSER_TRUSTED,
            {},
            (
                "A browser is trusted for 30 days: until then it is asked for the password alone, "
                "not for a second step."
            ),
        ),
    ],
)
def test_notice_says_exactly_what_happened(kind, details, what):
    assert telling.what_of(SecurityEvent(kind=kind, details=details)) == what


@pytest.mark.parametrize(
    ("left", "what"),
    [
        (9, "A printed code of your account was used. 9 are left."),
        (
            3,
            (
                "A printed code of your account was used. "
                "Only 3 are left: make new ones before they are gone."
            ),
        ),
        (1, "A printed code of your account was used. 1 is left."),
        (0, "The last of your printed codes was used. Make new ones: none is left."),
    ],
)
def test_use_of_a_printed_code_warns_when_few_are_left(left, what):
    assert telling.what_of(SecurityEvent(kind=K.RECOVERY_CODE_USED, details={"left": left})) == what


@pytest.mark.parametrize("kind", sorted(telling.ANNOUNCED | telling.SOMETIMES))
def test_every_announced_kind_has_a_sentence_whatever_is_known_of_it(kind):
    assert telling.what_of(SecurityEvent(kind=kind)).endswith(".")
