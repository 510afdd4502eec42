"""Pages of activity."""

from django.urls import path

from activity.views.event import event
from activity.views.export import export
from activity.views.incident import incident, undo
from activity.views.log import log
from activity.views.report import report
from activity.views.verdict import verdict

app_name = "activity"
urlpatterns = [
    path("activity/", log, name="log"),
    path("activity/export/", export, name="export"),
    path("activity/<uuid:event_id>/", event, name="event"),
    path("activity/<uuid:event_id>/verdict/", verdict, name="verdict"),
    path("activity/report/<str:token>/", report, name="report"),
    path("activity/incidents/<uuid:incident_id>/", incident, name="incident"),
    path("activity/incidents/<uuid:incident_id>/undo/", undo, name="undo"),
]
