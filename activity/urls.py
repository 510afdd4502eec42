"""Pages of activity."""

from django.urls import path

from activity.views.event import event
from activity.views.log import log

app_name = "activity"
urlpatterns = [
    path("activity/", log, name="log"),
    path("activity/<uuid:event_id>/", event, name="event"),
]
