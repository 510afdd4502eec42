"""Recovery: the way back into an account."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "recovery"
    verbose_name = "Recovery"

    def ready(self) -> None:
        from recovery import checks, receivers  # noqa: F401, PLC0415 - models must be loaded first
