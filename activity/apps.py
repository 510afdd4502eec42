"""Activity: what happened on an account, and who is told."""

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    name = "activity"
    verbose_name = "Activity"

    def ready(self) -> None:
        from activity import checks, receivers  # noqa: F401, PLC0415 - models must be loaded first
