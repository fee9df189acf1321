import pytest

from psf.history.models import ChangeSet
from tests.support.accounts import client_of, save
from tests.support.factories import make_topic

pytestmark = pytest.mark.django_db


def test_a_reason_with_a_zero_byte_is_kept_without_it():
    topic = make_topic("Water")
    address = f"/admin/projects/topic/{topic.pk}/change/"
    response = save(client_of("Publisher"), address, name="Sea", why="An\0 error.")
    assert response.status_code == 302
    assert ChangeSet.objects.first().reason == "An error."
