import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def quiet(settings, tmp_path) -> Iterator[None]:
    """Thousands of refusals are not worth a line each; files that are brought lie apart."""
    settings.VAR_DIR = tmp_path
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
