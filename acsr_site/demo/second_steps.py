"""Second steps of the demo: apps, text messages, passkeys and printed codes."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings

from accounts import policy
from accounts.enums import ContactKind
from accounts.models import CodeDevice, Passkey, RecoveryCode, RecoveryCodeSet, TotpDevice
from accounts.services import recovery_codes
from accounts.services.totp import SEED_BYTES
from acsr_site.demo import cast
from acsr_site.demo.cast import Figure
from acsr_site.demo.scene import Scene
from vault import digests

OLDEST = 200  # days


def make(scene: Scene) -> None:
    """Give everybody what they sign in with besides the password."""
    figures = [figure for figure in cast.EVERYBODY if figure.key in scene.users]
    _make_apps(scene, figures)
    _make_sent_codes(scene, figures)
    _make_passkeys(scene, figures)
    for figure in figures:
        if figure.printed_left is not None:
            _print_codes(scene, figure, figure.printed_left)


def printed_code(figure: Figure, number: int) -> str:
    """Give a printed code of somebody, by its place on the sheet.

    It is made from the demo's own key, so that the demo's page can show what is kept nowhere.
    """
    message = f"demo:printed:{figure.key}:{number}".encode()
    drawn = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).digest()
    letters = [recovery_codes.ALPHABET[byte % len(recovery_codes.ALPHABET)] for byte in drawn]
    return "".join(letters[: policy.RECOVERY_CODE_LENGTH])


def is_ours(row: RecoveryCode, code: str) -> bool:
    """Tell whether a row stands for this code, and not for one of a sheet made since."""
    subject = str(row.code_set.user_id)
    return digests.matches(row.code_hmac, code, purpose=recovery_codes.PURPOSE, subject=subject)


def _made_at(scene: Scene, figure: Figure) -> datetime:
    return scene.ago(days=min(figure.age_days - 1, OLDEST))


def _make_apps(scene: Scene, figures: list[Figure]) -> None:
    """Enrol apps with seeds of this demo alone: what stands in a file everybody may read."""
    TotpDevice.objects.bulk_create(
        TotpDevice(
            user=scene.users[figure.key],
            name="Authenticator app",
            confirmed=True,
            seed=base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode(),
            made_at=_made_at(scene, figure),
            used_at=scene.ago(days=2),
        )
        for figure in figures
        if figure.has_app
    )


def _make_sent_codes(scene: Scene, figures: list[Figure]) -> None:
    CodeDevice.objects.bulk_create(
        CodeDevice(
            user=scene.users[figure.key],
            contact=scene.contact(figure.key, ContactKind.PHONE),
            confirmed=True,
            made_at=_made_at(scene, figure),
            used_at=scene.ago(days=11),
        )
        for figure in figures
        if figure.has_sms
    )


def _make_passkeys(scene: Scene, figures: list[Figure]) -> None:
    """Show passkeys that no authenticator holds: to sign in with one, add your own."""
    for figure in figures:
        if figure.has_passkey:
            Passkey.objects.create(
                user=scene.users[figure.key],
                name="iCloud Keychain",
                confirmed=True,
                credential_id=secrets.token_bytes(32),
                public_key=secrets.token_bytes(77),
                aaguid="fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
                transports=["internal", "hybrid"],
                discoverable=True,
                backup_eligible=True,
                backup_state=True,
                made_at=_made_at(scene, figure),
                used_at=scene.ago(days=1),
            )


def _print_codes(scene: Scene, figure: Figure, left: int) -> None:
    user = scene.users[figure.key]
    made_at = _made_at(scene, figure)
    code_set = RecoveryCodeSet.objects.create(
        user=user,
        confirmed=True,
        made_at=made_at,
        kept_at=made_at + timedelta(minutes=2),
        used_at=scene.ago(days=9) if left < policy.RECOVERY_CODES else None,
    )
    used = policy.RECOVERY_CODES - left
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            code_set=code_set,
            number=number,
            code_hmac=digests.keyed(
                printed_code(figure, number),
                purpose=recovery_codes.PURPOSE,
                subject=str(user.pk),
            ),
            used_at=scene.ago(days=9 * (used - number + 1)) if number <= used else None,
        )
        for number in range(1, policy.RECOVERY_CODES + 1)
    )
