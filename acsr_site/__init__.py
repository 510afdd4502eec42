"""The site: settings, URL map, Celery application and the commands that cross apps."""

from acsr_site.celery import app as celery_app

__all__ = ["celery_app"]
