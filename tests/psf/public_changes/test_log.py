"""The log of public changes."""

import pytest

from projects.models import Call
from psf.history import recording
from psf.history.channels import Channel
from psf.public_changes import log
from psf.public_changes.events import Event
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


def test_import_of_many_projects_leaves_the_changes_of_calls_in_the_list(monkeypatch):
    with recording.change_set(None, channel=Channel.FORM):
        call = make_public_project().call
    with recording.change_set(None, channel=Channel.FORM):
        Call.objects.filter(pk=call.pk).update(title="New title")
    with recording.change_set(None, channel=Channel.IMPORT):
        for _number in range(3):
            make_public_project(call=call)
    monkeypatch.setattr(log, "MAX_RECORDS", 2)
    assert (Event.CORRECTED, str(call.pk)) in [(entry.event, entry.key) for entry in log.load_log()]
