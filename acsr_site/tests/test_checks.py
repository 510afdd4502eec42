import runpy

import pytest
from django.core.checks import run_checks

from acsr_site import urls


def ids_of_deploy_check():
    return [message.id for message in run_checks(include_deployment_checks=True)]


def test_the_demo_may_not_be_deployed(settings):
    settings.DEMO = True

    assert "acsr.E001" in ids_of_deploy_check()


def test_a_portal_of_its_own_key_is_no_demo(settings):
    settings.DEMO = False

    assert "acsr.E001" not in ids_of_deploy_check()


def test_codes_do_not_travel_in_the_clear(settings):
    settings.IS_HTTPS = False

    assert "acsr.E002" in ids_of_deploy_check()


def test_a_limit_of_one_process_alone_is_refused(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

    assert "acsr.E003" in ids_of_deploy_check()


def test_limits_in_redis_are_accepted(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:6379/0",
        }
    }

    assert "acsr.E003" not in ids_of_deploy_check()


@pytest.mark.parametrize("url", ["console:", "file:///var/spool/sms", "gateway.example"])
def test_text_messages_that_stay_on_the_machine_are_refused(settings, url):
    settings.DEMO, settings.SMS_URL = False, url

    assert "acsr.E004" in ids_of_deploy_check()


@pytest.mark.parametrize("url", ["", "https://user:password@gateway.example/send"])
def test_a_gateway_and_no_text_messages_at_all_are_accepted(settings, url):
    settings.DEMO, settings.SMS_URL = False, url

    assert "acsr.E004" not in ids_of_deploy_check()


@pytest.mark.parametrize("is_demo", [True, False])
def test_the_pages_of_the_demo_are_mounted_in_the_demo_alone(settings, is_demo):
    settings.DEMO = is_demo

    patterns = runpy.run_path(urls.__file__)["urlpatterns"]

    assert ("dev/" in [str(entry.pattern) for entry in patterns]) is is_demo


def test_review_hours_that_cannot_be_read_are_refused(settings):
    settings.REVIEW_HOURS = "weekdays"

    assert "acsr.E007" in [message.id for message in run_checks()]


def test_review_hours_of_every_day_are_accepted(settings):
    settings.REVIEW_HOURS = "Mon-Fri 09:00-17:00, Sat 10:00-12:00"

    assert "acsr.E007" not in [message.id for message in run_checks()]
