#!/usr/bin/env python
"""Django's command-line utility for the portal."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acsr_site.settings")
    if sys.argv[1:2] == ["quickstart"]:
        from acsr_site import env  # noqa: PLC0415 - the keys must exist before settings are read

        env.make_demo_key()
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - as above
    from django.core.management import (  # noqa: PLC0415 - after the settings module is named
        execute_from_command_line,
    )

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Something in the environment: who runs commands needs its sentence, not our stack.
        sys.exit(f"Not configured: {error}")


if __name__ == "__main__":
    main()
