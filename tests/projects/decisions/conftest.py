import pytest

from tests.support.accounts import make_account


@pytest.fixture
def anna():
    return make_account("Publisher")


@pytest.fixture
def ben():
    return make_account("Publisher")
