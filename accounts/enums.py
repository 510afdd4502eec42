"""The closed lists of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContactKind(models.TextChoices):
    EMAIL = "email", _("e-mail address")
    PHONE = "phone", _("phone")


class ContactMark(models.TextChoices):
    """What its owner says of a contact: it is no strong proof then (policy.MARK_COUNTS_AFTER)."""

    SHARED = "shared", _("someone else reads this too")
    LOST = "lost", _("can't be opened any more")


class AuthenticatorKind(models.TextChoices):
    """What proves a person at sign-in besides the password."""

    PASSKEY = "passkey", _("passkey")
    TOTP = "totp", _("authenticator app")
    SMS = "sms", _("code by text message")
    EMAIL = "email", _("code by e-mail")
    RECOVERY_CODES = "recovery_codes", _("recovery codes")


class Mode(models.TextChoices):
    """What an account may do now (policy.MODES)."""

    NORMAL = "normal", _("normal")
    RESTRICTED = "restricted", _("restricted for a while")
    CONTESTED = "contested", _("contested")
    FROZEN = "frozen", _("paused")


class Action(models.TextChoices):
    """What a mode may forbid (policy.MODES)."""

    SIGN_IN = "sign_in", _("sign in")
    CHANGE_PASSWORD = "change_password", _("change the password")
    ADD_CONTACT = "add_contact", _("add a contact")
    REMOVE_CONTACT = "remove_contact", _("remove a contact")
    CHANGE_CONTACT = "change_contact", _("mark a contact, or sign in with another")
    RESTORE_CONTACT = "restore_contact", _("put a removed contact back")
    ADD_AUTHENTICATOR = "add_authenticator", _("add an authenticator")
    REMOVE_AUTHENTICATOR = "remove_authenticator", _("remove an authenticator")
    EXPORT = "export", _("export")
    ERASE = "erase", _("erase")


class PasswordCause(models.TextChoices):
    """Why a password was set."""

    SIGN_UP = "sign_up", _("sign-up")
    CHANGE = "change", _("changed while signed in")
    RECOVERY = "recovery", _("recovery")
    IMPORT = "import", _("import")
    STAFF = "staff", _("created by staff")


class FailurePool(models.TextChoices):
    """The three pools of wrong sign-ins, which never feed each other (design.md section 3)."""

    KNOWN = "known", _("a browser that has signed in to this account")
    PAIR = "pair", _("this network on this account")
    OUTSIDE = "outside", _("all else on this account")


class SignInStage(models.TextChoices):
    """What a half-done sign-in still waits for."""

    SECOND_STEP = "second_step", _("second step")
    MAILED_CODE = "mailed_code", _("mailed code")


class StepUpWay(models.TextChoices):
    """What a step-up asks for: the strongest class that the account has."""

    PASSKEY = "passkey", _("passkey")
    SECOND_STEP = "second_step", _("password and second step")
    PASSWORD = "password", _("password")
