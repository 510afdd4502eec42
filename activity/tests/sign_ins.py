"""Sign-ins as accounts tells of them: judged, kept and learned from."""

from accounts import signals
from accounts.client import Client
from accounts.models import User
from accounts.services import networks
from activity.assessors import assess_sign_in
from activity.models import CommonCount, FeatureCount, SecurityEvent
from activity.tests.factories import FIREFOX_ON_WINDOWS, make_client

KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME_ON_WINDOWS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {KHTML} Chrome/144.0.0.0 Safari/537.36"
)
NEWER_FIREFOX = "Mozilla/5.0 (Windows NT 11.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0"
FIREFOX_ON_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# Addresses that the bundled database knows.
GERMANY, ELSEWHERE_IN_GERMANY, FRANCE = "193.99.144.80", "194.25.0.1", "212.27.48.10"
AMERICA, JAPAN = "8.8.8.8", "133.11.0.1"


def browser_at(address: str = GERMANY, agent: str = FIREFOX_ON_WINDOWS) -> Client:
    """Give a browser at an address, with the networks around it."""
    return make_client(
        address=address,
        network=networks.network_of(address),
        wide_network=networks.wide_network_of(address),
        agent=agent,
    )


def sign_in(user: User, client: Client, *shown: str) -> SecurityEvent:
    """Sign in with a password and what else was shown; gives the event."""
    signals.signed_in.send(
        sender=User,
        user=user,
        client=client,
        authenticators=["password", *shown],
        assessment=assess_sign_in(user, client),
    )
    return SecurityEvent.objects.filter(user=user).latest("at")


def own_counts(user: User) -> dict[tuple[str, str], int]:
    """Give the counts of an account."""
    rows = FeatureCount.objects.filter(user=user)
    return {(row.feature, row.value): row.count for row in rows}


def common_counts() -> dict[tuple[str, str], int]:
    """Give the counts of all accounts."""
    return {(row.feature, row.value): row.count for row in CommonCount.objects.all()}
