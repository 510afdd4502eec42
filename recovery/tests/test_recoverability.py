"""The outlook is what the decision table says, loss by loss."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recovery.enums import ProofClass
from recovery.recoverability import WAYS, Account, Carrier, Thing, judge

NOW = timezone.now()
OLD = NOW - timedelta(days=300)
YOUNG = NOW + timedelta(days=2)
P, C = ProofClass, Carrier
MAIL = Thing(P.MAIL, C.MAILBOX, OLD)
PHONE = Thing(P.PHONE, C.PHONE, OLD)
PASSWORD = Thing(P.PASSWORD, C.HEAD, OLD)
APP = Thing(P.APP, C.PHONE, OLD, signs_in=True)
SMS = Thing(P.PHONE, C.PHONE, None, signs_in=True)
CODES = Thing(P.PRINTED, C.ELSEWHERE, OLD, signs_in=True)
NEW_CODES = Thing(P.PRINTED, C.ELSEWHERE, YOUNG, signs_in=True)
NEW_APP = Thing(P.APP, C.PHONE, YOUNG, signs_in=True)
SYNCED = Thing(P.PASSKEY, C.ELSEWHERE, OLD, signs_in=True)
ON_PHONE = Thing(P.PASSKEY, C.PHONE, OLD, signs_in=True)
NEW_MAIL = Thing(P.MAIL, C.MAILBOX, YOUNG)
OFF = Account()
ON = Account(has_two_step=True, had_two_step=True)
PROTECTED = Account(is_protected=True, has_two_step=True, had_two_step=True)
JUST_ON = Account(has_two_step=True, had_two_step=False)
JUST_OFF = Account(has_two_step=False, had_two_step=True)
ONCE, DAY, THREE_DAYS = timedelta(0), timedelta(days=1), timedelta(days=3)


def people(days, *ways):
    return (*ways, "people", timedelta(days=days))


def said(account, things):
    """Give {what is lost: (ways..., wait)}, with "people" where they decide, and the level."""
    found = judge(account, things, NOW)
    outlooks = {
        each.lost: (*each.ways, *(["people"] if each.needs_people else []), each.takes)
        for each in found.outlooks
    }
    return outlooks, found.level


@pytest.mark.parametrize(
    ("account", "things", "outlooks", "level"),
    [
        pytest.param(
            OFF,
            [MAIL],
            {
                "your password": ("your mailbox", ONCE),
                "your password and your mailbox": people(3),
            },
            2,
            id="mailbox alone",
        ),
        pytest.param(OFF, [], {"your password": people(3)}, 1, id="nothing on file"),
        pytest.param(
            OFF,
            [PHONE],
            {"your password": ("your phone", DAY), "your password and your phone": people(3)},
            2,
            id="phone alone",
        ),
        pytest.param(OFF, [NEW_MAIL], None, 1, id="mailbox that does not count yet"),
        pytest.param(
            OFF,
            [MAIL, PHONE],
            {
                "your password": ("your mailbox", ONCE),
                "your password and your phone": ("your mailbox", ONCE),
                "your password and your mailbox": ("your phone", DAY),
                "your password, your phone and your mailbox": people(3),
            },
            3,
            id="mailbox and phone",
        ),
        pytest.param(
            OFF,
            [MAIL, PHONE, CODES],
            {
                "your password": ("your mailbox", ONCE),
                "your password and your phone": ("your mailbox", ONCE),
                "your password and your mailbox": ("one of your printed codes", ONCE),
                "your password, your phone and your mailbox": ("one of your printed codes", ONCE),
            },
            4,
            id="printed codes, no two-step",
        ),
        pytest.param(
            ON,
            [PASSWORD, MAIL, PHONE, APP, SMS],
            {
                "your password": ("your mailbox", "your authenticator app", ONCE),
                "your phone": ("your password", "your mailbox", THREE_DAYS),
                "your mailbox": ("your password", "your authenticator app", ONCE),
                "your phone and your mailbox": people(7, "your password"),
            },
            3,
            id="app and text messages on one phone",
        ),
        pytest.param(
            ON,
            [PASSWORD, NEW_MAIL, PHONE, APP],
            {
                "your password": ("your authenticator app", "your phone", ONCE),
                "your phone": people(7, "your password"),
                "your mailbox": ("your password", "your authenticator app", ONCE),
                "your phone and your mailbox": people(7, "your password"),
            },
            2,
            id="the mailbox does not count yet",
        ),
        pytest.param(
            ON,
            [PASSWORD, MAIL, APP, NEW_CODES],
            {
                "your password": ("your mailbox", "your authenticator app", ONCE),
                "your phone": ("your password", "one of your printed codes", ONCE),
                "your mailbox": ("your password", "your authenticator app", ONCE),
                "your phone and your mailbox": (
                    "your password",
                    "one of your printed codes",
                    ONCE,
                ),
            },
            4,
            id="printed codes sign in from the first day",
        ),
        pytest.param(
            ON,
            [PASSWORD, MAIL, SYNCED],
            {"your password": ("your passkey", ONCE), "your mailbox": ("your passkey", ONCE)},
            4,
            id="a passkey that is copied",
        ),
        pytest.param(
            ON,
            [PASSWORD, MAIL, ON_PHONE],
            {
                "your password": ("your passkey", ONCE),
                "your phone": ("your password", "your mailbox", THREE_DAYS),
                "your mailbox": ("your passkey", ONCE),
                "your phone and your mailbox": people(7, "your password"),
            },
            3,
            id="a passkey on the phone alone",
        ),
        pytest.param(
            ON,
            [PASSWORD, MAIL, PHONE, SMS],
            {
                "your password": ("your mailbox", "your phone", THREE_DAYS),
                "your phone": ("your password", "your mailbox", THREE_DAYS),
                "your mailbox": ("your password", "your phone", ONCE),
                "your phone and your mailbox": people(7, "your password"),
            },
            3,
            id="text messages alone: two codes to contacts wait",
        ),
        pytest.param(
            PROTECTED,
            [PASSWORD, MAIL, APP],
            {
                "your password": ("your mailbox", "your authenticator app", DAY),
                "your phone": people(0, "your password", "your mailbox"),
                "your mailbox": ("your password", "your authenticator app", ONCE),
                "your phone and your mailbox": people(0, "your password"),
            },
            2,
            id="protected",
        ),
        pytest.param(
            JUST_ON,
            [PASSWORD, MAIL, NEW_APP],
            {
                "your password": people(7, "your mailbox"),
                "your phone": people(3, "your password", "your mailbox"),
                "your mailbox": ("your password", "your authenticator app", ONCE),
                "your phone and your mailbox": people(7, "your password"),
            },
            1,
            id="turned on this week: people look where the table would say otherwise",
        ),
        pytest.param(
            JUST_OFF,
            [MAIL],
            {
                "your password": people(0, "your mailbox"),
                "your password and your mailbox": people(3),
            },
            1,
            id="turned off this week",
        ),
    ],
)
def test_outlook_of_an_account(account, things, outlooks, level):
    found, found_level = said(account, things)

    assert found_level == level
    if outlooks is not None:
        assert found == outlooks


@pytest.mark.parametrize("account", [OFF, ON, PROTECTED, JUST_ON, JUST_OFF])
@pytest.mark.parametrize("more", [MAIL, PHONE, CODES, SYNCED])
@pytest.mark.parametrize(
    "things", [[], [MAIL], [PHONE], [MAIL, PHONE], [MAIL, APP], [PHONE, APP, CODES]]
)
def test_having_more_never_makes_a_loss_worse(account, things, more):
    base = ([PASSWORD] if account.has_two_step else []) + things
    less = {each.lost: each for each in judge(account, base, NOW).outlooks}
    after = {each.lost: each for each in judge(account, [*base, more], NOW).outlooks}

    worse = [
        lost
        for lost in less.keys() & after.keys()
        if not less[lost].needs_people
        and (after[lost].needs_people or after[lost].takes > less[lost].takes)
    ]

    assert worse == []


def test_every_way_has_its_words():
    assert set(WAYS) == set(ProofClass) - {ProofClass.PERSON}
