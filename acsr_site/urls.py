"""The URL map of the whole site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from acsr_site import views

urlpatterns = [
    path("", views.home, name="home"),
    path("how/", views.how, name="how"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("activity.urls")),
    path("", include("recovery.urls")),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("dev/", include("acsr_site.dev.urls")))

handler400 = "acsr_site.views.bad_request"
handler403 = "acsr_site.views.forbidden"
handler404 = "acsr_site.views.not_found"
handler500 = "acsr_site.views.server_error"
