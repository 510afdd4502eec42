"""See whether a second step works, without signing in with it."""

from accounts import errors, policy
from accounts.client import Client
from accounts.models import CodeDevice, Passkey, RecoveryCodeSet
from accounts.services import budgets, code_devices, recovery_codes, second_step, totp
from accounts.services.authenticators import Row
from accounts.services.budgets import Use

# Its tries are nobody else's: a thief in a session spends none of the owner's.
POOL = "try_out"


def check(row: Row, typed: str, *, client: Client) -> None:
    """Compare a code with this one of the account's second steps; printed ones are not used up.

    Raises WrongToken, LimitReached, ChallengeExhausted. Call it outside transactions. A passkey is
    tried by its own ceremony.
    """
    uses = [Use(rule, (POOL, str(row.user_id))) for rule in policy.SECOND_STEP_RULES]
    if isinstance(row, RecoveryCodeSet):
        budgets.consume_all(uses)
        if not recovery_codes.is_one(row.user, typed):
            raise errors.WrongToken
        budgets.give_back_all(uses)
        return
    # By its length a code is told from one of another kind, which must not be used up here.
    if isinstance(row, Passkey) or not typed.isdecimal() or len(typed) != _digits_of(row):
        raise errors.WrongToken
    subject = code_devices.try_subject(client)
    found = second_step.verify(row.user, typed, client=client, uses=uses, subject=subject)
    if found != row:
        raise errors.WrongToken


def send(row: CodeDevice, *, client: Client) -> None:
    """Send a code to try; raises what code_devices.send raises."""
    code_devices.send(row.user, row.contact, code_devices.try_subject(client), client=client)


def _digits_of(row: Row) -> int:
    return policy.SECOND_STEP_CODE.digits if isinstance(row, CodeDevice) else totp.DIGITS
