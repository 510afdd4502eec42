"""The tables of accounts."""

from accounts.models.budget import Budget
from accounts.models.challenge import Challenge
from accounts.models.contact import Contact
from accounts.models.device import Device, KnownNetwork
from accounts.models.password import FormerPassword, ImportedWork
from accounts.models.session import UserSession
from accounts.models.sign_up import SignUp
from accounts.models.totp import TotpDevice
from accounts.models.user import User

__all__ = [
    "Budget",
    "Challenge",
    "Contact",
    "Device",
    "FormerPassword",
    "ImportedWork",
    "KnownNetwork",
    "SignUp",
    "TotpDevice",
    "User",
    "UserSession",
]
