"""Who tries a stolen password: the four attackers that docs/sign-in-risk.md describes.

All of them have the password right at once and come from a network that did nothing else: neither
wrong passwords nor a burst gives them away.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from activity.simulation import figures
from activity.simulation.world import Network, SignIn, World, version_at

DESKTOPS_TO_PHONES = 0.5  # [own] of what attackers use


def naive(world: World, history: Sequence[SignIn]) -> tuple[Network, str]:
    """Anywhere in the world, with what most people there use."""
    countries = [*figures.COUNTRIES, *figures.ELSEWHERE]
    country = world.dice.choice(countries)
    return world.hoster(country), _popular(world)


def vpn(world: World, history: Sequence[SignIn]) -> tuple[Network, str]:
    """In the victim's country by a VPN, with what most people use."""
    return world.hoster(_home(history).network.country), _popular(world)


def targeted(world: World, history: Sequence[SignIn]) -> tuple[Network, str]:
    """In the victim's country by somebody's line, with the victim's usual kind and browser."""
    country, usual = _home(history).network.country, _usual_machine(history)
    kind = next(kind for kind in figures.KINDS if usual in kind)
    browser = usual.split("-")[1]
    shares = {each: share for each, share in kind.items() if each.endswith(browser)}
    return world.at_home(country, world.dice.randrange(figures.REGIONS)), world.pick(shares)


def very_targeted(world: World, history: Sequence[SignIn]) -> tuple[Network, str]:
    """In the network range of the victim's provider, with the very same machine and browser."""
    return world.beside(_home(history).network), _usual_machine(history)


Attacker = Callable[[World, Sequence[SignIn]], tuple[Network, str]]
ATTACKERS: dict[str, Attacker] = {
    "naive": naive,
    "vpn": vpn,
    "targeted": targeted,
    "very_targeted": very_targeted,
}


def attack(name: str, world: World, history: Sequence[SignIn], at: datetime) -> SignIn:
    """Give one try on the account that has this history."""
    network, machine = ATTACKERS[name](world, history)
    return SignIn(
        user=history[-1].user,
        at=at,
        network=network,
        host=world.host(),
        machine=machine,
        version=version_at(at),
        is_takeover=True,
    )


def _popular(world: World) -> str:
    is_desktop = world.chance(DESKTOPS_TO_PHONES)
    return world.pick(figures.DESKTOPS if is_desktop else figures.PHONES)


def _home(history: Sequence[SignIn]) -> SignIn:
    """Give the newest sign-in from the provider and region that are used most."""
    usual = Counter((each.network.provider, each.network.region) for each in history)
    place = usual.most_common(1)[0][0]
    return next(
        each for each in reversed(history) if (each.network.provider, each.network.region) == place
    )


def _usual_machine(history: Sequence[SignIn]) -> str:
    return Counter(each.machine for each in history).most_common(1)[0][0]
