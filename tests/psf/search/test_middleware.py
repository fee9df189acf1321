import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from psf.search.models import SearchNote
from tests.support.accounts import client_of, save
from tests.support.factories import make_partner, make_public_project

pytestmark = pytest.mark.django_db


def written_by_search(client, text):
    """Search, and return the statements that write."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/projects/?q={text}")
    assert response.context["page_obj"].paginator.count == 1
    statements = [query["sql"].split()[0] for query in queries]
    return {*statements} & {"INSERT", "REPLACE", "UPDATE", "DELETE"}


@pytest.mark.parametrize("kind", ["project", "partner"])
def test_search_after_a_form_of_staff_writes_nothing(client, kind):
    partner = make_partner("Old Harbour")
    project = make_public_project(partner, title="Old lighthouse")
    record, field = (project, "title") if kind == "project" else (partner, "name")
    address = reverse(f"admin:{record._meta.app_label}_{kind}_change", args=[record.pk])
    assert save(client_of("superuser"), address, **{field: "Beacon"}).status_code == 302
    assert not SearchNote.objects.exists()
    assert not written_by_search(client, "beacon")


def test_refused_form_updates_nothing():
    project = make_public_project(title="Old lighthouse")
    address = reverse("admin:projects_project_change", args=[project.pk])
    assert client_of().post(address, {}).status_code == 403
    assert SearchNote.objects.exists()
