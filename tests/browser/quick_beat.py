"""The portal's own Celery application with a beat that ticks every second.

Journeys cross many due rows; waiting for each sweep's own period would only make them longer.
"""

from acsr_site.celery import SCHEDULE, app

LONGEST = 1  # second

# The hourly ones have nothing to do here.
app.conf.beat_schedule = {
    name: line | {"schedule": min(line["schedule"], LONGEST)}
    for name, line in SCHEDULE.items()
    if line["schedule"] <= 60
}
