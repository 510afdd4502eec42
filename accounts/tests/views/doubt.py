"""A stand-in for what judges sign-ins: by the network alone."""

from accounts.hooks import Assessment

ABROAD, NEW_BROWSER = "198.51.100.7", "198.51.100.60"
DOUBT = Assessment(80, ["new_country"], "m1", is_unusual=True, needs_confirmation=True)
NOTICED = Assessment(60, ["new_browser"], "m1", is_unusual=True)
CALM = Assessment(3, [], "m1")
VERIFY = "/sign-in/verify/"
JUDGE = f"{__name__}.judge"
judged = []


def judge(user, client):
    """Judge, and remember that it was asked."""
    judged.append(client.address)
    return {ABROAD: DOUBT, NEW_BROWSER: NOTICED}.get(client.address, CALM)


def post(client, address=ABROAD, **fields):
    """Post a step of the sign-in."""
    return client.post(VERIFY, fields, REMOTE_ADDR=address)


def told_of(told):
    """Give with what each sign-in was made, and how it was judged."""
    return [(each["authenticators"], each["assessment"]) for each in told]
