"""References: what a person writes down to find their request again."""

import secrets

# No vowels (no words), no 0 O 1 I L 5 S 2 Z 8 B: 22 signs, so 8 of them are 35 bits. A reference is
# worth nothing without the mailbox, so it only has to be unique.
ALPHABET = "CDFGHJKMNPQRTVWXY34679"
LENGTH = 8
TYPED = str.maketrans("", "", " -\u2010\u2011\u2013\u2014")


def new_reference() -> str:
    """Give eight random letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_reference(typed: str) -> str:
    """Give the stored form of a reference as typed, with or without dash and in any case."""
    return typed.translate(TYPED).upper()
