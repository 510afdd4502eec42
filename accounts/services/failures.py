"""Wrong sign-ins, in three pools that never feed each other (design.md section 3).

*known*: a browser that has signed in to the account. *pair*: this network and what was typed; the
only one whose effect a stranger can see, so it knows nothing of what is on file. *outside*: all
else on the account; it acts silently, by asking unknown browsers for a mailed code too.
"""

from django.conf import settings

from accounts import policy
from accounts.client import Client
from accounts.enums import FailurePool
from accounts.models import User
from accounts.normalise import identifier_key
from accounts.services import budgets, devices, networks
from accounts.services.budgets import Use

NEVER_FULL = 10_000  # times a limit: a count whose effect is another step, not a refusal


def pool_of(user: User | None, client: Client) -> FailurePool:
    """Tell whose tries these are; one query for everybody."""
    return FailurePool.KNOWN if devices.is_known(user, client) else FailurePool.PAIR


def count_password(identifier: str, user: User | None, pool: FailurePool, *, client: Client) -> int:
    """Count a password before it is looked at; raises LimitReached.

    Gives how many wrong ones came from outside in a row before it; 0 to known browsers.
    """
    used = budgets.consume_all(_password_uses(identifier, user, pool, client))
    return used.get(policy.OUTSIDE_FAILURES.name, 1) - 1


def give_back_password(
    identifier: str, user: User | None, pool: FailurePool, *, client: Client
) -> None:
    """Take a password that was not wrong off the count: its own try, and no other's."""
    budgets.give_back_all(_password_uses(identifier, user, pool, client))


def end_row(user: User) -> None:
    """End that row: a browser from outside has signed in completely."""
    budgets.reset(policy.OUTSIDE_FAILURES, str(user.pk))


def row_of(user: User) -> Use:
    """Give what that row is counted by, for who ends it with something else."""
    return Use(policy.OUTSIDE_FAILURES, (str(user.pk),))


def second_step_uses(
    user: User, pool: FailurePool, client: Client, *, is_at_home: bool | None = None
) -> list[Use]:
    """Give what one second-step code is counted under, of every kind, for one statement.

    In its own pool; and over all networks where it comes from outside: known browsers and networks
    do not, so that who hops between networks leaves them their tries.
    is_at_home: whether the account knows the network, where that was asked already.
    """
    if pool is FailurePool.KNOWN:
        keys = [(str(pool), str(user.pk), "")]
    else:
        keys = [(str(pool), str(user.pk), client.network)]
        if is_at_home is None:
            is_at_home = devices.is_known_network(user, client)
        if not is_at_home:
            keys.append((str(FailurePool.OUTSIDE), str(user.pk), ""))
    return [Use(rule, key) for key in keys for rule in policy.SECOND_STEP_RULES]


def _password_uses(
    identifier: str, user: User | None, pool: FailurePool, client: Client
) -> list[Use]:
    if pool is FailurePool.KNOWN and user is not None:
        return [Use(policy.KNOWN_FAILURES, (str(user.pk), client.device))]
    factor = networks.shared_factor(client.address, settings.SHARED_NETWORKS)
    return [
        Use(policy.PAIR_FAILURES, (identifier_key(identifier), client.network)),
        Use(policy.NETWORK_FAILURES, (client.network,), times=factor),
        # Written for unknown accounts alike.
        Use(policy.OUTSIDE_FAILURES, (_subject(identifier, user),), times=NEVER_FULL),
    ]


def _subject(identifier: str, user: User | None) -> str:
    return str(user.pk) if user else f"typed:{identifier_key(identifier)}"
