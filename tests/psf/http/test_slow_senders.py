"""The real server beside senders who stop. `python -m tests.faults` adds new workers by HUP."""

import pytest
from django.db import connection

from tests.faults.site import Site, statuses
from tests.faults.slow_senders import others_are_served, stopped_senders
from tests.support.factories import make_project
from tests.support.processes import environment_with_copy


@pytest.mark.unmeasured
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies a file")
def test_stopped_forms_and_heads_are_not_felt_by_readers_and_staff(admin_client, tmp_path):
    project = make_project()
    session = admin_client.cookies["sessionid"].value
    site = Site(environment_with_copy(tmp_path), tmp_path / "log", session, [project.pk])
    with site.running(), site.readers(2) as found, stopped_senders(site):
        others_are_served(site, "slow")
    assert all(answer.status == 200 for answer in found), statuses(found)
