"""What each role of the staff may look at; superusers see everything.

Reviewers and approvers see cases alone: profile facts, contacts and events are what the
questionnaire asks, and who grades answers must not be able to look them up.
"""

ROLES: dict[str, tuple[str, ...]] = {
    "viewer": ("recovery.view_recoveryticket", "outbox.view_message"),
    "reviewer": (
        "recovery.view_recoveryticket",
        "recovery.review_recoveryticket",
        "recovery.open_recoveryticket",
    ),
    "approver": (
        "recovery.view_recoveryticket",
        "recovery.review_recoveryticket",
        "recovery.approve_recoveryticket",
        "recovery.open_recoveryticket",
    ),
    "security": (
        "recovery.view_recoveryticket",
        "recovery.review_recoveryticket",
        "recovery.approve_recoveryticket",
        "recovery.secure_recoveryticket",
        "activity.view_securityevent",
        "activity.view_incident",
        "outbox.view_message",
        "accounts.view_user",
        "accounts.view_contact",
        "accounts.view_usersession",
        "accounts.view_device",
        "accounts.view_totpdevice",
        "accounts.view_passkey",
        "accounts.view_codedevice",
        "accounts.view_recoverycodeset",
        "accounts.view_trustedbrowser",
    ),
    "auditor": ("activity.view_auditentry",),
}
