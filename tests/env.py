"""The environment of a test run: a pytest plugin, so that it stands before settings are read.

Nothing of the developer's own environment reaches a test but the three addresses of services.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

OURS = (
    "ALLOWED_HOSTS DEBUG DEFAULT_FROM_EMAIL EMAIL_URL EVIDENCE_FACTS EVIDENCE_QUESTIONS "
    "GEOIP_PATH LOG_LEVEL MANAGED_DOMAINS NO_RESET_GROUPS ONE_PERSON_FOR_LOW_RISK "
    "PASSWORD_POLICY PORT RECOVERY_MODE REVIEW_HOURS SECRET_KEYS_OLD SHARED_NETWORKS SITE_NAME "
    "SITE_URL SMS_COUNTRIES "
    "SUPPORT_CONTACT TIME_ZONE TRUSTED_PROXY_COUNT"
)


def _run_folder() -> Path:
    """Give the folder of this run: made by the first process, removed when that one ends."""
    given = os.environ.get("ACSR_TEST_FOLDER")
    if given:
        return Path(given)
    folder = Path(tempfile.mkdtemp(prefix="acsr-test-"))
    os.environ["ACSR_TEST_FOLDER"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _broker_of_this_process(url: str) -> str:
    """Give a Redis database to each parallel process, counted up from the one that was given.

    Workers of two tests on one broker would take each other's tasks.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return re.sub(r"(?<=/)\d+$", lambda found: str(int(found.group()) + number), url)


def prepare() -> None:
    """Set the variables of a portal under test."""
    for name in OURS.split():
        os.environ.pop(name, None)
    # A folder for each parallel process: mailbox, SMS and broker are files in it.
    data_dir = _run_folder() / os.environ.get("PYTEST_XDIST_WORKER", "main")
    (data_dir / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it
    os.environ["DATA_DIR"] = str(data_dir)
    os.environ["SECRET_KEY"] = "a-key-of-the-tests-alone-0123456789-0123456789-0123456789"
    os.environ["STATIC_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    os.environ["PUBLISH_HINTS"] = "false"
    if os.environ.get("BROKER_URL", "").startswith("redis://"):
        os.environ["BROKER_URL"] = _broker_of_this_process(os.environ["BROKER_URL"])
    os.environ["SMS_URL"] = f"file://{data_dir}/sms"
    os.environ.setdefault("CACHE_URL", "locmemcache://")


prepare()
