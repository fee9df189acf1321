import pytest

from tests.projects.assessment.call_in_assessment import make_world


@pytest.fixture
def world():
    return make_world()
