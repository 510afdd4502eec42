"""What a new passkey is called: after what keeps it, as far as that says who it is."""

from django.utils.translation import gettext as _

# Which authenticator names itself how, read one by one in the community's list of passkey
# providers (passkeydeveloper/passkey-authenticator-aaguids, commits 05ab142 and b976141); YubiKeys
# also in copies of Yubico's own table ("YubiKey Hardware FIDO2 AAGUIDs"). Only names of makes: it
# is nothing that a person could not be wrong about, since nobody vouches for it.
NAMES = {
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",  # in the list: Apple Passwords
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
    "cb69481e-8ff7-4039-93ec-0a2729a154a8": "YubiKey",
    "ee882879-721c-4913-9775-3dfcce97072a": "YubiKey",
    "fa2b99dc-9e39-4257-8f92-4a30d23c4118": "YubiKey",
    "2fc0579f-8113-47ea-b116-bb5a8db9202a": "YubiKey",
    "c5ef55ff-ad9a-4b9f-b580-adebafe026d0": "YubiKey",
    "a25342c0-3cdc-4414-8e46-f4807fca511c": "YubiKey",
    "d7781e5d-e353-46aa-afe2-3ca49f13332a": "YubiKey",
}


def name_of(aaguid: str, transports: list[str]) -> str:
    """Give a name that tells one passkey from another in a list.

    aaguid: the model of authenticator, all zeros where it does not say. transports: how the
    browser reaches it, such as "usb" or "internal".
    """
    if aaguid in NAMES:
        return NAMES[aaguid]
    if transports and set(transports) <= {"usb", "nfc"}:
        return _("Security key")
    if "internal" in transports and "hybrid" not in transports:
        return _("This device")
    return _("Passkey")
