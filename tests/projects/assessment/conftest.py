import pytest

from tests.projects.assessment.worlds import make_world


@pytest.fixture
def world():
    return make_world()
