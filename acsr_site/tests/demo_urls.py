"""The URL map as the demo has it, and two views that fail in the ways a part can."""

import redis.exceptions
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from acsr_site import urls


def fail_as_redis_does(request: HttpRequest) -> HttpResponse:
    raise redis.exceptions.ConnectionError("Error 111 connecting to 127.0.0.1:6379")


urlpatterns = [
    *urls.urlpatterns,
    path("redis-is-down/", fail_as_redis_does),
    path("dev/", include("acsr_site.dev.urls")),
]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500
