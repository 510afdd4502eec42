import pytest

from acsr_site.demo import loading


@pytest.fixture(autouse=True)
def _demo(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path


@pytest.fixture
def loaded(db):
    """The demo as it is after the first start."""
    loading.load()
