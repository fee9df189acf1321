import pytest
from django.contrib.auth.models import User

from tests.support.accounts import OWN_PASSWORD


@pytest.fixture
def anna():
    return User.objects.create_user("anna", password=OWN_PASSWORD, is_staff=True)
