"""What staff may look at; every page is read-only and shows named columns alone."""

from django.contrib import admin
from django.contrib.auth import admin as groups  # registers Group, before it is taken away below
from django.contrib.auth.models import Group

from accounts.admin.authenticators import (
    ChallengeAdmin,
    CodeDeviceAdmin,
    DeviceAdmin,
    PasskeyAdmin,
    RecoveryCodeSetAdmin,
    TotpDeviceAdmin,
    TrustedBrowserAdmin,
)
from accounts.admin.people import ContactAdmin, SignUpAdmin, UserAdmin, UserSessionAdmin

# Roles are what acsr_site/roles.py says, not what somebody clicked together.
admin.site.unregister(Group)

__all__ = [
    "ChallengeAdmin",
    "CodeDeviceAdmin",
    "ContactAdmin",
    "DeviceAdmin",
    "PasskeyAdmin",
    "RecoveryCodeSetAdmin",
    "SignUpAdmin",
    "TotpDeviceAdmin",
    "TrustedBrowserAdmin",
    "UserAdmin",
    "UserSessionAdmin",
    "groups",
]
