"""The site as an application, and the admin with our own site class."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AcsrSiteConfig(AppConfig):
    default = True
    name = "acsr_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from acsr_site import checks  # noqa: F401, PLC0415 - registered once apps are loaded


class StaffAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "acsr_site.staff_site.StaffSite"
