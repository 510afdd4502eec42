"""The people of the demo, and time that passes at a press of a button."""

from typing import TypedDict


class Person(TypedDict):
    """One line of the demo's list of people; app_code and role may be ""."""

    name: str
    email: str
    password: str
    what: str
    app_code: str
    role: str


def people() -> list[Person]:
    """Give the people of the demo with what is needed to be one of them."""
    return []


def let_time_pass(seconds: int | None) -> None:
    """Move every due time of the demo's rows nearer; None: until the next due thing."""
