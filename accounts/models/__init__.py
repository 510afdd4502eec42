"""The tables of accounts."""

from accounts.models.authenticator import Authenticator
from accounts.models.budget import Budget
from accounts.models.challenge import Challenge
from accounts.models.code_device import CodeDevice
from accounts.models.contact import Contact, ContactUndo
from accounts.models.device import Device, KnownNetwork
from accounts.models.passkey import Passkey
from accounts.models.password import FormerPassword, ImportedWork
from accounts.models.profile import FormerProfile, ProfileFact
from accounts.models.recovery_code import RecoveryCode, RecoveryCodeSet
from accounts.models.roll_back import RollBack
from accounts.models.session import UserSession
from accounts.models.sign_up import SignUp
from accounts.models.totp import TotpDevice
from accounts.models.trust import TrustedBrowser
from accounts.models.user import User

__all__ = [
    "Authenticator",
    "Budget",
    "Challenge",
    "CodeDevice",
    "Contact",
    "ContactUndo",
    "Device",
    "FormerPassword",
    "FormerProfile",
    "ImportedWork",
    "KnownNetwork",
    "Passkey",
    "ProfileFact",
    "RecoveryCode",
    "RecoveryCodeSet",
    "RollBack",
    "SignUp",
    "TotpDevice",
    "TrustedBrowser",
    "User",
    "UserSession",
]
