import pytest
from django.utils import timezone

from accounts import errors
from accounts.models import Passkey
from accounts.services import passkeys
from accounts.services.passkey_names import NAMES, name_of
from accounts.services.passkeys import Helper
from accounts.tests.factories import make_client, make_passkey, make_recovery_codes, make_user
from accounts.tests.passkeys import make_working_passkey
from accounts.tests.soft_authenticator import b64
from accounts.tests.threads import run_at_once

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("aaguid", "transports", "name"),
    [
        ("bada5566-a7aa-401f-bd96-45619a55120d", ["internal", "hybrid"], "1Password"),
        ("08987058-cadc-4b81-b6e1-30de50dcbe96", ["internal"], "Windows Hello"),
        ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", ["hybrid", "internal"], "iCloud Keychain"),
        (NOBODY, ["usb"], "Security key"),
        (NOBODY, ["nfc", "usb"], "Security key"),
        (NOBODY, ["internal"], "This device"),
        (NOBODY, ["internal", "hybrid"], "Passkey"),
        (NOBODY, ["usb", "internal"], "This device"),
        (NOBODY, [], "Passkey"),
        ("no such model", ["ble"], "Passkey"),
    ],
)
def test_passkey_is_named_after_what_keeps_it(aaguid, transports, name):
    assert name_of(aaguid, transports) == name


def test_known_makers_are_written_as_they_are_compared():
    assert [aaguid for aaguid in NAMES if aaguid != aaguid.lower() or len(aaguid) != 36] == []


@pytest.mark.django_db
def test_number_of_a_name_is_the_first_that_is_free():
    user = make_user()
    for name in ("Passkey", "Passkey 3"):
        make_passkey(user, name=name)
    make_passkey(user, name="Passkey 2", confirmed=False, removed_at=timezone.now())
    make_passkey(make_user(), name="Passkey 2")

    assert passkeys.free_name(Passkey(user=user, aaguid=NOBODY, transports=[])) == "Passkey 2"


@pytest.mark.django_db
def test_passkeys_are_named_last_used_first():
    user = make_user()
    never, used = make_passkey(user), make_passkey(user, used_at=timezone.now())

    named = Passkey.get_credential_descriptors_for_user(user)

    assert [descriptor.id for descriptor in named] == [
        bytes(used.credential_id),
        bytes(never.credential_id),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("counter", [None, 5])
def test_one_answer_sent_twice_at_once_counts_once(counter):
    user = make_user()
    _, device = make_working_passkey(user, counter=counter)
    state = {"challenge": b64(b"a question"), "at": timezone.now().isoformat()}
    answer = device.sign(state)

    results = run_at_once(
        6, lambda number: Helper(None).authenticate_complete(user, dict(state), answer)
    )

    accepted = [result for result in results if isinstance(result, Passkey)]
    refused = [result for result in results if isinstance(result, errors.PasskeyRefused)]
    assert (len(accepted), len(refused)) == (1, 5)


@pytest.mark.django_db(transaction=True)
def test_one_new_passkey_sent_twice_at_once_is_made_once():
    user = make_user()
    make_recovery_codes(user)
    made = [
        Passkey(
            user=type(user).objects.get(),
            credential_id=b"same",
            public_key=b"key",
            aaguid=NOBODY,
            confirmed=False,
            made_at=None,
        )
        for _ in range(4)
    ]

    results = run_at_once(4, lambda number: passkeys.add(made[number], client=make_client()))

    assert results.count(None) == 1
    assert Passkey.objects.count() == Passkey.objects.in_use().count() == 1
